package kanban

import "slices"

// Move is a way to another status that a human may send a task.
type Move struct {
	To     Status
	Action Action
	Reason bool // it has to be said why
}

// moving are the actions that send a task elsewhere. Of those that lead from one
// status to the same other one, the first is meant.
var moving = []Action{Promote, Start, Unblock, Approve, Reject, Release, Complete, Submit, Stop, Block, Schedule, Archive, Unarchive, Reopen}

// Moves lists where a human may send a task, in the order of a task's life.
func Moves(from Status, facts Facts) []Move {
	var all []Move
	for _, action := range moving {
		to, _ := lookup(from, action, Human, facts)
		if to == "" || to == from || slices.ContainsFunc(all, func(m Move) bool { return m.To == to }) {
			continue
		}
		// Who goes on without parents, or sends work back, says why.
		all = append(all, Move{to, action, action == Reject || action == Start && facts&Waits != 0})
	}
	slices.SortFunc(all, func(a, b Move) int { return slices.Index(Statuses, a.To) - slices.Index(Statuses, b.To) })
	return all
}
