package kanban

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

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

// IsText reports whether a JSON document is written in UTF-8 and escapes no half
// of a character. encoding/json replaces in silence what is not.
func IsText(document []byte) bool {
	if !utf8.Valid(document) {
		return false
	}
	rest := document
	for {
		at := bytes.IndexByte(rest, '\\')
		if at < 0 || at+1 == len(rest) {
			return true
		}
		half, isUnit := unit(rest[at:])
		if rest = rest[at+2:]; !isUnit || !utf16.IsSurrogate(half) {
			continue
		}
		rest = rest[4:]
		other, _ := unit(rest)
		if utf16.DecodeRune(half, other) == utf8.RuneError {
			return false
		}
		rest = rest[6:]
	}
}

// unit reads the \uXXXX with which an escaped text begins.
func unit(escaped []byte) (rune, bool) {
	if len(escaped) < 6 || escaped[0] != '\\' || escaped[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(escaped[2:6]), 16, 16)
	return rune(n), err == nil
}

// Safe takes out what would steer a terminal or turn a line around: what agents
// and strangers write is shown, never obeyed. Newlines and tabs stay.
func Safe(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
}
