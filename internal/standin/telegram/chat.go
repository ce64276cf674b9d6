package telegram

import (
	"slices"
	"strconv"
	"strings"
)

// User is somebody who writes, or the bot.
type User struct {
	ID       int64  `json:"id"`
	Bot      bool   `json:"is_bot"`
	First    string `json:"first_name"`
	Username string `json:"username,omitempty"`
}

// Chat is where messages stand. The ID of a private chat is its user's, that of
// a group is negative.
type Chat struct {
	ID       int64  `json:"id"`
	Type     string `json:"type"` // private, group, supergroup, channel
	Title    string `json:"title,omitempty"`
	Username string `json:"username,omitempty"` // of a channel or user, without @
	Forum    bool   `json:"is_forum,omitempty"`
}

// Message is a message as it stands now.
type Message struct {
	ID        int64     `json:"message_id"`
	Thread    int64     `json:"message_thread_id,omitempty"`
	Topic     bool      `json:"is_topic_message,omitempty"`
	From      User      `json:"from"`
	Date      int64     `json:"date"`
	Edited    int64     `json:"edit_date,omitempty"`
	Chat      Chat      `json:"chat"`
	ReplyTo   *Message  `json:"reply_to_message,omitempty"`
	Text      string    `json:"text,omitempty"`
	Entities  []Entity  `json:"entities,omitempty"`
	Caption   string    `json:"caption,omitempty"`
	Document  *Document `json:"document,omitempty"`
	Markup    *Markup   `json:"reply_markup,omitempty"`
	MovedTo   int64     `json:"migrate_to_chat_id,omitempty"`
	MovedFrom int64     `json:"migrate_from_chat_id,omitempty"`

	Silent bool   `json:"-"` // sent without a sound
	File   []byte `json:"-"` // of the document
	old    bool
}

// Entity is a formatted part of a text. Offset and length count UTF-16 units.
type Entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	URL    string `json:"url,omitempty"`
}

// Document is a file of a message.
type Document struct {
	ID       string `json:"file_id"`
	UniqueID string `json:"file_unique_id"`
	Name     string `json:"file_name"`
	Size     int    `json:"file_size"`
}

// Markup are the buttons below a message, or a request to reply.
type Markup struct {
	Buttons [][]Button `json:"inline_keyboard,omitempty"`
	Force   bool       `json:"force_reply,omitempty"`
}

// Button is one button of a message.
type Button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

// Command is an entry of the bot's menu.
type Command struct {
	Command     string `json:"command"`
	Description string `json:"description"`
}

type chat struct {
	Chat
	messages []*Message
	said     []string
	topics   map[int64]string
	next     int64 // id of the next message
	blocked  string
}

// AddChat makes a chat that the bot is in. Making it again changes nothing.
func (s *Server) AddChat(c Chat) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addChat(c)
}

func (s *Server) addChat(c Chat) *chat {
	if s.chats[c.ID] == nil {
		s.chats[c.ID] = &chat{Chat: c, topics: map[int64]string{}, next: 1}
	}
	return s.chats[c.ID]
}

// Block shuts the bot out of a chat, with the reason that Telegram gives, such
// as "bot was blocked by the user"; "" lets it in again.
func (s *Server) Block(id int64, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[id].blocked = reason
}

// Migrate makes a group a supergroup with another ID and no messages, and tells
// the bot of it in both, with a line that Messages does not return.
func (s *Server) Migrate(from, to int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.chats[from]
	s.moved[from] = to
	next := s.addChat(Chat{ID: to, Type: "supergroup", Title: old.Title})
	s.updates.add(update{Message: &Message{Chat: old.Chat, MovedTo: to}})
	s.updates.add(update{Message: &Message{Chat: next.Chat, MovedFrom: from}})
}

// Forget removes a message, as a member of the chat may.
func (s *Server) Forget(id, message int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[id]
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == message })
}

// Messages returns what a chat shows now, oldest first.
func (s *Server) Messages(id int64) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shown []Message
	if c := s.chats[id]; c != nil {
		for _, m := range c.messages {
			shown = append(shown, *m)
		}
	}
	return shown
}

// Said returns every text of the bot that a chat ever showed, replaced ones
// included, in order.
func (s *Server) Said(id int64) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.chats[id]; c != nil {
		return slices.Clone(c.said)
	}
	return nil
}

// Menu returns the commands that the bot offers.
func (s *Server) Menu() []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// post adds a message to a chat.
func (s *Server) post(c *chat, m *Message) *Message {
	s.clock++
	m.ID, m.Date, m.Chat = c.next, s.clock, c.Chat
	c.next++
	c.messages = append(c.messages, m)
	return m
}

func (c *chat) find(id int64) *Message {
	for _, m := range c.messages {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// chatOf finds the chat that a call names, by ID or @username.
func (s *Server) chatOf(p params) (*chat, *refusal) {
	name := p.fields["chat_id"]
	if name == "" {
		return nil, bad("chat_id is empty")
	}
	if username, is := strings.CutPrefix(name, "@"); is {
		for _, c := range s.chats {
			if c.Username == username {
				return c.open()
			}
		}
		return nil, bad("chat not found")
	}
	id, err := strconv.ParseInt(name, 10, 64)
	if err != nil {
		return nil, bad("chat not found")
	}
	if to, moved := s.moved[id]; moved {
		refused := bad("group chat was upgraded to a supergroup chat")
		refused.parameters = map[string]any{"migrate_to_chat_id": to}
		return nil, refused
	}
	c := s.chats[id]
	if c == nil {
		return nil, bad("chat not found")
	}
	return c.open()
}

func (c *chat) open() (*chat, *refusal) {
	if c.blocked != "" {
		return nil, &refusal{code: 403, description: "Forbidden: " + c.blocked}
	}
	return c, nil
}

func (s *Server) getChat(p params) (any, *refusal) {
	c, refused := s.chatOf(p)
	if refused != nil {
		return nil, refused
	}
	return c.Chat, nil
}

func (s *Server) createForumTopic(p params) (any, *refusal) {
	c, refused := s.chatOf(p)
	switch {
	case refused != nil:
		return nil, refused
	case !c.Forum:
		return nil, bad("the chat is not a forum")
	case p.fields["name"] == "" || len([]rune(p.fields["name"])) > 128:
		return nil, bad("TOPIC_TITLE_EMPTY")
	}
	return map[string]any{"message_thread_id": s.open(c, p.fields["name"]), "name": p.fields["name"], "icon_color": 0x6FB9F0}, nil
}

func (s *Server) open(c *chat, name string) (topic int64) {
	opening := s.post(c, &Message{From: Bot, Topic: true})
	opening.Thread = opening.ID
	c.topics[opening.ID] = name
	return opening.ID
}

// Topic opens a topic of a forum in the bot's name; its number is that of the
// message that opens it.
func (s *Server) Topic(id int64, name string) (topic int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open(s.chats[id], name)
}

func (s *Server) setMyCommands(p params) (any, *refusal) {
	var commands []Command
	if refused := p.decode("commands", &commands); refused != nil {
		return nil, refused
	}
	for _, c := range commands {
		if c.Command == "" || len(c.Command) > 32 || strings.Trim(c.Command, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" {
			return nil, bad("BOT_COMMAND_INVALID")
		}
		if c.Description == "" || len([]rune(c.Description)) > 256 {
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	s.commands = commands
	return true, nil
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
