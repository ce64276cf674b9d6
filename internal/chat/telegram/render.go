package telegram

import (
	"strings"

	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/chat"
)

const (
	maxText = 1200 // runes of what stands above the rows; those are at most 2500 bytes
	perRow  = 3    // buttons
)

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// render writes a reply in Telegram's HTML.
func render(r chat.Reply) string {
	text := []rune(r.Text)
	if len(text) > maxText {
		text = append(text[:maxText:maxText], '…')
	}
	out := escape(string(text))
	if len(r.Rows) == 0 {
		return out
	}
	if out != "" {
		out += "\n"
	}
	return out + "<pre>" + escape(strings.Join(r.Rows, "\n")) + "</pre>"
}

func keyboard(buttons []chat.Button) *models.InlineKeyboardMarkup {
	var rows [][]models.InlineKeyboardButton
	for i, b := range buttons {
		if i%perRow == 0 {
			rows = append(rows, nil)
		}
		last := len(rows) - 1
		rows[last] = append(rows[last], models.InlineKeyboardButton{Text: b.Label, CallbackData: b.Data})
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: rows}
}
