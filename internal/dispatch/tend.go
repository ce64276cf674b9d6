package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// refresh takes up boards that are new and lets go of those that are gone.
func (d *Dispatcher) refresh(ctx context.Context) error {
	d.mu.Lock()
	due := d.Clock().Sub(d.listed) >= boardsEvery
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
		if err := d.take(ctx, info.Slug); err != nil {
			d.Log.Error("board cannot be dispatched", "board", info.Slug, "error", err)
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for slug, t := range d.boards {
		if !there[slug] {
			t.stop()
			delete(d.boards, slug)
		}
	}
	d.listed = d.Clock()
	return nil
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
	changed, stop := b.Store().Changes()
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-changed:
				d.signal()
			case <-done:
				return
			}
		}
	}()
	d.mu.Lock()
	defer d.mu.Unlock()
	if known != nil {
		known.stop()
	}
	d.boards[slug] = &tended{Board: b, epoch: epoch, fresh: true, stop: func() { stop(); close(done) }}
	return nil
}

func (d *Dispatcher) tendedBoards() []*tended {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]*tended, 0, len(d.boards))
	for _, t := range d.boards {
		out = append(out, t)
	}
	return out
}

// tend does what is due on one board, apart from starting work.
func (d *Dispatcher) tend(ctx context.Context, t *tended) (next time.Time, err error) {
	seen := t.Store().Foreign()
	if t.fresh || seen != t.foreign {
		if err := t.Reconcile(ctx); err != nil {
			return next, err
		}
		t.fresh, t.foreign = false, seen
	}
	if err := d.follow(ctx, t); err != nil {
		return next, err
	}
	next, err = t.Wake(ctx)
	if err != nil {
		return next, err
	}
	expiry, err := t.Expire(ctx, foreignAlive)
	if !expiry.IsZero() && (next.IsZero() || expiry.Before(next)) {
		next = expiry
	}
	return next, err
}

// follow brings runs and rows together: runs that have ended in the database
// are ended in the process table, and runs that nobody here watches are
// adopted.
func (d *Dispatcher) follow(ctx context.Context, t *tended) error {
	live, err := t.LiveRuns(ctx)
	if err != nil {
		return err
	}
	for _, row := range live {
		if row.Supervisor.PID == 0 {
			continue
		}
		r := d.watched(t, row)
		if !row.Open() {
			r.endedInStore(row.Outcome)
		}
	}
	return nil
}

// watched returns the run, adopting it if it is new here.
func (d *Dispatcher) watched(t *tended, row kanban.Run) *run {
	key := runKey{t.Slug(), row.ID}
	d.mu.Lock()
	defer d.mu.Unlock()
	if r := d.runs[key]; r != nil {
		return r
	}
	r := d.newRun(t, row)
	d.runs[key] = r
	go r.guard(r.adopt)
	return r
}

// foreignAlive tells whether the worker of another program's claim may live: a
// process that started after the claim, or is not there, is not it. Without a
// pid nobody can tell, and the lease decides.
func foreignAlive(r kanban.Run) bool {
	if r.WorkerPID == 0 {
		return true
	}
	_, err := worker.Identify(r.WorkerPID)
	if err != nil {
		return false
	}
	started, err := worker.StartedAt(r.WorkerPID)
	return err != nil || !started.After(r.StartedAt.Add(2*time.Second))
}

// RunOf names the run whose process tree a process is in. ok is false for
// everybody else.
//
// Errors: unauthorized if the process is gone, since nobody can tell then.
func (d *Dispatcher) RunOf(ctx context.Context, pid int) (a kanban.Actor, ok bool, err error) {
	dir, ok, err := worker.RunDirOf(pid, d.Paths.Runs, d.supervised)
	if err != nil {
		return a, false, kanban.Errorf(kanban.Unauthorized, "the calling process %d cannot be identified: %w", pid, err).
			Hint("call again and wait for the answer")
	}
	if !ok {
		return a, false, nil
	}
	return d.runActor(ctx, dir)
}

func (d *Dispatcher) supervised(id worker.Identity) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.runs {
		if worker.Identity(r.row.Supervisor) == id {
			return r.dir, true
		}
	}
	return "", false
}

func (d *Dispatcher) runActor(ctx context.Context, dir string) (a kanban.Actor, ok bool, err error) {
	slug, id, err := parseRunDir(dir)
	if err != nil {
		return a, false, err
	}
	a = kanban.Actor{Kind: kanban.Worker, Name: "worker", Board: slug, Run: id}
	var b *board.Board
	if b, err = d.Boards.Board(ctx, slug); err != nil {
		return a, false, err
	}
	row, err := b.Run(ctx, id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return a, true, nil // its task was deleted; it is still no human
	}
	a.Name, a.Task = row.Lane, row.Task
	return a, true, err
}

func mib(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }
