package kanban

import (
	"maps"
	"slices"
)

// again are the statuses of a task whose run ended without its being done.
var again = []Status{Ready, Todo, Blocked}

var after = map[EventKind][]Status{
	EvCreated:        {Triage, Todo, Scheduled, Ready, Blocked},
	EvPromoted:       {Ready},
	EvPromotedManual: {Ready, Todo},
	EvDemoted:        {Todo},
	EvClaimed:        {Running},
	EvCompleted:      {Done},
	EvReview:         {Review},
	EvApproved:       {Done},
	EvRejected:       again,
	EvBlocked:        {Blocked},
	EvGaveUp:         {Blocked},
	EvUnblocked:      {Ready, Todo},
	EvScheduled:      {Scheduled},
	EvWoken:          {Ready, Todo},
	EvArchived:       {Archived},
	EvCancelled:      {Archived},
	EvDeleted:        {Archived},
	EvUnarchived:     {Done, Blocked, Ready, Todo},
	EvReopened:       {Ready, Todo},
	EvSpecified:      {Ready, Todo},
	EvDecomposed:     {Ready, Todo},

	EvVerifyFailed: again,
	EvReclaimed:    again, EvStalled: again, EvCrashed: again, EvProtocolViolation: again, EvTimedOut: again,
	EvSpawnFailed: again, EvRateLimited: again, EvLost: again, EvStopped: again,
}

// StatusesAfter are the statuses that a kind of event leaves a task in, none if
// it changes none.
func StatusesAfter(kind EventKind) []Status { return after[kind] }

// Moving lists the kinds of event that send a task to a status.
var Moving = slices.Sorted(maps.Keys(after))
