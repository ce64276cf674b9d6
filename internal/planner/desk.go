package planner

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
)

// troubled is the pause after a board could not be read.
const troubled = 10 * time.Second

// desk serves one board. Its maps belong to the goroutine of run.
type desk struct {
	*Planner
	board  *board.Board
	log    *slog.Logger
	close  context.CancelFunc
	nudged chan struct{}
	cursor int64                // the newest event that was looked at
	whole  bool                 // all of triage was looked at since the last nudge
	due    map[string]time.Time // tasks that may need a plan, and from when on
	busy   map[string]bool      // and those whose plan is being made
	ended  chan string
}

func (d *desk) run(ctx context.Context) {
	var works sync.WaitGroup
	defer works.Wait()
	changed, stop := d.board.Store().Changes()
	defer stop()
	for {
		next, err := d.round(ctx, &works)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			d.log.Error("cannot look for what is to be planned", "err", err)
			next = d.Clock().Add(troubled)
		}
		d.wait(ctx, changed, next)
	}
}

// round starts what is due and returns when the next will be, zero if nothing
// is known of.
func (d *desk) round(ctx context.Context, works *sync.WaitGroup) (next time.Time, err error) {
	if !d.Settings().any() {
		d.whole = false
		return next, nil
	}
	if err := d.news(ctx); err != nil {
		return next, err
	}
	now := d.Clock()
	for _, id := range d.inOrder() {
		at := d.due[id]
		switch {
		case d.busy[id]:
		case at.After(now):
			if next.IsZero() || at.Before(next) {
				next = at
			}
		case len(d.busy) < parallel:
			if err := d.consider(ctx, works, id); err != nil {
				return next, err
			}
			if at, waits := d.due[id]; waits && (next.IsZero() || at.Before(next)) {
				next = at
			}
		}
	}
	return next, nil
}

// inOrder puts who waits longest first, so that none is passed by for ever.
func (d *desk) inOrder() []string {
	ids := make([]string, 0, len(d.due))
	for id := range d.due {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int {
		if c := d.due[a].Compare(d.due[b]); c != 0 {
			return c
		}
		return slices.Compare([]byte(a), []byte(b))
	})
	return ids
}

// news notes the tasks that something happened to; after a nudge all of triage.
func (d *desk) news(ctx context.Context) error {
	ids, last, err := d.board.PlanNews(ctx, d.cursor, !d.whole)
	if err != nil {
		return err
	}
	for _, id := range ids {
		d.due[id] = time.Time{}
	}
	d.cursor, d.whole = last, true
	return nil
}

// consider starts the planning of a task, puts it off, or forgets it.
func (d *desk) consider(ctx context.Context, works *sync.WaitGroup, id string) error {
	p, wanted, err := d.board.ToPlan(ctx, id)
	if err != nil {
		return err
	}
	delete(d.due, id)
	switch {
	case !wanted:
	case p.RetryAt.After(d.Clock()):
		d.due[id] = p.RetryAt
	default:
		d.busy[id] = true
		works.Go(func() {
			d.work(ctx, p)
			select {
			case d.ended <- id:
			case <-ctx.Done():
			}
		})
	}
	return nil
}

// wait returns when another round may find something to do. A plan that ended may
// have failed: its task is looked at again for when to try.
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
		d.whole = false
	case id := <-d.ended:
		delete(d.busy, id)
		d.due[id] = time.Time{}
	}
}
