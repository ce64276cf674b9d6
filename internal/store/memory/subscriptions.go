package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *state) Subscriptions(task string) ([]store.Subscription, error) {
	if task == "" {
		return s.subscribed(func(store.Subscription) bool { return true }), nil
	}
	return s.Listeners(task)
}

func (s *state) Subscription(id int64) (store.Subscription, error) {
	for _, x := range s.subscribed(func(x store.Subscription) bool { return x.ID == id }) {
		return x, nil
	}
	return store.Subscription{}, noSubscription(id)
}

func noSubscription(id int64) error {
	return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
}

func (s *state) Listeners(task string) ([]store.Subscription, error) {
	chain := s.chain(task)
	return s.subscribed(func(x store.Subscription) bool {
		return x.Task == "" || x.Task == task || !x.Alone && slices.Contains(chain, x.Task)
	}), nil
}

// chain is a task and those in whose runs it was created, one after the other.
func (s *state) chain(task string) []string {
	var ids []string
	for task != "" && !slices.Contains(ids, task) {
		ids = append(ids, task)
		task = s.tasks[task].Origin
	}
	return ids
}

func (s *state) subscribed(want func(store.Subscription) bool) []store.Subscription {
	found := filter(s.subscriptions, want)
	for i := range found {
		found[i].Kinds, found[i].Labels = slices.Clone(found[i].Kinds), slices.Clone(found[i].Labels)
		if d, err := s.Destination(found[i].Destination); err == nil {
			found[i].Sink, found[i].Target, found[i].Thread = d.Sink, d.Target, d.Thread
		}
	}
	return found
}

// alike reports whether two subscriptions differ in kinds at most.
func alike(x, y store.Subscription) bool {
	return x.Task == y.Task && x.Destination == y.Destination && x.Lane == y.Lane && x.Tenant == y.Tenant && x.Creator == y.Creator &&
		slices.Equal(x.Labels, y.Labels)
}

func (s *state) PutSubscription(x store.Subscription) (int64, bool, error) {
	x.Destination, _ = s.PutDestination(x.Sink, x.Target, x.Thread)
	for _, y := range s.subscriptions {
		if alike(x, y) {
			return y.ID, false, nil
		}
	}
	s.last.subscription++
	x.ID, x.CreatedAt, x.Kinds, x.Foreign = s.last.subscription, stamp(x.CreatedAt), slices.Clone(x.Kinds), false
	x.Labels = slices.Clone(x.Labels)
	s.subscriptions = append(s.subscriptions, x)
	return x.ID, true, nil
}

func (s *state) SetKinds(id int64, kinds []kanban.EventKind) error {
	if id < 0 {
		return foreign(id)
	}
	i := slices.IndexFunc(s.subscriptions, func(x store.Subscription) bool { return x.ID == id })
	if i < 0 {
		return noSubscription(id)
	}
	s.subscriptions[i].Kinds = slices.Clone(kinds)
	return nil
}

func foreign(id int64) error {
	return kanban.Errorf(kanban.Conflict, "subscription %d belongs to the reference system", id)
}

func (s *state) DeleteSubscription(id int64) error {
	if id < 0 {
		return foreign(id)
	}
	rest := filter(s.subscriptions, func(x store.Subscription) bool { return x.ID != id })
	if len(rest) == len(s.subscriptions) {
		return noSubscription(id)
	}
	s.subscriptions = rest
	return nil
}

func (s *state) EndSubscriptions(task string) error {
	if task != "" {
		s.subscriptions = filter(s.subscriptions, func(x store.Subscription) bool { return x.Task != task })
		s.mutes = filter(s.mutes, func(m store.Mute) bool { return m.Task != task })
	}
	return nil
}

func (s *state) Mutes() ([]store.Mute, error) { return slices.Clone(s.mutes), nil }

func (s *state) Muted(destination int64, task string, now time.Time) (bool, error) {
	chain := append(s.chain(task), "")
	return slices.ContainsFunc(s.mutes, func(m store.Mute) bool {
		return m.Destination == destination && slices.Contains(chain, m.Task) && (m.Until.IsZero() || m.Until.After(stamp(now)))
	}), nil
}

func (s *state) PutMute(m store.Mute) error {
	_ = s.DeleteMute(m.Destination, m.Task)
	m.Until, m.At = stamp(m.Until), stamp(m.At)
	s.mutes = append(s.mutes, m)
	slices.SortFunc(s.mutes, func(a, b store.Mute) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.Task, b.Task))
	})
	return nil
}

func (s *state) DeleteMute(destination int64, task string) error {
	rest := filter(s.mutes, func(m store.Mute) bool { return m.Destination != destination || m.Task != task })
	if len(rest) == len(s.mutes) {
		return kanban.Errorf(kanban.NotFound, "nothing is muted there")
	}
	s.mutes = rest
	return nil
}
