package prime

import (
	_ "embed"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Role is what an agent does on a board.
type Role string

// The roles.
const (
	Worker       Role = "worker"       // works on the task of its run
	Orchestrator Role = "orchestrator" // makes tasks and watches them
)

// Roles lists them.
var Roles = []string{string(Worker), string(Orchestrator)}

var (
	//go:embed worker.md
	worker string
	//go:embed orchestrator.md
	orchestrator string
)

// Text is the protocol of a role, in Markdown.
//
// Errors: invalid for an unknown role.
func Text(r Role) (string, error) {
	switch r {
	case Worker:
		return worker, nil
	case Orchestrator:
		return orchestrator, nil
	}
	return "", kanban.Errorf(kanban.Invalid, "unknown role %s", kanban.Quote(r)).Hint("one of %s", strings.Join(Roles, ", "))
}

// both is one text for agents that may be either: a session at a terminal today,
// a worker tomorrow.
func both() string {
	return "Inside a run (`$ANDON_TASK` is set) you are a worker: follow the first part. Otherwise follow the second.\n\n" +
		worker + "\n" + orchestrator
}
