package kanban

import "slices"

// EventKind names what happened. The first group is the reference system's;
// scripts and its own notifier read these words.
type EventKind string

// The kinds of event.
const (
	EvCreated           EventKind = "created"
	EvAssigned          EventKind = "assigned"
	EvLinked            EventKind = "linked"
	EvUnlinked          EventKind = "unlinked"
	EvCommented         EventKind = "commented"
	EvPromoted          EventKind = "promoted"
	EvPromotedManual    EventKind = "promoted_manual"
	EvClaimed           EventKind = "claimed"
	EvSpawned           EventKind = "spawned"
	EvHeartbeat         EventKind = "heartbeat"
	EvCompleted         EventKind = "completed"
	EvPhantomCards      EventKind = "completion_blocked_hallucination"
	EvPhantomReferences EventKind = "suspected_hallucinated_references"
	EvEdited            EventKind = "edited"
	EvBlocked           EventKind = "blocked"
	EvUnblocked         EventKind = "unblocked"
	EvScheduled         EventKind = "scheduled"
	EvReclaimed         EventKind = "reclaimed"
	EvStalled           EventKind = "stale"
	EvCrashed           EventKind = "crashed"
	EvProtocolViolation EventKind = "protocol_violation"
	EvTimedOut          EventKind = "timed_out"
	EvSpawnFailed       EventKind = "spawn_failed"
	EvGaveUp            EventKind = "gave_up"
	EvArchived          EventKind = "archived"
	EvReprioritized     EventKind = "reprioritized"

	EvDemoted     EventKind = "demoted"
	EvReview      EventKind = "review"
	EvApproved    EventKind = "approved"
	EvRejected    EventKind = "rejected"
	EvRateLimited EventKind = "rate_limited"
	EvLost        EventKind = "lost"
	EvStopped     EventKind = "stopped"
	EvCancelled   EventKind = "cancelled"
	EvUnarchived  EventKind = "unarchived"
	EvReopened    EventKind = "reopened"
	EvDeleted     EventKind = "deleted"
	EvWoken       EventKind = "woken"
	EvRefsMoved   EventKind = "refs_moved"
	EvPaused      EventKind = "paused" // the failure after which its lane or repository waits for a human

	// Planning. The last two are the reference system's.
	EvPlanAsked    EventKind = "plan_asked"
	EvPlanFailed   EventKind = "plan_failed"
	EvPlanProposed EventKind = "plan_proposed"
	EvPlanRejected EventKind = "plan_rejected"
	EvSpecified    EventKind = "specified"
	EvDecomposed   EventKind = "decomposed"

	EvVerifying    EventKind = "verifying"     // handed in; it is done once its verification succeeds
	EvVerifyFailed EventKind = "verify_failed" // and it did not

	EvOverBudget EventKind = "over_budget" // a run that was not ended for it used more than it may

	EvCooling       EventKind = "cooling_down"   // a rate limit; its account, or its lane without one, rests
	EvBudgetReached EventKind = "budget_reached" // it waits for a budget of the day, the first to do so

	EvLatched EventKind = "latched" // of a board that takes no more writes; told, and in no log
)

// EventKinds lists every kind, for validation and documentation.
var EventKinds = []EventKind{
	EvCreated, EvAssigned, EvLinked, EvUnlinked, EvCommented, EvPromoted, EvPromotedManual, EvClaimed, EvSpawned,
	EvHeartbeat, EvCompleted, EvPhantomCards, EvPhantomReferences, EvEdited, EvBlocked, EvUnblocked, EvScheduled,
	EvReclaimed, EvStalled, EvCrashed, EvProtocolViolation, EvTimedOut, EvSpawnFailed, EvGaveUp, EvArchived,
	EvReprioritized, EvDemoted, EvReview, EvApproved, EvRejected, EvRateLimited, EvLost, EvStopped, EvCancelled,
	EvUnarchived, EvReopened, EvDeleted, EvWoken, EvRefsMoved, EvPaused, EvPlanAsked, EvPlanFailed, EvPlanProposed, EvPlanRejected,
	EvSpecified, EvDecomposed,
	EvVerifying, EvVerifyFailed, EvOverBudget, EvCooling, EvBudgetReached, EvLatched,
}

// asking are the kinds whose message offers something to do, as long as nothing has
// been decided.
var asking = []EventKind{
	EvReview, EvPlanProposed, EvBlocked, EvGaveUp, EvProtocolViolation, EvStopped, EvCrashed, EvTimedOut, EvStalled, EvSpawnFailed,
	EvVerifyFailed, EvRateLimited, EvLost, EvReclaimed, EvClaimed, EvSpawned, EvHeartbeat,
}

// Asks reports whether a message of a kind offers something to do.
func Asks(kind EventKind) bool { return slices.Contains(asking, kind) }

// Settling are the kinds with which that is decided.
var Settling = []EventKind{
	EvUnblocked, EvCompleted, EvRejected, EvPlanAsked, EvPlanRejected, EvSpecified, EvDecomposed, EvStopped, EvScheduled, EvPromotedManual,
	EvReopened, EvCancelled, EvArchived, EvDeleted,
}

// Settles reports whether a kind is a decision after which a message has nothing
// more to offer.
func Settles(kind EventKind) bool { return slices.Contains(Settling, kind) }

// Turns are the kinds that ask or settle; all others only note something.
var Turns = slices.Concat(asking, Settling)

// Noteworthy are the kinds that a subscription hears of when it names none:
// those after which somebody may want to act.
var Noteworthy = []EventKind{
	EvCompleted, EvBlocked, EvReview, EvGaveUp, EvCrashed, EvTimedOut, EvStalled, EvPaused, EvOverBudget,
	EvPlanProposed, EvCooling, EvBudgetReached, EvLatched,
}
