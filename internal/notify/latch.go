package notify

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// watch reports whether the board takes no more writes. When that begins, it
// tells whoever hears of the whole board, past the outbox.
func (d *desk) watch(ctx context.Context, sends *sync.WaitGroup) bool {
	why := d.board.Store().Latched()
	if watchers, err := d.board.Watchers(ctx, kanban.EvLatched); err == nil {
		d.watchers = watchers // a board that cannot be read any more is told to those known before
	}
	if why == nil {
		d.alarmed = false
		return false
	}
	if d.alarmed {
		return true
	}
	d.alarmed = true
	at := d.Clock()
	for _, to := range d.watchers {
		sends.Go(func() { d.alarm(ctx, to, why, at) })
	}
	return true
}

// alarm sends until the destination has the message, refuses it for good, or the
// board takes writes again.
func (d *desk) alarm(ctx context.Context, to store.Destination, why error, at time.Time) {
	m := d.latched(to, why, at)
	for attempts := 1; attempts <= maxTries && ctx.Err() == nil && d.board.Store().Latched() != nil; attempts++ {
		err := errors.New("there is no sink " + to.Sink + " in andon.yaml")
		if sink := d.Sinks()[to.Sink]; sink != nil {
			_, err = d.send(ctx, to.Sink, sink, m)
		}
		wait := pause(attempts, d.Random())
		var f *Failure
		if errors.As(err, &f) {
			wait = max(wait, f.After)
		}
		if err == nil || f != nil && f.Permanent {
			d.log.Info("told that the board takes no more writes", "destination", to.ID, "sink", to.Sink, "err", err)
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
}
