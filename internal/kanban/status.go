package kanban

import "strings"

// Status is where a task stands. Statuses are stored as these words, which are
// also the reference system's.
type Status string

// The nine statuses, in the order of a task's life.
const (
	Triage    Status = "triage"    // an idea, not yet specified
	Todo      Status = "todo"      // specified, waits for its parents
	Scheduled Status = "scheduled" // waits for a time, or for a human if none is set
	Ready     Status = "ready"     // may be claimed
	Running   Status = "running"   // claimed; exactly one run is open
	Blocked   Status = "blocked"   // waits for a human; see BlockKind
	Review    Status = "review"    // worked on, waits for a human's verdict
	Done      Status = "done"      // finished
	Archived  Status = "archived"  // out of sight; Task.Closed says how it ended
)

var statusWords = map[Status]string{
	Triage: "an idea, not yet specified", Todo: "waits for other tasks", Scheduled: "waits for a time", Ready: "may start",
	Running: "is worked on", Blocked: "waits for a human", Review: "waits for a verdict", Done: "finished", Archived: "out of sight",
}

// Words says what a status means.
func (s Status) Words() string { return statusWords[s] }

// Statuses lists all statuses in the order of a task's life.
var Statuses = []Status{Triage, Todo, Scheduled, Ready, Running, Blocked, Review, Done, Archived}

// ParseStatus accepts a status in any case, or returns an invalid error that
// lists all.
func ParseStatus(s string) (Status, error) {
	got := Status(strings.ToLower(strings.TrimSpace(s)))
	for _, known := range Statuses {
		if got == known {
			return got, nil
		}
	}
	return "", Errorf(Invalid, "unknown status %s", Quote(s)).Hint("one of %s", joinStatuses())
}

func joinStatuses() string {
	words := make([]string, len(Statuses))
	for i, s := range Statuses {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// BlockKind says who or what a blocked task waits for.
type BlockKind string

// The kinds of block. All but the breaker's and the
// budget's are given by whoever blocks.
const (
	NeedsInput  BlockKind = "needs_input" // a question for a human
	Capability  BlockKind = "capability"  // the worker cannot do this: tool, access, skill
	Transient   BlockKind = "transient"   // something outside is down
	Dependency  BlockKind = "dependency"  // waits for work that is not on the board
	BreakerOpen BlockKind = "breaker"     // failed too often; set by the dispatcher only
	BudgetSpent BlockKind = "budget"      // used all that it may; set by the dispatcher only
	Operator    BlockKind = "operator"    // a human stopped or held it

	MergeConflict BlockKind = "conflict" // the branches of its parents do not merge; set by the dispatcher only
)

// ParseBlockKind accepts the kinds that a caller may give; empty is
// NeedsInput.
func ParseBlockKind(s string) (BlockKind, error) {
	switch k := BlockKind(strings.ToLower(strings.TrimSpace(s))); k {
	case "":
		return NeedsInput, nil
	case NeedsInput, Capability, Transient, Dependency, Operator:
		return k, nil
	}
	return "", Errorf(Invalid, "unknown kind of block %s", Quote(s)).
		Hint("one of needs_input, capability, transient, dependency, operator")
}
