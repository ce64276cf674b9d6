package slack

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/guests"
)

const (
	maxText    = 2900 // characters of a section, of 3000
	textBlock  = "text"
	textAction = "value"
)

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "```", "'''").Replace

// content writes a reply: its text, its rows in letters of equal width, its
// buttons.
func content(r chat.Reply) []slack.MsgOption {
	var blocks []slack.Block
	if r.Text != "" {
		blocks = append(blocks, slack.NewSectionBlock(plain(r.Text, maxText), nil, nil))
	}
	for _, part := range sections(r.Rows) {
		text := slack.NewTextBlockObject(slack.MarkdownType, "```"+part+"```", false, true)
		blocks = append(blocks, slack.NewSectionBlock(text, nil, nil))
	}
	var buttons []slack.BlockElement
	for i, b := range r.Buttons {
		button := slack.NewButtonBlockElement(strconv.Itoa(i), b.Data, plain(b.Label, 75))
		if b.Danger {
			button.Style = slack.StyleDanger
		}
		buttons = append(buttons, button)
	}
	if len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("buttons", buttons...))
	}
	return []slack.MsgOption{
		slack.MsgOptionText(escape(fallback(r)), false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
	}
}

// fallback is what a notification shows.
func fallback(r chat.Reply) string {
	if r.Text != "" || len(r.Rows) == 0 {
		return r.Text
	}
	return r.Rows[0]
}

// sections cuts rows into texts that Slack takes, never inside a row.
func sections(rows []string) (parts []string) {
	part := ""
	for _, row := range rows {
		row = escape(row)
		if part != "" && utf8.RuneCountInString(part)+utf8.RuneCountInString(row) > maxText {
			parts, part = append(parts, part), ""
		}
		if part != "" {
			part += "\n"
		}
		part += row
	}
	if part != "" {
		parts = append(parts, part)
	}
	return parts
}

// plainText is a reply as one text.
func plainText(r chat.Reply) string {
	text := escape(r.Text)
	for _, part := range sections(r.Rows) {
		text += "\n```" + part + "```"
	}
	return text
}

func plain(text string, limit int) *slack.TextBlockObject {
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit-1]) + "…"
	}
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// form is what a modal brings back with its text.
type form struct {
	Token string       `json:"token"`
	Place guests.Place `json:"place"`
}

func modal(at guests.Place, q chat.Prompt) slack.ModalViewRequest {
	private, _ := json.Marshal(form{q.Token, at}) // strings always encode
	field := slack.NewPlainTextInputBlockElement(nil, textAction)
	field.Multiline = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(q.Title, 24), Submit: plain("Send", 24), Close: plain("Leave it", 24), PrivateMetadata: string(private),
		Blocks: slack.Blocks{BlockSet: []slack.Block{slack.NewInputBlock(textBlock, plain(q.Label, 2000), nil, field)}},
	}
}
