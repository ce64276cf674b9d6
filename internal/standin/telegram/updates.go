package telegram

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// update is one entry of what a bot polls for.
type update struct {
	ID      int64    `json:"update_id"`
	Message *Message `json:"message,omitempty"`
	Edited  *Message `json:"edited_message,omitempty"`
	Press   *press   `json:"callback_query,omitempty"`
}

func (u update) kind() string {
	switch {
	case u.Message != nil:
		return "message"
	case u.Edited != nil:
		return "edited_message"
	}
	return "callback_query"
}

// press is a button that was pressed.
type press struct {
	ID       string   `json:"id"`
	From     User     `json:"from"`
	Message  *Message `json:"message"`
	Instance string   `json:"chat_instance"`
	Data     string   `json:"data"`

	answered bool
	toast    string
}

// queue holds updates until the client asks for later ones.
type queue struct {
	waiting []update
	again   []update // delivered once more whatever the client asks for
	past    []update // the last that were confirmed
	allowed []string // kinds that the client wants, as it said last; none = all
	next    int64
	news    chan struct{} // closed when something comes
	turn    chan struct{} // closed when another poll takes over
}

func newQueue() queue {
	return queue{next: 100, news: make(chan struct{}), turn: make(chan struct{})}
}

func (q *queue) add(u update) {
	if len(q.allowed) > 0 && !slices.Contains(q.allowed, u.kind()) {
		return
	}
	u.ID = q.next
	q.next++
	q.waiting = append(q.waiting, u)
	q.tell()
}

func (q *queue) tell() {
	close(q.news)
	q.news = make(chan struct{})
}

// take confirms what is before offset and returns what there is.
func (q *queue) take(offset int64, limit int) []update {
	if q.again != nil {
		batch := q.again
		q.again = nil
		return batch
	}
	if offset > 0 {
		n := 0
		for n < len(q.waiting) && q.waiting[n].ID < offset {
			n++
		}
		q.past = append(q.past, q.waiting[:n]...)
		q.past = q.past[max(0, len(q.past)-100):]
		q.waiting = q.waiting[n:]
	}
	return slices.Clone(q.waiting[:min(limit, len(q.waiting))])
}

// poll answers getUpdates: at once if there is something, else when there is, or
// after the timeout. A second poll ends the first.
func (s *Server) poll(w http.ResponseWriter, r *http.Request, token string, p params) {
	if f := s.count("getupdates"); f != nil {
		f.strike(w, r)
		return
	}
	seconds, _ := strconv.Atoi(p.fields["timeout"])
	offset, _ := strconv.ParseInt(p.fields["offset"], 10, 64)
	limit, err := strconv.Atoi(p.fields["limit"])
	if err != nil || limit < 1 || limit > 100 {
		limit = 100
	}
	end := time.NewTimer(time.Duration(seconds) * time.Second)
	defer end.Stop()

	s.mu.Lock()
	if refused := p.decode("allowed_updates", &s.updates.allowed); refused != nil {
		s.mu.Unlock()
		answer(w, nil, refused)
		return
	}
	close(s.updates.turn)
	turn := make(chan struct{})
	s.updates.turn = turn
	s.mu.Unlock()
	for {
		s.mu.Lock()
		refused := s.authorize(token)
		batch, news := s.updates.take(offset, limit), s.updates.news
		s.mu.Unlock()
		if refused != nil || len(batch) > 0 {
			answer(w, batch, refused)
			return
		}
		select {
		case <-news:
		case <-end.C:
			answer(w, []update{}, nil)
			return
		case <-turn:
			answer(w, nil, &refusal{
				code:        http.StatusConflict,
				description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
			})
			return
		case <-r.Context().Done():
			return
		}
	}
}

// Say writes a message as a user, and tells the bot of it. A private chat with
// an unknown user is opened. thread is a topic, replyTo a message; 0 = none.
func (s *Server) Say(from User, chatID int64, text string, thread, replyTo int64) Message {
	return s.Post(from, chatID, Message{Text: text, Thread: thread, Topic: thread != 0}, replyTo)
}

// Post is Say for a message of any kind, as one with a caption.
func (s *Server) Post(from User, chatID int64, m Message, replyTo int64) Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		c = s.addChat(Chat{ID: chatID, Type: "private", Username: from.Username})
	}
	m.From = from
	if strings.HasPrefix(m.Text, "/") {
		command, _, _ := strings.Cut(m.Text, " ")
		m.Entities = []Entity{{Type: "bot_command", Length: units(command)}}
	}
	if to := c.find(replyTo); to != nil {
		shown := *to
		shown.ReplyTo = nil
		m.ReplyTo = &shown
	}
	told := *s.post(c, &m)
	s.updates.add(update{Message: &told})
	return told
}

// Amend changes the text of a message as its user, and tells the bot of it.
func (s *Server) Amend(chatID, message int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.chats[chatID].find(message)
	s.clock++
	m.Text, m.Edited = text, s.clock
	told := *m
	s.updates.add(update{Edited: &told})
}

// Age makes a message so old that a press of its buttons tells only where it
// stands.
func (s *Server) Age(chatID, message int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats[chatID].find(message).old = true
}

// Press presses the button with a label below a message; false if there is none.
// It returns the ID of the press.
func (s *Server) Press(from User, chatID, message int64, label string) (id string, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.chats[chatID]
	if c == nil {
		return "", false
	}
	m := c.find(message)
	if m == nil || m.Markup == nil {
		return "", false
	}
	for _, row := range m.Markup.Buttons {
		for _, b := range row {
			if b.Text == label && b.Data != "" {
				shown := *m
				if m.old {
					shown = Message{ID: m.ID, Chat: m.Chat}
				}
				id = "press-" + decimal(s.updates.next)
				press := &press{ID: id, From: from, Message: &shown, Instance: decimal(chatID), Data: b.Data}
				s.presses[id] = press
				s.updates.add(update{Press: press})
				return id, true
			}
		}
	}
	return "", false
}

// Toast tells how a press was answered.
func (s *Server) Toast(id string) (text string, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.presses[id]
	if p == nil {
		return "", false
	}
	return p.toast, p.answered
}

// Repeat delivers the last n updates once more, the latest first if shuffled:
// what a bot gets whose confirmation was lost.
func (s *Server) Repeat(n int, shuffled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.updates
	all := append(slices.Clone(q.past), q.waiting...)
	q.again = slices.Clone(all[max(0, len(all)-n):])
	if shuffled {
		slices.Reverse(q.again)
	}
	q.tell()
}

func (s *Server) answerCallbackQuery(p params) (any, *refusal) {
	press := s.presses[p.fields["callback_query_id"]]
	switch {
	case press == nil:
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	case units(p.fields["text"]) > 200:
		return nil, bad("MESSAGE_TOO_LONG")
	}
	press.answered, press.toast = true, p.fields["text"]
	return true, nil
}
