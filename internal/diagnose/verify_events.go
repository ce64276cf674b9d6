package diagnose

import (
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
)

// again are the statuses of a task whose run ended without its being done.
var again = []kanban.Status{kanban.Ready, kanban.Todo, kanban.Blocked}

// after are the statuses that a kind of event leaves a task in. What is not here
// changes none.
var after = map[kanban.EventKind][]kanban.Status{
	kanban.EvCreated:        {kanban.Triage, kanban.Todo, kanban.Scheduled, kanban.Ready, kanban.Blocked},
	kanban.EvPromoted:       {kanban.Ready},
	kanban.EvPromotedManual: {kanban.Ready, kanban.Todo},
	kanban.EvDemoted:        {kanban.Todo},
	kanban.EvClaimed:        {kanban.Running},
	kanban.EvCompleted:      {kanban.Done},
	kanban.EvReview:         {kanban.Review},
	kanban.EvApproved:       {kanban.Done},
	kanban.EvRejected:       again,
	kanban.EvBlocked:        {kanban.Blocked},
	kanban.EvGaveUp:         {kanban.Blocked},
	kanban.EvUnblocked:      {kanban.Ready, kanban.Todo},
	kanban.EvScheduled:      {kanban.Scheduled},
	kanban.EvWoken:          {kanban.Ready, kanban.Todo},
	kanban.EvArchived:       {kanban.Archived},
	kanban.EvCancelled:      {kanban.Archived},
	kanban.EvDeleted:        {kanban.Archived},
	kanban.EvUnarchived:     {kanban.Done, kanban.Blocked, kanban.Ready, kanban.Todo},
	kanban.EvReopened:       {kanban.Ready, kanban.Todo},
	kanban.EvSpecified:      {kanban.Ready, kanban.Todo},
	kanban.EvDecomposed:     {kanban.Ready, kanban.Todo},

	kanban.EvVerifyFailed: again,
	kanban.EvReclaimed:    again, kanban.EvStalled: again, kanban.EvCrashed: again, kanban.EvProtocolViolation: again, kanban.EvTimedOut: again,
	kanban.EvSpawnFailed: again, kanban.EvRateLimited: again, kanban.EvLost: again, kanban.EvStopped: again,
}

// statusesAfter are those of after, or the one that the event names.
func statusesAfter(e kanban.Event) []kanban.Status {
	says := after[e.Kind]
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
