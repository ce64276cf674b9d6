package telegram

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/notify"
)

const (
	maxText = 4096 // UTF-16 units after the markup was read
	maxRow  = 1900 // runes: a line always fits into a message
	perRow  = 3    // buttons at most
)

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace

// render returns a message in Telegram's HTML style, with lines that are added
// to it, and its buttons; nil if it has none.
func (s *Sink) render(m notify.Message, notes []string) (text string, buttons models.ReplyMarkup) {
	var lines []string
	for _, row := range m.Rows(maxRow) {
		lines = append(lines, written(row))
	}
	for _, note := range notes {
		lines = append(lines, "<i>"+escape(note)+"</i>")
	}
	if m.Link != "" {
		lines = append(lines, `<a href="`+escape(m.Link)+`">Open it in the dashboard</a>`)
	}
	text = notify.Fit(lines, maxText, units, func(n int) string {
		return fmt.Sprintf("<i>and %d more: andon inbox</i>", n)
	})
	if s.Buttons && len(m.Acts) > 0 {
		buttons = keyboard(m)
	}
	return text, buttons
}

func written(row notify.Row) string {
	text := escape(row.Text)
	switch {
	case row.Kind == notify.RowHead:
		return "<b>" + text + "</b>"
	case row.Kind == notify.RowNext:
		return "<i>" + text + "</i>"
	case row.Kind == notify.RowItem && row.Attention:
		return "• <b>" + text + "</b>"
	case row.Kind == notify.RowItem:
		return "• " + text
	}
	return text
}

func keyboard(m notify.Message) *models.InlineKeyboardMarkup {
	lines := (len(m.Acts) + perRow - 1) / perRow
	rows := make([][]models.InlineKeyboardButton, lines)
	for i, act := range m.Acts {
		line := i * lines / len(m.Acts)
		rows[line] = append(rows[line], models.InlineKeyboardButton{Text: act.Label, CallbackData: notify.Press{Act: act.Name, Board: m.Board, Task: m.Task.ID, Event: m.Event.ID}.String()})
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// units counts as Telegram does, which does not count markup.
func units(s string) int {
	return len(utf16.Encode([]rune(html.UnescapeString(tag.ReplaceAllString(s, "")))))
}
