package slack

import (
	"encoding/json"
	"strings"
)

// Say writes a message as a user, in the thread of a message if thread is its TS,
// and tells the app of it.
func (s *Server) Say(user, channelID, text, thread string) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if c == nil {
		c = s.direct(user)
	}
	m := s.post(c, &Message{User: user, Text: text, Thread: thread})
	kind := "channel"
	if c.With != "" {
		kind = "im"
	}
	event := map[string]any{
		"type": "message", "user": user, "text": text, "ts": m.TS, "event_ts": m.TS, "channel": c.ID, "channel_type": kind,
		"client_msg_id": "client-" + m.TS, "team": TeamID,
	}
	if thread != "" {
		event["thread_ts"] = thread
	}
	s.deliver("events_api", false, map[string]any{
		"type": "event_callback", "token": "unused", "team_id": TeamID, "api_app_id": AppID,
		"event_id": "Ev" + strings.ReplaceAll(m.TS, ".", ""), "event_time": s.clock / 1_000_000, "event": event,
	})
	return *m
}

// Press presses the button with a label of a message; false if there is none. It
// returns the ID of the envelope.
func (s *Server) Press(user, channelID, ts, label string) (id string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if c == nil {
		return "", false
	}
	m := c.find(ts)
	if m == nil {
		return "", false
	}
	for _, b := range m.Blocks {
		for _, e := range b.Elements {
			if e.Label != nil && Plain(e.Label.Text) == label {
				return s.deliver("interactive", false, s.interaction("block_actions", user, map[string]any{
					"channel": map[string]any{"id": c.ID, "name": c.Name}, "message": *m, "trigger_id": "trigger-" + s.next(),
					"response_url": "http://" + s.host + "/response/" + c.ID,
					"container":    map[string]any{"type": "message", "message_ts": m.TS, "channel_id": c.ID, "thread_ts": m.Thread},
					"actions": []any{map[string]any{
						"type": "button", "action_id": e.ActionID, "block_id": b.ID, "value": e.Value, "text": e.Label, "action_ts": s.stamp(),
					}},
				})), true
			}
		}
	}
	return "", false
}

// Command gives a slash command, such as /andon, with the text after it. It
// returns the ID of the envelope.
func (s *Server) Command(user, channelID, command, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	if c == nil {
		c = s.direct(user)
	}
	name := c.Name
	if c.With != "" {
		name = "directmessage"
	}
	return s.deliver("slash_commands", true, map[string]any{
		"token": "unused", "team_id": TeamID, "team_domain": "andon", "channel_id": c.ID, "channel_name": name, "user_id": user,
		"user_name": s.users[user].Name, "command": command, "text": text, "api_app_id": AppID, "trigger_id": "trigger-" + s.next(),
		"response_url": "http://" + s.host + "/response/" + c.ID,
	})
}

func (s *Server) interaction(kind, user string, more map[string]any) map[string]any {
	more["type"], more["api_app_id"] = kind, AppID
	more["team"] = map[string]any{"id": TeamID, "domain": "andon"}
	more["user"] = map[string]any{"id": user, "name": s.users[user].Name, "username": s.users[user].Name, "team_id": TeamID}
	return more
}

// View is a modal that the app opened.
type View struct {
	ID       string  `json:"id"`
	Type     string  `json:"type"`
	Callback string  `json:"callback_id"`
	Title    *Text   `json:"title"`
	Submit   *Text   `json:"submit"`
	Blocks   []Block `json:"blocks"`
	Private  string  `json:"private_metadata"`
}

const (
	maxTitle   = 24
	maxPrivate = 3000
)

func (s *Server) openView(c call) (result, error) {
	if !strings.HasPrefix(c.fields["trigger_id"], "trigger-") {
		return nil, refusal("invalid_trigger_id")
	}
	var v View
	if err := json.Unmarshal([]byte(c.fields["view"]), &v); err != nil {
		return nil, refusal("invalid_arguments")
	}
	switch {
	case v.Type != "modal" || len(v.Private) > maxPrivate || len(v.Blocks) == 0:
		return nil, refusal("invalid_arguments")
	case v.Title.check(maxTitle, "plain_text") != nil || v.Submit != nil && v.Submit.check(maxTitle, "plain_text") != nil:
		return nil, refusal("invalid_arguments")
	}
	if err := check(v.Blocks); err != nil {
		return nil, err
	}
	v.ID = "V" + s.next()
	s.views = append(s.views, v)
	return result{"view": v}, nil
}

// Views returns the modals that are open.
func (s *Server) Views() []View {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]View{}, s.views...)
}

// Fill writes text into the only field of an open modal and submits it; false if
// there is no such modal. It returns the ID of the envelope.
func (s *Server) Fill(user, viewID, text string) (id string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, v := range s.views {
		if v.ID != viewID {
			continue
		}
		s.views = append(s.views[:i:i], s.views[i+1:]...)
		values := map[string]any{}
		for _, b := range v.Blocks {
			if b.Element != nil {
				values[b.ID] = map[string]any{b.Element.ActionID: map[string]any{"type": b.Element.Type, "value": text}}
			}
		}
		return s.deliver("interactive", true, s.interaction("view_submission", user, map[string]any{
			"view": map[string]any{
				"id": v.ID, "type": v.Type, "callback_id": v.Callback, "private_metadata": v.Private,
				"title": v.Title, "blocks": v.Blocks, "state": map[string]any{"values": values},
			},
		})), true
	}
	return "", false
}

// Said is what the app said to a response URL.
type Said struct{ Channel, Text string }

// Responses returns what the app said to response URLs.
func (s *Server) Responses() []Said {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Said{}, s.said...)
}

func (s *Server) respond(c call) error {
	s.said = append(s.said, Said{strings.TrimPrefix(c.path, "/response/"), c.fields["text"]})
	return nil
}
