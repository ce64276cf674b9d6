package board

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// pending is a handoff that counts once its verification has succeeded.
type pending struct {
	Handoff kanban.Handoff
	Verify  [][]string // argv each
	By      string     // who handed in
	Review  bool       `json:",omitempty"` // who asked for a verdict; a human's, without a reviewer
}

// Limits of what a task may have verified.
const (
	maxChecks     = 20
	maxCheckBytes = 8 << 10 // of one command
)

// cleanVerify checks commands; nil stays nil, and empty stays empty.
func cleanVerify(commands [][]string) ([][]string, error) {
	if len(commands) > maxChecks {
		return nil, kanban.Errorf(kanban.Invalid, "%d commands to verify with are more than %d", len(commands), maxChecks).Hint("put them into one script")
	}
	for _, argv := range commands {
		size := 0
		for _, arg := range argv {
			if _, err := text("a command to verify with", arg, maxCheckBytes); err != nil {
				return nil, err
			}
			size += len(arg)
		}
		if len(argv) == 0 || argv[0] == "" || size > maxCheckBytes {
			return nil, kanban.Errorf(kanban.Invalid, "a command to verify with is empty or longer than %d bytes", maxCheckBytes).
				Hint(`give a program and its arguments, such as --verify "make test"`)
		}
	}
	return commands, nil
}

// commands are those that decide whether a completion of a task counts: its own,
// else its lane's. A verdict is not verified.
func (b *Board) commands(t kanban.Task) [][]string {
	switch {
	case t.Reviews != "":
		return nil
	case t.Verify != nil:
		return t.Verify
	}
	return b.settings().Lanes[t.Assignee].Verify
}

// Verifies reports whether something is run before a completion of a task
// counts.
func (b *Board) Verifies(ctx context.Context, id string) (bool, error) {
	t, err := b.Task(ctx, id)
	return len(b.commands(t)) > 0, err
}

// handIn keeps a completion until its verification has succeeded. The run stays
// open, and its lease with it.
func (b *Board) handIn(tx store.Tx, a kanban.Actor, t kanban.Task, r kanban.Run, p pending, kept keptWork) (kanban.Task, error) {
	if err := b.move(tx, &t, kanban.HandIn, a.Kind, 0); err != nil {
		return t, err
	}
	p.Verify, p.By = b.commands(t), a.Name
	h := p.Handoff
	var err error
	if r.Pending, err = json.Marshal(p); err != nil {
		return t, err
	}
	r.Revision = kept.rev
	if err := tx.UpdateRun(r); err != nil {
		return t, err
	}
	payload := by(a, map[string]any{"commands": p.Verify, "summary": kanban.FirstLine(orElse(h.Summary, h.Result), 400)})
	if err := b.save(tx, t, r.ID, kanban.EvVerifying, payload); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// refusePending refuses a second word of a run that has handed in.
func refusePending(a kanban.Actor, byToken bool, t kanban.Task, r kanban.Run) error {
	if len(r.Pending) == 0 || a.Kind == kanban.Human && !byToken {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "run %d of %s has handed in and is being verified", r.ID, t.ID).In(t.Status).
		Hint("end now; if the verification fails, the next attempt is told how")
}

// unpend keeps of a pending handoff what the next attempt reads.
func unpend(r *kanban.Run) {
	var p pending
	if len(r.Pending) > 0 && json.Unmarshal(r.Pending, &p) == nil {
		r.Summary = orElse(r.Summary, orElse(p.Handoff.Summary, p.Handoff.Result))
		if r.Metadata == nil {
			r.Metadata = p.Handoff.Metadata
		}
	}
	r.Pending = nil
}

// handedIn returns the task and the open run whose handoff waits.
func handedIn(r store.Reader, run int64) (t kanban.Task, row kanban.Run, p pending, err error) {
	if row, err = r.Run(run); err != nil {
		return t, row, p, err
	}
	if t, err = r.Task(row.Task); err != nil {
		return t, row, p, err
	}
	if t.CurrentRun != run || !row.Open() {
		return t, row, p, staleBecause(t, row)
	}
	if len(row.Pending) == 0 {
		return t, row, p, kanban.Errorf(kanban.Conflict, "run %d has handed in nothing", run).In(t.Status)
	}
	return t, row, p, json.Unmarshal(row.Pending, &p)
}

// Fix puts what lies in the work tree of a run that has handed in on its branch,
// now that none of its processes can change it any more, and returns the
// commands to verify it with. What they see is thus what they decide about. The
// dispatcher's only.
//
// Errors: stale if the run has ended; conflict if git cannot take the files.
func (b *Board) Fix(ctx context.Context, run int64) ([][]string, error) {
	var t kanban.Task
	var r kanban.Run
	var p pending
	err := b.store.View(ctx, func(rd store.Reader) (err error) {
		t, r, p, err = handedIn(rd, run)
		return err
	})
	if err != nil {
		return nil, err
	}
	rev, err := b.ports.Work.Commit(ctx, t, r, t.Title+"\n\nTask: "+t.ID)
	if err != nil || rev == r.Revision && r.Live {
		return p.Verify, err
	}
	return p.Verify, b.store.Update(ctx, func(tx store.Tx) error {
		_, r, _, err := handedIn(tx, run)
		if err != nil {
			return err
		}
		r.Revision, r.Live = rev, true // for the processes that verify it
		return tx.UpdateRun(r)
	})
}

// Verified completes a run whose handoff passed its verification, or submits it
// if its task has a reviewer. The dispatcher's only.
//
// Errors: stale if the run has ended; conflict if the branch moved meanwhile;
// invalid if a declared artifact is not there.
func (b *Board) Verified(ctx context.Context, run int64) (kanban.Task, error) {
	var t kanban.Task
	var r kanban.Run
	var p pending
	err := b.store.View(ctx, func(rd store.Reader) (err error) {
		t, r, p, err = handedIn(rd, run)
		return err
	})
	if err != nil {
		return t, err
	}
	if err := b.unmoved(ctx, t, r, r.Revision); err != nil {
		return t, err
	}
	kept := keptWork{run: run, rev: r.Revision}
	if kept.artifacts, err = b.ports.Work.Keep(ctx, r, p.Handoff.Artifacts); err != nil {
		return t, err
	}
	was := r
	return store.Update(ctx, b.store, func(tx store.Tx) (kanban.Task, error) {
		t, r, p, err := handedIn(tx, run)
		if err != nil {
			return t, err
		}
		if r.Revision != was.Revision || !slices.Equal(r.Pending, was.Pending) {
			return t, kanban.Errorf(kanban.Conflict, "the task changed while its work was being kept").Hint("try again")
		}
		return b.handOver(tx, kanban.Actor{Kind: kanban.Dispatcher, Name: p.By}, t, r, p, kept)
	})
}

// Unverifiable blocks a task whose run has handed in what cannot be verified on
// this machine. It costs no attempt. The dispatcher's only.
//
// Errors: stale if the run has ended.
func (b *Board) Unverifiable(ctx context.Context, run int64, reason string) (kanban.Task, error) {
	return store.Update(ctx, b.store, func(tx store.Tx) (kanban.Task, error) {
		t, _, _, err := handedIn(tx, run)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Block, kanban.Dispatcher, 0); err != nil {
			return t, err
		}
		t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Capability, kanban.Clip(reason, maxReason), b.now()
		r, err := b.close(tx, &t, kanban.BlockedOut, func(r *kanban.Run) { r.Error = t.BlockReason })
		if err != nil {
			return t, err
		}
		payload := by(kanban.System, map[string]any{"reason": t.BlockReason, "kind": string(t.BlockKind)})
		if err := b.save(tx, t, r.ID, kanban.EvBlocked, payload); err != nil {
			return t, err
		}
		return tx.Task(t.ID)
	})
}

// unmoved refuses a branch whose tip is not what was handed in.
func (b *Board) unmoved(ctx context.Context, t kanban.Task, r kanban.Run, rev string) error {
	if !t.Workspace.OfGit() || rev == "" {
		return nil
	}
	head, err := b.ports.Work.Head(ctx, t, r)
	if err != nil || head == rev {
		return err
	}
	return kanban.Errorf(kanban.Conflict, "the branch of %s is at %.12s, and %.12s was handed in", t.ID, head, rev).In(t.Status).
		Hint("andon diff %s  shows what was handed in; andon reject %s REASON  sends it back", t.ID, t.ID)
}
