package notify

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	batch    = 20 // deliveries read at once
	sendTime = time.Minute
	noteTime = 5 * time.Second
)

// queue sends what is due for one subscription, in order of events: the first
// message that has to wait holds up the others.
type queue struct {
	*desk
	id    int64
	spent string // why the message before was given up
}

// work returns when nothing is due, and for how long to leave the subscription
// alone.
func (q *queue) work(ctx context.Context) (quiet time.Duration, err error) {
	for {
		pending, err := q.board.Outbox(ctx, q.id, batch)
		if err != nil || len(pending) == 0 {
			return 0, err
		}
		for _, d := range pending {
			settled, quiet, err := q.attempt(ctx, d)
			if err != nil || !settled {
				return quiet, err
			}
		}
	}
}

// attempt reports whether a delivery is settled: delivered or parked.
func (q *queue) attempt(ctx context.Context, d store.Delivery) (settled bool, quiet time.Duration, err error) {
	if ctx.Err() != nil || due(d, q.Clock()).After(q.Clock()) {
		return false, 0, nil
	}
	if q.spent != "" && d.Attempts == 0 && q.Clock().Sub(d.NextAt) >= patience {
		return true, 0, q.note(ctx, park(d, "waited a day for a destination that does not answer: "+q.spent))
	}
	sub, found, err := q.subscription(ctx, d)
	if err != nil {
		return false, 0, err
	}
	if !found {
		return true, 0, q.note(ctx, park(d, "its subscription is gone"))
	}
	sink := q.Sinks()[sub.Sink]
	if sink == nil {
		d.Error = "there is no sink " + sub.Sink + " in andon.yaml"
		return false, longestPause, q.note(ctx, d)
	}
	task, err := q.task(ctx, d.Event.Task)
	if err != nil {
		return false, 0, err
	}
	sent := q.send(ctx, sink, compose(q.board.Slug(), sub, d, task))
	if sent != nil && ctx.Err() != nil {
		return false, 0, nil // interrupted, which says nothing of the destination
	}
	d = after(d, sent, q.Clock(), q.Random())
	if d.State == store.Parked {
		q.log.Warn("message parked", "subscription", q.id, "sink", sub.Sink, "event", d.Event.ID, "reason", d.Error)
		if d.Attempts >= maxTries {
			q.spent = d.Error
		}
	}
	return d.State != store.Pending, 0, q.note(ctx, d)
}

// send calls the sink, whose panic is an error of this delivery only.
func (q *queue) send(ctx context.Context, sink Sink, m Message) (err error) {
	select {
	case q.slots <- struct{}{}:
		defer func() { <-q.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil {
			q.log.Error("a sink panicked", "subscription", q.id, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("the sink panicked; the log of the gateway tells where")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	_, err = sink.Send(ctx, m)
	return err
}

// note records how it went. A message that was sent is not sent again because
// the board was busy: note tries until ctx ends, and once after that.
func (q *queue) note(ctx context.Context, d store.Delivery) error {
	for wait := firstPause; ; wait = min(2*wait, time.Minute) {
		err := q.noteOnce(ctx, d)
		if err == nil || ctx.Err() != nil {
			return err
		}
		q.log.Error("cannot record a delivery, trying again", "subscription", q.id, "event", d.Event.ID, "err", err)
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

func (q *queue) noteOnce(ctx context.Context, d store.Delivery) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	err := q.board.Note(ctx, d)
	if kanban.CodeOf(err) == kanban.NotFound {
		return nil // unsubscribed meanwhile
	}
	return err
}

// subscription looks among those of the event's task and the board's, so that
// its cost does not grow with all there are.
func (q *queue) subscription(ctx context.Context, d store.Delivery) (store.Subscription, bool, error) {
	subs, err := q.board.Subscriptions(ctx, d.Event.Task)
	if err != nil {
		return store.Subscription{}, false, err
	}
	i := slices.IndexFunc(subs, func(s store.Subscription) bool { return s.ID == q.id })
	if i < 0 {
		return store.Subscription{}, false, nil
	}
	return subs[i], true, nil
}

// task returns the zero task if there is none any more.
func (q *queue) task(ctx context.Context, id string) (kanban.Task, error) {
	if id == "" {
		return kanban.Task{}, nil
	}
	found, _, err := q.board.List(ctx, store.TaskQuery{IDs: []string{id}, Archived: true, Limit: 1}, false)
	if err != nil || len(found) == 0 {
		return kanban.Task{}, err
	}
	return found[0].Task, nil
}
