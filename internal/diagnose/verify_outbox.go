package diagnose

import (
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// readOutbox judges messages that are still to be delivered: those that were
// may outlive their subscription and their event.
func (v *verifier) readOutbox(r store.Reader) error {
	subscriptions, err := r.Subscriptions("")
	if err != nil {
		return err
	}
	known := map[int64]store.Subscription{}
	for _, s := range subscriptions {
		known[s.ID] = s
	}
	type message struct{ subscription, event int64 }
	seen, waiting := map[message]bool{}, map[int64][]store.Delivery{}
	err = r.EachDelivery(func(d store.Delivery) error {
		about := Contradiction{Rule: RuleOutbox, Event: d.Event.ID}
		m := message{d.Subscription, d.Event.ID}
		if seen[m] {
			v.tell(about, false, "event %d is told to subscription %d twice", d.Event.ID, d.Subscription)
		}
		seen[m] = true
		switch d.State {
		case store.Delivered:
			return nil
		case store.Pending, store.Parked:
			waiting[d.Event.ID] = append(waiting[d.Event.ID], d)
		default:
			v.tell(about, false, "message %d is in no known state: %q", d.ID, d.State)
		}
		if _, there := known[d.Subscription]; !there && d.State == store.Pending {
			v.tell(about, false, "message %d goes to subscription %d, which does not exist", d.ID, d.Subscription)
		}
		return nil
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	return v.judgeWaiting(r, known, waiting)
}

func (v *verifier) judgeWaiting(r store.Reader, known map[int64]store.Subscription, waiting map[int64][]store.Delivery) error {
	err := r.EachEvent(func(e kanban.Event) error {
		for _, d := range waiting[e.ID] {
			if s, there := known[d.Subscription]; there && s.Task != "" && s.Task != e.Task {
				v.tell(Contradiction{Rule: RuleOutbox, Task: e.Task, Event: e.ID}, e.Foreign, "message %d is of another task than its subscription's %s", d.ID, s.Task)
			}
		}
		delete(waiting, e.ID)
		return nil
	})
	for id, messages := range waiting {
		v.tell(Contradiction{Rule: RuleOutbox, Event: id}, v.foreign, "message %d tells of event %d, which does not exist", messages[0].ID, id)
	}
	return err
}
