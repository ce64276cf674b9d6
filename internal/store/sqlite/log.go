package sqlite

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	commentColumns = "id, task_id, author, body, created_at, andon_ms"
	eventColumns   = "id, task_id, run_id, kind, payload, created_at, andon_ms"
)

func scanComment(c *columns) kanban.Comment {
	return kanban.Comment{ID: c.int64(), Task: c.text(), Author: c.text(), Body: c.text(), At: c.moment()}
}

// scanEvent knows an event of ours by its milliseconds, which nobody else
// writes.
func scanEvent(c *columns) kanban.Event {
	e := kanban.Event{ID: c.int64(), Task: c.text(), Run: c.int64(), Kind: kanban.EventKind(c.text())}
	if payload := c.object(); payload != nil {
		_ = json.Unmarshal(payload, &e.Payload) // object has checked it
	}
	e.Foreign = c.s.ColumnInt64(c.i+1) == 0
	e.At = c.moment()
	return e
}

const newestComments = "SELECT " + commentColumns + ` FROM task_comments WHERE task_id = ?1
	ORDER BY created_at DESC, id DESC LIMIT ?2`

func (r reader) Comments(task string, limit int) ([]kanban.Comment, error) {
	newest, err := list(r.c, newestComments, []any{task, most(limit)}, scanComment)
	slices.Reverse(newest)
	return newest, err
}

func (t tx) AddComment(c kanban.Comment) (int64, error) {
	err := t.c.exec("INSERT INTO task_comments (task_id, author, body, created_at, andon_ms) VALUES (?, ?, ?, ?, ?)",
		c.Task, c.Author, c.Body, millis(c.At)/1000, millis(c.At))
	return t.c.lastID(), err
}

func (r reader) Events(q store.EventQuery) ([]kanban.Event, error) {
	sql, args := eventQuery(q)
	events, err := list(r.c, sql, args, scanEvent)
	if q.Last {
		slices.Reverse(events)
	}
	return events, err
}

func eventQuery(q store.EventQuery) (sql string, args []any) {
	sql, args = "SELECT "+eventColumns+" FROM task_events WHERE id > ?", []any{q.After}
	if q.Task != "" {
		sql, args = sql+" AND task_id = ?", append(args, q.Task)
	}
	if len(q.Kinds) > 0 {
		sql, args = sql+" AND kind IN (SELECT value FROM json_each(?))", append(args, words(q.Kinds))
	}
	if q.Foreign {
		sql += " AND andon_ms = 0"
	}
	sql += " ORDER BY id"
	if q.Last {
		sql += " DESC"
	}
	return sql + " LIMIT ?", append(args, within(q.Limit, 500, 10000))
}

func (r reader) LastEvent() (int64, error) {
	id, _, err := first(r.c, "SELECT max(id) FROM task_events", nil, (*columns).int64)
	return id, err
}

const firstSince = "SELECT min(id) FROM task_events INDEXED BY andon_events_age WHERE created_at >= ?"

func (r reader) FirstSince(at time.Time) (int64, error) {
	id, _, err := first(r.c, firstSince, []any{at.Unix()}, (*columns).int64)
	return id, err
}

func (t tx) AddEvent(e kanban.Event) (int64, error) {
	if e.At.IsZero() {
		return 0, kanban.Errorf(kanban.Internal, "event %s of %s has no time", e.Kind, e.Task)
	}
	payload, err := eventPayload(e)
	if err != nil {
		return 0, err
	}
	err = t.c.exec("INSERT INTO task_events (task_id, run_id, kind, payload, created_at, andon_ms) VALUES (?, ?, ?, ?, ?, ?)",
		e.Task, number(e.Run), string(e.Kind), payload, e.At.Unix(), millis(e.At))
	return t.c.lastID(), err
}

// eventPayload is how a payload stands in its column: NULL = none.
func eventPayload(e kanban.Event) (any, error) {
	if len(e.Payload) == 0 {
		return nil, nil
	}
	object, err := encode(e.Payload)
	if err != nil {
		return nil, kanban.Errorf(kanban.Internal, "payload of event %s: %w", e.Kind, err)
	}
	return object, nil
}
