package diagnose

import (
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
)

// statusesAfter are those in which its kind leaves a task, or the one that the
// event names.
func statusesAfter(e kanban.Event) []kanban.Status {
	says := kanban.StatusesAfter(e.Kind)
	named, _ := e.Payload["status"].(string)
	if s := kanban.Status(named); e.Kind != kanban.EvDeleted && !e.Foreign && slices.Contains(says, s) {
		return []kanban.Status{s}
	}
	return says
}

// endEvents are the kinds of event that tell of an end, by outcome.
var endEvents = map[kanban.Outcome][]kanban.EventKind{
	kanban.Completed: {kanban.EvCompleted}, kanban.Submitted: {kanban.EvReview}, kanban.BlockedOut: {kanban.EvBlocked},
	kanban.ScheduledOut: {kanban.EvScheduled}, kanban.GaveUp: {kanban.EvGaveUp}, kanban.OverBudget: {kanban.EvBlocked}, kanban.CancelledOut: {kanban.EvArchived, kanban.EvCancelled, kanban.EvDeleted},
	kanban.SpawnFailed: {kanban.EvSpawnFailed}, kanban.Crashed: {kanban.EvCrashed}, kanban.TimedOut: {kanban.EvTimedOut},
	kanban.Stalled: {kanban.EvStalled}, kanban.ProtocolViolation: {kanban.EvProtocolViolation}, kanban.RateLimited: {kanban.EvRateLimited},
	kanban.VerifyFailed: {kanban.EvVerifyFailed},
	kanban.Lost:         {kanban.EvLost}, kanban.Stopped: {kanban.EvStopped}, kanban.Reclaimed: {kanban.EvReclaimed},
}

func endsAs(kind kanban.EventKind, o kanban.Outcome) bool { return slices.Contains(endEvents[o], kind) }

// ends reports whether a kind of event that names a run tells of its end.
func ends(kind kanban.EventKind) bool {
	for _, kinds := range endEvents {
		if slices.Contains(kinds, kind) {
			return true
		}
	}
	return false
}
