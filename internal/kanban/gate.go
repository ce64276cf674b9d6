package kanban

import "time"

// Gate is one reason why a task is not running.
type Gate struct {
	Kind    GateKind
	Reason  string    // in words
	Since   time.Time // zero = not known
	Until   time.Time // zero = not known, or until somebody acts
	Command string    // what opens it; "" if only time does
}

// GateKind groups gates.
type GateKind string

// The kinds of gate.
const (
	GateDependency GateKind = "dependency" // a parent is unsatisfied
	GateSchedule   GateKind = "schedule"   // a time is set
	GateBackoff    GateKind = "backoff"    // the last attempt failed a moment ago
	GateCap        GateKind = "cap"        // a limit of parallel runs is reached
	GateCooldown   GateKind = "cooldown"   // the lane or account was told to slow down
	GatePaused     GateKind = "paused"     // somebody pulled the cord, alike failures did, or one run is tried after them
	GateBreaker    GateKind = "breaker"    // it failed too often
	GateBudget     GateKind = "budget"     // what it may use is used, or reserved
	GateHuman      GateKind = "human"      // a question, a review, a hold, triage
	GateReview     GateKind = "review"     // a lane reviews it
	GateLane       GateKind = "lane"       // no lane is assigned, or there is none of that name
	GateTree       GateKind = "tree"       // processes of an earlier run are not yet gone
	GateDispatcher GateKind = "dispatcher" // no gateway runs here, or it may not dispatch
	GateDisk       GateKind = "disk"       // too little free space
	GateEnded      GateKind = "ended"      // done or archived: there is nothing to run
	GateStore      GateKind = "store"      // the board stopped writing after an error
)
