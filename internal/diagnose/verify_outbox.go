package diagnose

import (
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// readOutbox judges messages and where they go. Those that were delivered may
// outlive their destination and their event; no message needs its subscription.
func (v *verifier) readOutbox(r store.Reader) error {
	places, err := r.Destinations()
	if err != nil {
		return err
	}
	known := map[int64]bool{}
	for _, d := range places {
		known[d.ID] = true
	}
	if err := v.judgeSubscriptions(r, known); err != nil {
		return err
	}
	waiting, err := v.readMessages(r, known)
	if err != nil || len(waiting) == 0 {
		return err
	}
	err = r.EachEvent(func(e kanban.Event) error {
		delete(waiting, e.ID)
		return nil
	})
	for event, message := range waiting {
		v.tell(Contradiction{Rule: RuleOutbox, Event: event}, v.foreign, "message %d tells of event %d, which does not exist", message, event)
	}
	return err
}

func (v *verifier) judgeSubscriptions(r store.Reader, known map[int64]bool) error {
	all, err := r.Subscriptions("")
	for _, s := range all {
		if !s.Foreign && !known[s.Destination] {
			v.tell(Contradiction{Rule: RuleOutbox, Task: s.Task}, false, "subscription %d is to destination %d, which does not exist", s.ID, s.Destination)
		}
	}
	return err
}

// readMessages returns the events that are still to be told, each with a message
// of it.
func (v *verifier) readMessages(r store.Reader, known map[int64]bool) (map[int64]int64, error) {
	type once struct{ destination, event int64 }
	seen, digests, waiting := map[once]bool{}, map[int64]int64{}, map[int64]int64{}
	return waiting, r.EachDelivery(func(d store.Delivery) error {
		about := Contradiction{Rule: RuleOutbox, Event: d.Event.ID}
		if o := (once{d.Destination, d.Event.ID}); d.Destination != 0 {
			if seen[o] {
				v.tell(about, false, "event %d is told to destination %d twice", d.Event.ID, d.Destination)
			}
			seen[o] = true
		}
		if d.Batch > 0 {
			if first, there := digests[d.Batch]; there && first != d.Destination {
				v.tell(about, false, "digest %d goes to destinations %d and %d", d.Batch, first, d.Destination)
			}
			digests[d.Batch] = d.Destination
		}
		switch d.State {
		case store.Delivered:
		case store.Pending, store.Parked:
			waiting[d.Event.ID] = d.ID
		default:
			v.tell(about, false, "message %d is in no known state: %q", d.ID, d.State)
		}
		if d.State == store.Pending && !known[d.Destination] {
			v.tell(about, false, "message %d goes to destination %d, which does not exist", d.ID, d.Destination)
		}
		return nil
	})
}
