package slack

import (
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

const maxText = 40_000 // characters of a message's text

func (s *Server) postMessage(c call) (result, error) {
	to, err := s.writable(c, "channel")
	if err != nil {
		return nil, err
	}
	m := &Message{User: BotID}
	if err := m.fill(c); err != nil {
		return nil, err
	}
	if ts := c.fields["thread_ts"]; ts != "" {
		// As documented for a thread whose first message is gone: it is posted outside.
		if root := to.find(ts); root != nil {
			m.Thread = ts
			if root.Thread != "" {
				m.Thread = root.Thread
			}
			m.Channel = c.fields["reply_broadcast"] == "true"
		}
	}
	s.post(to, m)
	to.said = append(to.said, m.Shown())
	return result{"channel": to.ID, "ts": m.TS, "message": *m}, nil
}

func (s *Server) postEphemeral(c call) (result, error) {
	to, err := s.writable(c, "channel")
	if err != nil {
		return nil, err
	}
	m := &Message{User: BotID, To: c.fields["user"], Thread: c.fields["thread_ts"]}
	if _, known := s.users[m.To]; !known {
		return nil, refusal("user_not_in_channel")
	}
	if err := m.fill(c); err != nil {
		return nil, err
	}
	s.post(to, m)
	return result{"message_ts": m.TS}, nil
}

// fill takes the content of a message from a call.
func (m *Message) fill(c call) error {
	var blocks []Block
	if err := c.decode("blocks", &blocks, "invalid_blocks_format"); err != nil {
		return err
	}
	var metadata struct {
		Type    string         `json:"event_type"`
		Payload map[string]any `json:"event_payload"`
	}
	if err := c.decode("metadata", &metadata, "invalid_metadata_format"); err != nil {
		return err
	}
	text := c.fields["text"]
	switch {
	case strings.TrimSpace(text) == "" && len(blocks) == 0:
		return refusal("no_text")
	case utf8.RuneCountInString(text) > maxText:
		return refusal("msg_too_long")
	}
	if err := check(blocks); err != nil {
		return err
	}
	m.Text, m.Blocks = text, blocks
	if metadata.Type != "" {
		m.Metadata = metadata.Payload
	}
	return nil
}

// own finds the message of the bot that a call wants to change.
func (s *Server) own(c call, not string) (*channel, *Message, error) {
	to, err := s.writable(c, "channel")
	if err != nil {
		return nil, nil, err
	}
	m := to.find(c.fields["ts"])
	switch {
	case m == nil || m.To != "":
		return nil, nil, refusal("message_not_found")
	case m.User != BotID:
		return nil, nil, refusal(not)
	}
	return to, m, nil
}

func (s *Server) update(c call) (result, error) {
	to, m, err := s.own(c, "cant_update_message")
	if err != nil {
		return nil, err
	}
	changed := Message{}
	if err := changed.fill(c); err != nil {
		return nil, err
	}
	if changed.Metadata != nil {
		m.Metadata = changed.Metadata
	}
	m.Edited = m.Edited || m.Text != changed.Text || !reflect.DeepEqual(m.Blocks, changed.Blocks)
	m.Text, m.Blocks = changed.Text, changed.Blocks
	to.said = append(to.said, m.Shown())
	return result{"channel": to.ID, "ts": m.TS, "text": m.Text, "message": *m}, nil
}

func (s *Server) delete(c call) (result, error) {
	to, m, err := s.own(c, "cant_delete_message")
	if err != nil {
		return nil, err
	}
	to.messages = slices.DeleteFunc(to.messages, func(other *Message) bool { return other == m })
	return result{"channel": to.ID, "ts": m.TS}, nil
}
