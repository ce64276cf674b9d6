package board

import (
	"context"
	"crypto/rand"
	"io"
	"math/big"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Board is one board's use cases. It is safe for concurrent use.
type Board struct {
	slug  string
	store store.Store
	ports Ports
}

// Ports is what the use cases need from outside. Clock and Random may be nil:
// then they are the system's.
type Ports struct {
	Clock     func() time.Time
	Random    io.Reader
	Settings  func() Settings  // asked at each use, so that a reload counts at once
	Situation func() Situation // what the dispatcher knows; for Explain only
	Work      Work
	// Called are all names of the chat that a target of a sink stands for, "" first
	// if it is the sink's own, else the platform's; nil = each has one name.
	Called func(sink, target string) []string

	// Usable refuses a workspace on this machine that no run could work in, and
	// returns how to name it; nil = a run finds out.
	Usable func(context.Context, kanban.Workspace) (kanban.Workspace, error)
}

// Work keeps what runs leave in their workspaces.
type Work interface {
	// Commit puts everything not ignored in a worktree or clone on its branch and
	// returns the branch's head. It is a no-op for other workspaces.
	Commit(ctx context.Context, t kanban.Task, r kanban.Run, message string) (rev string, err error)
	// Keep copies declared files from a run's workspace into the artifact
	// store, durably.
	//
	// Errors: invalid naming each path that cannot be kept.
	Keep(ctx context.Context, r kanban.Run, paths []string) ([]kanban.Artifact, error)
	// Head is the tip of the branch that a run worked on, "" if it had none. The
	// tree may be gone.
	Head(ctx context.Context, t kanban.Task, r kanban.Run) (rev string, err error)
	// Diff compares two states of the repository that a run worked in; to is
	// "" for the files as they are now. The text has at most limit bytes; cut
	// says that it was longer.
	//
	// Errors: conflict if a state is gone.
	Diff(ctx context.Context, t kanban.Task, r kanban.Run, from, to string, stat bool, limit int) (text []byte, cut bool, err error)
}

// Settings are the configured rules that a use case applies.
type Settings struct {
	Retry     policy.Retry
	Lease     time.Duration
	BoardCap  int            // runs at once on this board, 0 = unlimited
	TenantCap map[string]int // and of a tenant's tasks
	Lanes     map[string]Lane
	Sinks     []string // names that a subscription may use
	// Target tells whether a subscription to a sink may name a target; nil = any.
	Target  func(sink, target string) error
	Planner Planner

	MaxChildren int // tasks that one run may create, 0 = unlimited

	Home     policy.Limits // budgets, as those of the lanes
	Accounts map[string]policy.Limits
	Board    policy.Limits
	Tenants  map[string]policy.Limits
}

// Lane is what a board needs to know of a lane.
type Lane struct {
	Description string
	External    bool // Andon starts no workers for it
	Account     string
	MaxParallel int
	MaxRuntime  time.Duration
	Workspace   string // the kind of a task's that names a repository and no kind; "" = worktree
	Budget      policy.Limits
	Cost        int64      // what a run costs whatever it does, in micro-dollars; 0 = not declared
	Metered     bool       // what a run uses is told while it runs
	Unpriced    bool       // but not what it costs
	Verify      [][]string // argv each, run before a completion counts
	Reviewer    string     // a lane, kanban.ReviewedByHuman, or "" = nobody
	MaxRounds   int        // so often changes requested lead to a new run; 0 = the default
}

// Situation is what the dispatcher knows and the board's rows do not say.
type Situation struct {
	Closed      *kanban.Gate // why nothing is dispatched at all; nil = it is
	Holds       []store.Hold
	HomeCap     int
	HomeRunning int
	LaneRunning map[string]int
	AccountCap  map[string]int
	AccountRuns map[string]int
	Spending    *Spending // of all boards together; nil = no budget asks
}

// New returns the use cases of one board.
func New(slug string, s store.Store, p Ports) *Board {
	if p.Clock == nil {
		p.Clock = time.Now
	}
	if p.Random == nil {
		p.Random = rand.Reader
	}
	return &Board{slug: slug, store: s, ports: p}
}

// Slug is the board's name.
func (b *Board) Slug() string { return b.slug }

// Store is the board's store, for those who wait for its changes.
func (b *Board) Store() store.Store { return b.store }

func (b *Board) now() time.Time { return b.ports.Clock() }

func (b *Board) settings() Settings { return b.ports.Settings() }

// dice returns a number in [0,1).
func (b *Board) dice() float64 {
	n, err := rand.Int(b.ports.Random, big.NewInt(1<<30))
	if err != nil {
		return 0
	}
	return float64(n.Int64()) / (1 << 30)
}

type versionKey struct{}

// WithVersion marks a context with the version in which the client saw a task: a
// mutation of another version is a conflict. 0 is any.
func WithVersion(ctx context.Context, version int64) context.Context {
	return context.WithValue(ctx, versionKey{}, version)
}

// asSeen looks at the task with which the target of a mutation begins.
func asSeen(ctx context.Context, r store.Reader, target string) error {
	seen, _ := ctx.Value(versionKey{}).(int64)
	if seen == 0 {
		return nil
	}
	id, _, _ := strings.Cut(target, " ")
	t, err := r.Task(id)
	if err == nil && t.Version != seen {
		return kanban.Errorf(kanban.Conflict, "task %s has changed since you read it (version %d, now %d)", id, seen, t.Version).
			In(t.Status).Hint("read it again: andon show %s", id)
	}
	return err
}

// event is shorthand for what record takes.
func event(t kanban.Task, kind kanban.EventKind, payload map[string]any) kanban.Event {
	return kanban.Event{Task: t.ID, Kind: kind, Payload: payload}
}

// by adds the actor to a payload.
func by(a kanban.Actor, payload map[string]any) map[string]any {
	if payload == nil {
		payload = map[string]any{}
	}
	payload["by"] = a.Name
	if a.Kind == kanban.Worker {
		payload["by_run"] = a.Run
	}
	return payload
}

// onlyHuman refuses everybody else.
func onlyHuman(a kanban.Actor, verb string) error {
	if a.Kind == kanban.Human {
		return nil
	}
	return kanban.Errorf(kanban.Unauthorized, "%s is not for a %s", verb, a.Kind).
		Hint("ask a human, for example with `andon block --kind needs_input`")
}
