package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// host prepares a guest's run, answers the ask, and sees the run to its end.
func (r *run) host(ctx context.Context, q *asking, s start) {
	lease := kanban.Lease{Task: r.row.Task, Run: r.row.ID, Token: s.claim.Token}
	g, err := r.welcome(ctx, q, s)
	if conflict, is := errors.AsType[*workspace.MergeError](err); is {
		r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: err.Error()}, r.unmerged(s.claim.Task, conflict))
		q.refused <- kanban.Errorf(kanban.Gated, "the branches of its parents do not merge: %w", err).Hint("andon why %s", r.row.Task)
		return
	}
	if err != nil {
		if q.Tended && kanban.CodeOf(err) != kanban.Unavailable {
			r.end(ctx, board.Ending{Outcome: kanban.SpawnFailed, Error: err.Error()}, nil)
		} else {
			r.giveBack(ctx, lease, err.Error())
			r.settle(ctx)
		}
		q.refused <- err
		return
	}
	if !q.answer(g) {
		r.giveBack(context.WithoutCancel(ctx), lease, "who claimed it went away")
	}
	r.attend(ctx)
}

func (r *run) giveBack(ctx context.Context, l kanban.Lease, reason string) {
	if err := r.board.GiveBack(ctx, l, reason); err != nil && kanban.CodeOf(err) != kanban.Stale {
		r.log().Error("a claim that nobody has stays until its lease ends", "error", err)
	}
}

// welcome makes the place to work in and, for a tended guest, all that a
// supervisor finds.
func (r *run) welcome(ctx context.Context, q *asking, s start) (Given, error) {
	g := Given{Claimed: s.claim}
	if !q.Tended {
		place, err := r.place(ctx, s)
		r.row.Base = place.Base
		return g, err
	}
	order, err := r.prepare(ctx, s)
	g.Order = &order
	return g, err
}

// guestExit is how the worker of a guest ended, with the end of its output.
type guestExit struct {
	worker.Exit
	output string
}

// guest reports whether nobody here started the run's worker.
func (r *run) guest() bool { return r.row.Supervisor.PID == 0 }

// Exited tells how the worker of a guest ended, and what it said last. It returns when that is on
// record; if the run had ended before, only its processes are cleared away.
//
// Errors: stale if the lease never was that run's; invalid for a run that has a
// supervisor.
func (d *Dispatcher) Exited(ctx context.Context, b *board.Board, l kanban.Lease, e worker.Exit, output string) error {
	row, err := b.Former(ctx, l)
	if err != nil {
		return err
	}
	if row.Supervisor.PID != 0 {
		return kanban.Errorf(kanban.Invalid, "run %d was started by Andon, which sees for itself how it ends", row.ID).
			Hint("andon complete, block or review  end it with a word")
	}
	d.mu.Lock()
	r := d.runs[runKey{b.Slug(), row.ID}]
	d.mu.Unlock()
	if r == nil {
		return nil // it has ended, and nothing of it is left
	}
	select {
	case r.exits <- guestExit{e, output}:
	case <-r.left:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-r.left:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// attend follows a guest's run until it is over. The lease is the guest's to
// renew, and runs out if it does not; but the end of its front is seen at once.
func (r *run) attend(ctx context.Context) {
	gone, forget := r.frontGone()
	defer forget()
	ended, handed := r.ended, r.handed
	var late <-chan time.Time
	for r.exit == nil {
		select {
		case <-ctx.Done():
			return
		case e := <-r.exits:
			r.exit = &e.Exit
			r.said = e.output
		case <-r.called:
			r.noteStart(ctx)
		case <-gone:
			r.noteStart(ctx)
			r.finish(ctx)
			return
		case <-handed:
			handed = nil
			if !r.row.Live {
				r.finish(ctx)
				return
			}
			timer := time.NewTimer(r.d.Config().Dispatch.StopGrace)
			defer timer.Stop()
			late = timer.C
		case <-ended:
			ended = nil
			if !r.row.Live {
				r.settle(ctx)
				return
			}
			// Its front stops it, or its worker ends by itself.
			timer := time.NewTimer(r.d.Config().Dispatch.StopGrace)
			defer timer.Stop()
			late = timer.C
		case <-late:
			r.finish(ctx)
			return
		}
	}
	r.noteStart(ctx)
	r.finish(ctx)
}

// finish ends what is left of a guest's processes, and the run by what is known
// of its end.
func (r *run) finish(ctx context.Context) {
	if r.row.Live {
		if err := r.clear(ctx); err != nil {
			if ctx.Err() == nil {
				r.log().Error("processes of a run live on", "error", err)
			}
			return
		}
	}
	if r.exit != nil {
		r.judge(ctx, *r.exit, false)
		return
	}
	if exit, err := r.folder.Exit(); err == nil {
		r.judge(ctx, exit, false)
		return
	}
	e := board.Ending{
		Outcome: kanban.Lost, Started: r.row.Started,
		Error: "what had started its worker was killed; what was found of its processes was ended",
	}
	word, err := r.queued()
	if err != nil {
		e.Error += "; " + err.Error()
	}
	r.end(ctx, e, word)
}

// frontGone is closed when a tended guest's front has ended; nil if it has none
// that is known.
func (r *run) frontGone() (gone <-chan struct{}, forget func()) {
	front := worker.Identity(r.terms.Front)
	if front.PID == 0 {
		return nil, func() {}
	}
	h, err := r.d.Host.Adopt(r.dir, front)
	if err == nil {
		return h.Done(), h.Close
	}
	if !errors.Is(err, worker.ErrGone) {
		r.log().Error("the front of a run cannot be watched", "error", err)
		return nil, func() {}
	}
	closed := make(chan struct{})
	close(closed)
	return closed, func() {}
}
