package board

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Reclaim ends a run in progress without cost; the task is ready for another.
// Humans only.
//
// Errors: conflict if it is not running.
func (b *Board) Reclaim(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	if err := onlyHuman(a, "reclaim"); err != nil {
		return kanban.Task{}, err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "reclaim", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		return b.reclaim(tx, a, t, reason, "")
	})
}

func (b *Board) reclaim(tx store.Tx, a kanban.Actor, t kanban.Task, reason, from string) (kanban.Task, error) {
	prev := t.ClaimLock
	if err := b.move(tx, &t, kanban.Release, a.Kind, 0); err != nil {
		return t, err
	}
	t.Failures, t.Losses, t.LastError = 0, 0, ""
	r, err := b.close(tx, &t, kanban.Reclaimed, func(r *kanban.Run) {
		r.Error = "manual_reclaim: " + orElse(reason, "by "+a.Name)
	})
	if err != nil {
		return t, err
	}
	payload := by(a, map[string]any{"manual": true, "reason": reason, "prev_lock": prev})
	if err := b.save(tx, t, r.ID, kanban.EvReclaimed, startsFrom(payload, from)); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// Retry gives a task another run: it reclaims a running one, unblocks a blocked
// one, and drops the backoff of a ready one. from says what the run starts from:
// kanban.Continue what the last one left, kanban.Fresh the beginning, "" as the
// task and its lane have it. Humans only.
//
// Errors: invalid if it is to be fresh in a folder of a user's, which is never
// emptied.
func (b *Board) Retry(ctx context.Context, a kanban.Actor, id, reason, from string) (kanban.Task, error) {
	if err := onlyHuman(a, "retry"); err != nil {
		return kanban.Task{}, err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "retry", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := checkFrom(from, t.Workspace.Kind); err != nil {
			return t, err
		}
		switch t.Status {
		case kanban.Running:
			return b.reclaim(tx, a, t, reason, from)
		case kanban.Ready:
			if err := b.move(tx, &t, kanban.Start, a.Kind, 0); err != nil {
				return t, err
			}
			payload := by(a, map[string]any{"actor": a.Name, "reason": reason, "forced": false})
			if err := b.save(tx, t, 0, kanban.EvPromotedManual, startsFrom(payload, from)); err != nil {
				return t, err
			}
			return tx.Task(id)
		}
		return b.unblock(tx, a, t, reason, from)
	})
}

// Stop ends a run in progress without cost and holds the task until a human
// unblocks it. Humans only.
//
// Errors: conflict if it is not running.
func (b *Board) Stop(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	if err := onlyHuman(a, "stop"); err != nil {
		return kanban.Task{}, err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "stop", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Stop, a.Kind, 0); err != nil {
			return t, err
		}
		t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, orElse(reason, "stopped by "+a.Name), b.now()
		r, err := b.close(tx, &t, kanban.Stopped, func(r *kanban.Run) { r.Error = t.BlockReason })
		if err != nil {
			return t, err
		}
		if err := b.save(tx, t, r.ID, kanban.EvStopped, by(a, map[string]any{"reason": t.BlockReason})); err != nil {
			return t, err
		}
		held := event(t, kanban.EvBlocked, by(a, map[string]any{"kind": string(kanban.Operator), "reason": t.BlockReason}))
		held.Run = r.ID
		if err := b.record(tx, held); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

// Cancel ends a task for good, with its run: it is archived as cancelled and
// satisfies nobody. Humans only.
func (b *Board) Cancel(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	return b.putAway(ctx, a, id, kanban.Cancel, reason)
}

// Archive takes a task out of sight, with its run if it has one. Done work goes
// on to satisfy its children; unfinished work does not. Humans only.
func (b *Board) Archive(ctx context.Context, a kanban.Actor, id string) (kanban.Task, error) {
	return b.putAway(ctx, a, id, kanban.Archive, "")
}

func (b *Board) putAway(ctx context.Context, a kanban.Actor, id string, action kanban.Action, reason string) (kanban.Task, error) {
	if err := onlyHuman(a, string(action)); err != nil {
		return kanban.Task{}, err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, string(action), id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		closed, kind := string(t.Status), kanban.EvArchived
		if action == kanban.Cancel {
			closed, kind = kanban.Cancelled, kanban.EvCancelled
		}
		if err := b.move(tx, &t, action, a.Kind, 0); err != nil {
			return t, err
		}
		t.Closed = closed
		r, err := b.close(tx, &t, kanban.CancelledOut, func(r *kanban.Run) {
			r.Error = orElse(reason, string(kind)+" by "+a.Name)
		})
		if err != nil {
			return t, err
		}
		if err := tx.ReleaseKeys(id); err != nil {
			return t, err
		}
		if err := b.save(tx, t, r.ID, kind, by(a, map[string]any{"from": closed, "reason": reason})); err != nil {
			return t, err
		}
		if err := b.reviewEnded(tx, t); err != nil {
			return t, err
		}
		if err := b.parentEnded(tx, id); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

// Unarchive brings a task back: done work is done, what waited for a human
// waits again with its question, anything else may run. Humans only.
//
// Errors: conflict if it is not archived, or about to go for good.
func (b *Board) Unarchive(ctx context.Context, a kanban.Actor, id string) (kanban.Task, error) {
	if err := onlyHuman(a, "unarchive"); err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "unarchive", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		from := t.Closed
		if from == kanban.Deleted {
			return t, kanban.Errorf(kanban.Conflict, "task %s was deleted; it goes with its last process", id).In(t.Status).
				Hint("andon create  makes another")
		}
		if err := b.move(tx, &t, kanban.Unarchive, a.Kind, closedFacts(t)); err != nil {
			return t, err
		}
		if t.Status == kanban.Blocked && t.BlockKind == "" {
			t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, "it was "+orElse(from, "archived"), b.now()
		}
		if err := b.save(tx, t, 0, kanban.EvUnarchived, by(a, map[string]any{"status": string(t.Status)})); err != nil {
			return t, err
		}
		if err := b.restoreKey(tx, t); err != nil {
			return t, err
		}
		if err := b.demoteChildren(tx, id); err != nil { // those of its failure
			return t, err
		}
		return tx.Task(id)
	})
}

// restoreKey reserves the key again unless a younger task took it.
func (b *Board) restoreKey(tx store.Tx, t kanban.Task) error {
	if t.IdempotencyKey == "" {
		return nil
	}
	if taken, err := tx.TaskByKey(t.IdempotencyKey); err != nil || taken != "" && taken != t.ID {
		return err
	}
	return tx.PutKey(t.IdempotencyKey, t.ID)
}

func closedFacts(t kanban.Task) kanban.Facts {
	switch {
	case t.Satisfies():
		return kanban.WasDone
	case slices.Contains([]kanban.Status{kanban.Todo, kanban.Ready, kanban.Running}, kanban.Status(t.Closed)):
		return 0
	}
	return kanban.WasHeld
}

// Reopen makes a done task run again; its children wait for it again. Humans
// only.
func (b *Board) Reopen(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	if err := onlyHuman(a, "reopen"); err != nil {
		return kanban.Task{}, err
	}
	reason, err := text("the reason", reason, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "reopen", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Reopen, a.Kind, 0); err != nil {
			return t, err
		}
		if reason != "" {
			if _, err := b.comment(tx, a, id, reason); err != nil {
				return t, err
			}
		}
		t.ReviewRounds = 0
		if err := b.save(tx, t, 0, kanban.EvReopened, by(a, map[string]any{"status": string(t.Status)})); err != nil {
			return t, err
		}
		if err := b.demoteChildren(tx, id); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}
