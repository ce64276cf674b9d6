package board

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// AskPlan asks the planner for a plan of a task in triage; with approve it is
// applied as soon as it is made. Asking again for the same changes nothing until
// it is made. Humans only.
//
// Errors: conflict if the task is not in triage; unavailable without a planner.
func (b *Board) AskPlan(ctx context.Context, a kanban.Actor, id string, kind kanban.PlanKind, approve bool) (Planning, error) {
	if err := onlyHuman(a, string(kind)); err != nil {
		return Planning{}, err
	}
	s := b.settings()
	switch {
	case s.Planner.Name == "":
		return Planning{}, kanban.Errorf(kanban.Unavailable, "there is no planner").
			Hint("add one to andon.yaml: planner: {url: https://..., model: ..., key_env: ...}  or  planner: {lane: NAME}")
	case kind == kanban.Decompose && len(s.Lanes) == 0:
		return Planning{}, kanban.Errorf(kanban.Conflict, "there is no lane to give the parts to").Hint("add lanes to andon.yaml")
	}
	return mutate(ctx, b, string(kind), id, func(tx store.Tx) (Planning, error) {
		p, err := b.planning(tx, id)
		if err != nil {
			return p, err
		}
		if err := inTriage(p.Task); err != nil {
			return p, err
		}
		if p.State == PlanAsked && p.Kind == kind && p.Approve == approve {
			return p, nil
		}
		return b.notePlan(tx, p.Task, kanban.EvPlanAsked, planNote{By: a.Name, Kind: kind, Approve: approve})
	})
}

func inTriage(t kanban.Task) error {
	if t.Status == kanban.Triage {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "task %s is %s; only a task in triage is planned", t.ID, t.Status).In(t.Status).
		Hint("andon add --triage ...  makes one; andon edit %s  changes this one", t.ID)
}

func (b *Board) notePlan(tx store.Tx, t kanban.Task, kind kanban.EventKind, n planNote) (Planning, error) {
	payload, err := n.payload()
	if err != nil {
		return Planning{}, err
	}
	if err := b.record(tx, event(t, kind, payload)); err != nil {
		return Planning{}, err
	}
	return b.planning(tx, t.ID)
}

// ToPlan returns the planning of a task if the planner has something to do for
// it, now or at RetryAt. The planner's only.
func (b *Board) ToPlan(ctx context.Context, id string) (p Planning, wanted bool, err error) {
	p, err = b.Planning(ctx, id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return p, false, nil
	}
	if err != nil || p.Task.Status != kanban.Triage {
		return p, false, err
	}
	auto := b.settings().Planner.Auto
	switch {
	case p.By == AutoApprover && auto == "": // it was switched off since
		return p, false, nil
	case p.Helper != "" && p.State == PlanAsked:
		over, err := b.planTaskOver(ctx, p.Helper)
		return p, over, err
	case p.State == PlanAsked, p.State == PlanFailed && !p.RetryAt.IsZero():
		return p, true, nil
	case p.State == PlanNone && auto != "":
		p.Kind, p.By, p.Approve = auto, AutoApprover, true
		return p, true, nil
	}
	return p, false, nil
}

// PlanNews returns the tasks that the planner may have something to do for: all
// in triage if whole, else those of which events after one say so. last is the
// newest event that was looked at.
func (b *Board) PlanNews(ctx context.Context, after int64, whole bool) (ids []string, last int64, err error) {
	err = b.store.View(ctx, func(r store.Reader) error {
		if last, err = r.LastEvent(); err != nil {
			return err
		}
		if whole {
			ids, err = inTriageNow(r)
		} else {
			ids, err = b.plannable(r, after)
		}
		return err
	})
	return ids, last, err
}

func inTriageNow(r store.Reader) (ids []string, err error) {
	q := store.TaskQuery{Statuses: []kanban.Status{kanban.Triage}, Sort: store.ByCreated, Limit: 1000}
	for {
		tasks, next, err := r.Tasks(q)
		if err != nil {
			return nil, err
		}
		for _, t := range tasks {
			ids = append(ids, t.ID)
		}
		if q.Cursor = next; next == "" {
			return ids, nil
		}
	}
}

func (b *Board) plannable(r store.Reader, after int64) (ids []string, err error) {
	q := store.EventQuery{After: after, Kinds: []kanban.EventKind{kanban.EvCreated, kanban.EvPlanAsked}, Limit: 1000}
	if b.settings().Planner.Lane != "" {
		q.Kinds = append(q.Kinds, planTaskEnds...)
	}
	for {
		news, err := r.Events(q)
		if err != nil {
			return nil, err
		}
		for _, e := range news {
			id, err := plannedBy(r, e)
			if err != nil {
				return nil, err
			}
			ids, q.After = append(ids, id), e.ID
		}
		if len(news) < q.Limit {
			return ids, nil
		}
	}
}

// Propose keeps a plan that was made for what p said then, and applies it if a
// human approved that before. The planner's only.
//
// Errors: invalid for a plan that cannot be applied; conflict if the task left
// triage, or something else was asked for meanwhile.
func (b *Board) Propose(ctx context.Context, p Planning, mind string, plan kanban.Plan) (Planning, error) {
	if err := b.checkPlan(p.Kind, &plan); err != nil {
		return Planning{}, err
	}
	return store.Update(ctx, b.store, func(tx store.Tx) (Planning, error) {
		now, err := b.stillWanted(tx, p)
		if err != nil {
			return now, err
		}
		n := planNote{
			By: mind, Asked: p.By, Kind: p.Kind, Approve: p.Approve, Mind: mind, Plan: &plan, Text: fingerprint(p.Task),
		}
		made, err := b.notePlan(tx, now.Task, kanban.EvPlanProposed, n)
		if err != nil || !p.Approve {
			return made, err
		}
		return b.applyPlan(tx, kanban.Actor{Kind: kanban.Human, Name: p.By}, made)
	})
}

// stillWanted returns the planning as it is, if nothing happened to it since.
func (b *Board) stillWanted(tx store.Tx, p Planning) (Planning, error) {
	now, err := b.planning(tx, p.Task.ID)
	if err != nil {
		return now, err
	}
	if err := inTriage(now.Task); err != nil {
		return now, err
	}
	if now.Event != p.Event {
		return now, kanban.Errorf(kanban.Conflict, "the planning of %s went on meanwhile (%s)", now.Task.ID, now.State).In(now.Task.Status)
	}
	return now, nil
}

// PlanTrouble is why there is no plan.
type PlanTrouble struct {
	Reason string
	Retry  time.Time // zero = not until somebody asks again
}

// FailPlan says why there is no plan. The task stays in triage. The planner's
// only.
//
// Errors: conflict as for Propose.
func (b *Board) FailPlan(ctx context.Context, p Planning, f PlanTrouble) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		now, err := b.stillWanted(tx, p)
		if err != nil {
			return err
		}
		n := planNote{By: p.By, Kind: p.Kind, Approve: p.Approve, Failed: p.Failed + 1, Reason: kanban.Clip(f.Reason, 500)}
		if !f.Retry.IsZero() {
			n.RetryAt = f.Retry.UnixMilli()
		}
		_, err = b.notePlan(tx, now.Task, kanban.EvPlanFailed, n)
		return err
	})
}

// ApprovePlan applies the plan that is proposed: its children are made, the task
// leaves triage and waits for them. A plan that was applied is not applied
// again. Humans only.
//
// Errors: conflict without a proposed plan, or if the task or the lanes have
// changed so that it does not fit any more.
func (b *Board) ApprovePlan(ctx context.Context, a kanban.Actor, id string) (Planning, error) {
	if err := onlyHuman(a, "approving a plan"); err != nil {
		return Planning{}, err
	}
	return mutate(ctx, b, "approve a plan", id, func(tx store.Tx) (Planning, error) {
		p, err := b.planning(tx, id)
		if err != nil || p.State == PlanApplied {
			return p, err
		}
		if err := proposed(p); err != nil {
			return p, err
		}
		if p.Hash != fingerprint(p.Task) {
			return p, kanban.Errorf(kanban.Conflict, "the text of %s has changed since its plan was made", id).In(p.Task.Status).
				Hint("andon %s %s  makes a new one", p.Kind, id)
		}
		return b.applyPlan(tx, a, p)
	})
}

// RejectPlan drops the plan that is proposed; the next one is made with the
// reason in mind. Humans only.
//
// Errors: conflict without a proposed plan.
func (b *Board) RejectPlan(ctx context.Context, a kanban.Actor, id, reason string) (Planning, error) {
	if err := onlyHuman(a, "rejecting a plan"); err != nil {
		return Planning{}, err
	}
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return Planning{}, err
	}
	return mutate(ctx, b, "reject a plan", id, func(tx store.Tx) (Planning, error) {
		p, err := b.planning(tx, id)
		if err != nil {
			return p, err
		}
		if err := proposed(p); err != nil {
			return p, err
		}
		n := planNote{By: a.Name, Kind: p.Kind, Mind: p.Mind, Plan: &p.Plan, Reason: reason}
		return b.notePlan(tx, p.Task, kanban.EvPlanRejected, n)
	})
}

func proposed(p Planning) error {
	if err := inTriage(p.Task); err != nil {
		return err
	}
	if p.State == PlanProposed {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "no plan of %s waits for you (%s)", p.Task.ID, p.State).In(p.Task.Status).
		Hint("andon decompose %s  asks for one", p.Task.ID)
}

// checkPlan refuses what could not be applied now, and brings names of lanes
// into their form.
func (b *Board) checkPlan(kind kanban.PlanKind, plan *kanban.Plan) error {
	s := b.settings()
	if err := plan.Check(kind, s.Planner.MaxChildren); err != nil {
		return err
	}
	lanes := slices.Sorted(maps.Keys(s.Lanes))
	known := func(what string, lane *string) error {
		name, err := laneName(*lane)
		if err == nil {
			*lane = name
			if _, ok := s.Lanes[name]; ok || name == "" {
				return nil
			}
		}
		e := kanban.Errorf(kanban.Invalid, "the plan is not good: %s is for the lane %s, which does not exist", what, kanban.Quote(*lane))
		if near := kanban.Nearest(name, lanes); near != "" {
			return e.Hint("did it mean %s?", near)
		}
		return e.Hint("andon lanes  lists those that do")
	}
	if err := known("the task itself", &plan.Assignee); err != nil {
		return err
	}
	for i := range plan.Children {
		c := &plan.Children[i]
		if err := known(fmt.Sprintf("%q", c.Key), &c.Assignee); err != nil {
			return err
		}
		if c.Assignee == "" {
			return kanban.Errorf(kanban.Invalid, "the plan is not good: %s has no lane", kanban.Quote(c.Key)).Hint("andon lanes  lists them")
		}
	}
	return nil
}

// fingerprint tells whether a task still says what was planned for.
func fingerprint(t kanban.Task) string {
	sum := sha256.Sum256([]byte(t.Title + "\x00" + t.Body))
	return hex.EncodeToString(sum[:8])
}
