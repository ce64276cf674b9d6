package board

import (
	"context"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// maxReviewRounds bounds how often a task is sent back before it waits for a
// human to say how it should go on.
const maxReviewRounds = 10

// Review ends the open run and asks a human for a verdict. The work is kept as
// at a completion.
func (b *Board) Review(ctx context.Context, a kanban.Actor, l kanban.Lease, h kanban.Handoff) (kanban.Task, error) {
	h, err := cleanHandoff(h)
	if err != nil {
		return kanban.Task{}, err
	}
	if err := b.refusePhantoms(ctx, a, l, h); err != nil {
		return kanban.Task{}, err
	}
	kept, err := b.keep(ctx, a, l, kanban.Submit, &h)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "review", l.Task, func(tx store.Tx) (kanban.Task, error) {
		t, run, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		if err := sameRun(run, kept); err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Submit, a.Kind, 0); err != nil {
			return t, err
		}
		r, err := b.close(tx, &t, kanban.Submitted, fill(h))
		if err != nil {
			return t, err
		}
		if err := tx.PutArtifacts(kept.of(t.ID, r.ID)); err != nil {
			return t, err
		}
		t.Result, t.Failures, t.Losses, t.LastError = h.Result, 0, 0, ""
		payload := by(a, map[string]any{"summary": firstLine(orElse(h.Summary, h.Result), 400)})
		if err := b.save(tx, t, r.ID, kanban.EvReview, payload); err != nil {
			return t, err
		}
		return tx.Task(t.ID)
	})
}

// Approve accepts what was submitted: the task is done and its children may
// start. Humans only.
func (b *Board) Approve(ctx context.Context, a kanban.Actor, id, comment string) (kanban.Task, error) {
	if err := onlyHuman(a, "approve"); err != nil {
		return kanban.Task{}, err
	}
	comment, err := text("the comment", comment, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "approve", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Approve, a.Kind, 0); err != nil {
			return t, err
		}
		if comment != "" {
			if _, err := b.comment(tx, a, id, comment); err != nil {
				return t, err
			}
		}
		return b.approve(tx, a, t)
	})
}

func (b *Board) approve(tx store.Tx, a kanban.Actor, t kanban.Task) (kanban.Task, error) {
	r, err := lastHandoff(tx, t.ID)
	if err != nil {
		return t, err
	}
	t.CompletedAt = b.now()
	if err := b.save(tx, t, r.ID, kanban.EvApproved, by(a, nil)); err != nil {
		return t, err
	}
	done := event(t, kanban.EvCompleted, by(a, map[string]any{"approved": true, "summary": firstLine(r.Summary, 400)}))
	done.Run = r.ID
	if err := b.record(tx, done); err != nil {
		return t, err
	}
	if err := b.parentEnded(tx, t.ID); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// Reject sends submitted work back; the reason is a comment that the next run
// reads. It costs no attempt. Humans only.
func (b *Board) Reject(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	if err := onlyHuman(a, "reject"); err != nil {
		return kanban.Task{}, err
	}
	reason, err := required("the reason", reason, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "reject", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		rounds, facts := t.ReviewRounds+1, kanban.Facts(0)
		if rounds >= maxReviewRounds {
			facts = kanban.NoAttempts
		}
		if err := b.move(tx, &t, kanban.Reject, a.Kind, facts); err != nil {
			return t, err
		}
		if _, err := b.comment(tx, a, id, reason); err != nil {
			return t, err
		}
		t.ReviewRounds = rounds
		if t.Status == kanban.Blocked {
			t.ReviewRounds = 0
			t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, "sent back from review too often", b.now()
			held := map[string]any{"kind": string(t.BlockKind), "reason": t.BlockReason}
			if err := b.record(tx, event(t, kanban.EvBlocked, held)); err != nil {
				return t, err
			}
		}
		payload := by(a, map[string]any{"reason": firstLine(reason, 400), "round": rounds})
		if err := b.save(tx, t, 0, kanban.EvRejected, payload); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

// Schedule parks a task until a time, or until a human unblocks it if the time
// is zero. A worker may park its own; its run ends without cost. A human who
// parks a blocked task opens its gate at that time: it has all its attempts.
func (b *Board) Schedule(ctx context.Context, a kanban.Actor, l kanban.Lease, until time.Time, reason string) (kanban.Task, error) {
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	if !until.IsZero() && !until.After(b.now()) {
		return kanban.Task{}, kanban.Errorf(kanban.Invalid, "%s has passed already", until.Format(time.RFC3339)).
			Hint("give a later time, for example --until +2h")
	}
	return mutate(ctx, b, "schedule", l.Task, func(tx store.Tx) (kanban.Task, error) {
		t, _, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		from := t.Status
		if err := b.move(tx, &t, kanban.Schedule, a.Kind, 0); err != nil {
			return t, err
		}
		if from == kanban.Blocked {
			t.Failures, t.Losses, t.LastError = 0, 0, ""
		}
		t.NotBefore = until
		r, err := b.closeOrNote(tx, &t, kanban.ScheduledOut, reason != "", func(r *kanban.Run) { r.Summary = reason })
		if err != nil {
			return t, err
		}
		payload := by(a, map[string]any{"reason": reason})
		if !until.IsZero() {
			payload["until"] = until.Unix()
		}
		if err := b.save(tx, t, r.ID, kanban.EvScheduled, payload); err != nil {
			return t, err
		}
		if err := b.demoteChildren(tx, t.ID); err != nil { // those of its failure
			return t, err
		}
		return tx.Task(t.ID)
	})
}
