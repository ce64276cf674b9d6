package board

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Subscribe asks that events of one task, or of the whole board with task "",
// be told to a sink from now on. If it was asked before, created is false and
// the subscription is the one that exists, with its own kinds. Humans only.
//
// Errors: invalid for an unknown kind; not_found for an unknown task.
func (b *Board) Subscribe(ctx context.Context, a kanban.Actor, s store.Subscription) (sub store.Subscription, created bool, err error) {
	if err := onlyHuman(a, "subscribe"); err != nil {
		return s, false, err
	}
	if err := cleanSubscription(&s); err != nil {
		return s, false, err
	}
	s.CreatedBy, s.CreatedAt = a.Name, b.now()
	type result struct {
		Subscription store.Subscription
		Created      bool
	}
	out, err := mutate(ctx, b, "subscribe", s.Task, func(tx store.Tx) (r result, err error) {
		if s.Task != "" {
			if _, err := tx.Task(s.Task); err != nil {
				return r, err
			}
		}
		// What others wrote before now is not for this subscriber, and what
		// they write later is.
		if err := b.ingestAll(tx); err != nil {
			return r, err
		}
		id, created, err := tx.PutSubscription(s)
		if err != nil {
			return r, err
		}
		known, err := tx.Subscriptions(s.Task)
		at := slices.IndexFunc(known, func(k store.Subscription) bool { return k.ID == id })
		if err != nil || at < 0 {
			return r, err
		}
		return result{known[at], created}, nil
	})
	return out.Subscription, out.Created, err
}

func cleanSubscription(s *store.Subscription) (err error) {
	if s.Sink, err = kanban.Slug(s.Sink); err != nil {
		return err
	}
	if s.Target, err = line("the target", s.Target, maxReason); err != nil {
		return err
	}
	if s.Thread, err = line("the thread", s.Thread, maxName); err != nil {
		return err
	}
	return knownKinds(s.Kinds)
}

func knownKinds(kinds []kanban.EventKind) error {
	for _, k := range kinds {
		if !slices.Contains(kanban.EventKinds, k) {
			return kanban.Errorf(kanban.Invalid, "there is no kind of event %s", kanban.Quote(k)).Hint("for example completed, blocked, gave_up")
		}
	}
	return nil
}

// ChangeKinds makes a subscription hear of other kinds of event from now on, or with
// none of the noteworthy. What waits to be delivered stays. Humans only.
//
// Errors: invalid for an unknown kind; not_found; conflict for one that the reference
// system made.
func (b *Board) ChangeKinds(ctx context.Context, a kanban.Actor, id int64, kinds []kanban.EventKind) (store.Subscription, error) {
	if err := onlyHuman(a, "change a subscription"); err != nil {
		return store.Subscription{}, err
	}
	if err := knownKinds(kinds); err != nil {
		return store.Subscription{}, err
	}
	if id < 0 {
		return store.Subscription{}, foreignSubscription()
	}
	return mutate(ctx, b, "change kinds", strconv.FormatInt(id, 10), func(tx store.Tx) (s store.Subscription, err error) {
		// What others wrote before now is for the kinds as they were.
		if err := b.ingestAll(tx); err != nil {
			return s, err
		}
		if err := tx.SetKinds(id, kinds); err != nil {
			return s, err
		}
		all, err := tx.Subscriptions("")
		if at := slices.IndexFunc(all, func(k store.Subscription) bool { return k.ID == id }); at >= 0 {
			s = all[at]
		}
		return s, err
	})
}

func foreignSubscription() error {
	return kanban.Errorf(kanban.Conflict, "this subscription belongs to another program").Hint("change or end it there")
}

// SinkWarning says that no sink of this name is configured, or "".
func (b *Board) SinkWarning(sink string) string {
	if slices.Contains(b.settings().Sinks, sink) {
		return ""
	}
	return "there is no sink " + sink + " in andon.yaml (known: " + orElse(strings.Join(b.settings().Sinks, ", "), "none") +
		"); its messages will wait until there is one"
}

// Unsubscribe ends a subscription; what was not delivered yet goes with it.
//
// Errors: not_found; conflict for one that the reference system made.
func (b *Board) Unsubscribe(ctx context.Context, id int64) error {
	if id < 0 {
		return foreignSubscription()
	}
	return b.store.Update(ctx, func(tx store.Tx) error { return tx.DeleteSubscription(id) })
}

// Subscriptions lists those of a task and of the board, or all with task "".
func (b *Board) Subscriptions(ctx context.Context, task string) ([]store.Subscription, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Subscription, error) { return r.Subscriptions(task) })
}

// Outbox reads deliveries; see store.OutboxReader. The notifier's.
func (b *Board) Outbox(ctx context.Context, subscription int64, limit int) ([]store.Delivery, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Delivery, error) { return r.Pending(subscription, limit) })
}

// Deliveries lists deliveries in a state, newest first.
func (b *Board) Deliveries(ctx context.Context, state store.DeliveryState, limit int) ([]store.Delivery, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Delivery, error) { return r.Deliveries(state, limit) })
}

// Note records how a delivery went. The notifier's.
func (b *Board) Note(ctx context.Context, d store.Delivery) error {
	return b.store.Update(ctx, func(tx store.Tx) error { return tx.UpdateDelivery(d) })
}

// RetryParked makes parked deliveries pending again: one, or all with id 0. It
// returns how many.
func (b *Board) RetryParked(ctx context.Context, id int64) (int, error) {
	return mutate(ctx, b, "notify-retry", strconv.FormatInt(id, 10), func(tx store.Tx) (int, error) {
		parked, err := tx.Deliveries(store.Parked, 10000)
		if err != nil {
			return 0, err
		}
		n := 0
		for _, d := range parked {
			if id != 0 && d.ID != id {
				continue
			}
			d.State, d.Attempts, d.NextAt = store.Pending, 0, b.now()
			if err := tx.UpdateDelivery(d); err != nil {
				return n, err
			}
			n++
		}
		if id != 0 && n == 0 {
			return 0, kanban.Errorf(kanban.NotFound, "there is no parked message %d", id).Hint("andon notify parked")
		}
		return n, nil
	})
}
