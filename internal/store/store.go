package store

import (
	"context"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Store keeps one board.
type Store interface {
	// View runs fn on one consistent snapshot. It never writes.
	View(ctx context.Context, fn func(Reader) error) error
	// Update runs fn alone and commits what it wrote, durably, before it
	// returns nil. If fn returns an error or panics, nothing of it is kept.
	// Several callers' functions may share one commit. ctx bounds the wait
	// for a turn (see Turn), not the work. fn must not call View or Update.
	//
	// Errors: those of fn; unavailable once the board is latched (see
	// Latched) or closed.
	Update(ctx context.Context, fn func(Tx) error) error
	// Changes returns a channel that receives after commits, ours and other
	// processes', and when the board stops writing. Signals coalesce: one may
	// stand for many commits.
	Changes() (changed <-chan struct{}, stop func())
	// Closed returns a channel that is closed when the store is, as a board's is
	// that is archived: whoever waits for a change waits no longer.
	Closed() <-chan struct{}
	// Foreign counts the commits of other processes that were noticed.
	Foreign() uint64
	// Latched tells why the board stopped writing, or nil.
	Latched() error
}

// Update is Store.Update with a result.
func Update[T any](ctx context.Context, s Store, fn func(Tx) (T, error)) (T, error) {
	var out T
	err := s.Update(ctx, func(tx Tx) (err error) {
		out, err = fn(tx)
		return err
	})
	if err != nil {
		var none T
		return none, err
	}
	return out, nil
}

// View is Store.View with a result.
func View[T any](ctx context.Context, s Store, fn func(Reader) (T, error)) (T, error) {
	var out T
	err := s.View(ctx, func(r Reader) (err error) {
		out, err = fn(r)
		return err
	})
	return out, err
}

// Reader reads one snapshot. Methods that look up one thing return not_found.
// Unless a method says otherwise, a limit of 0 means all. Times are kept to the
// millisecond; lists in order of time go by the second, which is all that rows
// of the reference system know, and then by insertion.
type Reader interface {
	TaskReader
	CardReader
	RunReader
	UsageReader
	LogReader
	SubscriptionReader
	OutboxReader
	WholeReader
	// Meta reads a board-wide value, "" if it was never set.
	Meta(key string) (string, error)
	// Operation returns the stored answer to an operation id, if it is known.
	Operation(id string) (answer []byte, found bool, err error)
}

// Tx writes, and reads what it wrote.
type Tx interface {
	Reader
	TaskWriter
	RunWriter
	LogWriter
	SubscriptionWriter
	OutboxWriter
	SetMeta(key, value string) error
	// PutOperation stores the answer to an operation id.
	PutOperation(id string, answer []byte, at time.Time) error
	// Prune removes up to limit rows of each kind that retention no longer
	// asks for and returns how many went. Events of tasks that are neither
	// done nor archived stay, and so do deliveries still to be made. What is
	// known of subscriptions to tasks that are gone, of mutes that are over and
	// of destinations that nothing goes to any more goes, too.
	Prune(p Prune) (Pruned, error)
}

// Prune says what may go.
type Prune struct {
	Events     time.Time // events older than this, and posts about what has ended
	Operations time.Time
	Deliveries time.Time // delivered ones
	Now        time.Time // mutes that were over by then
	Limit      int
}

// Pruned counts what went.
type Pruned struct{ Events, Operations, Deliveries, Posts int }

// TaskReader finds tasks and their links.
type TaskReader interface {
	Task(id string) (kanban.Task, error)
	// TaskIDs returns up to limit ids that start with prefix.
	TaskIDs(prefix string, limit int) ([]string, error)
	// Tasks lists; bodies and results are left out unless q.Full. next is
	// the cursor of the following page, "" at the end.
	Tasks(q TaskQuery) (tasks []kanban.Task, next string, err error)
	// NextReady returns the id of the task that a lane runs next at a time:
	// ready, its time come, nothing of an earlier run alive; by priority,
	// then age. "" if there is none.
	NextReady(lane string, now time.Time, skip Skip) (id string, err error)
	// Due returns up to limit tasks in scheduled whose time has come.
	Due(now time.Time, limit int) ([]string, error)
	// NextDue returns the earliest later time at which a ready or scheduled
	// task becomes runnable, zero if none is set.
	NextDue(now time.Time) (time.Time, error)
	// Promotable returns up to limit tasks in todo all of whose parents are
	// satisfied or waived. It is for the reconciliation of what others wrote.
	Promotable(limit int) ([]string, error)
	// Parents and Children return edges by id of the other end. Edges to
	// tasks that do not exist are left out.
	Parents(child string) ([]kanban.Link, error)
	Children(parent string) ([]kanban.Link, error)
	// TaskByKey returns the open (not archived) task of an idempotency key,
	// the newest if a foreign writer made several; "" if there is none.
	TaskByKey(key string) (id string, err error)
	// MadeBy lists up to limit tasks that runs of a task created at a time or
	// after it, by id.
	MadeBy(origin string, since time.Time, limit int) ([]string, error)
	// Stats counts tasks that are not archived.
	Stats() (Stats, error)
	// Tenants lists the tenants of all tasks, archived ones too, by name.
	Tenants(limit int) ([]string, error)
	// Labels lists the labels of all tasks, archived ones too, by name.
	Labels(limit int) ([]string, error)
}

// Skip names the tasks that do not run although their lane has room.
type Skip struct {
	Tenants []string // those without room
	Repos   []string // those that are held, as Workspace.Source tells them
}

// TaskWriter changes tasks and links.
type TaskWriter interface {
	// InsertTask stores a task as version 1. It returns conflict if the id is
	// taken.
	InsertTask(t kanban.Task) error
	// UpdateTask raises the stored version by 1, whatever version t has. It
	// returns not_found if there is no such task.
	UpdateTask(t kanban.Task) error
	// NoteTask is UpdateTask of what concerns the task's run only, as its lease and
	// its processes: nobody has changed the task, and its version stays.
	NoteTask(t kanban.Task) error
	// DeleteTask removes a task with its links, comments, runs, artifact
	// references, subscriptions, mutes and posts. Its events stay, and so do
	// deliveries of them.
	DeleteTask(id string) error
	// PutLink inserts or replaces an edge.
	PutLink(l kanban.Link) error
	// DeleteLink returns not_found if there is no such edge.
	DeleteLink(parent, child string) error
	// PutKey reserves an idempotency key for a task until ReleaseKeys. It
	// returns conflict if the key belongs to another open task.
	PutKey(key, task string) error
	ReleaseKeys(task string) error
}

// TaskQuery selects tasks. Zero fields select all but archived ones.
type TaskQuery struct {
	IDs      []string
	Statuses []kanban.Status
	Assignee string
	Tenant   string
	Labels   []string // all of them
	Session  string
	Parent   string // its children
	Text     string // words, all of which stand in title or body, in any case
	Archived bool   // archived ones too
	Full     bool   // with body and result
	Sort     Sort
	Limit    int // 1..1000; 0 = 100
	Cursor   string
}

// Sort orders a list; ties go by age, in those that end with -desc youngest
// first.
type Sort string

// The orders.
const (
	ByPriority    Sort = "priority" // the default: larger first
	ByCreated     Sort = "created"
	ByCreatedDesc Sort = "created-desc"
	ByUpdatedDesc Sort = "updated-desc"
	ByStatus      Sort = "status" // by the word
	ByAssignee    Sort = "assignee"
	ByTitle       Sort = "title"
)

// Stats are a board's counts.
type Stats struct {
	ByStatus    map[kanban.Status]int
	ByLane      map[string]map[kanban.Status]int // "" = unassigned
	OldestReady time.Time                        // since when the longest waiting ready task waits
}

// RunReader finds runs.
type RunReader interface {
	Run(id int64) (kanban.Run, error)
	// Runs lists a task's runs, oldest first.
	Runs(task string) ([]kanban.Run, error)
	// LiveRuns lists all runs that are open or whose process tree may live.
	LiveRuns() ([]kanban.Run, error)
	// LiveCount counts them, of one tenant's tasks unless it is "".
	LiveCount(tenant string) (int, error)
	// RecentRuns lists a lane's completed runs on other tasks of the same
	// tenant, newest first.
	RecentRuns(lane, tenant, notTask string, limit int) ([]kanban.Run, error)
	// LastRuns lists up to limit runs of each outcome that have ended in a lane,
	// those that ended last first; with lane "" the last that were begun at all.
	LastRuns(lane string, limit int) ([]kanban.Run, error)
	Artifacts(task string) ([]kanban.Artifact, error)
	// ArtifactKept reports whether any run refers to this content.
	ArtifactKept(sha256 string) (bool, error)
}

// RunWriter changes runs.
type RunWriter interface {
	// InsertRun returns the new run's id.
	InsertRun(r kanban.Run) (int64, error)
	UpdateRun(r kanban.Run) error
	PutArtifacts(a []kanban.Artifact) error
}

// LogReader reads comments and events.
type LogReader interface {
	// Comments lists the newest limit comments (0 = all), oldest first.
	Comments(task string, limit int) ([]kanban.Comment, error)
	Events(q EventQuery) ([]kanban.Event, error)
	// LastEvent is the id of the newest event of the board, 0 if none.
	LastEvent() (int64, error)
	// FirstSince is the smallest id of an event of the second of at or later,
	// 0 if none.
	FirstSince(at time.Time) (int64, error)
}

// LogWriter appends comments and events. Ids grow without reuse.
type LogWriter interface {
	AddComment(c kanban.Comment) (int64, error)
	AddEvent(e kanban.Event) (int64, error)
}

// EventQuery selects events with ids greater than After, in order of id.
type EventQuery struct {
	After int64
	Task  string
	Kinds []kanban.EventKind
	Limit int  // 1..10000; 0 = 500
	Last  bool // the newest Limit events instead of the oldest

	Foreign bool // only those that others wrote
}
