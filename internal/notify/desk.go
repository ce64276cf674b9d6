package notify

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
)

const (
	// maxHeads bounds how many destinations of a board are looked at in one
	// round. The first of each queue is read, never the queues.
	maxHeads = 10_000
	// troubled is the pause after a board could not be read.
	troubled = 10 * time.Second
)

// desk serves the destinations of one board. Its maps belong to the goroutine
// of run.
type desk struct {
	*Pump
	board  *board.Board
	log    *slog.Logger
	close  context.CancelFunc
	nudged chan struct{}
	busy   map[int64]bool      // destinations with a goroutine
	quiet  map[int64]time.Time // and those to leave alone until then, or until a nudge
	ended  chan ended

	watchers []store.Destination // who hears that the board takes no more writes
	alarmed  bool                // they do
}

// ended tells of a goroutine that ran out of work.
type ended struct {
	destination int64
	quiet       time.Duration // for how long to leave it alone
	err         error
}

func (d *desk) run(ctx context.Context) {
	var queues sync.WaitGroup
	defer queues.Wait()
	changed, stop := d.board.Store().Changes()
	defer stop()
	for {
		next, err := d.round(ctx, &queues)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			d.log.Error("cannot read the outbox", "err", err)
			next = d.Clock().Add(troubled)
		}
		d.wait(ctx, changed, next)
	}
}

// round starts a goroutine for each destination with something due. It returns
// when the next one will be, zero if none will.
func (d *desk) round(ctx context.Context, queues *sync.WaitGroup) (next time.Time, err error) {
	if d.watch(ctx, queues) {
		return next, nil // what is sent could not be noted
	}
	heads, err := d.board.Outbox(ctx, 0, maxHeads)
	if err != nil {
		return next, err
	}
	now := d.Clock()
	for _, head := range heads {
		id, at := head.Destination, due(head, now)
		if until := d.quiet[id]; until.After(at) {
			at = until
		}
		switch {
		case d.busy[id]:
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		default:
			d.busy[id] = true
			delete(d.quiet, id)
			queues.Go(func() { d.serve(ctx, id) })
		}
	}
	return next, nil
}

func (d *desk) serve(ctx context.Context, destination int64) {
	q := queue{desk: d, id: destination}
	quiet, err := q.work(ctx)
	select {
	case d.ended <- ended{destination, quiet, err}:
	case <-ctx.Done():
	}
}

// wait returns when another round may find something to do.
func (d *desk) wait(ctx context.Context, changed <-chan struct{}, next time.Time) {
	var alarm <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(next.Sub(d.Clock()))
		defer timer.Stop()
		alarm = timer.C
	}
	select {
	case <-ctx.Done():
	case <-changed:
	case <-alarm:
	case <-d.nudged:
		clear(d.quiet)
	case e := <-d.ended:
		delete(d.busy, e.destination)
		if e.err != nil && ctx.Err() == nil {
			d.log.Error("cannot serve a destination", "destination", e.destination, "err", e.err)
			e.quiet = troubled
		}
		if e.quiet > 0 {
			d.quiet[e.destination] = d.Clock().Add(e.quiet)
		}
	}
}
