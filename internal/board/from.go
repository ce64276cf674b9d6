package board

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// onRetry is where an event keeps what the next run is to start from.
const onRetry = "on_retry"

func startsFrom(payload map[string]any, from string) map[string]any {
	if from != "" {
		payload[onRetry] = from
	}
	return payload
}

// checkFrom refuses what is neither Continue nor Fresh, and Fresh in a folder of
// the user's.
func checkFrom(from, workspace string) error {
	switch {
	case from == "", from == kanban.Continue:
		return nil
	case from != kanban.Fresh:
		return kanban.Errorf(kanban.Invalid, "on_retry cannot be %s", kanban.Quote(from)).Hint("continue or fresh")
	case workspace == kanban.Dir:
		return kanban.Errorf(kanban.Invalid, "it works in a folder of yours, which Andon does not empty").
			Hint("use a workspace of kind scratch, worktree or clone; or tidy the folder yourself and leave fresh away")
	}
	return nil
}

// From is what a run starts from.
type From struct {
	Fresh    bool   // from the beginning
	Snapshot string // of the last attempt that left one; "" = none
}

// StartsFrom tells what a run of a task starts from: what a human said when
// retrying it, else what the task says, else its lane. That counts after attempts
// that were not ended by their workers: who was asked or waited goes on.
func (b *Board) StartsFrom(ctx context.Context, t kanban.Task, run int64, lane string) (From, error) {
	return store.View(ctx, b.store, func(r store.Reader) (from From, err error) {
		runs, err := r.Runs(t.ID)
		if err != nil {
			return from, err
		}
		runs = slices.DeleteFunc(runs, func(r kanban.Run) bool { return r.ID >= run })
		last := kanban.Run{}
		for _, earlier := range slices.Backward(runs) {
			if from.Snapshot == "" {
				from.Snapshot = earlier.Snapshot
			}
			if last.ID == 0 && earlier.Started {
				last = earlier
			}
		}
		if last.ID == 0 {
			return from, nil
		}
		said, err := saidSince(r, t.ID, last)
		if said == "" && !policy.Chosen(last.Outcome) {
			said = orElse(t.OnRetry, lane)
		}
		from.Fresh = said == kanban.Fresh && t.Workspace.Kind != kanban.Dir
		return from, err
	})
}

// saidSince is what a human said last, after a run, that the next one starts from.
func saidSince(r store.Reader, task string, last kanban.Run) (string, error) {
	events, err := r.Events(store.EventQuery{
		Task: task, Last: true, Limit: 20, Kinds: []kanban.EventKind{kanban.EvUnblocked, kanban.EvReclaimed, kanban.EvPromotedManual},
	})
	for _, e := range slices.Backward(events) {
		if e.At.Before(last.EndedAt) {
			break
		}
		if said, _ := e.Payload[onRetry].(string); said != "" {
			return said, err
		}
	}
	return "", err
}
