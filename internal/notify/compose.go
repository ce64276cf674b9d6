package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// message makes the message of what is next in a queue: one delivery, or a digest
// of several.
func (q *queue) message(next board.Queue) Message {
	if d := next.Next[0]; d.Batch <= 0 {
		m := q.item(next.Destination, d)
		m.Root, m.Prior, m.Settles = d.Root, d.Prior, settles(d.Delivery)
		if aside(d) {
			m.Prior = ""
		}
		if m.Attention && m.Prior != "" {
			m.Before = before(m, next.Destination, d)
		}
		if q.Files != nil && d.Event.Run != 0 && !m.Settles {
			m.Files = q.Files(m.Board, m.Event, m.Task.ID)
		}
		return m
	}
	return q.digest(next)
}

// before is what the message that stands there tells, without its acts, or nil if
// it has none.
func before(m Message, to store.Destination, d board.Outgoing) *Message {
	was := compose(m.Board, to, board.Outgoing{Delivery: d.Before, Task: d.Task})
	if len(was.Acts) == 0 {
		return nil
	}
	was.Acts, was.Link = nil, m.Link
	return &was
}

// aside reports whether a delivery only notes something while the newest message
// waits for an answer: it is told beside that, which stays as it is.
func aside(d board.Outgoing) bool {
	return !settles(d.Delivery) && !slices.Contains(kanban.Turns, d.Event.Kind) && !urgently(d.Event) && urgently(d.Before.Event)
}

// settles reports whether nobody asked for a delivery: it takes back what a message
// offers.
func settles(d store.Delivery) bool { return d.Subscription == 0 }

func (q *queue) item(to store.Destination, d board.Outgoing) Message {
	m := compose(q.board.Slug(), to, d)
	if q.Link != nil && d.Task.ID != "" {
		m.Link = q.Link(m.Board, m.Task.ID)
	}
	return m
}

// compose tells of one delivery.
func compose(slug string, to store.Destination, d board.Outgoing) Message {
	e := d.Event
	m := Message{
		Key:          fmt.Sprintf("%s-%d-%d", slug, to.ID, e.ID),
		Board:        slug,
		Subscription: d.Subscription,
		Task:         Task{ID: e.Task, Title: d.Task.Title, Status: d.Task.Status, Assignee: d.Task.Assignee},
		Event:        Event{ID: e.ID, Kind: e.Kind, Run: e.Run, Payload: public(e.Payload), At: e.At.UTC()},
		Target:       to.Target,
		Thread:       to.Thread,
	}
	if title, ok := e.Payload["title"].(string); ok && m.Task.Title == "" {
		m.Task.Title = title
	}
	m.describe()
	return m
}

// digest has its own key: what is in it is settled before it is sent.
func (q *queue) digest(next board.Queue) Message {
	m := Message{
		Key:   fmt.Sprintf("%s-%d-b%d", q.board.Slug(), next.ID, next.Next[0].Batch),
		Board: q.board.Slug(), Subscription: next.Next[0].Subscription, Target: next.Target, Thread: next.Thread,
	}
	urgent := 0
	for _, d := range next.Next {
		item := q.item(next.Destination, d)
		if item.Attention {
			urgent++
		}
		m.Items = append(m.Items, item)
	}
	m.Attention = urgent > 0
	m.Head = fmt.Sprintf("%d messages of board %s", len(m.Items), m.Board)
	if urgent > 0 {
		m.Head += fmt.Sprintf(", %d of which ask for something", urgent)
	}
	var lines []string
	for _, row := range m.Rows(maxTitle + maxDetail) {
		lines = append(lines, row.Text)
	}
	m.Text = strings.Join(lines, "\n")
	return m
}

// latched is the message that a board takes no more writes. The moment when that
// was noticed stands for the event that cannot be written.
func (d *desk) latched(to store.Destination, why error, at time.Time) Message {
	payload := map[string]any{"reason": why.Error()}
	m := Message{
		Key:   fmt.Sprintf("%s-%d-latched-%d", d.board.Slug(), to.ID, at.Unix()),
		Board: d.board.Slug(), Target: to.Target, Thread: to.Thread,
		Event: Event{Kind: kanban.EvLatched, Payload: payload, At: at.UTC()},
	}
	m.describe()
	return m
}
