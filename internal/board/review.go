package board

import (
	"context"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// How often changes requested lead to a new run, where nothing else is said. The
// next time, a human says how it goes on.
const (
	humanRounds = 9
	laneRounds  = 3
)

// Review ends the open run and asks the task's reviewer for a verdict, a human
// if it has none. The work is kept as at a completion, and what a run hands in is
// verified first; a human's word is not.
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
		if ofRun(a, l) && len(b.commands(t)) > 0 {
			return b.handIn(tx, a, t, run, pending{Handoff: h, Review: true}, kept)
		}
		return b.submit(tx, a, t, h, kept)
	})
}

// submit leaves the verdict to the task's reviewer: to a human, or to a lane,
// for which the review is a task of its own, made in this transaction.
func (b *Board) submit(tx store.Tx, a kanban.Actor, t kanban.Task, h kanban.Handoff, kept keptWork) (kanban.Task, error) {
	if err := b.move(tx, &t, kanban.Submit, a.Kind, 0); err != nil {
		return t, err
	}
	r, err := b.close(tx, &t, kanban.Submitted, fill(h, kept.revision()))
	if err != nil {
		return t, err
	}
	if err := tx.PutArtifacts(kept.of(t.ID, r.ID)); err != nil {
		return t, err
	}
	t.Result, t.Failures, t.Losses, t.LastError, t.Revision = h.Result, 0, 0, "", r.Revision
	payload := by(a, map[string]any{"summary": kanban.FirstLine(orElse(h.Summary, h.Result), 400)})
	if r.Revision != "" {
		payload["revision"] = r.Revision
	}
	if lane := b.reviewer(t); lane != "" && lane != kanban.ReviewedByHuman {
		review, err := b.askForReview(tx, t, r, lane)
		if err != nil {
			return t, err
		}
		payload["reviewer"], payload["review_task"] = lane, review
	}
	if err := b.save(tx, t, r.ID, kanban.EvReview, payload); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// Approve accepts what was submitted: the task is done and its children may
// start. A human may, or the run of the review that was asked for. The verdict
// is about one revision: revision may name it, and for a review it is the one
// that it was asked about.
//
// Errors: conflict if another revision was handed in since, or the branch has
// moved; unauthorized for everybody else.
func (b *Board) Approve(ctx context.Context, a kanban.Actor, id, comment, revision string) (kanban.Task, error) {
	comment, err := text("the comment", comment, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	if err := b.looksAtWhatWasHandedIn(ctx, a, id, revision); err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "approve", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		judge, err := mayJudge(tx, a, t, "approve", revision)
		if err != nil {
			return t, err
		}
		if err := b.move(tx, &t, kanban.Approve, judge, 0); err != nil {
			return t, err
		}
		if comment != "" {
			if _, err := b.remark(tx, a, t, comment); err != nil {
				return t, err
			}
		}
		return b.approve(tx, a, t)
	})
}

// looksAtWhatWasHandedIn refuses an approval of a branch that has moved since. A
// human who names the revision has looked.
func (b *Board) looksAtWhatWasHandedIn(ctx context.Context, a kanban.Actor, id, revision string) error {
	var t kanban.Task
	var r kanban.Run
	err := b.store.View(ctx, func(rd store.Reader) (err error) {
		if done, err := answered(ctx, rd); done || err != nil {
			return err
		}
		if t, err = rd.Task(id); err != nil {
			return err
		}
		r, err = lastHandoff(rd, id)
		return err
	})
	if err != nil || t.Status != kanban.Review || a.Kind == kanban.Human && revision != "" {
		return err
	}
	return b.unmoved(ctx, t, r, t.Revision)
}

func (b *Board) approve(tx store.Tx, a kanban.Actor, t kanban.Task) (kanban.Task, error) {
	r, err := lastHandoff(tx, t.ID)
	if err != nil {
		return t, err
	}
	t.CompletedAt = b.now()
	payload := map[string]any{}
	if t.Revision != "" {
		payload["revision"] = t.Revision
	}
	if err := b.save(tx, t, r.ID, kanban.EvApproved, by(a, payload)); err != nil {
		return t, err
	}
	done := event(t, kanban.EvCompleted, by(a, map[string]any{"approved": true, "summary": kanban.FirstLine(r.Summary, 400)}))
	done.Run = r.ID
	if err := b.record(tx, done); err != nil {
		return t, err
	}
	if err := b.parentEnded(tx, t.ID); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// Reject requests changes: the work goes back, and the reason is a comment that
// the next run reads. It costs no attempt; after max_rounds of
// these runs a human says how it goes on. Who may is as for Approve.
func (b *Board) Reject(ctx context.Context, a kanban.Actor, id, reason string) (kanban.Task, error) {
	reason, err := required("the reason", reason, maxComment)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "reject", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		judge, err := mayJudge(tx, a, t, "reject", "")
		if err != nil {
			return t, err
		}
		rounds, facts := t.ReviewRounds+1, kanban.Facts(0)
		if rounds > b.maxRounds(t) {
			facts = kanban.NoAttempts
		}
		if err := b.move(tx, &t, kanban.Reject, judge, facts); err != nil {
			return t, err
		}
		if _, err := b.remark(tx, a, t, reason); err != nil {
			return t, err
		}
		t.ReviewRounds = rounds
		held := t.Status == kanban.Blocked
		if held {
			t.ReviewRounds = 0
			t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, fmt.Sprintf("sent back from review too often: max_rounds is %d", rounds-1), b.now()
		}
		payload := by(a, map[string]any{"reason": kanban.FirstLine(reason, 400), "round": rounds})
		if err := b.save(tx, t, 0, kanban.EvRejected, payload); err != nil {
			return t, err
		}
		if held {
			if err := b.record(tx, event(t, kanban.EvBlocked, map[string]any{"kind": string(t.BlockKind), "reason": t.BlockReason})); err != nil {
				return t, err
			}
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
