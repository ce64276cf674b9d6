package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Sink is one configured destination of messages.
type Sink interface {
	// Send hands over one message and returns when the destination has it for
	// good. It is called by several goroutines, and again with the same Key if
	// the outcome was not recorded.
	//
	// Errors: Permanent if trying again cannot help, Later if the destination
	// named a time; any other error is temporary. Errors are stored and shown,
	// so they name neither secrets nor URLs.
	Send(ctx context.Context, m Message) error
}

// Message is what a sink sends. Its JSON form is a public contract: fields are
// added, never changed.
type Message struct {
	Key          string `json:"key"` // the same for every copy of this message
	Board        string `json:"board"`
	Subscription int64  `json:"subscription"`
	Task         Task   `json:"task"`
	Event        Event  `json:"event"`
	Text         string `json:"text"`             // one or two plain sentences
	Target       string `json:"target,omitempty"` // as subscribed
	Thread       string `json:"thread,omitempty"`
}

// Task is the task as it stands when the message is sent.
type Task struct {
	ID       string        `json:"id"`
	Title    string        `json:"title"`
	Status   kanban.Status `json:"status"` // "" once it was deleted
	Assignee string        `json:"assignee"`
}

// Event is what happened.
type Event struct {
	ID      int64            `json:"id"`
	Kind    kanban.EventKind `json:"kind"`
	Run     int64            `json:"run,omitempty"`
	Payload map[string]any   `json:"payload"`
	At      time.Time        `json:"at"`
}

// compose makes the message of a delivery. The task is zero if it was deleted.
func compose(board string, s store.Subscription, d store.Delivery, t kanban.Task) Message {
	e := d.Event
	m := Message{
		Key:          fmt.Sprintf("%s-%d-%d", board, s.ID, e.ID),
		Board:        board,
		Subscription: s.ID,
		Task:         Task{ID: e.Task, Title: t.Title, Status: t.Status, Assignee: t.Assignee},
		Event:        Event{ID: e.ID, Kind: e.Kind, Run: e.Run, Payload: public(e.Payload), At: e.At.UTC()},
		Target:       s.Target,
		Thread:       s.Thread,
	}
	if title, ok := e.Payload["title"].(string); ok && m.Task.Title == "" {
		m.Task.Title = title
	}
	m.Text = text(m)
	return m
}

// locks are the payload fields that fence a worker of the reference system:
// whoever knows one could write as that worker.
var locks = []string{"lock", "prev_lock", "claim_lock", "claimer"}

// public returns a payload without locks.
func public(payload map[string]any) map[string]any {
	shown := make(map[string]any, len(payload))
	for key, val := range payload {
		shown[key] = val
	}
	for _, key := range locks {
		delete(shown, key)
	}
	return shown
}
