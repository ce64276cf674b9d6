package memory

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// event keeps its payload as JSON, as every store does: numbers come back as
// float64, and nobody can change what was logged.
type event struct {
	kanban.Event
	payload []byte
}

func (e event) read() kanban.Event {
	if e.payload != nil {
		_ = json.Unmarshal(e.payload, &e.Event.Payload) // it was encoded by AddEvent
	}
	return e.Event
}

func (s *state) Comments(task string, limit int) ([]kanban.Comment, error) {
	found := filter(s.comments, func(c kanban.Comment) bool { return c.Task == task })
	slices.SortStableFunc(found, func(a, b kanban.Comment) int { return second(a.At).Compare(second(b.At)) })
	return last(found, limit), nil
}

// last is first from the other end.
func last[T any](rows []T, limit int) []T {
	if limit > 0 && len(rows) > limit {
		return rows[len(rows)-limit:]
	}
	return rows
}

func (s *state) AddComment(c kanban.Comment) (int64, error) {
	s.last.comment++
	c.ID, c.At = s.last.comment, stamp(c.At)
	s.comments = append(s.comments, c)
	return c.ID, nil
}

func (s *state) Events(q store.EventQuery) ([]kanban.Event, error) {
	found := filter(s.events, func(e event) bool {
		return e.ID > q.After && (q.Task == "" || e.Task == q.Task) &&
			(len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind)) && (!q.Foreign || e.Foreign)
	})
	limit := within(q.Limit, 500, 10000)
	if q.Last {
		found = last(found, limit)
	}
	var events []kanban.Event
	for _, e := range first(found, limit) {
		events = append(events, e.read())
	}
	return events, nil
}

func (s *state) LastEvent() (int64, error) {
	if len(s.events) == 0 {
		return 0, nil
	}
	return s.events[len(s.events)-1].ID, nil
}

func (s *state) FirstSince(at time.Time) (int64, error) {
	for _, e := range s.events {
		if !e.At.Before(second(at)) {
			return e.ID, nil
		}
	}
	return 0, nil
}

func (s *state) AddEvent(e kanban.Event) (int64, error) {
	if e.At.IsZero() {
		return 0, kanban.Errorf(kanban.Internal, "event %s of %s has no time", e.Kind, e.Task)
	}
	s.last.event++
	e.ID, e.Foreign = s.last.event, false
	kept, err := keptEvent(e)
	if err == nil {
		s.events = append(s.events, kept)
	}
	return e.ID, err
}

func keptEvent(e kanban.Event) (event, error) {
	var payload []byte
	if len(e.Payload) > 0 {
		var err error
		if payload, err = json.Marshal(e.Payload); err != nil {
			return event{}, kanban.Errorf(kanban.Internal, "payload of event %s: %w", e.Kind, err)
		}
	}
	e.At, e.Payload = stamp(e.At), nil
	return event{e, payload}, nil
}
