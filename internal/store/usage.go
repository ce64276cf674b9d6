package store

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// UsageReader sums what work has used and how long it waited. A run counts for
// the time at which it began, all of it, and a wait likewise. Nothing here reads
// more than the runs and waits of the period, however long the board's history
// is.
type UsageReader interface {
	// Spent sums the runs that began at a time or later, one row for each
	// lane, account and tenant. The time is taken to the second below.
	Spent(since time.Time) ([]Spent, error)
	// Effort sums the runs of a period, one row for each combination that it
	// tells apart.
	Effort(p Period) ([]Effort, error)
	// Waits sums how long tasks stood in blocked and review, each time from
	// when they came there until they left it, or until now.
	Waits(p Period) ([]Wait, error)
}

// Spent is what runs used, and what those of them that are alive may still use
// of what was reserved for them.
type Spent struct {
	Lane, Account, Tenant string
	Used, Reserved        kanban.Budget
}

// Period selects by the time of beginning, to the second.
type Period struct {
	From, To time.Time // To is not part of it; zero = no end
	Now      time.Time // until which count what has no end yet
	ByTask   bool      // a row for each task, else Task is ""
}

// Effort is what runs of one kind took.
type Effort struct {
	Lane, Account, Tenant, Task string
	// Outcome is "" for open runs; of a run that gave up it is the failure
	// that was one too many.
	Outcome kanban.Outcome
	Runs    int
	Usage   kanban.Usage
	Running time.Duration
}

// Wait is how often and how long tasks waited for people. Lane and account are
// those of the run that ended so; the task's lane, if there was none.
type Wait struct {
	Lane, Account, Tenant, Task string
	Times                       int
	Open                        int // of these have not ended
	Waited                      time.Duration
}

// WaitsBegin and WaitsEnd are the kinds of event that take a task to a human and
// away again. A wait that begins anew has ended before.
var (
	WaitsBegin = []kanban.EventKind{kanban.EvBlocked, kanban.EvReview}
	WaitsEnd   = append([]kanban.EventKind{
		kanban.EvUnblocked, kanban.EvApproved, kanban.EvRejected, kanban.EvCompleted, kanban.EvArchived, kanban.EvCancelled,
		kanban.EvPromoted, kanban.EvPromotedManual, kanban.EvClaimed, kanban.EvScheduled, kanban.EvReopened, kanban.EvDemoted, kanban.EvDeleted,
	}, WaitsBegin...)
)
