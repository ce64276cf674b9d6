package kanban

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// PlanKind says what a planner was asked for.
type PlanKind string

// The kinds.
const (
	Specify   PlanKind = "specify"   // a text that a worker can start from
	Decompose PlanKind = "decompose" // children that do the work; or a text, if one task is enough
)

// Plan is what is proposed for a task in triage. Empty fields leave the task's
// own as they are.
type Plan struct {
	Title     string        `json:"title,omitempty"`
	Body      string        `json:"body,omitempty"`
	Assignee  string        `json:"assignee,omitempty"` // a lane
	Rationale string        `json:"rationale,omitempty"`
	Children  []PlannedTask `json:"children,omitempty"` // done before the task itself
}

// PlannedTask is a child to be made.
type PlannedTask struct {
	Key      string   `json:"key"` // names it within its plan
	Title    string   `json:"title"`
	Body     string   `json:"body,omitempty"`
	Assignee string   `json:"assignee"`
	Parents  []string `json:"parents,omitempty"` // keys of those that must be done before
}

// Sizes of plans, in bytes but for the children.
const (
	MaxPlanChildren  = 50
	maxPlanTitle     = 200
	maxPlanBody      = 16 << 10
	maxPlanRationale = 2 << 10
	maxPlanKey       = 64
	maxPlan          = 128 << 10
)

// Check refuses a plan that says nothing, is too large, or whose children do not
// fit together. children bounds how many there may be.
func (p Plan) Check(kind PlanKind, children int) error {
	switch {
	case kind == Specify && len(p.Children) > 0:
		return badPlan("it has children, but the task was to be specified")
	case len(p.Children) == 0 && p.Title == "" && p.Body == "":
		return badPlan("it says nothing: neither title nor body nor children")
	case len(p.Children) > children:
		return badPlan("it has %d children, more than %d", len(p.Children), children)
	}
	total := len(p.Rationale)
	for _, t := range append([]PlannedTask{{Key: "root", Title: p.Title, Body: p.Body}}, p.Children...) {
		if err := t.check(); err != nil {
			return err
		}
		total += len(t.Title) + len(t.Body)
	}
	if len(p.Rationale) > maxPlanRationale || total > maxPlan || !utf8.ValidString(p.Rationale) {
		return badPlan("it is %d bytes long, more than %d, or its rationale is more than %d", total, maxPlan, maxPlanRationale)
	}
	for _, t := range p.Children {
		if t.Title == "" {
			return badPlan("the child %q has no title", t.Key)
		}
	}
	_, err := p.Order()
	return err
}

func (t PlannedTask) check() error {
	switch {
	case t.Key == "" || len(t.Key) > maxPlanKey:
		return badPlan("a key is empty or longer than %d bytes", maxPlanKey)
	case len(t.Title) > maxPlanTitle || strings.ContainsAny(t.Title, "\n\r"):
		return badPlan("the title of %q has more than one line or %d bytes", t.Key, maxPlanTitle)
	case len(t.Body) > maxPlanBody:
		return badPlan("the body of %q is %d bytes long, more than %d", t.Key, len(t.Body), maxPlanBody)
	}
	for _, s := range []string{t.Key, t.Title, t.Body} {
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return badPlan("%q holds what is no text", t.Key)
		}
	}
	return nil
}

// Order returns the children so that parents come before those that wait for
// them.
//
// Errors: invalid for a key that is there twice or not at all, and for a cycle.
func (p Plan) Order() ([]PlannedTask, error) {
	done := map[string]bool{}
	for _, t := range p.Children {
		if _, twice := done[t.Key]; twice {
			return nil, badPlan("two children are called %q", t.Key)
		}
		done[t.Key] = false
	}
	for _, t := range p.Children {
		for _, parent := range t.Parents {
			if _, known := done[parent]; !known {
				return nil, badPlan("%q waits for %q, which is not in the plan", t.Key, parent)
			}
		}
	}
	var order []PlannedTask
	for left := slices.Clone(p.Children); len(left) > 0; {
		waits := func(t PlannedTask) bool {
			return slices.ContainsFunc(t.Parents, func(parent string) bool { return !done[parent] })
		}
		i := slices.IndexFunc(left, func(t PlannedTask) bool { return !waits(t) })
		if i < 0 {
			return nil, badPlan("the children wait for one another in a circle, %q among them", left[0].Key)
		}
		order, done[left[i].Key] = append(order, left[i]), true
		left = slices.Delete(left, i, i+1)
	}
	return order, nil
}

// Leaves are the children that no other child waits for.
func (p Plan) Leaves() []string {
	var leaves []string
	for _, t := range p.Children {
		waited := slices.ContainsFunc(p.Children, func(other PlannedTask) bool { return slices.Contains(other.Parents, t.Key) })
		if !waited {
			leaves = append(leaves, t.Key)
		}
	}
	return leaves
}

func badPlan(format string, args ...any) error {
	return Errorf(Invalid, "the plan is not good: "+format, args...).Hint("have it made again: andon decompose ID, or andon specify ID")
}
