package slack

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/andon-dev/andon/internal/notify"
)

// In characters. Slack takes about 13,200 in all texts of a message, and does not
// say so.
const (
	maxSection = 3000
	maxBody    = 9000
	maxRow     = 500 // escaped, a line still fits into a section
)

// escape writes the three characters that Slack would read as its own.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace

// content is a message with lines that are added to it.
func (s *Sink) content(m notify.Message, notes []string) slack.MsgOption {
	var blocks []slack.Block
	var body, small []string
	fallback := ""
	for _, row := range m.Rows(maxRow) {
		text := escape(row.Text)
		if fallback == "" {
			fallback = text
		} else if row.Kind == notify.RowDetail {
			fallback += ": " + text
		}
		switch row.Kind {
		case notify.RowHead:
			blocks = append(blocks, section(bold(text)))
		case notify.RowNext:
			small = append(small, text)
		case notify.RowItem:
			body = append(body, mark(row)+text)
		default:
			body = append(body, text)
		}
	}
	for _, part := range sections(body) {
		blocks = append(blocks, section(plain(part)))
	}
	for _, note := range notes {
		small = append(small, escape(note))
	}
	if foot := footer(small, m.Link); len(foot) > 0 {
		blocks = append(blocks, slack.NewContextBlock("", foot...))
	}
	if s.Buttons && len(m.Acts) > 0 {
		blocks = append(blocks, buttons(m))
	}
	return slack.MsgOptionCompose(
		slack.MsgOptionText(fallback, false), slack.MsgOptionBlocks(blocks...),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: "andon_message", EventPayload: map[string]any{"key": m.Key}}))
}

// mark shows which lines of a digest somebody has to act on.
func mark(row notify.Row) string {
	if row.Attention {
		return "▶ "
	}
	return "• "
}

func more(n int) string { return fmt.Sprintf("and %d more: andon inbox", n) }

// sections cuts lines into texts that Slack takes, never inside a line.
func sections(lines []string) (parts []string) {
	text := notify.Fit(lines, maxBody, utf8.RuneCountInString, more)
	part, used := "", 0
	for line := range strings.Lines(text) {
		if n := utf8.RuneCountInString(line); used+n > maxSection {
			parts, part, used = append(parts, strings.TrimSuffix(part, "\n")), "", 0
		}
		part, used = part+line, used+utf8.RuneCountInString(line)
	}
	if strings.TrimSpace(part) != "" {
		parts = append(parts, part)
	}
	return parts
}

func footer(small []string, link string) (elements []slack.MixedElement) {
	if len(small) > 0 {
		elements = append(elements, plain(notify.Fit(small, maxSection, utf8.RuneCountInString, more)))
	}
	if link != "" {
		address := strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", " ", "%20", "&", "&amp;").Replace(link)
		elements = append(elements, slack.NewTextBlockObject(slack.MarkdownType, "<"+address+"|Open it in the dashboard>", false, true))
	}
	return elements
}

func buttons(m notify.Message) slack.Block {
	var list []slack.BlockElement
	for _, act := range m.Acts {
		press := notify.Press{Act: act.Name, Board: m.Board, Task: m.Task.ID, Event: m.Event.ID}.String()
		button := slack.NewButtonBlockElement(act.Name, press, slack.NewTextBlockObject(slack.PlainTextType, act.Label, false, false))
		switch act.Name {
		case notify.ActApprove:
			button.Style = slack.StylePrimary
		case notify.ActReject, notify.ActStop:
			button.Style = slack.StyleDanger
		}
		list = append(list, button)
	}
	return slack.NewActionBlock("acts", list...)
}

func section(text *slack.TextBlockObject) slack.Block { return slack.NewSectionBlock(text, nil, nil) }

func plain(text string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, text, false, false)
}

// markup is what Slack would read as such. An underline within a word, as in the
// ID of a task, is only that.
var markup = regexp.MustCompile("[*~`]|\\b_|_\\b")

// bold writes a line in bold, unless something in it would be read as markup.
func bold(text string) *slack.TextBlockObject {
	if markup.MatchString(text) {
		return plain(text)
	}
	return slack.NewTextBlockObject(slack.MarkdownType, "*"+text+"*", false, true)
}
