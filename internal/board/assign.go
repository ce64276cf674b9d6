package board

import (
	"context"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Assignment gives a task to a lane.
type Assignment struct {
	Lane    string // "" = nobody
	Reclaim bool   // end a run in progress first, without cost
	Reason  string // for the run that is ended

	// Verified or reviewed as the new lane says, without what the old one asks.
	LaneVerify, LaneReview bool
}

// Assign gives a task to a lane, or to nobody. A new lane has all its attempts, so
// it opens the breaker of a task that failed in another one, unless an agent does
// it. What the old lane asks of its work goes along. Humans only.
//
// Errors: conflict while it is running and is not to be reclaimed; invalid if the
// lane would review its own work.
func (b *Board) Assign(ctx context.Context, a kanban.Actor, id string, to Assignment) (Created, error) {
	if err := onlyHuman(a, "assign"); err != nil {
		return Created{}, err
	}
	if a.Agent && (to.LaneVerify || to.LaneReview) {
		return Created{}, kanban.Errorf(kanban.Unauthorized, "only a human takes away how %s is verified and reviewed", id).
			Hint("leave lane_verify and lane_review out, or tell your user")
	}
	var err error
	if to.Lane, err = laneName(to.Lane); err != nil {
		return Created{}, err
	}
	if to.Reason, err = text("the reason", to.Reason, maxReason); err != nil {
		return Created{}, err
	}
	return mutate(ctx, b, "assign", id, func(tx store.Tx) (Created, error) {
		t, err := tx.Task(id)
		if err != nil {
			return Created{}, err
		}
		if t.Status == kanban.Running {
			if !to.Reclaim {
				return Created{}, kanban.Errorf(kanban.Conflict, "task %s is running", id).In(t.Status).
					Hint("andon reassign %s %s --reclaim  ends its run first", id, to.Lane)
			}
			if t, err = b.reclaim(tx, a, t, orElse(to.Reason, "reassigned"), ""); err != nil {
				return Created{}, err
			}
		}
		t, err = b.assign(tx, a, t, to)
		return Created{Task: t, Warning: b.laneWarning(to.Lane, "the task"), Verify: b.commands(t), Reviewer: b.reviewer(t)}, err
	})
}

func (b *Board) assign(tx store.Tx, a kanban.Actor, t kanban.Task, to Assignment) (kanban.Task, error) {
	anew := t.Assignee != to.Lane && !a.Agent // an agent that goes round the lanes would never meet the breaker
	if anew {
		t.Failures, t.LastError, t.Losses, t.NotBefore = 0, "", 0, keepSchedule(t)
	}
	was := b.reviewer(t)
	b.takeAlong(a, &t, to)
	t.Assignee, t.UpdatedAt = to.Lane, b.now()
	if err := refuseOwnReview(tx, t); err != nil {
		return t, err
	}
	if err := b.save(tx, t, 0, kanban.EvAssigned, by(a, map[string]any{"assignee": to.Lane})); err != nil {
		return t, err
	}
	if b.reviewer(t) != was {
		if err := b.reviewElsewhere(tx, a, t); err != nil {
			return t, err
		}
	}
	if anew && to.Lane != "" && t.BlockKind == kanban.BreakerOpen && t.Status == kanban.Blocked {
		return b.unblock(tx, a, t, "", "")
	}
	return tx.Task(t.ID)
}

// takeAlong makes what the old lane asks of its work the task's own: what verified
// it does so before what the new lane runs, and its reviewer stays. That nothing
// verifies it is a human's word, which an agent's choice of a lane ends.
func (b *Board) takeAlong(a kanban.Actor, t *kanban.Task, to Assignment) {
	if t.Reviews != "" {
		return
	}
	was, is := b.settings().Lanes[t.Assignee], b.settings().Lanes[to.Lane]
	all := union(b.commands(*t), is.Verify)
	switch {
	case to.LaneVerify:
		t.Verify = nil
	case t.Assignee == to.Lane, t.Verify != nil && len(t.Verify) == 0 && !a.Agent:
	case t.Verify != nil, len(all) > len(is.Verify):
		t.Verify = all
	}
	switch {
	case to.LaneReview:
		t.Reviewer, t.MaxRounds = "", 0
	case t.Reviewer == "" && was.Reviewer != "" && was.Reviewer != is.Reviewer:
		t.MaxRounds = b.maxRounds(*t)
		t.Reviewer = was.Reviewer
	}
}

// union are commands, and those of others that are none of them.
func union(commands, others [][]string) [][]string {
	all := slices.Clone(commands)
	for _, argv := range others {
		if !slices.ContainsFunc(commands, func(have []string) bool { return slices.Equal(have, argv) }) {
			all = append(all, argv)
		}
	}
	return all
}

// refuseOwnReview refuses to give a task to the lane that judges it, and its review
// to the lane that did it.
func refuseOwnReview(r store.Reader, t kanban.Task) error {
	if t.Reviews == "" {
		return refuseOwnJudge(t, "give it another reviewer first: andon edit %s --reviewer human; or --lane-review  leaves it to the new lane's", t.ID)
	}
	judged, err := r.Task(t.Reviews)
	if kanban.CodeOf(err) == kanban.NotFound || err == nil && (t.Assignee == "" || judged.Assignee != t.Assignee) {
		return nil
	}
	if err != nil {
		return err
	}
	return kanban.Errorf(kanban.Invalid, "%s judges the work of the lane %s, which may not do that itself", t.ID, t.Assignee).
		Hint("name another lane, or decide: andon approve %s", t.Reviews)
}

// keepSchedule drops a backoff but not a time that somebody chose.
func keepSchedule(t kanban.Task) time.Time {
	if t.Status == kanban.Scheduled {
		return t.NotBefore
	}
	return time.Time{}
}
