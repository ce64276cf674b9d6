package dispatch

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// over is called when the supervisor is gone: it takes the exit, or clears what
// a killed supervisor left, ends the run if its worker did not, and settles it.
func (r *run) over(ctx context.Context, stalled bool) {
	if r.foreign {
		r.end(ctx, neverStarted, nil)
		return
	}
	r.noteStart(ctx)
	exit, err := r.folder.Exit()
	if err == nil {
		r.judge(ctx, exit, stalled)
		return
	}
	if !errors.Is(err, fs.ErrNotExist) {
		r.log().Error("the exit of a run cannot be read", "error", err)
	}
	r.lost(ctx)
}

var neverStarted = board.Ending{Outcome: kanban.Lost, Error: "the gateway ended before the worker was started"}

// lost ends a run whose supervisor left no exit: it was never told to go, or it
// was killed. Whatever lives of its tree is killed first.
func (r *run) lost(ctx context.Context) {
	begun, err := r.folder.Begun()
	if err == nil && !begun {
		r.end(ctx, neverStarted, nil)
		return
	}
	if err := r.clear(ctx); err != nil {
		if ctx.Err() == nil {
			r.log().Error("processes of a lost run live on", "error", err)
		}
		return
	}
	e := board.Ending{Outcome: kanban.Lost, Started: r.row.Started, Error: "its supervisor was killed; what was found of its processes was ended"}
	if r.rebooted() {
		e.Error = "the machine was restarted"
	}
	word, err := r.queued()
	if err != nil {
		e.Error += "; " + err.Error()
	}
	r.readAll(ctx, nil)
	r.end(ctx, e, word)
}

// clear kills the orphaned tree. No process outlives a restart of the machine,
// and what now has its numbers is somebody else's.
func (r *run) clear(ctx context.Context) error {
	if r.rebooted() {
		return nil
	}
	c := r.d.Config()
	ctx, cancel := context.WithTimeout(ctx, 4*c.Dispatch.StopGrace+time.Minute)
	defer cancel()
	return r.d.Host.KillTree(ctx, r.dir, c.Dispatch.StopGrace)
}

func (r *run) rebooted() bool {
	then := r.row.Supervisor.Boot
	if r.guest() {
		then = r.terms.Front.Boot
	}
	return r.rebootedSince(then)
}

func (r *run) rebootedSince(then string) bool {
	boot, err := r.d.Host.Boot()
	return err == nil && then != "" && boot != then
}

// end closes the run in the database, keeps its work and settles it; its tree is
// gone. A run that has ended there already keeps its outcome, and one that has
// handed in is verified first. e counts if the worker said no word, or the board
// refuses it.
func (r *run) end(ctx context.Context, e board.Ending, word word) {
	if r.verifiesFirst(ctx) {
		return
	}
	if word != nil {
		err := word(ctx)
		code := kanban.CodeOf(err)
		switch {
		case err == nil:
			if !r.verifiesFirst(ctx) {
				r.settle(ctx)
			}
			return
		case ctx.Err() != nil:
			return
		case code == kanban.Unavailable || code == kanban.Internal && r.attempts < 2:
			r.log().Error("the end of a run cannot be recorded", "error", err)
			return
		}
		e = refused(e, err) // which changes nothing if the run was ended before
	}
	r.fail(ctx, e)
}

// fail ends a run by what is known of its end.
func (r *run) fail(ctx context.Context, e board.Ending) {
	t, err := r.d.Boards.Fail(ctx, r.board, r.row.ID, e)
	if err != nil {
		if ctx.Err() == nil {
			r.log().Error("the end of a run cannot be recorded", "error", err)
		}
		return
	}
	r.coolDown(ctx, t, e)
	if r.denied != "" {
		r.refuse(ctx)
	}
	r.settle(ctx)
}

// settle keeps the files and marks the process tree as gone. Work that cannot be
// kept is still in the workspace; after some attempts that has to do.
func (r *run) settle(ctx context.Context) {
	if err := r.clearVerification(ctx); err != nil {
		if ctx.Err() == nil {
			r.log().Error("processes of a verification live on", "error", err)
		}
		return
	}
	r.unconfine(r.dir)
	r.unconfine(r.verifyDir())
	ref := ""
	if r.row.Workspace != "" && r.trusted(ctx) {
		s, err := r.d.Host.Workspaces(r.key.board).Snapshot(ctx, r.row.Workspace, r.row.Task, r.row.ID, snapshotLimit)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			r.log().Error("the work of a run cannot be kept", "error", err)
			if r.attempts < 2 {
				return
			}
		}
		ref = s.Ref
		if len(s.Skipped) > 0 {
			r.log().Warn("some files of a run were not kept", "files", s.Skipped)
		}
	}
	r.flagRefs(ctx)
	if err := r.board.Settle(ctx, r.row.ID, ref); err != nil {
		r.log().Error("a run cannot be settled", "error", err)
		return
	}
	r.settled = true
}

// trusted reports whether git may be run where the run worked. In a repository
// that Andon did not make, a walled worker can have written settings that would
// then be run outside of its walls.
func (r *run) trusted(ctx context.Context) bool {
	if !r.terms.walled() {
		return true
	}
	t, err := r.board.Task(ctx, r.row.Task)
	return err == nil && t.Workspace.OfGit()
}

// snapshotLimit bounds what a snapshot keeps, in bytes.
const snapshotLimit = 256 << 20
