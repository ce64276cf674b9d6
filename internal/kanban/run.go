package kanban

import (
	"encoding/json"
	"time"
)

// Outcome is how a run ended; "" while it is open. The words are also what the
// reference system reads.
type Outcome string

// The outcomes.
const (
	Completed         Outcome = "completed"
	Submitted         Outcome = "review"
	BlockedOut        Outcome = "blocked"
	ScheduledOut      Outcome = "scheduled"
	SpawnFailed       Outcome = "spawn_failed"
	Crashed           Outcome = "crashed"
	TimedOut          Outcome = "timed_out"
	Stalled           Outcome = "stale"
	ProtocolViolation Outcome = "protocol_violation"
	GaveUp            Outcome = "gave_up" // the last failure that the breaker allowed
	RateLimited       Outcome = "rate_limited"
	Lost              Outcome = "lost"
	Stopped           Outcome = "stopped"
	Reclaimed         Outcome = "reclaimed"
	CancelledOut      Outcome = "cancelled"
	VerifyFailed      Outcome = "verify_failed" // it handed in what its verification refused
	OverBudget        Outcome = "over_budget"   // it used more than was reserved for it
)

// Outcomes lists every outcome.
var Outcomes = []Outcome{
	Completed, Submitted, BlockedOut, ScheduledOut, SpawnFailed, Crashed, TimedOut, Stalled, ProtocolViolation, GaveUp,
	RateLimited, Lost, Stopped, Reclaimed, CancelledOut, VerifyFailed, OverBudget,
}

// Run is one attempt at a task.
type Run struct {
	ID         int64
	Task       string
	Lane       string
	Attempt    int // 1 for the first run of its task
	Outcome    Outcome
	StartedAt  time.Time
	EndedAt    time.Time // zero = open
	Heartbeat  time.Time // liveness: the last sign of life
	Progress   time.Time // the last output or note
	MaxRuntime time.Duration
	Summary    string
	Metadata   json.RawMessage // a JSON object, or nil
	Error      string

	ClaimLock string // unique per claim, <host>:<pid>:<nonce>; also fences workers of the reference
	ClaimEnds time.Time
	TokenHash string // SHA-256 of the lease's token, hex; "" = claimed by the reference system
	WorkerPID int

	Supervisor Process // who owns the process tree; zero = nobody here (pulled by a terminal, or the reference's)
	Live       bool    // until its process tree is confirmed gone and its work is kept
	Started    bool    // its worker was started
	ExitCode   *int
	Signal     string
	Workspace  string
	Branch     string
	Base       string // commit that the worktree or clone started from
	Snapshot   string // ref of the kept work
	Revision   string // what it handed in: a commit, or a hash of its artifacts

	Account  string // that its lane had at the claim
	Model    string // that its worker was started with, or reported
	Session  string // of the agent program, to take it up again
	Usage    Usage
	Reserved Budget          // set aside by the claim until the run ends
	Pending  json.RawMessage // a handoff that waits for verification; nil = none
}

// Usage is what a run has used, as far as its worker tells. Cost is in
// micro-dollars (a millionth of a US dollar), the rest counts tokens and turns.
type Usage struct {
	Input      int64
	Output     int64
	CacheRead  int64
	CacheWrite int64
	Turns      int64
	Cost       int64
}

// Tokens are all tokens that count towards a limit; those read from a cache do
// not.
func (u Usage) Tokens() int64 { return u.Input + u.Output + u.CacheWrite }

// Budget limits usage; zero = unlimited.
type Budget struct {
	Cost   int64 // micro-dollars
	Tokens int64
}

// Trigger is the failure with which a run gave up, else its outcome.
func (r Run) Trigger() Outcome {
	var why struct {
		Outcome Outcome `json:"trigger_outcome"`
	}
	if r.Outcome == GaveUp && json.Unmarshal(r.Metadata, &why) == nil && why.Outcome != "" {
		return why.Outcome
	}
	return r.Outcome
}

// Open reports whether the run has not ended.
func (r Run) Open() bool { return r.EndedAt.IsZero() }

// Process identifies one process for good: a pid alone is recycled.
type Process struct {
	Boot  string `json:"boot,omitempty"`
	PIDNS uint64 `json:"pidns,omitempty"`
	PID   int    `json:"pid,omitempty"`
	Start uint64 `json:"start,omitempty"` // in clock ticks since boot
}

// Lease is the right to end a run, as its worker carries it.
type Lease struct {
	Task  string
	Run   int64
	Token string // the 128-bit secret, or the claim lock for workers of the reference
}

// Handoff is what a run leaves for its children and for people.
type Handoff struct {
	Summary   string
	Result    string
	Metadata  json.RawMessage // a JSON object, or nil
	Artifacts []string        // paths in the workspace
	Cards     []string        // tasks that the run says it created
}

// Artifact is a file that a run left, kept by content.
type Artifact struct {
	Task   string
	Run    int64
	Path   string // as declared, relative to the workspace
	SHA256 string // hex
	Size   int64
	Type   string // media type
}
