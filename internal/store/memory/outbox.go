package memory

import (
	"cmp"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// delivery names its event; the event is looked up when it is read.
type delivery struct {
	store.Delivery
	event int64
}

func (s *state) read(d delivery) store.Delivery {
	d.Event = kanban.Event{ID: d.event}
	for _, e := range s.events {
		if e.ID == d.event {
			d.Event = e.read()
		}
	}
	return d.Delivery
}

func (s *state) Subscriptions(task string) ([]store.Subscription, error) {
	own := filter(s.subscriptions, func(x store.Subscription) bool { return x.Task == task || task == "" })
	if task != "" {
		own = append(own, filter(s.subscriptions, func(x store.Subscription) bool { return x.Task == "" })...)
	}
	for i := range own {
		own[i].Kinds = slices.Clone(own[i].Kinds)
	}
	return own, nil
}

func (s *state) PutSubscription(x store.Subscription) (int64, bool, error) {
	for _, y := range s.subscriptions {
		if x.Task == y.Task && x.Sink == y.Sink && x.Target == y.Target && x.Thread == y.Thread {
			return y.ID, false, nil
		}
	}
	s.last.subscription++
	x.ID, x.CreatedAt, x.Kinds, x.Foreign = s.last.subscription, stamp(x.CreatedAt), slices.Clone(x.Kinds), false
	s.subscriptions = append(s.subscriptions, x)
	return x.ID, true, nil
}

func (s *state) SetKinds(id int64, kinds []kanban.EventKind) error {
	if id < 0 {
		return kanban.Errorf(kanban.Conflict, "subscription %d belongs to the reference system", id)
	}
	i := slices.IndexFunc(s.subscriptions, func(x store.Subscription) bool { return x.ID == id })
	if i < 0 {
		return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
	}
	s.subscriptions[i].Kinds = slices.Clone(kinds)
	return nil
}

func (s *state) DeleteSubscription(id int64) error {
	if id < 0 {
		return kanban.Errorf(kanban.Conflict, "subscription %d belongs to the reference system", id)
	}
	rest := filter(s.subscriptions, func(x store.Subscription) bool { return x.ID != id })
	if len(rest) == len(s.subscriptions) {
		return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
	}
	s.subscriptions = rest
	s.deliveries = filter(s.deliveries, func(d delivery) bool {
		return d.Subscription != id || d.State != store.Pending
	})
	return nil
}

func (s *state) Pending(subscription int64, limit int) ([]store.Delivery, error) {
	pending := filter(s.deliveries, func(d delivery) bool {
		return d.State == store.Pending && (subscription == 0 || d.Subscription == subscription)
	})
	slices.SortStableFunc(pending, func(a, b delivery) int {
		return cmp.Or(cmp.Compare(a.Subscription, b.Subscription), cmp.Compare(a.event, b.event))
	})
	if subscription == 0 {
		pending = slices.CompactFunc(pending, func(a, b delivery) bool { return a.Subscription == b.Subscription })
	}
	return s.readAll(first(pending, limit)), nil
}

func (s *state) Deliveries(state store.DeliveryState, limit int) ([]store.Delivery, error) {
	found := filter(s.deliveries, func(d delivery) bool { return d.State == state })
	slices.Reverse(found)
	return s.readAll(first(found, limit)), nil
}

func (s *state) readAll(rows []delivery) []store.Delivery {
	var out []store.Delivery
	for _, d := range rows {
		out = append(out, s.read(d))
	}
	return out
}

func (s *state) AddDelivery(d store.Delivery) (int64, error) {
	s.last.delivery++
	d.ID = s.last.delivery
	s.deliveries = append(s.deliveries, keptDelivery(d))
	return d.ID, nil
}

func (s *state) UpdateDelivery(d store.Delivery) error {
	for i := range s.deliveries {
		if s.deliveries[i].ID == d.ID {
			s.deliveries[i] = keptDelivery(d)
			return nil
		}
	}
	return kanban.Errorf(kanban.NotFound, "there is no delivery %d", d.ID)
}

func keptDelivery(d store.Delivery) delivery {
	k := delivery{d, d.Event.ID}
	k.NextAt, k.DoneAt, k.Event = stamp(d.NextAt), stamp(d.DoneAt), kanban.Event{}
	return k
}
