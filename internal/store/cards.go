package store

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// CardReader reads what stands beside tasks on a board, for a whole page of them
// in one query.
type CardReader interface {
	// CountTasks counts what a query selects in each status; its own statuses,
	// limit and cursor do not count. Archived ones are counted only if q.Archived.
	CountTasks(q TaskQuery) (map[kanban.Status]int, error)
	// Beside counts what belongs to each of these tasks.
	Beside(ids []string) (map[string]Beside, error)
	// ParentsOf returns the edges that Parents returns of each of these tasks, by
	// child, then parent.
	ParentsOf(children []string) ([]kanban.Link, error)
	// MovedAt tells when the last event that sends a task to a status was, of
	// those of these tasks that have one.
	MovedAt(ids []string) (map[string]time.Time, error)
}

// Beside counts what belongs to a task.
type Beside struct {
	Parents, Children int
	Satisfied         int // children that are done
	Comments, Runs    int
}
