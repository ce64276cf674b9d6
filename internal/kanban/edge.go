package kanban

import "strings"

// Conditions are all conditions of an edge.
var Conditions = []When{OnSuccess, OnAny, OnFailed}

// ParseWhen reads the condition of an edge; success may be spelled out.
func ParseWhen(s string) (When, error) {
	switch w := When(strings.ToLower(strings.TrimSpace(s))); w {
	case OnSuccess, OnAny, OnFailed:
		return w, nil
	case "success", "done":
		return OnSuccess, nil
	}
	return "", Errorf(Invalid, "%s is no condition of an edge", Quote(s)).Hint("success (the default), any or failed")
}

// ParseParent reads a parent with its condition, as in t_1f3a9c20:any.
func ParseParent(s string) (id string, when When, err error) {
	id, word, given := strings.Cut(strings.TrimSpace(s), ":")
	if given {
		when, err = ParseWhen(word)
	}
	return id, when, err
}

// WithWhen is how ParseParent reads a parent.
func WithWhen(id string, w When) string {
	if w == OnSuccess {
		return id
	}
	return id + ":" + string(w)
}

// Satisfied reports whether an edge lets its child start, with the parent as it
// stands. It is the only rule of that; stores say the same in their language.
func (l Link) Satisfied(parent Task) bool {
	switch {
	case l.Waived:
		return true
	case l.When == OnAny:
		return parent.Status == Archived || parent.Satisfies() || parent.Failed()
	case l.When == OnFailed:
		return parent.Failed()
	}
	return parent.Satisfies()
}

// Pointless reports whether the child of an edge is not needed: the failure that
// it is for did not come about, or its parent itself was not needed.
func (l Link) Pointless(parent Task) bool {
	if l.Waived || l.When == OnAny {
		return false
	}
	return l.When == OnFailed && parent.Satisfies() || parent.Status == Archived && parent.Closed == NotNeeded
}

// Failed reports whether a task ended without being done: its breaker holds, or
// it was cancelled or put away unfinished.
func (t Task) Failed() bool {
	if t.Status == Archived {
		return !t.Satisfies() && t.Closed != NotNeeded
	}
	return t.Status == Blocked && t.BlockKind == BreakerOpen
}
