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
	return mutate(ctx, b, "review", func(tx store.Tx) (kanban.Task, error) {
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
	comment, err := text("the comment", comment, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "approve", func(tx store.Tx) (kanban.Task, error) {
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
		t.CompletedAt = b.now()
		if err := b.save(tx, t, 0, kanban.EvApproved, by(a, nil)); err != nil {
			return t, err
		}
		if err := b.record(tx, event(t, kanban.EvCompleted, by(a, map[string]any{"approved": true, "summary": ""}))); err != nil {
			return t, err
		}
		if err := b.promoteChildren(tx, id); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

// Reject sends submitted work back; the reason is a comment that the next run
// reads. It costs no attempt. Humans only.
func (b *Board) Reject(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	reason, err := required("the reason", reason, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "reject", func(tx store.Tx) (kanban.Task, error) {
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
// is zero. A worker may park its own; its run ends without cost.
func (b *Board) Schedule(ctx context.Context, a kanban.Actor, l kanban.Lease, until time.Time, reason string) (kanban.Task, error) {
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	if !until.IsZero() && !until.After(b.now()) {
		return kanban.Task{}, kanban.Errorf(kanban.Invalid, "%s has passed already", until.Format(time.RFC3339)).
			Hint("give a later time, for example --until +2h")
	}
	return mutate(ctx, b, "schedule", func(tx store.Tx) (kanban.Task, error) {
		t, _, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Schedule, a.Kind, 0); err != nil {
			return t, err
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
		return tx.Task(t.ID)
	})
}

// Promote ends triage, or makes a task ready that waits for nothing any more.
// With force, parents that are still open are waived on record, and the task
// starts without them; only a human may force.
//
// Errors: gated while a parent is open and force is false.
func (b *Board) Promote(ctx context.Context, a kanban.Actor, id string, force bool, reason string) (kanban.Task, error) {
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "promote", func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := b.within(tx, a, t); err != nil {
			return t, err
		}
		open, err := openParents(tx, id)
		if err != nil {
			return t, err
		}
		if len(open) > 0 && !force && t.Status != kanban.Triage {
			return t, waitsFor(t, open)
		}
		action := kanban.Promote
		if force || t.Status == kanban.Ready {
			action = kanban.Start
		}
		if err := b.promote(tx, a, &t, action, open, reason); err != nil {
			return t, err
		}
		payload := by(a, map[string]any{"actor": a.Name, "reason": reason, "forced": force, "waived": ids(open, force)})
		if err := b.save(tx, t, 0, kanban.EvPromotedManual, payload); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

func (b *Board) promote(tx store.Tx, a kanban.Actor, t *kanban.Task, action kanban.Action, open []kanban.Task, reason string) error {
	if t.Status == kanban.Triage && action == kanban.Start {
		if err := b.move(tx, t, kanban.Promote, a.Kind, 0); err != nil {
			return err
		}
	}
	if err := b.move(tx, t, action, a.Kind, 0); err != nil || action != kanban.Start {
		return err
	}
	for _, p := range open {
		w := kanban.Link{Parent: p.ID, Child: t.ID, Waived: true, WaivedBy: a.Name, WaivedReason: reason}
		if err := tx.PutLink(w); err != nil {
			return err
		}
	}
	return nil
}

func ids(tasks []kanban.Task, wanted bool) []string {
	out := []string{}
	for _, t := range tasks {
		if wanted {
			out = append(out, t.ID)
		}
	}
	return out
}
