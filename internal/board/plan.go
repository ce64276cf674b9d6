package board

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// PlanState says how far the planning of a task has come.
type PlanState string

// The states.
const (
	PlanNone     PlanState = "none"     // nobody has asked
	PlanAsked    PlanState = "asked"    // the planner is to make one
	PlanFailed   PlanState = "failed"   // it could not; RetryAt says whether it will try again
	PlanProposed PlanState = "proposed" // a human is to approve or to reject it
	PlanRejected PlanState = "rejected"
	PlanApplied  PlanState = "applied"
	PlanDropped  PlanState = "dropped" // the task left triage without it
)

// Planning is what is known of the planning of one task. It is kept in the
// task's events, of which the newest counts.
type Planning struct {
	Task  kanban.Task
	State PlanState
	Event int64     // the newest event of the planning, 0 if none
	At    time.Time // of that event

	Kind    kanban.PlanKind
	By      string // who asked, or for what was decided, who did
	Approve bool   // apply it as soon as it is made: a human said so before
	Mind    string // who made it: a model, or a lane
	Plan    kanban.Plan
	Reason  string // why it failed or was rejected
	Failed  int    // attempts since it was asked for
	RetryAt time.Time
	Helper  string            // the task whose run makes the plan, "" if a model does
	IDs     map[string]string // of the children, by key; once applied
	Hash    string            // of the text that was planned for
}

// Planner is what a board needs to know of the planner. The zero value is none.
type Planner struct {
	Name        string
	Lane        string // whose runs make the plans; "" = a model does
	MaxChildren int
	Auto        kanban.PlanKind // for every task in triage, without asking; "" = off
}

// AutoApprover is who asks for plans, and approves them, where andon.yaml says
// auto. People only write that file.
const AutoApprover = "andon.yaml"

var planKinds = []kanban.EventKind{
	kanban.EvPlanAsked, kanban.EvPlanFailed, kanban.EvPlanProposed, kanban.EvPlanRejected, kanban.EvSpecified, kanban.EvDecomposed,
}

// planNote is the payload of the events of a planning.
type planNote struct {
	By       string            `json:"by,omitempty"`
	Asked    string            `json:"asked_by,omitempty"`
	Kind     kanban.PlanKind   `json:"kind,omitempty"`
	Approve  bool              `json:"approve,omitempty"`
	Helper   string            `json:"planning_task,omitempty"`
	Mind     string            `json:"planner,omitempty"`
	Plan     *kanban.Plan      `json:"plan,omitempty"`
	Text     string            `json:"text_hash,omitempty"`
	Reason   string            `json:"reason,omitempty"`
	Failed   int               `json:"attempts,omitempty"`
	RetryAt  int64             `json:"retry_at_ms,omitempty"`
	Changed  []string          `json:"changed_fields,omitempty"`
	Title    string            `json:"old_title,omitempty"`
	ChildIDs []string          `json:"child_ids,omitempty"`
	Keys     map[string]string `json:"children,omitempty"`
	Assignee string            `json:"root_assignee,omitempty"`
}

func (n planNote) payload() (map[string]any, error) {
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	var m map[string]any
	return m, json.Unmarshal(raw, &m)
}

// Planning tells how far the planning of a task has come.
func (b *Board) Planning(ctx context.Context, id string) (Planning, error) {
	return store.View(ctx, b.store, func(r store.Reader) (Planning, error) { return b.planning(r, id) })
}

func (b *Board) planning(r store.Reader, id string) (Planning, error) {
	t, err := r.Task(id)
	if err != nil {
		return Planning{}, err
	}
	return planningOf(r, t)
}

func planningOf(r store.Reader, t kanban.Task) (Planning, error) {
	p := Planning{Task: t, State: PlanNone}
	events, err := r.Events(store.EventQuery{Task: t.ID, Kinds: planKinds, Limit: 1, Last: true})
	if err != nil || len(events) == 0 {
		return p, err
	}
	e := events[0]
	raw, err := json.Marshal(e.Payload)
	if err != nil {
		return p, err
	}
	var n planNote
	if err := json.Unmarshal(raw, &n); err != nil && !e.Foreign { // others' words for the same thing need not be ours
		return p, fmt.Errorf("event %d of %s cannot be read: %w", e.ID, t.ID, err)
	}
	p.Event, p.At, p.Kind, p.Approve, p.Mind, p.Reason, p.Failed = e.ID, e.At, n.Kind, n.Approve, n.Mind, n.Reason, n.Failed
	p.By, p.IDs, p.Hash, p.Helper = orElse(n.Asked, n.By), n.Keys, n.Text, n.Helper
	if n.Plan != nil {
		p.Plan = *n.Plan
	}
	if n.RetryAt > 0 {
		p.RetryAt = time.UnixMilli(n.RetryAt)
	}
	p.State = stateAfter(e.Kind, t.Status)
	return p, nil
}

// stateAfter is the state that an event of a planning left. A task that came
// back to triage begins anew, and what was never applied to one that left it
// never will be.
func stateAfter(last kanban.EventKind, status kanban.Status) PlanState {
	state := map[kanban.EventKind]PlanState{
		kanban.EvPlanAsked: PlanAsked, kanban.EvPlanFailed: PlanFailed, kanban.EvPlanProposed: PlanProposed,
		kanban.EvPlanRejected: PlanRejected, kanban.EvSpecified: PlanApplied, kanban.EvDecomposed: PlanApplied,
	}[last]
	switch {
	case status == kanban.Triage && state == PlanApplied:
		return PlanNone
	case status != kanban.Triage && state != PlanApplied && state != PlanRejected:
		return PlanDropped
	}
	return state
}

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
		n := planNote{By: p.By, Kind: p.Kind, Approve: p.Approve, Failed: p.Failed + 1, Reason: clip(f.Reason, 500)}
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
		e := kanban.Errorf(kanban.Invalid, "the plan is not good: %s is for the lane %q, which does not exist", what, clip(*lane, 80))
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
			return kanban.Errorf(kanban.Invalid, "the plan is not good: %q has no lane", c.Key).Hint("andon lanes  lists them")
		}
	}
	return nil
}

// fingerprint tells whether a task still says what was planned for.
func fingerprint(t kanban.Task) string {
	sum := sha256.Sum256([]byte(t.Title + "\x00" + t.Body))
	return hex.EncodeToString(sum[:8])
}

// planGate says of a task in triage what its planning waits for.
func (b *Board) planGate(r store.Reader, t kanban.Task, g kanban.Gate) (kanban.Gate, error) {
	p, err := planningOf(r, t)
	if err != nil {
		return g, err
	}
	switch p.State {
	case PlanAsked:
		g.Reason, g.Since = fmt.Sprintf("it is in triage: %s asked for a plan", p.By), p.At
	case PlanProposed:
		g.Reason, g.Since = "it is in triage: a plan waits for you", p.At
		g.Command = fmt.Sprintf("andon plan show %s  and  andon plan approve %s", t.ID, t.ID)
	case PlanFailed:
		g.Reason, g.Since, g.Until = "it is in triage: there is no plan yet: "+firstLine(p.Reason, 200), p.At, p.RetryAt
		g.Command = fmt.Sprintf("andon %s %s  tries again now; andon promote %s  goes on without", p.Kind, t.ID, t.ID)
	}
	return g, nil
}
