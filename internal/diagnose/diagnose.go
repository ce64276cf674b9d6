package diagnose

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Severity says how urgent a finding is.
type Severity int

// The severities.
const (
	Warning Severity = iota
	Error
	Critical
)

func (s Severity) String() string { return [...]string{"warning", "error", "critical"}[s] }

// The kinds of finding.
const (
	HallucinatedCards        = "hallucinated_cards"          // it claimed tasks as its own that are not
	WaitingOnCancelledParent = "waiting_on_cancelled_parent" // nothing will ever release it
	RepeatedFailures         = "repeated_failures"
	StuckInBlocked           = "stuck_in_blocked"   // a human is needed and none came
	StrandedInReady          = "stranded_in_ready"  // nobody runs its lane
	UnknownLane              = "unknown_lane"       // nobody will
	ProsePhantomRefs         = "prose_phantom_refs" // its handoff names tasks that do not exist
	RefsMoved                = "refs_moved"         // a run moved what was not its to move
	ToldNobody               = "told_nobody"        // messages about it were given up
	BoardLatched             = "board_latched"      // the board itself, which takes no more writes
)

// Finding is something about a task that a person should look at.
type Finding struct {
	Kind     string
	Severity Severity
	Title    string
	Detail   string
	Actions  []string  // commands, the suggested one first
	Since    time.Time // zero = not known
	Count    int       // how often it happened; 0 = it is a state
	Data     map[string]any
}

// Subject is a task and what the rules look at.
type Subject struct {
	Task    kanban.Task
	Parents []kanban.Task // those that it waits for
	Runs    []kanban.Run  // oldest first
	Events  []kanban.Event
	Untold  []store.Delivery // messages about it that were given up, newest first
}

// When a state becomes a finding.
const (
	manyFailures = 2
	longBlocked  = 24 * time.Hour
	longReady    = 30 * time.Minute
)

// facts are what the rules know besides the subject.
type facts struct {
	now    time.Time
	served func(lane string) bool
}

// rules, in the order in which findings of one severity are told.
var rules = []func(Subject, facts) (Finding, bool){
	hallucinatedCards, waitingOnCancelledParent, repeatedFailures, stuckInBlocked, strandedInReady, unknownLane, prosePhantomRefs, refsMoved, toldNobody,
}

// Judge returns the findings about a task, the worst first. served tells of a
// lane whether a gateway starts workers for it.
func Judge(s Subject, now time.Time, served func(lane string) bool) []Finding {
	var found []Finding
	for _, rule := range rules {
		if f, applies := rule(s, facts{now, served}); applies {
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Compare(b.Severity, a.Severity) })
	return found
}
