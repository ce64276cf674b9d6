package board

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Subscribe asks that events be told to a place from now on: those of one task
// and of what its runs create, or of the whole board with task "". If it was
// asked before, created is false and the subscription is the one that exists,
// with its own kinds. Humans only.
//
// Errors: invalid for an unknown kind, or a target that its sink refuses; not_found for an unknown task; conflict
// for one that is archived.
func (b *Board) Subscribe(ctx context.Context, a kanban.Actor, s store.Subscription) (sub store.Subscription, created bool, err error) {
	if err := onlyHuman(a, "subscribe"); err != nil {
		return s, false, err
	}
	if err := cleanSubscription(&s); err != nil {
		return s, false, err
	}
	type result struct {
		Subscription store.Subscription
		Created      bool
	}
	out, err := mutate(ctx, b, "subscribe", s.Task, func(tx store.Tx) (r result, err error) {
		r.Subscription, r.Created, err = b.subscribe(tx, a, s)
		return r, err
	})
	return out.Subscription, out.Created, err
}

func (b *Board) subscribe(tx store.Tx, a kanban.Actor, s store.Subscription) (sub store.Subscription, created bool, err error) {
	if check := b.settings().Target; check != nil {
		if err := check(s.Sink, s.Target); err != nil {
			return s, false, kanban.Errorf(kanban.Invalid, "nothing could be told there: %w", err).Hint("leave the target out, or name one that the sink %s allows", s.Sink)
		}
	}
	if s.Task != "" {
		t, err := tx.Task(s.Task)
		if err != nil {
			return s, false, err
		}
		if t.Status == kanban.Archived {
			return s, false, kanban.Errorf(kanban.Conflict, "task %s is archived, and nobody hears of it any more", t.ID).In(t.Status).
				Hint("andon unarchive %s  brings it back", t.ID)
		}
	}
	// What others wrote before now is not for this subscriber, and what they
	// write later is.
	if err := b.ingestAll(tx); err != nil {
		return s, false, err
	}
	p, err := b.queue(tx, s.Place())
	if err != nil {
		return s, false, err
	}
	s.Target, s.CreatedBy, s.CreatedAt = p.Target, a.Name, b.now()
	id, created, err := tx.PutSubscription(s)
	if err != nil {
		return s, false, err
	}
	sub, err = tx.Subscription(id)
	return sub, created, err
}

func cleanSubscription(s *store.Subscription) (err error) {
	if err := cleanPlace(&s.Sink, &s.Target, &s.Thread); err != nil {
		return err
	}
	if s.Lane, err = laneName(s.Lane); err != nil {
		return err
	}
	if s.Tenant, err = line("the tenant", s.Tenant, maxName); err != nil {
		return err
	}
	if s.Creator, err = line("the creator's name", s.Creator, maxName); err != nil {
		return err
	}
	if s.Labels, err = kanban.Labels(s.Labels); err != nil {
		return err
	}
	if s.Alone && s.Task == "" {
		return kanban.Errorf(kanban.Invalid, "alone is of one task").Hint("name the task, or leave alone out")
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
		return tx.Subscription(id)
	})
}

func foreignSubscription() error {
	return kanban.Errorf(kanban.Conflict, "this subscription belongs to another program").Hint("change or end it there")
}

func cleanPlace(sink, target, thread *string) (err error) {
	if *sink, err = kanban.Slug(*sink); err != nil {
		return err
	}
	if *target, err = line("the target", *target, maxReason); err != nil {
		return err
	}
	*thread, err = line("the thread", *thread, maxName)
	return err
}

// Sinks are the names of the configured sinks.
func (b *Board) Sinks() []string { return b.settings().Sinks }

// SinkWarning says that no sink of this name is configured, or "".
func (b *Board) SinkWarning(sink string) string {
	if slices.Contains(b.settings().Sinks, sink) {
		return ""
	}
	return "there is no sink " + sink + " in andon.yaml (known: " + orElse(strings.Join(b.settings().Sinks, ", "), "none") +
		"); its messages will wait until there is one"
}

// Unsubscribe ends a subscription. What it alone asked for and was not delivered
// yet goes with it; what another one asked for, too, stays on its way.
//
// Errors: not_found; conflict for one that the reference system made.
func (b *Board) Unsubscribe(ctx context.Context, id int64) error {
	if id < 0 {
		return foreignSubscription()
	}
	return b.store.Update(ctx, func(tx store.Tx) error {
		s, err := tx.Subscription(id)
		if err != nil {
			return err
		}
		if err := tx.DeleteSubscription(id); err != nil {
			return err
		}
		queues, err := b.queues(tx, s.Place())
		if err != nil {
			return err
		}
		for _, q := range queues {
			s.Destination = q.ID
			waiting, err := tx.PendingFor(s)
			if err != nil {
				return err
			}
			for _, d := range waiting {
				if err := b.passOn(tx, d); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// passOn gives a delivery whose subscription is gone to the next one of its
// place that was there when the event was.
func (b *Board) passOn(tx store.Tx, d store.Delivery) error {
	at, err := tx.Destination(d.Destination)
	if err != nil {
		return err
	}
	others, err := b.matching(tx, d.Event)
	if err != nil {
		return err
	}
	for _, s := range others {
		if b.SamePlace(at, s.Place()) && !s.CreatedAt.After(d.Event.At) {
			d.Subscription = s.ID
			return tx.UpdateDelivery(d)
		}
	}
	return tx.DeleteDelivery(d.ID)
}

// Subscriptions lists those that hear of a task, or all with task "".
func (b *Board) Subscriptions(ctx context.Context, task string) ([]store.Subscription, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Subscription, error) { return r.Subscriptions(task) })
}
