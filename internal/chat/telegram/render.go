package telegram

import (
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/notify"
)

const (
	maxSize = 4096 // UTF-16 units of a message, after its markup was read
	maxText = 1200 // runes of what stands above the rows
	perRow  = 3    // buttons
)

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// render writes a reply in Telegram's HTML.
func render(r chat.Reply) string {
	text := []rune(r.Text)
	if len(text) > maxText {
		text = append(text[:maxText:maxText], '…')
	}
	if len(r.Rows) == 0 {
		return escape(string(text))
	}
	if len(text) > 0 {
		text = append(text, '\n')
	}
	rows := notify.Fit(r.Rows, maxSize-units(string(text)), units, func(n int) string {
		return fmt.Sprintf("… and %d more rows", n)
	})
	return escape(string(text)) + "<pre>" + escape(rows) + "</pre>"
}

func units(s string) (n int) {
	for _, r := range s {
		n += utf16.RuneLen(r)
	}
	return n
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
