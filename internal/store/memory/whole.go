package memory

import (
	"cmp"
	"maps"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func each[T any](rows []T, fn func(T) error) error {
	for _, r := range rows {
		if err := fn(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) EachTask(full bool, fn func(kanban.Task) error) error {
	return each(s.ordered(), func(e entry) error {
		t := copied(e.Task)
		if !full {
			t.Body, t.Result = "", ""
		}
		return fn(t)
	})
}

func (s *state) EachLink(fn func(kanban.Link) error) error {
	all := s.edges(func(kanban.Link) bool { return true })
	slices.SortFunc(all, func(a, b kanban.Link) int {
		return cmp.Or(cmp.Compare(a.Parent, b.Parent), cmp.Compare(a.Child, b.Child))
	})
	return each(all, fn)
}

func (s *state) EachKey(fn func(key, task string) error) error { return eachPair(s.keys, fn) }

func (s *state) EachMeta(fn func(key, value string) error) error { return eachPair(s.meta, fn) }

func eachPair(pairs map[string]string, fn func(key, value string) error) error {
	return each(slices.Sorted(maps.Keys(pairs)), func(key string) error { return fn(key, pairs[key]) })
}

func (s *state) EachRun(fn func(kanban.Run) error) error {
	return each(s.runs, func(r kanban.Run) error { return fn(copiedRun(r)) })
}

func (s *state) EachComment(fn func(kanban.Comment) error) error { return each(s.comments, fn) }

func (s *state) EachEvent(fn func(kanban.Event) error) error {
	return each(s.events, func(e event) error { return fn(e.read()) })
}

func (s *state) EachArtifact(fn func(kanban.Artifact) error) error { return each(s.artifacts, fn) }

func (s *state) EachDelivery(fn func(store.Delivery) error) error {
	return each(s.deliveries, func(d delivery) error {
		d.Event = kanban.Event{ID: d.event}
		return fn(d.Delivery)
	})
}

func (s *state) EachPost(fn func(store.Post) error) error { return each(s.posts, fn) }

func (s *state) LastIDs() (store.LastIDs, error) {
	return store.LastIDs{
		Run: s.last.run, Comment: s.last.comment, Event: s.last.event,
		Destination: s.last.destination, Subscription: s.last.subscription, Delivery: s.last.delivery,
	}, nil
}

var _ store.Filler = (*state)(nil)

func taken(what string, id any) error {
	return kanban.Errorf(kanban.Conflict, "%s %v is there already", what, id)
}

func (s *state) PutTask(t kanban.Task) error {
	if s.exists(t.ID) {
		return taken("task", t.ID)
	}
	s.last.task++
	s.tasks[t.ID] = entry{kept(t), s.last.task}
	return nil
}

// insert keeps rows in order of id.
func insert[T any](rows []T, row T, id func(T) int64) ([]T, bool) {
	at, there := slices.BinarySearchFunc(rows, id(row), func(r T, want int64) int { return cmp.Compare(id(r), want) })
	if there {
		return rows, false
	}
	return slices.Insert(rows, at, row), true
}

func (s *state) PutRun(r kanban.Run) (err error) {
	rows, fits := insert(s.runs, keptRun(r), func(r kanban.Run) int64 { return r.ID })
	if !fits {
		return taken("run", r.ID)
	}
	s.runs, s.last.run = rows, max(s.last.run, r.ID)
	return nil
}

func (s *state) PutComment(c kanban.Comment) error {
	c.At = stamp(c.At)
	rows, fits := insert(s.comments, c, func(c kanban.Comment) int64 { return c.ID })
	if !fits {
		return taken("comment", c.ID)
	}
	s.comments, s.last.comment = rows, max(s.last.comment, c.ID)
	return nil
}

func (s *state) PutEvent(e kanban.Event) error {
	kept, err := keptEvent(e)
	if err != nil {
		return err
	}
	rows, fits := insert(s.events, kept, func(e event) int64 { return e.ID })
	if !fits {
		return taken("event", e.ID)
	}
	s.events, s.last.event = rows, max(s.last.event, e.ID)
	return nil
}

func (s *state) PutOldDestination(d store.Destination) error {
	d.Until = stamp(d.Until)
	rows, fits := insert(s.destinations, d, func(d store.Destination) int64 { return d.ID })
	if known, _ := s.DestinationAt(d.Sink, d.Target, d.Thread); !fits || known != 0 {
		return taken("destination", d.ID)
	}
	s.destinations, s.last.destination = rows, max(s.last.destination, d.ID)
	return nil
}

func (s *state) PutOldSubscription(x store.Subscription) error {
	x.CreatedAt, x.Kinds, x.Foreign = stamp(x.CreatedAt), slices.Clone(x.Kinds), false
	if slices.ContainsFunc(s.subscriptions, func(y store.Subscription) bool { return alike(x, y) }) {
		return taken("subscription", x.ID)
	}
	rows, fits := insert(s.subscriptions, x, func(x store.Subscription) int64 { return x.ID })
	if !fits {
		return taken("subscription", x.ID)
	}
	s.subscriptions, s.last.subscription = rows, max(s.last.subscription, x.ID)
	return nil
}

func (s *state) PutDelivery(d store.Delivery) error {
	rows, fits := insert(s.deliveries, keptDelivery(d), func(d delivery) int64 { return d.ID })
	if !fits || s.meant(d.Destination, d.Event.ID) != nil {
		return taken("delivery", d.ID)
	}
	s.deliveries, s.last.delivery = rows, max(s.last.delivery, d.ID)
	return nil
}

func (s *state) Reserve(ids store.LastIDs) error {
	l := &s.last
	l.run, l.comment, l.event = max(l.run, ids.Run), max(l.comment, ids.Comment), max(l.event, ids.Event)
	l.destination, l.subscription = max(l.destination, ids.Destination), max(l.subscription, ids.Subscription)
	l.delivery = max(l.delivery, ids.Delivery)
	return nil
}
