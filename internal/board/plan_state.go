package board

import (
	"context"
	"encoding/json"
	"fmt"
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

// planGate says of a task in triage what its planning waits for, and how far it is.
func planGate(r store.Reader, t kanban.Task, g kanban.Gate) (kanban.Gate, PlanState, error) {
	p, err := planningOf(r, t)
	if err != nil {
		return g, p.State, err
	}
	switch p.State {
	case PlanAsked:
		g.Reason, g.Since = fmt.Sprintf("it is in triage: %s asked for a plan", p.By), p.At
	case PlanProposed:
		g.Reason, g.Since = "it is in triage: a plan waits for you", p.At
		g.Command = fmt.Sprintf("andon plan show %s  and  andon plan approve %s", t.ID, t.ID)
	case PlanFailed:
		g.Reason, g.Since, g.Until = "it is in triage: there is no plan yet: "+kanban.FirstLine(p.Reason, 200), p.At, p.RetryAt
		g.Command = fmt.Sprintf("andon %s %s  tries again now; andon promote %s  goes on without", p.Kind, t.ID, t.ID)
	}
	return g, p.State, nil
}
