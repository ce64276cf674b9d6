package board

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// planTaskEnds are the events after which the task that makes a plan is over.
var planTaskEnds = []kanban.EventKind{kanban.EvCompleted, kanban.EvApproved, kanban.EvArchived, kanban.EvCancelled, kanban.EvDeleted}

// StartPlanTask puts a task on the board whose run makes the plan that p asks
// for; its end is news for the planner. The planner's only.
//
// Errors: conflict as for Propose.
func (b *Board) StartPlanTask(ctx context.Context, p Planning, body string) error {
	n := NewTask{
		Title: kanban.Clip("Plan: "+p.Task.Title, maxTitle/4), Body: body, Assignee: b.settings().Planner.Lane,
		Priority: p.Task.Priority, Tenant: p.Task.Tenant, Labels: p.Task.Labels, CreatedBy: plannerName,
	}
	t, err := b.draft(kanban.System, n)
	if err != nil {
		return err
	}
	t.Origin = p.Task.ID
	return b.store.Update(ctx, func(tx store.Tx) error {
		now, err := b.stillWanted(tx, p)
		if err != nil {
			return err
		}
		made, err := b.insert(tx, kanban.System, t, n)
		if err != nil {
			return err
		}
		_, err = b.notePlan(tx, now.Task, kanban.EvPlanAsked, planNote{
			By: p.By, Kind: p.Kind, Approve: p.Approve, Failed: p.Failed, Helper: made.ID,
		})
		return err
	})
}

// planTaskOver reports whether nothing more is to be waited for.
func (b *Board) planTaskOver(ctx context.Context, id string) (bool, error) {
	t, err := b.Task(ctx, id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return true, nil
	}
	return t.Status == kanban.Done || t.Status == kanban.Archived, err
}

// plannedBy is the task that an event is news of: one that makes a plan stands
// for the task it was made for.
func plannedBy(r store.Reader, e kanban.Event) (string, error) {
	if !slices.Contains(planTaskEnds, e.Kind) {
		return e.Task, nil
	}
	t, err := r.Task(e.Task)
	if kanban.CodeOf(err) == kanban.NotFound || err == nil && (t.CreatedBy != plannerName || t.Origin == "") {
		return e.Task, nil
	}
	return t.Origin, err
}

// PlanAnswer returns what the run of a planning task handed on: the plan in its
// metadata, else its summary. The planner's only.
//
// Errors: conflict if the task ended without being done.
func (b *Board) PlanAnswer(ctx context.Context, id string) (string, error) {
	return store.View(ctx, b.store, func(r store.Reader) (string, error) {
		t, err := r.Task(id)
		if err == nil && !t.Satisfies() {
			err = kanban.Errorf(kanban.Gated, "%s, which was to make the plan, was never done", id)
		}
		if err != nil {
			return "", err
		}
		run, err := lastHandoff(r, id)
		if err != nil {
			return "", err
		}
		var said struct {
			Plan json.RawMessage `json:"plan"`
		}
		if json.Unmarshal(run.Metadata, &said) == nil && len(said.Plan) > 0 {
			return string(said.Plan), nil
		}
		return orElse(run.Summary, t.Result), nil
	})
}
