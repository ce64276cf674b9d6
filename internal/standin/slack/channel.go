package slack

import (
	"slices"
	"strings"
)

// User is a member of the workspace.
type User struct {
	ID, Name string
	Bot      bool
}

// Channel is where messages stand.
type Channel struct {
	ID, Name string
	Private  bool   // cannot be seen by a bot outside of it
	With     string // of a direct message: the user
	Outside  bool   // the bot is no member
	Archived bool
}

// Message is a message as it stands now. Its TS names it in its channel.
type Message struct {
	TS       string         `json:"ts"`
	Thread   string         `json:"thread_ts,omitempty"` // TS of the message whose thread it is in
	User     string         `json:"user"`
	Text     string         `json:"text"`
	Blocks   []Block        `json:"blocks,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	Files    []File         `json:"files,omitempty"`
	Edited   bool           `json:"-"`
	Channel  bool           `json:"-"` // of a thread, and shown in the channel too
	To       string         `json:"-"` // the only user who sees it
}

// File is a file that was shared.
type File struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Title   string `json:"title"`
	Size    int    `json:"size"`
	Content []byte `json:"-"`
}

type channel struct {
	Channel
	messages []*Message
	said     []string
}

// AddChannel makes a channel. Making it again changes its settings.
func (s *Server) AddChannel(c Channel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addChannel(c)
}

func (s *Server) addChannel(c Channel) *channel {
	if s.channels[c.ID] == nil {
		s.channels[c.ID] = &channel{}
	}
	s.channels[c.ID].Channel = c
	return s.channels[c.ID]
}

// AddUser makes a member of the workspace.
func (s *Server) AddUser(u User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
}

// Forget removes a message, as a member of the channel may.
func (s *Server) Forget(channelID, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channelID]
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.TS == ts })
}

// Messages returns what a channel shows now, threads included, oldest first.
func (s *Server) Messages(channelID string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shown []Message
	if c := s.channels[channelID]; c != nil {
		for _, m := range c.messages {
			shown = append(shown, *m)
		}
	}
	return shown
}

// Said returns all that the bot ever showed in a channel, replaced texts
// included, in order.
func (s *Server) Said(channelID string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.channels[channelID]; c != nil {
		return slices.Clone(c.said)
	}
	return nil
}

func (s *Server) post(c *channel, m *Message) *Message {
	m.TS = s.stamp()
	c.messages = append(c.messages, m)
	return m
}

func (c *channel) find(ts string) *Message {
	for _, m := range c.messages {
		if m.TS == ts {
			return m
		}
	}
	return nil
}

// direct returns the channel between the bot and a user.
func (s *Server) direct(user string) *channel {
	id := "D" + strings.TrimPrefix(user, "U")
	if c := s.channels[id]; c != nil {
		return c
	}
	return s.addChannel(Channel{ID: id, With: user})
}

// channelOf finds the channel that a call names by ID, #name or user.
func (s *Server) channelOf(c call, key string) (*channel, error) {
	name := c.fields[key]
	if _, known := s.users[name]; known {
		return s.direct(name), nil
	}
	found := s.channels[name]
	if named, is := strings.CutPrefix(name, "#"); is {
		for _, other := range s.channels {
			if other.Name == named {
				found = other
			}
		}
	}
	if found == nil || found.Private && found.Outside {
		return nil, refusal("channel_not_found")
	}
	return found, nil
}

// writable is channelOf for a call that says something there.
func (s *Server) writable(c call, key string) (*channel, error) {
	found, err := s.channelOf(c, key)
	switch {
	case err != nil:
		return nil, err
	case found.Archived:
		return nil, refusal("is_archived")
	case found.Outside:
		return nil, refusal("not_in_channel")
	}
	return found, nil
}

func (s *Server) openConversation(c call) (result, error) {
	user := c.fields["users"]
	if _, known := s.users[user]; !known {
		return nil, refusal("user_not_found")
	}
	return result{"channel": map[string]any{"id": s.direct(user).ID}}, nil
}

func (s *Server) conversation(c call) (result, error) {
	found, err := s.channelOf(c, "channel")
	if err != nil {
		return nil, err
	}
	return result{"channel": map[string]any{
		"id": found.ID, "name": found.Name, "is_channel": found.With == "", "is_im": found.With != "", "user": found.With,
		"is_private": found.Private, "is_archived": found.Archived, "is_member": !found.Outside,
	}}, nil
}

func (s *Server) user(c call) (result, error) {
	u, known := s.users[c.fields["user"]]
	if !known {
		return nil, refusal("user_not_found")
	}
	return result{"user": map[string]any{
		"id": u.ID, "name": u.Name, "team_id": TeamID, "real_name": u.Name, "is_bot": u.Bot,
		"profile": map[string]any{"display_name": u.Name, "real_name": u.Name},
	}}, nil
}
