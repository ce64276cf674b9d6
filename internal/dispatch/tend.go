package dispatch

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// tended is a board that this dispatcher owns. Only the loop uses it, but for
// changed.
type tended struct {
	*board.Board
	epoch   int64
	changed atomic.Bool // since it was last looked at
	forget  func()
	sound   bool      // it was tended without an error, so its live runs are known
	foreign uint64    // other processes' commits that were taken in
	leapt   bool      // leases are to be renewed: the clock ran ahead of their workers
	next    time.Time // of its next deadline, or of the next attempt

	pausedTo time.Time // nothing is started before: the last start failed
	served   uint64    // when its last run was started, counted in starts

	unsummed atomic.Bool // it changed since bill was summed
	bill     bill        // whoever holds claiming uses it
}

// refresh takes up boards that are new and lets go of those that are gone.
func (d *Dispatcher) refresh(ctx context.Context) error {
	d.mu.Lock()
	due := d.Clock().Sub(d.listed).Abs() >= boardsEvery
	d.mu.Unlock()
	if !due {
		return nil
	}
	infos, err := d.Boards.List(ctx, false)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, info := range infos {
		there[info.Slug] = true
		d.report(info.Slug, taking, d.take(ctx, info.Slug))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for slug, t := range d.boards {
		if !there[slug] {
			t.forget()
			delete(d.boards, slug)
		}
	}
	d.endRunsWithout(there)
	for _, t := range d.boards {
		t.tryAgain()
	}
	d.listed = d.Clock()
	return nil
}

// tryAgain ends the rest of a board that failed.
func (t *tended) tryAgain() {
	t.pausedTo = time.Time{}
	if !t.sound {
		t.next = time.Time{}
	}
}

// take makes this dispatcher the owner of a board, once per handle.
func (d *Dispatcher) take(ctx context.Context, slug string) error {
	b, err := d.Boards.Board(ctx, slug)
	if err != nil {
		return err
	}
	d.mu.Lock()
	known := d.boards[slug]
	d.mu.Unlock()
	if known != nil && known.Board == b {
		return nil
	}
	epoch, err := b.Own(ctx)
	if err != nil {
		return err
	}
	t := &tended{Board: b, epoch: epoch, leapt: true} // or may have, while nobody looked
	t.changed.Store(true)
	t.forget = d.listen(t)
	d.mu.Lock()
	defer d.mu.Unlock()
	if known != nil {
		known.forget()
	}
	d.boards[slug] = t
	return nil
}

// listen wakes the dispatcher after each commit on a board.
func (d *Dispatcher) listen(t *tended) (forget func()) {
	changes, stop := t.Store().Changes()
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-changes:
				t.changed.Store(true)
				t.unsummed.Store(true)
				d.signal()
			case <-done:
				return
			}
		}
	}()
	return func() { stop(); close(done) }
}

func (d *Dispatcher) tendedBoards() []*tended {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]*tended, 0, len(d.boards))
	for _, t := range d.boards {
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b *tended) int { return strings.Compare(a.Slug(), b.Slug()) })
	return out
}

// tend does what is due on one board, apart from starting work. What fails is
// tried again later, however often the board changes: it may be latched.
func (d *Dispatcher) tend(ctx context.Context, t *tended, now time.Time) {
	resting := !t.sound && t.next.After(now)
	due := t.leapt || !t.next.IsZero() && !t.next.After(now)
	if resting || !due && !t.changed.Load() {
		return
	}
	t.changed.Store(false)
	next, err := d.tendOnce(ctx, t, now)
	if ctx.Err() != nil {
		return
	}
	t.sound, t.next = err == nil, next
	if d.report(t.Slug(), tending, err); err != nil {
		t.changed.Store(true)
		t.next = now.Add(restOf(err))
	}
}

func (d *Dispatcher) tendOnce(ctx context.Context, t *tended, now time.Time) (next time.Time, err error) {
	seen := t.Store().Foreign()
	touched := !t.sound || seen != t.foreign
	if touched {
		if err := t.Reconcile(ctx); err != nil {
			return next, err
		}
	}
	live, err := d.follow(ctx, t)
	if err != nil {
		return next, err
	}
	if touched {
		if err := d.dropTaskless(ctx, t, live); err != nil {
			return next, err
		}
	}
	t.foreign = seen
	if next, err = t.Wake(ctx); err != nil {
		return next, err
	}
	if d.Refused() != "" { // its claims are the other gateway's to look after
		return earlier(now.Add(boardsEvery), next), nil
	}
	if t.leapt {
		if err := renew(ctx, t, live); err != nil {
			return next, err
		}
		t.leapt = false
	}
	expiry, err := t.Expire(ctx, now, d.foreignAlive)
	if next.IsZero() {
		return expiry, err
	}
	return earlier(next, expiry), err
}

// renew gives the claims that nobody here watches a new lease: their workers
// could not renew it while the machine slept.
func renew(ctx context.Context, t *tended, live []kanban.Run) error {
	for _, r := range live {
		if r.Supervisor.PID != 0 || !r.Open() {
			continue
		}
		if err := t.Extend(ctx, r.ID, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// follow brings runs and rows together: runs that have ended in the database, or
// have vanished from it, are ended in the process table, and runs that nobody
// here watches are adopted.
func (d *Dispatcher) follow(ctx context.Context, t *tended) ([]kanban.Run, error) {
	live, err := t.LiveRuns(ctx)
	if err != nil {
		return nil, err
	}
	known := map[int64]bool{}
	for _, row := range live {
		if row.Supervisor.PID == 0 && row.TokenHash == "" {
			continue // another program's
		}
		known[row.ID] = true
		r := d.watched(t, row)
		switch {
		case !row.Open():
			r.endedInStore(row.Outcome)
		case len(row.Pending) > 0:
			r.handedInStore()
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, r := range d.runs {
		if key.board == t.Slug() && !known[key.run] {
			r.endedInStore(kanban.CancelledOut)
		}
	}
	maps.DeleteFunc(d.unread, func(key runKey, _ *run) bool { return key.board == t.Slug() })
	return live, nil
}

// dropTaskless ends the runs whose task another program removed.
func (d *Dispatcher) dropTaskless(ctx context.Context, t *tended, live []kanban.Run) error {
	for _, row := range live {
		if row.Supervisor.PID == 0 || !row.Open() {
			continue
		}
		switch _, err := t.Task(ctx, row.Task); kanban.CodeOf(err) {
		case "":
		case kanban.NotFound:
			d.watched(t, row).endedInStore(kanban.CancelledOut)
		default:
			return err
		}
	}
	return nil
}

// watched returns the run, adopting it if it is new here.
func (d *Dispatcher) watched(t *tended, row kanban.Run) *run {
	key := runKey{t.Slug(), row.ID}
	d.mu.Lock()
	r := d.runs[key]
	d.mu.Unlock()
	if r != nil {
		return r
	}
	r = d.newRun(t.Board, row)
	r.recall(d.Config())
	d.watch(r, r.adopt)
	return r
}

// foreignAlive tells whether the worker of another program's claim may live: a
// process that started after the claim, or is not there, is not it. Without a
// pid nobody can tell, and the lease decides.
func (d *Dispatcher) foreignAlive(r kanban.Run) bool {
	return r.WorkerPID == 0 || d.Host.MayLive(r.WorkerPID, r.StartedAt)
}
