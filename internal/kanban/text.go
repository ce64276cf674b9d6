package kanban

import "strings"

var breaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", "\n", "\f", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Lines writes all that a reader may take for the end of a line as \n.
func Lines(text string) string { return breaks.Replace(text) }

// FirstLine cuts a text for an event or a message.
func FirstLine(text string, limit int) string {
	line, _, _ := strings.Cut(strings.TrimSpace(Lines(text)), "\n")
	return Clip(strings.TrimSpace(line), limit)
}

// Clip cuts a text to a number of characters and says so with an ellipsis.
func Clip(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}
