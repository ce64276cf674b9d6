package transfer

import "github.com/andon-dev/andon/internal/store"

// places are the destinations of a stream of version 1, which names a place with
// each subscription and none with a delivery.
type places struct {
	known map[store.Destination]int64
	of    map[int64]int64    // subscription -> destination
	told  map[[2]int64]int64 // destination and event -> delivery
}

func newPlaces() *places {
	return &places{known: map[store.Destination]int64{}, of: map[int64]int64{}, told: map[[2]int64]int64{}}
}

// settle gives a row what it has in a stream of the present version, or takes it
// away. A destination has the number of its first subscription, as on a board
// that was brought up to date.
func (p *places) settle(f store.Filler, r *record) error {
	switch {
	case r.Subscription != nil:
		return p.subscription(f, r.Subscription)
	case r.Delivery != nil:
		return p.delivery(f, r)
	case r.Trailer != nil:
		r.Trailer.LastIDs.Destination = r.Trailer.LastIDs.Subscription
	}
	return nil
}

func (p *places) subscription(f store.Filler, s *subscriptionRow) error {
	place := store.Destination{Sink: s.Sink, Target: s.Target, Thread: s.Thread}
	id, known := p.known[place]
	if !known {
		id = s.ID
		p.known[place] = id
	}
	s.Destination, p.of[s.ID] = id, id
	if known {
		return nil
	}
	place.ID = id
	return f.PutOldDestination(place)
}

// delivery makes one of what several subscriptions wanted told in one place.
func (p *places) delivery(f store.Filler, r *record) error {
	d := r.Delivery
	if d.Destination = p.of[d.Subscription]; d.Destination == 0 {
		if d.State == store.Pending {
			d.State, d.Error = store.Parked, store.NoDestination
		}
		return nil
	}
	key := [2]int64{d.Destination, d.Event}
	first, twice := p.told[key]
	if !twice {
		p.told[key] = d.ID
		return nil
	}
	r.Delivery = nil
	if d.State != store.Pending {
		return nil
	}
	d.ID = first
	return f.UpdateDelivery(d.delivery())
}
