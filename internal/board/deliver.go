package board

import (
	"maps"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// record appends an event, and a delivery for each destination that wants it.
func (b *Board) record(tx store.Tx, e kanban.Event) error {
	e.At = b.now()
	id, err := tx.AddEvent(e)
	if err != nil {
		return err
	}
	e.ID = id
	return b.deliver(tx, e)
}

// deliver writes the outbox rows of an event that is on the board. With the end
// of a task end the subscriptions to it; done is no end, since it may be
// reopened.
func (b *Board) deliver(tx store.Tx, e kanban.Event) error {
	audience, err := b.audience(tx, e, 0)
	if err != nil {
		return err
	}
	asked, err := asked(tx, e)
	if err != nil {
		return err
	}
	for _, s := range audience {
		if _, err := tx.AddDelivery(deliveryOf(s, e)); err != nil {
			return err
		}
		delete(asked, s.Destination)
	}
	for _, destination := range slices.Sorted(maps.Keys(asked)) {
		if _, err := tx.AddDelivery(deliveryOf(store.Subscription{Destination: destination}, e)); err != nil {
			return err
		}
	}
	switch e.Kind {
	case kanban.EvArchived, kanban.EvCancelled, kanban.EvDeleted:
		return tx.EndSubscriptions(e.Task)
	}
	return nil
}

// asked are the destinations where a message asks for what an event decides. Each
// is told, whatever it asked to hear of, so that the message can be changed.
func asked(r store.Reader, e kanban.Event) (map[int64]bool, error) {
	if !kanban.Settles(e.Kind) {
		return nil, nil
	}
	newest, err := r.Newest(e.Task)
	found := map[int64]bool{}
	for _, d := range newest {
		if d.Event.ID == 0 || kanban.Asks(d.Event.Kind) {
			found[d.Destination] = true
		}
	}
	return found, err
}

func deliveryOf(s store.Subscription, e kanban.Event) store.Delivery {
	return store.Delivery{Destination: s.Destination, Subscription: s.ID, Event: e, State: store.Pending, NextAt: e.At}
}

// audience are the subscriptions that an event is told to now, or one of them if
// only names it: of each destination the first, and none where it is muted.
func (b *Board) audience(r store.Reader, e kanban.Event, only int64) ([]store.Subscription, error) {
	all, err := b.matching(r, e)
	if err != nil {
		return nil, err
	}
	var out []store.Subscription
	for _, s := range all {
		told := slices.ContainsFunc(out, func(o store.Subscription) bool { return o.Destination == s.Destination })
		if told || only != 0 && only != s.ID {
			continue
		}
		muted, err := b.muted(r, s.Place(), e.Task)
		if err != nil {
			return nil, err
		}
		if !muted {
			out = append(out, s)
		}
	}
	return out, nil
}

// matching are the subscriptions that an event fits, by id, each with the
// destination that it is told through.
func (b *Board) matching(r store.Reader, e kanban.Event) ([]store.Subscription, error) {
	listeners, err := r.Listeners(e.Task)
	if err != nil {
		return nil, err
	}
	var task *kanban.Task // read for who asks for certain tasks only
	var out []store.Subscription
	for _, s := range listeners {
		if !wants(s, e) {
			continue
		}
		if task == nil && (s.Lane != "" || s.Tenant != "" || s.Creator != "" || len(s.Labels) > 0) {
			t, err := r.Task(e.Task)
			if ignoreMissing(err) != nil {
				return nil, err
			}
			task = &t
		}
		if task == nil || fits(s, *task) {
			if s, err = b.queued(r, s); err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	return out, nil
}

func fits(s store.Subscription, t kanban.Task) bool {
	return (s.Lane == "" || s.Lane == t.Assignee) && (s.Tenant == "" || s.Tenant == t.Tenant) && (s.Creator == "" || s.Creator == t.CreatedBy) &&
		t.Labelled(s.Labels)
}

// wants reports whether a subscription hears of a kind of event. Without kinds
// of its own it hears of the noteworthy ones; a breaker's block is not told
// twice.
func wants(s store.Subscription, e kanban.Event) bool {
	if len(s.Kinds) > 0 {
		return slices.Contains(s.Kinds, e.Kind)
	}
	if e.Kind == kanban.EvBlocked && e.Payload["kind"] == string(kanban.BreakerOpen) {
		return false
	}
	if _, lane := e.Payload["review_task"]; lane && e.Kind == kanban.EvReview {
		return false // a lane reviews it; nobody is asked for anything
	}
	return slices.Contains(kanban.Noteworthy, e.Kind)
}
