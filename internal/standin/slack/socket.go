package slack

import (
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	pingEvery = 10 * time.Second
	writeTime = 5 * time.Second // for a client that does not read
)

// socket is the Socket Mode side: the connections of the app, and envelopes that
// nobody acknowledged yet.
type socket struct {
	tickets map[string]bool
	conns   []*conn
	waiting []*envelope
	past    []*envelope // acknowledged, the last ones
}

type conn struct {
	*websocket.Conn
	write sync.Mutex
}

// envelope is one message to the app.
type envelope struct {
	ID      string          `json:"envelope_id"`
	Type    string          `json:"type"`
	Payload any             `json:"payload"`
	Accepts bool            `json:"accepts_response_payload"`
	Attempt int             `json:"retry_attempt"`
	Reason  string          `json:"retry_reason,omitempty"`
	acked   bool            // the app has it
	reply   json.RawMessage // that came with the acknowledgement
}

func (s *Server) open(c call) (result, error) {
	if c.token != s.app {
		return nil, refusal("invalid_auth")
	}
	if s.socket.tickets == nil {
		s.socket.tickets = map[string]bool{}
	}
	ticket := s.next()
	s.socket.tickets[ticket] = true
	return result{"url": "ws://" + c.host + "/link/?ticket=" + ticket + "&app_id=" + AppID}, nil
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// connect serves one connection until it ends.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	ticket := r.URL.Query().Get("ticket")
	s.mu.Lock()
	valid := s.socket.tickets[ticket]
	delete(s.socket.tickets, ticket)
	s.mu.Unlock()
	if !valid {
		http.Error(w, "no such ticket", http.StatusForbidden)
		return
	}
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	c := &conn{Conn: ws}
	defer c.Close()
	s.mu.Lock()
	s.socket.conns = append(s.socket.conns, c)
	hello := map[string]any{
		"type": "hello", "num_connections": len(s.socket.conns), "connection_info": map[string]any{"app_id": AppID},
		"debug_info": map[string]any{"host": "standin", "build_number": 1, "approximate_connection_time": 3600},
	}
	var missed []envelope
	for _, e := range s.socket.waiting {
		e.Attempt, e.Reason = e.Attempt+1, "timeout"
		missed = append(missed, *e)
	}
	s.mu.Unlock()

	c.send(hello)
	for _, e := range missed {
		c.send(e)
	}
	ended := make(chan struct{})
	go c.ping(ended)
	s.listen(c)
	close(ended)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socket.conns = slices.DeleteFunc(s.socket.conns, func(other *conn) bool { return other == c })
}

func (c *conn) ping(ended <-chan struct{}) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		_ = c.WriteControl(websocket.PingMessage, []byte("ping"), time.Now().Add(pingEvery))
		select {
		case <-ticker.C:
		case <-ended:
			return
		}
	}
}

// listen takes acknowledgements.
func (s *Server) listen(c *conn) {
	for {
		var ack struct {
			ID      string          `json:"envelope_id"`
			Payload json.RawMessage `json:"payload"`
		}
		if c.ReadJSON(&ack) != nil {
			return
		}
		s.mu.Lock()
		for i, e := range s.socket.waiting {
			if e.ID == ack.ID {
				e.acked, e.reply = true, ack.Payload
				s.socket.waiting = slices.Delete(s.socket.waiting, i, i+1)
				s.socket.past = append(s.socket.past, e)
				break
			}
		}
		s.mu.Unlock()
	}
}

func (c *conn) send(v any) {
	c.write.Lock()
	defer c.write.Unlock()
	_ = c.SetWriteDeadline(time.Now().Add(writeTime))
	_ = c.WriteJSON(v)
}

// deliver sends an envelope over one of the connections, or over the next one if
// there is none. It is called with the lock held.
func (s *Server) deliver(kind string, accepts bool, payload any) string {
	e := &envelope{ID: "envelope-" + s.next(), Type: kind, Payload: payload, Accepts: accepts}
	s.socket.waiting = append(s.socket.waiting, e)
	if n := len(s.socket.conns); n > 0 {
		sent := *e
		s.socket.conns[n-1].send(&sent)
	}
	return e.ID
}

// Acknowledged tells whether the app has an envelope, and what it answered.
func (s *Server) Acknowledged(id string) (reply string, done bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.socket.past {
		if e.ID == id {
			return string(e.reply), true
		}
	}
	return "", false
}

// Connections tells how many the app has open.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.socket.conns)
}

// Disconnect asks the app to connect anew, with a reason such as warning or
// refresh_requested, and closes the connections.
func (s *Server) Disconnect(reason string) {
	for _, c := range s.live() {
		c.send(map[string]any{"type": "disconnect", "reason": reason, "debug_info": map[string]any{"host": "standin"}})
		_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(time.Second))
	}
}

// Drop breaks the connections without a word.
func (s *Server) Drop() {
	for _, c := range s.live() {
		_ = c.NetConn().Close()
	}
}

func (s *Server) live() []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.socket.conns)
}

// Repeat delivers the last n envelopes once more, the latest first if shuffled:
// what an app gets whose acknowledgement was lost.
func (s *Server) Repeat(n int, shuffled bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := slices.Clone(s.socket.past[max(0, len(s.socket.past)-n):])
	if shuffled {
		slices.Reverse(again)
	}
	for _, e := range again {
		sent := *e
		sent.Attempt, sent.Reason = 1, "timeout"
		if n := len(s.socket.conns); n > 0 {
			s.socket.conns[n-1].send(&sent)
		}
	}
}
