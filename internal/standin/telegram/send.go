package telegram

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const (
	maxText    = 4096 // UTF-16 units after entities were parsed
	maxCaption = 1024
	maxData    = 64 // bytes of a button
)

func (s *Server) sendMessage(p params) (any, *refusal) {
	c, refused := s.chatOf(p)
	if refused != nil {
		return nil, refused
	}
	m := &Message{From: Bot, Silent: p.fields["disable_notification"] == "true"}
	if m.Text, m.Entities, refused = formatted(p, "text", maxText); refused != nil {
		return nil, refused
	}
	if m.Text == "" {
		return nil, bad("message text is empty")
	}
	if refused := c.place(m, p); refused != nil {
		return nil, refused
	}
	c.said = append(c.said, m.Text)
	return *s.post(c, m), nil
}

func (s *Server) sendDocument(p params) (any, *refusal) {
	c, refused := s.chatOf(p)
	if refused != nil {
		return nil, refused
	}
	switch {
	case p.fileName == "":
		return nil, bad("there is no document in the request")
	case len(p.file) == 0:
		return nil, bad("file must be non-empty")
	case len(p.file) > maxFile:
		return nil, &refusal{code: 413, description: "Request Entity Too Large"}
	}
	m := &Message{From: Bot, Silent: p.fields["disable_notification"] == "true", File: p.file}
	if m.Caption, _, refused = formatted(p, "caption", maxCaption); refused != nil {
		return nil, refused
	}
	if refused := c.place(m, p); refused != nil {
		return nil, refused
	}
	id := "document-" + decimal(c.ID) + "-" + decimal(c.next)
	m.Document = &Document{ID: id, UniqueID: id, Name: p.fileName, Size: len(p.file)}
	return *s.post(c, m), nil
}

func (s *Server) sendChatAction(p params) (any, *refusal) {
	_, refused := s.chatOf(p)
	return refused == nil, refused
}

// formatted returns a text without its markup.
func formatted(p params, key string, limit int) (text string, entities []Entity, refused *refusal) {
	text = p.fields[key]
	switch strings.ToLower(p.fields["parse_mode"]) {
	case "":
	case "html":
		if text, entities, refused = parseHTML(text); refused != nil {
			return "", nil, refused
		}
	default:
		return "", nil, bad("unsupported parse_mode")
	}
	if strings.TrimSpace(text) == "" {
		return "", nil, nil
	}
	if units(text) > limit {
		if key == "caption" {
			return "", nil, bad("message caption is too long")
		}
		return "", nil, bad("message is too long")
	}
	return text, entities, nil
}

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// place puts a message where a call wants it: in a topic, below another message,
// with buttons.
func (c *chat) place(m *Message, p params) *refusal {
	if thread := p.fields["message_thread_id"]; thread != "" {
		id, err := strconv.ParseInt(thread, 10, 64)
		if err != nil || c.topics[id] == "" {
			return bad("message thread not found")
		}
		m.Thread, m.Topic = id, true
	}
	var reply struct {
		ID      int64 `json:"message_id"`
		Without bool  `json:"allow_sending_without_reply"`
	}
	if refused := p.decode("reply_parameters", &reply); refused != nil {
		return refused
	}
	if reply.ID != 0 {
		to := c.find(reply.ID)
		if to == nil && !reply.Without {
			return bad("message to be replied not found")
		}
		if to != nil {
			shown := *to
			shown.ReplyTo = nil // as documented: one level only
			m.ReplyTo = &shown
		}
	}
	markup, refused := readMarkup(p)
	m.Markup = markup
	return refused
}

func readMarkup(p params) (*Markup, *refusal) {
	var markup *Markup
	if refused := p.decode("reply_markup", &markup); refused != nil {
		return nil, refused
	}
	if markup == nil {
		return nil, nil
	}
	for _, row := range markup.Buttons {
		for _, b := range row {
			switch {
			case b.Text == "":
				return nil, bad("text buttons are unallowed in the inline keyboard")
			case b.Data == "" && b.URL == "":
				return nil, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			case len(b.Data) > maxData:
				return nil, bad("BUTTON_DATA_INVALID")
			}
		}
	}
	if len(markup.Buttons) == 0 && !markup.Force {
		return nil, nil
	}
	return markup, nil
}

// own finds the message that a call wants to change.
func (s *Server) own(p params) (*chat, *Message, *refusal) {
	c, refused := s.chatOf(p)
	if refused != nil {
		return nil, nil, refused
	}
	id, err := strconv.ParseInt(p.fields["message_id"], 10, 64)
	if err != nil || id == 0 {
		return nil, nil, bad("message identifier is not specified")
	}
	m := c.find(id)
	switch {
	case m == nil:
		return nil, nil, bad("message to edit not found")
	case m.From.ID != Bot.ID:
		return nil, nil, bad("message can't be edited")
	}
	return c, m, nil
}

const notModified = "message is not modified: specified new message content and reply markup are exactly the same " +
	"as a current content and reply markup of the message"

func (s *Server) editMessageText(p params) (any, *refusal) {
	c, m, refused := s.own(p)
	if refused != nil {
		return nil, refused
	}
	text, entities, refused := formatted(p, "text", maxText)
	if refused != nil {
		return nil, refused
	}
	markup, refused := readMarkup(p)
	switch {
	case refused != nil:
		return nil, refused
	case text == "":
		return nil, bad("message text is empty")
	case m.Document != nil:
		return nil, bad("there is no text in the message to edit")
	case text == m.Text && slices.Equal(entities, m.Entities) && reflect.DeepEqual(markup, m.Markup):
		return nil, bad(notModified)
	}
	s.clock++
	c.said = append(c.said, text)
	m.Text, m.Entities, m.Markup, m.Edited = text, entities, markup, s.clock
	return *m, nil
}

func (s *Server) editMessageReplyMarkup(p params) (any, *refusal) {
	_, m, refused := s.own(p)
	if refused != nil {
		return nil, refused
	}
	markup, refused := readMarkup(p)
	switch {
	case refused != nil:
		return nil, refused
	case reflect.DeepEqual(markup, m.Markup):
		return nil, bad(notModified)
	}
	m.Markup = markup
	return *m, nil
}

func (s *Server) deleteMessage(p params) (any, *refusal) {
	c, m, refused := s.own(p)
	if refused != nil {
		refused.description = strings.Replace(refused.description, "to edit", "to delete", 1)
		return nil, refused
	}
	c.messages = slices.DeleteFunc(c.messages, func(other *Message) bool { return other == m })
	return true, nil
}
