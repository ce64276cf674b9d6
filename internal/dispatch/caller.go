package dispatch

import (
	"context"
	"errors"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// RunOf names the run whose process tree a process is in. ok is false for
// everybody else. It returns once the start of that run's worker is on record,
// so that nothing the worker does comes before it in the log.
//
// Errors: unavailable if the process table cannot be read; unauthorized if the
// process is gone, since nobody can tell then, and
// for a run of another home, unless this very process belongs to it, too.
func (d *Dispatcher) RunOf(ctx context.Context, pid int) (a kanban.Actor, ok bool, err error) {
	dir, ok, err := worker.RunDirOf(pid, d.Paths.Runs, d.supervised)
	if err != nil && !errors.Is(err, worker.ErrGone) {
		return a, false, kanban.Errorf(kanban.Unavailable, "the calling process %d cannot be looked at: %w", pid, err).
			Hint("nothing was changed; try again")
	}
	if err != nil {
		return a, false, kanban.Errorf(kanban.Unauthorized, "the calling process %d cannot be identified: %w", pid, err).
			Hint("call again and wait for the answer")
	}
	if ok {
		return d.runActor(ctx, dir)
	}
	if dir == "" {
		return a, false, nil
	}
	if around, _ := worker.InsideRun(); dir != around {
		return a, false, kanban.Errorf(kanban.Unauthorized, "the calling process %d is in a run of another home (%s)", pid, dir).
			Hint("a run may only use the gateway that started it")
	}
	return a, false, nil
}

func (d *Dispatcher) supervised(id worker.Identity) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for r := range d.all() {
		if supervisorOf(&r.row) == id || r.verifier == id && id.PID != 0 {
			return r.dir, true
		}
	}
	return "", false
}

func (d *Dispatcher) runActor(ctx context.Context, dir string) (a kanban.Actor, ok bool, err error) {
	key, err := parseRunDir(dir)
	if err != nil {
		return a, false, err
	}
	d.mu.Lock()
	r := d.runs[key]
	d.mu.Unlock()
	if r != nil {
		if err := r.awaitStart(ctx); err != nil {
			return a, false, err
		}
	}
	a = kanban.Actor{Kind: kanban.Worker, Name: "worker", Board: key.board, Run: key.run}
	var b *board.Board
	if b, err = d.Boards.Board(ctx, key.board); err != nil {
		return a, false, err
	}
	row, err := b.Run(ctx, key.run)
	if kanban.CodeOf(err) == kanban.NotFound {
		return a, true, nil // its task was deleted; it is still no human
	}
	a.Name, a.Task = row.Lane, row.Task
	return a, true, err
}

// awaitStart returns when the start of the worker is on record, or was tried to.
// Who calls before there is a worker is one of the hooks before it.
func (r *run) awaitStart(ctx context.Context) error {
	if _, err := r.folder.Started(); err != nil && r.early {
		return nil
	}
	select {
	case r.called <- struct{}{}:
	default:
	}
	select {
	case <-r.noted:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
