package notify

import (
	"context"
	"errors"
	"runtime/debug"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
)

const (
	sendTime  = time.Minute
	noteTime  = 5 * time.Second
	maxDigest = 50  // messages in one
	maxRef    = 200 // bytes
)

// queue sends what is due for one destination, in order of events: the first
// message that has to wait holds up the others.
type queue struct {
	*desk
	id    int64
	spent string // why the message before was given up
}

// work returns when nothing is due, and for how long to leave the destination
// alone.
func (q *queue) work(ctx context.Context) (quiet time.Duration, err error) {
	for more := true; more && err == nil; {
		more, quiet, err = q.attempt(ctx)
	}
	return quiet, err
}

// attempt goes one step on with the queue. It reports whether another may follow.
func (q *queue) attempt(ctx context.Context) (more bool, quiet time.Duration, err error) {
	if ctx.Err() != nil {
		return false, 0, nil
	}
	next, err := q.board.Queue(ctx, q.id)
	if err != nil || len(next.Next) == 0 {
		return false, 0, err
	}
	now, head := q.Clock(), next.Next[0].Delivery
	if wait := q.heldUntil(next.Destination).Sub(now); wait > 0 && wait <= patience {
		return false, wait, nil
	}
	if due(head, now).After(now) {
		return false, 0, nil
	}
	sink := q.Sinks()[next.Sink]
	if settles(head) && (sink == nil || next.Next[0].Prior == "") { // no message to be changed
		return true, 0, q.note(ctx, outcome(next, after(head, nil, now, 0)))
	}
	if q.spent != "" && head.Attempts == 0 && now.Sub(head.NextAt) >= patience {
		return true, 0, q.note(ctx, outcome(next, park(head, "waited a day for a destination that does not answer: "+q.spent)))
	}
	if sink == nil {
		return false, longestPause, q.missing(ctx, next)
	}
	if few := q.few(next.Sink); few > 0 && head.Batch == 0 {
		return true, 0, q.board.Bind(ctx, q.id, few, maxDigest, urgently)
	}
	return q.deliver(ctx, sink, next)
}

func (q *queue) few(sink string) int {
	if q.Digest == nil {
		return 0
	}
	return q.Digest(sink)
}

// missing notes why nothing is sent, once.
func (q *queue) missing(ctx context.Context, next board.Queue) error {
	head := next.Next[0].Delivery
	reason := "there is no sink " + next.Sink + " in andon.yaml"
	if head.Error == reason {
		return nil
	}
	head.Error = reason
	return q.note(ctx, board.Outcome{Deliveries: []store.Delivery{head}})
}

// deliver sends one message and records how that went.
func (q *queue) deliver(ctx context.Context, sink Sink, next board.Queue) (settled bool, quiet time.Duration, err error) {
	m := q.message(next)
	receipt, failed := q.send(ctx, next.Sink, sink, m)
	if failed != nil && ctx.Err() != nil {
		return false, 0, nil // interrupted, which says nothing of the destination
	}
	if failed == nil && receipt.Chat != "" && q.Found != nil {
		q.Found(next.Sink, next.Target, receipt.Chat)
	}
	now := q.Clock()
	d := after(next.Next[0].Delivery, failed, now, q.Random())
	if d.State == store.Parked {
		q.log.Warn("message parked", "destination", q.id, "sink", next.Sink, "event", d.Event.ID, "reason", d.Error)
		if d.Attempts >= maxTries {
			q.spent = d.Error
		}
	}
	o := outcome(next, d)
	var f *Failure
	if errors.As(failed, &f) && f.After > 0 {
		o.Until = now.Add(f.After)
		q.hold(next.Destination, o.Until)
	}
	if failed == nil && len(m.Items) == 0 && !aside(next.Next[0]) {
		o.Ref = receipt.Ref
	}
	return d.State != store.Pending, 0, q.note(ctx, o)
}

// outcome gives all deliveries of a message the state of the first.
func outcome(next board.Queue, first store.Delivery) (o board.Outcome) {
	for _, d := range next.Next {
		d.State, d.Attempts, d.NextAt, d.Error, d.DoneAt = first.State, first.Attempts, first.NextAt, first.Error, first.DoneAt
		o.Deliveries = append(o.Deliveries, d.Delivery)
	}
	return o
}

// send calls the sink, whose panic is an error of this message only.
func (d *desk) send(ctx context.Context, name string, sink Sink, m Message) (r Receipt, err error) {
	slots := d.slotsOf(name)
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return r, ctx.Err()
	}
	defer func() {
		if p := recover(); p != nil {
			d.log.Error("a sink panicked", "message", m.Key, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("the sink panicked; the log of the gateway tells where")
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if r, err = sink.Send(ctx, m); len(r.Ref) > maxRef {
		r.Ref = "" // as good as none
	}
	return r, err
}

// note records how it went. A message that was sent is not sent again because
// the board was busy: note tries until ctx ends, and once after that.
func (q *queue) note(ctx context.Context, o board.Outcome) error {
	for wait := firstPause; ; wait = min(2*wait, time.Minute) {
		err := q.noteOnce(ctx, o)
		if err == nil || ctx.Err() != nil {
			return err
		}
		q.log.Error("cannot record a delivery, trying again", "destination", q.id, "event", o.Deliveries[0].Event.ID, "err", err)
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

func (q *queue) noteOnce(ctx context.Context, o board.Outcome) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTime)
	defer cancel()
	return q.board.Note(ctx, o)
}
