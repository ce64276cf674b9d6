package board

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Outbox reads deliveries; see store.OutboxReader. The notifier's.
func (b *Board) Outbox(ctx context.Context, destination int64, limit int) ([]store.Delivery, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Delivery, error) { return r.Pending(destination, limit) })
}

// Queue is what a destination is to be sent next.
type Queue struct {
	store.Destination
	Next []Outgoing // the first delivery, or all of its digest that wait; none if nothing waits
}

// Outgoing is a delivery and what it tells of, as that stands now.
type Outgoing struct {
	store.Delivery
	Task        kanban.Task    // only its title if it was deleted
	Root, Prior string         // the first and the newest message that stand for it there
	Before      store.Delivery // what the newest tells; zero if that is not known
}

// Queue reads what is next for a destination. The notifier's.
//
// Errors: not_found if nothing is known of the destination.
func (b *Board) Queue(ctx context.Context, destination int64) (Queue, error) {
	return store.View(ctx, b.store, func(r store.Reader) (q Queue, err error) {
		if q.Destination, err = r.Destination(destination); err != nil {
			return q, err
		}
		next, err := r.Pending(destination, 1)
		if err == nil && len(next) > 0 && next[0].Batch > 0 {
			next, err = r.Batch(next[0].Batch)
		}
		if err != nil {
			return q, err
		}
		for _, d := range next {
			if d.State != store.Pending {
				continue
			}
			out, err := outgoing(r, d)
			if err != nil {
				return q, err
			}
			q.Next = append(q.Next, out)
		}
		return q, nil
	})
}

func outgoing(r store.Reader, d store.Delivery) (o Outgoing, err error) {
	if o.Delivery = d; d.Event.Task == "" {
		return o, nil
	}
	found, _, err := r.Tasks(store.TaskQuery{IDs: []string{d.Event.Task}, Archived: true, Limit: 1})
	if err != nil {
		return o, err
	}
	if len(found) > 0 {
		o.Task = found[0]
	} else if o.Task.Title, err = lastTitle(r, d.Event.Task); err != nil {
		return o, err
	}
	if o.Root, o.Prior, err = r.Posts(d.Destination, d.Event.Task); err != nil || o.Prior == "" {
		return o, err
	}
	o.Before, err = r.Before(d.Destination, d.Event.Task, d.Event.ID)
	if o.Before.Batch > 0 { // it was told in another message
		o.Before = store.Delivery{}
	}
	return o, err
}

// lastTitle is what a deleted task was called; "" if another program deleted it.
func lastTitle(r store.Reader, task string) (string, error) {
	found, err := r.Events(store.EventQuery{Task: task, Kinds: []kanban.EventKind{kanban.EvDeleted}, Last: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return "", err
	}
	title, _ := found[0].Payload["title"].(string)
	return title, nil
}

// Watchers are the places that hear of a kind of event that is about the board
// itself and stands in no log, in one message each. The notifier's.
func (b *Board) Watchers(ctx context.Context, kind kanban.EventKind) ([]store.Destination, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Destination, error) {
		audience, err := b.audience(r, kanban.Event{Kind: kind}, 0)
		var out []store.Destination
		for _, s := range audience {
			out = append(out, s.Place())
		}
		return out, err
	})
}

const batchKey = "last_digest"

// Bind settles what is sent together before it is sent, so that whoever sends it
// again after a kill sends the same: if more than few deliveries wait for a
// destination that nobody has decided about, the first of them, at most many, as
// one digest; else the first by itself. What is urgent is always by itself, unless
// more than few of that wait, too; so is what settles a message. The notifier's.
func (b *Board) Bind(ctx context.Context, destination int64, few, many int, urgent func(kanban.Event) bool) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		waiting, err := tx.Pending(destination, max(few+1, many))
		if err != nil {
			return err
		}
		n := 0
		for n < len(waiting) && waiting[n].Batch == 0 && waiting[n].Attempts == 0 {
			n++
		}
		together := 0
		if n > few {
			together = min(quiet(waiting[:n], few, urgent), many)
		}
		batch := int64(store.Single)
		if together > 1 {
			batch, err = nextBatch(tx)
		}
		for _, d := range waiting[:min(len(waiting), max(together, 1))] {
			if d.Batch == 0 && err == nil {
				d.Batch = batch
				err = tx.UpdateDelivery(d)
			}
		}
		return err
	})
}

// quiet is how many of the first may be told together.
func quiet(waiting []store.Delivery, few int, urgent func(kanban.Event) bool) int {
	loud := 0
	for _, d := range waiting {
		if urgent(d.Event) {
			loud++
		}
	}
	for i, d := range waiting {
		if d.Subscription == 0 || loud <= few && urgent(d.Event) {
			return i
		}
	}
	return len(waiting)
}

// nextBatch is a number that no other digest of the board ever had.
func nextBatch(tx store.Tx) (int64, error) {
	last, err := tx.Meta(batchKey)
	if err != nil {
		return 0, err
	}
	n, _ := strconv.ParseInt(last, 10, 64) // 0 at the first
	return n + 1, tx.SetMeta(batchKey, strconv.FormatInt(n+1, 10))
}

// Outcome is how the sending of a message went.
type Outcome struct {
	Deliveries []store.Delivery // all that it told of
	Until      time.Time        // the destination asked to be sent nothing before; zero = it did not
	Ref        string           // its name for the message; "" if it has none, or if that stands for no task
}

// Note records how it went, all of it or nothing. What was unsubscribed
// meanwhile is left out. The notifier's.
func (b *Board) Note(ctx context.Context, o Outcome) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		for _, d := range o.Deliveries {
			if err := ignoreMissing(tx.UpdateDelivery(d)); err != nil {
				return err
			}
			if o.Ref != "" && d.Event.Task != "" {
				if err := tx.PutPost(store.Post{Destination: d.Destination, Task: d.Event.Task, Ref: o.Ref, At: b.now()}); err != nil {
					return err
				}
			}
			if !o.Until.IsZero() {
				if err := ignoreMissing(tx.HoldDestination(d.Destination, o.Until)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// Posted is the task that a message of a sink is about, and the place that it
// was sent to; task is "" if that is not known.
func (b *Board) Posted(ctx context.Context, sink, ref string) (task string, place store.Destination, err error) {
	_, err = store.View(ctx, b.store, func(r store.Reader) (struct{}, error) {
		post, err := r.Posted(sink, ref)
		if err != nil || post.Task == "" {
			return struct{}{}, err
		}
		task = post.Task
		place, err = r.Destination(post.Destination)
		return struct{}{}, err
	})
	return task, place, err
}

// Deliveries lists those in a state, newest first.
func (b *Board) Deliveries(ctx context.Context, state store.DeliveryState, limit int) ([]store.Delivery, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Delivery, error) { return r.Deliveries(state, limit) })
}

// Message is a delivery and where it goes.
type Message struct {
	store.Delivery
	Place store.Destination // zero if nobody knows
}

// Messages lists deliveries in a state, newest first.
func (b *Board) Messages(ctx context.Context, state store.DeliveryState, limit int) ([]Message, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]Message, error) {
		return messagesIn(r, limit, state)
	})
}

// Undelivered lists those that are parked and those that are pending as they are at
// one moment, each with the newest first and at most limit.
func (b *Board) Undelivered(ctx context.Context, limit int) ([]Message, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]Message, error) {
		return messagesIn(r, limit, store.Parked, store.Pending)
	})
}

func messagesIn(r store.Reader, limit int, states ...store.DeliveryState) ([]Message, error) {
	places, err := destinations(r)
	if err != nil {
		return nil, err
	}
	var out []Message
	for _, state := range states {
		found, err := r.Deliveries(state, limit)
		if err != nil {
			return nil, err
		}
		for _, d := range found {
			out = append(out, Message{d, places[d.Destination]})
		}
	}
	return out, nil
}

// Untold says of each message about a task that was given up where it should have
// gone, and why it did not, newest first.
func (b *Board) Untold(ctx context.Context, task string) (lines []string, err error) {
	err = b.store.View(ctx, func(r store.Reader) error {
		parked, err := messagesIn(r, 0, store.Parked)
		for _, m := range parked {
			if m.Event.Task == task {
				lines = append(lines, fmt.Sprintf("told nobody: the message to %s that it is %s was given up: %s; andon notify retry %d",
					placeName(m.Place), strings.ReplaceAll(string(m.Event.Kind), "_", " "), m.Error, m.ID))
			}
		}
		return err
	})
	return lines, err
}

// RetryParked makes parked messages pending again: one, with what is in the same
// digest, or all with id 0. It returns how many deliveries.
//
// Errors: not_found; conflict if nobody knows where it should go.
func (b *Board) RetryParked(ctx context.Context, id int64) (int, error) {
	return mutate(ctx, b, "notify-retry", strconv.FormatInt(id, 10), func(tx store.Tx) (int, error) {
		parked, err := tx.Deliveries(store.Parked, 0)
		if err != nil {
			return 0, err
		}
		if id != 0 {
			if parked, err = together(parked, id); err != nil {
				return 0, err
			}
		}
		n := 0
		for _, d := range parked {
			if d.Destination == 0 {
				continue
			}
			if err := b.again(tx, d); err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	})
}

// together is a delivery and those of its digest.
func together(parked []store.Delivery, id int64) (found []store.Delivery, err error) {
	var one store.Delivery
	for _, d := range parked {
		if d.ID == id {
			one = d
		}
	}
	switch {
	case one.ID == 0:
		return nil, kanban.Errorf(kanban.NotFound, "there is no parked message %d", id).Hint("andon notify parked")
	case one.Destination == 0:
		return nil, kanban.Errorf(kanban.Conflict, "nobody knows any more where message %d should go", id).Hint("subscribe again, and: andon notify replay --since %d", one.Event.ID)
	}
	for _, d := range parked {
		if d.ID == id || one.Batch > 0 && d.Batch == one.Batch {
			found = append(found, d)
		}
	}
	return found, nil
}

// again puts a delivery back at the beginning.
func (b *Board) again(tx store.Tx, d store.Delivery) error {
	d.State, d.Attempts, d.NextAt, d.DoneAt = store.Pending, 0, b.now(), time.Time{}
	return tx.UpdateDelivery(d)
}
