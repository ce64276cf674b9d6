package notify

import (
	"context"
	"io"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Sink is one configured destination of messages.
type Sink interface {
	// Send hands over one message and returns when the destination has it for
	// good. It is called by several goroutines, and again with the same Key if
	// the outcome was not recorded.
	//
	// A sink that can edit changes the message m.Prior if nobody has to act on
	// m, and returns the same receipt. Otherwise, and if that message is gone, it
	// sends a new one in the thread of m.Root, and takes back what m.Before offers;
	// but if m only settles, it sends nothing.
	//
	// Errors: Permanent if trying again cannot help, Later if the destination
	// named a time; any other error is temporary. Errors are stored and shown,
	// so they name neither secrets nor URLs.
	Send(ctx context.Context, m Message) (Receipt, error)
}

// Receipt is what a destination tells of a message it took.
type Receipt struct {
	Ref  string // its name for the message, at most 200 bytes; "" if it has none
	Chat string // what the platform itself calls the place that a new message went to; "" if it does not say
}

// Message is what a sink sends. Its JSON form is a public contract: fields are
// added, never changed. A digest holds several messages as Items; its Task and
// Event are zero.
type Message struct {
	Key          string `json:"key"` // the same for every copy of this message
	Board        string `json:"board"`
	Subscription int64  `json:"subscription"`
	Task         Task   `json:"task"`
	Event        Event  `json:"event"`
	Text         string `json:"text"`             // Head, Detail and Next as one or two plain sentences
	Target       string `json:"target,omitempty"` // as subscribed
	Thread       string `json:"thread,omitempty"`

	Head      string `json:"head,omitempty"`      // which task, and what happened to it
	Detail    string `json:"detail,omitempty"`    // the first line of the handoff, reason or error
	Next      string `json:"next,omitempty"`      // what to do next
	Attention bool   `json:"attention,omitempty"` // somebody has to act
	Acts      []Act  `json:"acts,omitempty"`      // what can be done at once
	Link      string `json:"link,omitempty"`      // the task in the dashboard, if that can be reached from outside
	Prior     string `json:"prior,omitempty"`     // Ref of the message that stands for the task at this destination
	Root      string `json:"root,omitempty"`      // Ref of the first one, which its thread hangs on

	Items   []Message `json:"items,omitempty"` // of a digest, in the order of the events
	Before  *Message  `json:"-"`               // what Prior says, if it offers what it is not to offer beside this one
	Settles bool      `json:"-"`               // only changes the message Prior, which offers what is decided now

	Files []File `json:"-"` // declared artifacts, of any size and type
}

// File is something that may go with a message.
type File struct {
	Name string // without a folder
	Type string // media type; "" if unknown
	Size int64  // bytes
	Open func(ctx context.Context) (io.ReadCloser, error)
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
