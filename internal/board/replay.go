package board

import (
	"context"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Replay says what is to be told again.
type Replay struct {
	Event        int64     // from this event on; 0 = as Since says
	Since        time.Time // or from the first event at this time or later
	Subscription int64     // to this one only; 0 = to all
}

// Replayed is what a replay brought about.
type Replayed struct {
	Messages  int   // that are on their way because of it
	Event     int64 // the first that was looked at; 0 = there was none
	Forgotten bool  // retention may have taken events that were meant
}

// Replay makes deliveries again of what was told, and makes those of events that
// fit a subscription as it stands now, also from before it was made and of when
// it was muted. Copies have the keys of the messages before. Humans only.
//
// Errors: invalid without a beginning; not_found for an unknown subscription.
func (b *Board) Replay(ctx context.Context, a kanban.Actor, w Replay) (out Replayed, err error) {
	if err := onlyHuman(a, "replay of messages"); err != nil {
		return out, err
	}
	if w.Event <= 0 && w.Since.IsZero() {
		return out, kanban.Errorf(kanban.Invalid, "replay from where on?").Hint("andon notify replay --since 2h, a time, or the number of an event")
	}
	// A long history is told again in short transactions. Each is done once,
	// however often the whole is asked for.
	const op = "notify-replay"
	of := strconv.FormatInt(w.Subscription, 10)
	from, err := mutate(PartOfOperation(ctx, "from"), b, op, of, func(tx store.Tx) (span, error) { return replaySpan(tx, w) })
	if err != nil {
		return out, err
	}
	out.Event, out.Forgotten = from.First, from.Forgotten
	for at := from.First; at != 0 && at <= from.Last; {
		s, err := mutate(PartOfOperation(ctx, strconv.FormatInt(at, 10)), b, op, of, func(tx store.Tx) (replayStep, error) {
			return b.replay(tx, w, at, from.Last)
		})
		if err != nil {
			return out, err
		}
		out.Messages += s.Messages
		at = s.Next
	}
	return mutate(ctx, b, op, of, func(store.Tx) (Replayed, error) { return out, nil })
}

// span are the events of a replay.
type span struct {
	First, Last int64 // First is 0 if there is none
	Forgotten   bool
}

func replaySpan(r store.Reader, w Replay) (s span, err error) {
	if w.Subscription != 0 {
		if _, err := r.Subscription(w.Subscription); err != nil {
			return s, err
		}
	}
	if s.Last, err = r.LastEvent(); err != nil {
		return s, err
	}
	if s.First = w.Event; w.Event > 0 {
		s.Forgotten, err = Forgotten(r, w.Event)
		return s, err
	}
	pruned, err := r.Meta(PrunedKey)
	if err != nil {
		return s, err
	}
	before, _ := strconv.ParseInt(pruned, 10, 64) // 0 if nothing was
	s.Forgotten = before > w.Since.UnixMilli()
	s.First, err = r.FirstSince(w.Since)
	return s, err
}

type replayStep struct {
	Messages int
	Next     int64 // event to go on with
}

// replay tells a batch of events again, from one on.
func (b *Board) replay(tx store.Tx, w Replay, from, last int64) (s replayStep, err error) {
	events, err := tx.Events(store.EventQuery{After: from - 1, Limit: tendBatch})
	if err != nil {
		return s, err
	}
	s.Next = last + 1
	if len(events) == tendBatch {
		s.Next = events[tendBatch-1].ID + 1
	}
	for _, e := range events {
		if e.ID > last {
			break
		}
		audience, err := b.audience(tx, e, w.Subscription)
		if err != nil {
			return s, err
		}
		for _, sub := range audience {
			n, err := b.tellAgain(tx, sub, e)
			if err != nil {
				return s, err
			}
			s.Messages += n
		}
	}
	return s, nil
}

// tellAgain returns 1 if there is a delivery to be made that was not pending.
func (b *Board) tellAgain(tx store.Tx, s store.Subscription, e kanban.Event) (int, error) {
	d, err := b.delivery(tx, s.Place(), e.ID)
	switch {
	case kanban.CodeOf(err) == kanban.NotFound:
		d = deliveryOf(s, e)
		d.NextAt = b.now()
		_, err = tx.AddDelivery(d)
		return 1, err
	case err != nil || d.State == store.Pending:
		return 0, err
	}
	d.Subscription, d.Batch, d.Error = s.ID, 0, ""
	return 1, b.again(tx, d)
}

// delivery is that of an event to a place, whichever of its names it went by.
//
// Errors: not_found.
func (b *Board) delivery(r store.Reader, p store.Destination, event int64) (store.Delivery, error) {
	queues, err := b.queues(r, p)
	if err != nil {
		return store.Delivery{}, err
	}
	for _, q := range queues {
		d, err := r.DeliveryOf(q.ID, event)
		if kanban.CodeOf(err) != kanban.NotFound {
			return d, err
		}
	}
	return r.DeliveryOf(p.ID, event)
}
