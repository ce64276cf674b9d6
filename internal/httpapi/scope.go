package httpapi

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// forWorkers are the operations that a run may ask for at all; a new one is
// none of them until somebody thinks so. Which tasks it may name is decided by
// target and by the use cases.
var forWorkers = []string{
	"list-boards", "show-board", "current-board", "list-lanes",
	"list-tasks", "create-task", "create-graph", "show-task", "explain-task", "task-context", "list-comments", "add-comment", "link-tasks",
	"list-cards", "meta", "stream-board", "stream-log",
	"heartbeat-task", "complete-task", "review-task", "block-task", "schedule-task", "promote-task",
	"list-runs", "show-run", "run-log", "get-artifact", "list-events", "diff-task",
	"approve-task", "reject-task", // of what it was asked to judge
}

// forAgents are those that a program may ask for that acts for a human, and says
// so. Gates are held against it by the use cases.
var forAgents = []string{
	"list-boards", "show-board", "current-board", "board-stats", "list-lanes", "diagnostics",
	"list-tasks", "create-task", "create-graph", "show-task", "explain-task", "task-context", "list-comments", "add-comment", "link-tasks",
	"list-cards", "show-graph", "meta", "stream-board", "stream-log",
	"assign-task", "unblock-task", "list-runs", "show-run", "run-log", "get-artifact", "list-events",
}

// mayAsk refuses an operation to those whom it is not for.
func mayAsk(ctx context.Context, operation string) error {
	a := actor(ctx)
	switch {
	case a.Kind == kanban.Worker && !slices.Contains(forWorkers, operation):
		return kanban.Errorf(kanban.Unauthorized, "%s is not for a %s", operation, a.Kind).
			Hint("ask a human, for example with `andon block --kind needs_input`")
	case a.Agent && !slices.Contains(forAgents, operation):
		return kanban.Errorf(kanban.Unauthorized, "%s is not for an %s", operation, client.Orchestrator).Hint("tell your user to do it")
	case a.Kind == kanban.Worker:
		return nil
	case a.Kind == kanban.Human:
		return allowed(a, operation)
	}
	return kanban.Errorf(kanban.Unauthorized, "%s is not for %s", operation, a.Kind).Hint("show a credential")
}

// sight is what a worker may see of its board; nil is everything.
type sight map[string]bool

func inSight(ctx context.Context, b *board.Board) (sight, error) {
	a := actor(ctx)
	if a.Kind != kanban.Worker {
		return nil, nil
	}
	ids, err := b.Sight(ctx, a)
	seen := sight{}
	for _, id := range ids {
		seen[id] = true
	}
	return seen, err
}

func (s sight) has(task string) bool { return s == nil || s[task] }

// only keeps of ids what is in sight; of none, all of it.
func (s sight) only(ids []string) []string {
	if s == nil {
		return ids
	}
	var kept []string
	if len(ids) == 0 {
		for id := range s {
			kept = append(kept, id)
		}
		return kept
	}
	for _, id := range ids {
		if s[id] {
			kept = append(kept, id)
		}
	}
	return kept
}
