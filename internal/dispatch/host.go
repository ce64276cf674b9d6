package dispatch

import (
	"context"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// Host is the machine that work runs on: its processes and its disk. All that
// the dispatcher does to either goes through it; Machine is the real one.
type Host interface {
	// Take returns a supervisor without an order; see worker.Pool.
	Take(ctx context.Context) (Spare, error)
	// Adopt takes a handle on a supervisor that an earlier gateway started. The
	// error wraps worker.ErrGone if it has ended.
	Adopt(runDir string, supervisor worker.Identity) (Handle, error)
	// KillTree ends what a killed supervisor left; see worker.KillTree.
	KillTree(ctx context.Context, runDir string, grace time.Duration) error
	// Boot names the present start of the machine.
	Boot() (string, error)
	// MayLive reports whether the process that has pid may be one that ran at a
	// time.
	MayLive(pid int, at time.Time) bool
	// Free returns the bytes that can still be written to the home's disk.
	Free() (uint64, error)
	// Folder is that of a run, which need not exist; RunDirs lists those of a
	// board that do.
	Folder(runDir string) Folder
	RunDirs(slug string) []string
	// Follow opens what a run writes, while it is written.
	Follow(runDir string) (Feed, error)
	// Workspaces are those of a board.
	Workspaces(slug string) Workspaces
}

// Spare is a supervisor without an order; see worker.Spare.
type Spare interface {
	Identity() worker.Identity
	Start(worker.Order) (Handle, error)
	Discard()
}

// Handle watches the supervisor of a run; see worker.Handle.
type Handle interface {
	Started() <-chan struct{}
	Done() <-chan struct{}
	Finish() error
	Stop() error
	Kill() error
	Close()
}

// Folder is where gateway, supervisor and worker leave word for one another
// about one run. What is not there wraps fs.ErrNotExist.
type Folder interface {
	// Make makes it anew, and empty. It returns conflict while a supervisor
	// lives in it.
	Make() error
	Write(name string, content []byte) error
	// Read refuses what is larger than limit, in bytes, and whatever is no
	// regular file: a worker may have put it there.
	Read(name string, limit int64) ([]byte, error)
	// Remove takes away a folder in it, with all that is there.
	Remove(name string) error
	// Output tells how much its worker has said and when, zero if nothing; Tail
	// returns up to limit last bytes of it.
	Output() (size int64, at time.Time)
	Tail(limit int64) []byte

	// Lives reports whether its supervisor does, or anything that a killed one
	// left.
	Lives() (bool, error)
	// What its supervisor says; see the functions of package worker.
	Begun() (bool, error)
	Started() (worker.Started, error)
	Exit() (worker.Exit, error)
}

// Workspaces makes the places where runs work, and keeps what they leave there;
// see workspace.Manager.
type Workspaces interface {
	Where(workspace.Spec) (path, branch string)
	Prepare(context.Context, workspace.Spec) (workspace.Place, error)
	Snapshot(ctx context.Context, path, task string, run, limit int64) (workspace.Snapshot, error)
	Refs(ctx context.Context, path, task string) (string, error)
	Moved(ctx context.Context, path, task, before string) ([]string, error)
	Reach(ctx context.Context, path, task string, keeps bool) (workspace.Reach, error)
}

// supervisorOf is the process that a row names. It reads no other column: those change.
func supervisorOf(r *kanban.Run) worker.Identity { return worker.Identity(r.Supervisor) }
