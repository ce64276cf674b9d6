package board

import (
	"context"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Block ends the open run, if any, and leaves the task to a human. The reason
// is required; it is what the human reads. Declared artifacts are kept; a
// worktree is left as it is, since the work is not finished.
func (b *Board) Block(ctx context.Context, a kanban.Actor, l kanban.Lease, kind kanban.BlockKind, reason string, h kanban.Handoff) (kanban.Task, error) {
	reason, err := required("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	if kind != kanban.MergeConflict || a.Kind != kanban.Dispatcher {
		if kind, err = kanban.ParseBlockKind(string(kind)); err != nil {
			return kanban.Task{}, err
		}
	}
	if h, err = cleanHandoff(h); err != nil {
		return kanban.Task{}, err
	}
	kept, err := b.keep(ctx, a, l, kanban.Block, &h)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "block", l.Task, func(tx store.Tx) (kanban.Task, error) {
		t, run, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		if err := sameRun(run, kept); err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Block, a.Kind, 0); err != nil {
			return t, err
		}
		t.BlockKind, t.BlockReason, t.BlockedAt = kind, reason, b.now()
		r, err := b.closeOrNote(tx, &t, kanban.BlockedOut, true, func(r *kanban.Run) {
			r.Summary, r.Metadata = reason, h.Metadata
		})
		if err != nil {
			return t, err
		}
		if err := tx.PutArtifacts(kept.of(t.ID, r.ID)); err != nil {
			return t, err
		}
		payload := by(a, map[string]any{"reason": reason, "kind": string(kind)})
		if err := b.save(tx, t, r.ID, kanban.EvBlocked, payload); err != nil {
			return t, err
		}
		return tx.Task(t.ID)
	})
}

// Unblock opens a human's gate: the task is ready, or todo while a parent is
// unsatisfied, with all its attempts. A text becomes a comment first.
//
// Errors: unauthorized for everybody but humans; conflict if it is neither
// blocked nor scheduled; gated while its own budget is used up.
func (b *Board) Unblock(ctx context.Context, a kanban.Actor, id, comment string) (kanban.Task, error) {
	if err := onlyHuman(a, "unblock"); err != nil {
		return kanban.Task{}, err
	}
	comment, err := text("the comment", comment, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "unblock", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		return b.unblock(tx, a, t, comment, "")
	})
}

func (b *Board) unblock(tx store.Tx, a kanban.Actor, t kanban.Task, comment, from string) (kanban.Task, error) {
	if a.Agent && t.BlockKind != kanban.Transient && t.BlockKind != kanban.Dependency {
		return t, kanban.Errorf(kanban.Unauthorized, "only a human opens this gate of %s: %s", t.ID, orElse(string(t.BlockKind), string(t.Status))).In(t.Status).
			Hint("tell your user what it waits for; an agent unblocks what waits for something transient or for a dependency")
	}
	if t.BlockKind == kanban.BudgetSpent {
		if err := b.affordable(tx, t); err != nil {
			return t, err
		}
	}
	if err := b.move(tx, &t, kanban.Unblock, a.Kind, 0); err != nil {
		return t, err
	}
	if comment != "" {
		if _, err := b.comment(tx, a, t.ID, comment); err != nil {
			return t, err
		}
	}
	t.Failures, t.Losses, t.LastError = 0, 0, ""
	payload := by(a, map[string]any{"status": string(t.Status)})
	if comment != "" {
		payload["comment"] = kanban.FirstLine(comment, 400)
	}
	if err := b.save(tx, t, 0, kanban.EvUnblocked, startsFrom(payload, from)); err != nil {
		return t, err
	}
	if err := b.demoteChildren(tx, t.ID); err != nil { // those of its failure
		return t, err
	}
	return tx.Task(t.ID)
}

// Answer is a comment and an unblock in one act.
//
// Errors: conflict if the task waits for no answer.
func (b *Board) Answer(ctx context.Context, a kanban.Actor, id, answer string) (kanban.Task, error) {
	if err := onlyHuman(a, "answer"); err != nil {
		return kanban.Task{}, err
	}
	answer, err := required("the answer", answer, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "answer", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if t.Status != kanban.Blocked {
			return t, kanban.Errorf(kanban.Conflict, "task %s is %s and waits for no answer", id, t.Status).In(t.Status).
				Hint("andon comment %s ...  leaves a remark", id)
		}
		return b.unblock(tx, a, t, answer, "")
	})
}
