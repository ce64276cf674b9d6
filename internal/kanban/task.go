package kanban

import "time"

// Task is one unit of work. A zero time means "never"; an empty string "none".
type Task struct {
	ID          string
	Title       string
	Body        string
	Assignee    string // the lane's name, lower case; "" = nobody
	Status      Status
	Priority    int // larger runs first
	Tenant      string
	Labels      []string // as Labels returns them
	CreatedBy   string
	Origin      string // the task whose run created this one
	CreatedAt   time.Time
	StartedAt   time.Time // first claim ever
	CompletedAt time.Time // last completion; survives a reopen
	UpdatedAt   time.Time
	Version     int64 // grows with every change; the API's ETag

	Workspace Workspace

	Result         string
	IdempotencyKey string
	MaxRuntime     time.Duration // per attempt; 0 = the lane's
	MaxAttempts    int           // 0 = the configured number
	Skills         []string      // nil = the lane's own, empty = explicitly none
	Model          string
	SessionID      string

	NotBefore   time.Time // ready, todo: backoff. scheduled: when it wakes; zero = a human wakes it
	BlockKind   BlockKind // while blocked, and archived since; "" = as the reference system wrote it
	BlockReason string
	BlockedAt   time.Time
	Closed      string // while archived: the status it was archived from, or "cancelled"; "" = as the reference wrote it

	Failures     int    // consecutive failed attempts; the breaker's counter
	LastError    string // of the last failed attempt
	Losses       int    // attempts since the last reset that ended without fault
	ReviewRounds int    // times it was sent back from review

	Verify    [][]string // argv each, run before its completion counts; nil = the lane's, empty = explicitly none
	Reviewer  string     // a lane, or ReviewedByHuman; "" = the lane's
	MaxRounds int        // so often changes requested lead to a new run; 0 = the lane's
	Reviews   string     // the task whose submission this one judges; "" = none
	Revision  string     // what was handed in last: a commit, or a hash of its artifacts
	OnRetry   string     // Continue, Fresh, or "" = the lane's
	Budget    Budget     // of all its runs together

	CurrentRun int64 // the open run; 0 = none
	LiveRun    int64 // an ended run whose process tree may still live; it must be gone before the next claim
	ClaimLock  string
	ClaimEnds  time.Time
	WorkerPID  int
	Heartbeat  time.Time // liveness
}

// Workspace says where a task's runs work.
type Workspace struct {
	Kind   string `json:"kind"`             // scratch, dir, worktree or clone
	Path   string `json:"path,omitempty"`   // absolute; "" = chosen at the first start
	Branch string `json:"branch,omitempty"` // worktree and clone only
	Repo   string `json:"repo,omitempty"`   // worktree and clone only: the source repository
}

// Source is the repository that a workspace is made from, "" if from none. Until
// the first run, the path may be what names it.
func (w Workspace) Source() string {
	switch {
	case w.Kind == Scratch || w.Kind == Dir:
		return ""
	case w.Repo != "":
		return w.Repo
	}
	return w.Path
}

// The kinds of workspace.
const (
	Scratch  = "scratch"  // a folder of its own, kept until retention
	Dir      = "dir"      // a folder of the user's
	Worktree = "worktree" // a git worktree on a branch of its own
	Clone    = "clone"    // a git clone with refs, stash and hooks of its own; its branch is fetched when it is handed in
)

// What the next attempt starts from; see Task.OnRetry.
const (
	Continue = "continue" // what the last attempt left
	Fresh    = "fresh"    // what the first attempt started from
)

// ReviewedByHuman is a Reviewer that is no lane.
const ReviewedByHuman = "human"

// OfGit reports whether runs work on a branch of a git repository.
func (w Workspace) OfGit() bool { return w.Kind == Worktree || w.Kind == Clone }

// Marks in Task.Closed that are no status.
const (
	Cancelled = "cancelled"  // never to be done
	NotNeeded = "not_needed" // it was for a failure that did not come about
	Deleted   = "deleted"    // goes as soon as the process tree of its last run is gone
)

// Link is an edge: the child waits for the parent.
type Link struct {
	Parent, Child string
	Waived        bool   // a human started the child without this parent
	WaivedBy      string // who, when Waived
	WaivedReason  string
	When          When // what the child waits for
}

// When says which end of a parent lets a child start.
type When string

// The conditions of an edge.
const (
	OnSuccess When = ""       // the parent is done
	OnAny     When = "any"    // it has ended, however
	OnFailed  When = "failed" // it gave up or was cancelled
)

// Comment is a remark on a task.
type Comment struct {
	ID     int64
	Task   string
	Author string
	Body   string
	At     time.Time
}

// Event is one row of a board's append-only log. ID is the board's cursor.
type Event struct {
	ID      int64
	Task    string
	Run     int64 // 0 = none
	Kind    EventKind
	Payload map[string]any
	At      time.Time
	Foreign bool // written by the reference system or by plain SQL
}

// Satisfies reports whether a parent in this state lets its children start:
// done does, archived later or not; cancelled or archived unfinished does not.
// An archived task of the reference system counts as done if it was ever
// completed, the best that its columns tell.
func (t Task) Satisfies() bool {
	switch {
	case t.Status == Done:
		return true
	case t.Status != Archived:
		return false
	case t.Closed == "":
		return !t.CompletedAt.IsZero()
	}
	return t.Closed == string(Done)
}
