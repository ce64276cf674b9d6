package slack

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Block is one block of a message or a view.
type Block struct {
	Type     string    `json:"type"`
	ID       string    `json:"block_id,omitempty"`
	Text     *Text     `json:"text,omitempty"`
	Label    *Text     `json:"label,omitempty"`
	Element  *Element  `json:"element,omitempty"`  // of an input
	Elements []Element `json:"elements,omitempty"` // of context and actions
}

// Text is a text object.
type Text struct {
	Type     string `json:"type"`
	Text     string `json:"text"`
	Verbatim bool   `json:"verbatim,omitempty"`
}

// Element is a part of a block: a text of a context, a button, or a field.
type Element struct {
	Type     string `json:"type"`
	ActionID string `json:"action_id,omitempty"`
	Label    *Text  `json:"-"` // of a button
	Plain    string `json:"-"` // of a context
	Value    string `json:"value,omitempty"`
	URL      string `json:"url,omitempty"`
	Style    string `json:"style,omitempty"`
}

// The documented limits, in characters where nothing else is said.
const (
	maxBlocks   = 50
	maxSection  = 3000
	maxHeader   = 150
	maxContext  = 10 // elements
	maxActions  = 25 // elements
	maxLabel    = 75
	maxValue    = 2000
	maxID       = 255
	maxAllTexts = 13_200 // of a message: found by others, documented nowhere
)

// invalid is an error of a block with its place.
func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{refusal("invalid_blocks")}, args...)...)
}

func check(blocks []Block) error {
	if len(blocks) > maxBlocks {
		return invalid("no more than %d blocks", maxBlocks)
	}
	all, ids := 0, map[string]bool{}
	for i, b := range blocks {
		if len(b.ID) > maxID || b.ID != "" && ids[b.ID] {
			return invalid("block_id of /blocks/%d", i)
		}
		ids[b.ID] = true
		if err := b.check(); err != nil {
			return fmt.Errorf("%w [json-pointer:/blocks/%d]", err, i)
		}
		all += b.length()
	}
	if all > maxAllTexts {
		return refusal("msg_blocks_too_long")
	}
	return nil
}

func (b Block) check() error {
	switch b.Type {
	case "divider":
		return nil
	case "header":
		return b.Text.check(maxHeader, "plain_text")
	case "section":
		return b.Text.check(maxSection, "plain_text", "mrkdwn")
	case "context":
		if len(b.Elements) == 0 || len(b.Elements) > maxContext {
			return invalid("a context has 1 to %d elements", maxContext)
		}
		for _, e := range b.Elements {
			if err := (&Text{Type: e.Type, Text: e.Plain}).check(maxSection, "plain_text", "mrkdwn"); err != nil {
				return err
			}
		}
		return nil
	case "actions":
		return b.checkActions()
	case "input":
		if b.Element == nil || b.Element.Type != "plain_text_input" {
			return invalid("an input has one element")
		}
		return b.Label.check(maxSection, "plain_text")
	}
	return invalid("unsupported type: %s", b.Type)
}

func (b Block) checkActions() error {
	if len(b.Elements) == 0 || len(b.Elements) > maxActions {
		return invalid("actions have 1 to %d elements", maxActions)
	}
	ids := map[string]bool{}
	for _, e := range b.Elements {
		switch {
		case e.Type != "button":
			return invalid("unsupported element: %s", e.Type)
		case len(e.ActionID) > maxID || e.ActionID != "" && ids[e.ActionID]:
			return invalid("action_id %q", e.ActionID)
		case utf8.RuneCountInString(e.Value) > maxValue:
			return invalid("the value of a button has no more than %d characters", maxValue)
		case e.Style != "" && e.Style != "primary" && e.Style != "danger":
			return invalid("style %q", e.Style)
		}
		ids[e.ActionID] = true
		if err := e.Label.check(maxLabel, "plain_text"); err != nil {
			return err
		}
	}
	return nil
}

func (t *Text) check(limit int, kinds ...string) error {
	if t == nil {
		return invalid("missing required field: text")
	}
	if n := utf8.RuneCountInString(t.Text); n == 0 || n > limit {
		return invalid("a text has 1 to %d characters", limit)
	}
	for _, kind := range kinds {
		if t.Type == kind {
			return nil
		}
	}
	return invalid("unsupported type: %s", t.Type)
}

func (b Block) length() int {
	n := 0
	if b.Text != nil {
		n += utf8.RuneCountInString(b.Text.Text)
	}
	for _, e := range b.Elements {
		n += utf8.RuneCountInString(e.Plain)
	}
	return n
}

// Shown returns what people read of a message: its blocks, or else its text. Each
// block is a line; buttons stand in brackets.
func (m Message) Shown() string {
	if len(m.Blocks) == 0 {
		return Plain(m.Text)
	}
	var lines []string
	for _, b := range m.Blocks {
		var parts []string
		if b.Text != nil {
			parts = append(parts, b.Text.Text)
		}
		for _, e := range b.Elements {
			if e.Label != nil {
				parts = append(parts, "["+e.Label.Text+"]")
				continue
			}
			parts = append(parts, e.Plain)
		}
		lines = append(lines, Plain(strings.Join(parts, " ")))
	}
	return strings.Join(lines, "\n")
}

// Plain decodes the three entities that Slack knows.
func Plain(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}
