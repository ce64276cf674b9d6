package memory

import (
	"cmp"
	"maps"
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

func (s *state) Pending(destination int64, limit int) ([]store.Delivery, error) {
	pending := s.inOrder(func(d delivery) bool {
		return d.State == store.Pending && d.Destination > 0 && (destination == 0 || d.Destination == destination)
	})
	if destination == 0 {
		pending = slices.CompactFunc(pending, func(a, b delivery) bool { return a.Destination == b.Destination })
	}
	return s.readAll(first(pending, limit)), nil
}

func (s *state) PendingFor(x store.Subscription) ([]store.Delivery, error) {
	return s.readAll(s.inOrder(func(d delivery) bool {
		return d.State == store.Pending && d.Destination == x.Destination && d.Subscription == x.ID
	})), nil
}

func (s *state) Batch(n int64) ([]store.Delivery, error) {
	return s.readAll(s.inOrder(func(d delivery) bool { return n > 0 && d.Batch == n })), nil
}

// inOrder are those wanted by destination, event and age.
func (s *state) inOrder(want func(delivery) bool) []delivery {
	found := filter(s.deliveries, want)
	slices.SortStableFunc(found, func(a, b delivery) int {
		return cmp.Or(cmp.Compare(a.Destination, b.Destination), cmp.Compare(a.event, b.event))
	})
	return found
}

func (s *state) Deliveries(state store.DeliveryState, limit int) ([]store.Delivery, error) {
	found := filter(s.deliveries, func(d delivery) bool { return d.State == state })
	slices.Reverse(found)
	return s.readAll(first(found, limit)), nil
}

func (s *state) DeliveryOf(destination, event int64) (store.Delivery, error) {
	if d := s.meant(destination, event); d != nil {
		return s.read(*d), nil
	}
	return store.Delivery{}, kanban.Errorf(kanban.NotFound, "event %d is not meant for destination %d", event, destination)
}

func (s *state) Newest(task string) ([]store.Delivery, error) {
	newest := map[int64]store.Delivery{}
	for _, p := range s.posts {
		if p.Task == task {
			newest[p.Destination] = store.Delivery{Destination: p.Destination}
		}
	}
	about := s.readAll(s.inOrder(func(d delivery) bool { return d.Destination != 0 && d.State != store.Parked }))
	about = filter(about, func(d store.Delivery) bool { return d.Event.Task == task })
	for _, d := range about {
		if d.State == store.Pending {
			newest[d.Destination] = d
		}
	}
	for _, turns := range []bool{false, true} {
		for _, d := range about {
			if _, there := newest[d.Destination]; there && (!turns || slices.Contains(kanban.Turns, d.Event.Kind)) {
				newest[d.Destination] = d
			}
		}
	}
	return sortedBy(newest), nil
}

func (s *state) Before(destination int64, task string, event int64) (found store.Delivery, err error) {
	for _, d := range s.readAll(s.inOrder(func(d delivery) bool {
		return d.Destination == destination && destination != 0 && d.event < event && d.State == store.Delivered
	})) {
		if d.Event.Task == task && slices.Contains(kanban.Turns, d.Event.Kind) {
			found = d
		}
	}
	return found, nil
}

// sortedBy are the deliveries by their destination.
func sortedBy(of map[int64]store.Delivery) (out []store.Delivery) {
	for _, id := range slices.Sorted(maps.Keys(of)) {
		out = append(out, of[id])
	}
	return out
}

// meant is the delivery of an event to a destination that is known, if there is
// one.
func (s *state) meant(destination, event int64) *delivery {
	for i, d := range s.deliveries {
		if d.Destination == destination && d.event == event && destination != 0 {
			return &s.deliveries[i]
		}
	}
	return nil
}

func (s *state) readAll(rows []delivery) []store.Delivery {
	var out []store.Delivery
	for _, d := range rows {
		out = append(out, s.read(d))
	}
	return out
}

func (s *state) AddDelivery(d store.Delivery) (int64, error) {
	if s.meant(d.Destination, d.Event.ID) != nil {
		return 0, kanban.Errorf(kanban.Conflict, "event %d is on its way to destination %d already", d.Event.ID, d.Destination)
	}
	s.last.delivery++
	d.ID = s.last.delivery
	s.deliveries = append(s.deliveries, keptDelivery(d))
	return d.ID, nil
}

func (s *state) UpdateDelivery(d store.Delivery) error {
	for i, before := range s.deliveries {
		if before.ID == d.ID {
			d.Destination, d.Event.ID = before.Destination, before.event
			s.deliveries[i] = keptDelivery(d)
			return nil
		}
	}
	return noDelivery(d.ID)
}

func (s *state) DeleteDelivery(id int64) error {
	rest := filter(s.deliveries, func(d delivery) bool { return d.ID != id })
	if len(rest) == len(s.deliveries) {
		return noDelivery(id)
	}
	s.deliveries = rest
	return nil
}

func noDelivery(id int64) error { return kanban.Errorf(kanban.NotFound, "there is no delivery %d", id) }

func keptDelivery(d store.Delivery) delivery {
	k := delivery{d, d.Event.ID}
	k.NextAt, k.DoneAt, k.Event = stamp(d.NextAt), stamp(d.DoneAt), kanban.Event{}
	return k
}
