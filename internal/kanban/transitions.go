package kanban

import "slices"

// Action is something that moves a task from one status to another.
type Action string

// The actions of the transition table.
const (
	Promote   Action = "promote"   // the last parent was satisfied, or it was specified
	Demote    Action = "demote"    // a parent is unsatisfied again
	Start     Action = "start"     // forced: open parents are waived
	Claim     Action = "claim"     // a run opens
	Complete  Action = "complete"  // the work is done
	Submit    Action = "review"    // the work is done, a human is to look
	HandIn    Action = "hand_in"   // the work is done, its verification is to say so
	Block     Action = "block"     // a human is needed
	Fail      Action = "fail"      // the attempt failed; costs one
	Release   Action = "release"   // the attempt ended without fault; costs none
	Stop      Action = "stop"      // a human ends the attempt and holds the task
	Schedule  Action = "schedule"  // not before a time
	Wake      Action = "wake"      // the time has come
	Unblock   Action = "unblock"   // a human opens the gate
	Approve   Action = "approve"   // a human, or the run of its review, accepts what was submitted
	Reject    Action = "reject"    // or sends it back
	Cancel    Action = "cancel"    // never to be done
	Archive   Action = "archive"   // out of sight
	Unarchive Action = "unarchive" // back where it was
	Reopen    Action = "reopen"    // done, but not well enough
	Drop      Action = "drop"      // what it was for did not come about, or is not needed
)

// Facts are what the table needs to know beside status, action and actor.
type Facts uint8

// The facts. A transition applies when all facts it names hold.
const (
	Waits      Facts = 1 << iota // a parent is unsatisfied
	NoAttempts                   // the breaker: no attempt is left, or the failure allows none
	WasDone                      // archived after it was done
	WasHeld                      // archived while blocked, in review, scheduled or in triage
)

// Transition is one row of the table: in From, By may do Action, which leads to
// To when all facts of When hold.
type Transition struct {
	From   Status
	Action Action
	By     ActorKind
	When   Facts
	To     Status
}

// transitions is the only place that says how a status changes. Of several rows
// with the same From and Action, the first that applies counts.
var transitions = []Transition{
	{From: Triage, Action: Promote, By: Human | Worker, When: Waits, To: Todo},
	{From: Triage, Action: Promote, By: Human | Worker, To: Ready},
	{From: Todo, Action: Promote, By: Dispatcher | Human, When: Waits, To: Todo},
	{From: Todo, Action: Promote, By: Dispatcher | Human, To: Ready},
	{From: Ready, Action: Demote, By: Dispatcher, To: Todo},

	{From: Todo, Action: Start, By: Human, To: Ready},
	{From: Ready, Action: Start, By: Human, To: Ready},
	{From: Scheduled, Action: Start, By: Human, To: Ready},

	{From: Ready, Action: Claim, By: Dispatcher | Human, To: Running},

	{From: Running, Action: Complete, By: Worker | Dispatcher | Human, To: Done},
	{From: Ready, Action: Complete, By: Human, To: Done},
	{From: Blocked, Action: Complete, By: Human, To: Done},
	{From: Running, Action: HandIn, By: Worker | Dispatcher | Human, To: Running},
	{From: Running, Action: Submit, By: Worker | Dispatcher | Human, To: Review},

	{From: Running, Action: Block, By: Worker | Dispatcher | Human, To: Blocked},
	{From: Ready, Action: Block, By: Dispatcher | Human, To: Blocked},
	{From: Todo, Action: Block, By: Human, To: Blocked},
	{From: Scheduled, Action: Block, By: Human, To: Blocked},

	{From: Running, Action: Fail, By: Dispatcher, When: NoAttempts, To: Blocked},
	{From: Running, Action: Fail, By: Dispatcher, When: Waits, To: Todo},
	{From: Running, Action: Fail, By: Dispatcher, To: Ready},
	{From: Running, Action: Release, By: Dispatcher | Human, When: NoAttempts, To: Blocked},
	{From: Running, Action: Release, By: Dispatcher | Human, When: Waits, To: Todo},
	{From: Running, Action: Release, By: Dispatcher | Human, To: Ready},
	{From: Running, Action: Stop, By: Human, To: Blocked},

	{From: Todo, Action: Schedule, By: Human, To: Scheduled},
	{From: Ready, Action: Schedule, By: Human, To: Scheduled},
	{From: Running, Action: Schedule, By: Human | Worker, To: Scheduled},
	{From: Blocked, Action: Schedule, By: Human, To: Scheduled},
	{From: Scheduled, Action: Schedule, By: Human, To: Scheduled},
	{From: Scheduled, Action: Wake, By: Dispatcher, When: Waits, To: Todo},
	{From: Scheduled, Action: Wake, By: Dispatcher, To: Ready},

	{From: Blocked, Action: Unblock, By: Human, When: Waits, To: Todo},
	{From: Blocked, Action: Unblock, By: Human, To: Ready},
	{From: Scheduled, Action: Unblock, By: Human, When: Waits, To: Todo},
	{From: Scheduled, Action: Unblock, By: Human, To: Ready},
	{From: Review, Action: Approve, By: Human | Reviewer, To: Done},
	{From: Review, Action: Reject, By: Human | Reviewer, When: NoAttempts, To: Blocked},
	{From: Review, Action: Reject, By: Human | Reviewer, When: Waits, To: Todo},
	{From: Review, Action: Reject, By: Human | Reviewer, To: Ready},

	{From: Done, Action: Archive, By: Human, To: Archived},
	{From: Triage, Action: Archive, By: Human, To: Archived},
	{From: Todo, Action: Archive, By: Human, To: Archived},
	{From: Scheduled, Action: Archive, By: Human, To: Archived},
	{From: Ready, Action: Archive, By: Human, To: Archived},
	{From: Running, Action: Archive, By: Human, To: Archived},
	{From: Blocked, Action: Archive, By: Human, To: Archived},
	{From: Review, Action: Archive, By: Human, To: Archived},
	{From: Triage, Action: Cancel, By: Human, To: Archived},
	{From: Todo, Action: Cancel, By: Human, To: Archived},
	{From: Scheduled, Action: Cancel, By: Human, To: Archived},
	{From: Ready, Action: Cancel, By: Human, To: Archived},
	{From: Running, Action: Cancel, By: Human, To: Archived},
	{From: Blocked, Action: Cancel, By: Human, To: Archived},
	{From: Review, Action: Cancel, By: Human, To: Archived},

	{From: Todo, Action: Drop, By: Dispatcher, To: Archived},
	{From: Ready, Action: Drop, By: Dispatcher, To: Archived},
	{From: Triage, Action: Drop, By: Dispatcher, To: Archived},
	{From: Scheduled, Action: Drop, By: Dispatcher, To: Archived},
	{From: Running, Action: Drop, By: Dispatcher, To: Archived},
	{From: Blocked, Action: Drop, By: Dispatcher, To: Archived},
	{From: Review, Action: Drop, By: Dispatcher, To: Archived},

	{From: Archived, Action: Unarchive, By: Human, When: WasDone, To: Done},
	{From: Archived, Action: Unarchive, By: Human, When: WasHeld, To: Blocked},
	{From: Archived, Action: Unarchive, By: Human, When: Waits, To: Todo},
	{From: Archived, Action: Unarchive, By: Human, To: Ready},
	{From: Done, Action: Reopen, By: Human, When: Waits, To: Todo},
	{From: Done, Action: Reopen, By: Human, To: Ready},
}

// Transitions returns a copy of the table, for documentation and exhaustive
// tests.
func Transitions() []Transition { return slices.Clone(transitions) }

// Next returns the status that action by an actor of kind by leads to.
//
// Errors: conflict if no actor may do that in this status, unauthorized if only
// others may; both name what is possible.
func Next(from Status, action Action, by ActorKind, facts Facts) (Status, error) {
	to, known := lookup(from, action, by, facts)
	if to != "" {
		return to, nil
	}
	if known {
		return "", Errorf(Unauthorized, "%s may not be done by a %s", action, by).In(from).
			Hint("only a human opens this gate: ask one, for example with `andon block --kind needs_input`")
	}
	return "", Errorf(Conflict, "cannot %s a task that is %s", action, from).In(from).Hint("%s", wayOut(from))
}

// leaving are the transitions by where they begin, in their order: a page of cards
// asks thousands of times.
var leaving = func() map[Status][]Transition {
	all := map[Status][]Transition{}
	for _, t := range transitions {
		all[t.From] = append(all[t.From], t)
	}
	return all
}()

// lookup finds where an action leads; "" if nowhere, and known if it does so for
// somebody, or under other facts.
func lookup(from Status, action Action, by ActorKind, facts Facts) (to Status, known bool) {
	for _, t := range leaving[from] {
		if t.Action != action {
			continue
		}
		known = true
		if t.By&by != 0 && t.When&facts == t.When {
			return t.To, true
		}
	}
	return "", known
}

// wayOut names the verbs that lead out of a status.
func wayOut(s Status) string {
	switch s {
	case Triage:
		return "andon promote ID  ends triage"
	case Todo:
		return "andon why ID  names what it waits for; andon start ID --force  starts it anyway"
	case Scheduled:
		return "andon unblock ID  ends the waiting"
	case Ready:
		return "andon why ID  says why it is not running"
	case Running:
		return "andon stop ID  ends its run; andon retry ID  starts it anew"
	case Blocked:
		return "andon unblock ID  lets it run again"
	case Review:
		return "andon approve ID  or  andon reject ID REASON"
	case Done:
		return "andon reopen ID  makes it run again"
	case Archived:
		return "andon unarchive ID  brings it back"
	}
	return ""
}
