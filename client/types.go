package client

import (
	"encoding/json"
	"time"
)

// Task is a task as the API shows it. Optional times are absent when unset.
type Task struct {
	ID             string     `json:"id"`
	Title          string     `json:"title"`
	Status         string     `json:"status"`
	Assignee       string     `json:"assignee"`
	Priority       int        `json:"priority"`
	CreatedAt      time.Time  `json:"created_at"`
	Body           string     `json:"body,omitempty"`
	Tenant         string     `json:"tenant,omitempty"`
	CreatedBy      string     `json:"created_by,omitempty"`
	Origin         string     `json:"origin,omitempty" doc:"task whose run created this one"`
	StartedAt      *time.Time `json:"started_at,omitempty"`
	CompletedAt    *time.Time `json:"completed_at,omitempty"`
	UpdatedAt      *time.Time `json:"updated_at,omitempty"`
	Version        int64      `json:"version"`
	WorkspaceKind  string     `json:"workspace_kind"`
	WorkspacePath  string     `json:"workspace_path,omitempty"`
	Branch         string     `json:"branch,omitempty"`
	Repo           string     `json:"repo,omitempty"`
	Result         string     `json:"result,omitempty"`
	IdempotencyKey string     `json:"idempotency_key,omitempty"`
	MaxRuntime     string     `json:"max_runtime,omitempty" doc:"a duration such as 30m0s"`
	MaxAttempts    int        `json:"max_attempts,omitempty"`
	Skills         []string   `json:"skills,omitempty"`
	Model          string     `json:"model,omitempty"`
	SessionID      string     `json:"session_id,omitempty"`
	NotBefore      *time.Time `json:"not_before,omitempty"`
	BlockKind      string     `json:"block_kind,omitempty"`
	BlockReason    string     `json:"block_reason,omitempty"`
	Closed         string     `json:"closed,omitempty" doc:"how an archived task ended"`
	Failures       int        `json:"failures,omitempty"`
	LastError      string     `json:"last_error,omitempty"`
	ReviewRounds   int        `json:"review_rounds,omitempty"`
	CurrentRun     int64      `json:"current_run,omitempty"`
	LeaseEnds      *time.Time `json:"lease_ends,omitempty"`
	Heartbeat      *time.Time `json:"heartbeat,omitempty"`
	WorkerPID      int        `json:"worker_pid,omitempty"`
	Verify         [][]string `json:"verify,omitempty" doc:"commands, argv each, that must succeed before it counts as done"`
	Reviewer       string     `json:"reviewer,omitempty" doc:"a lane, or human"`
	MaxRounds      int        `json:"max_rounds,omitempty" doc:"of review, before a human decides"`
	Reviews        string     `json:"reviews,omitempty" doc:"the task whose submission this one judges"`
	Revision       string     `json:"revision,omitempty" doc:"what was handed in last: a commit, or a hash of its artifacts"`
	OnRetry        string     `json:"on_retry,omitempty" doc:"continue or fresh"`
	Budget         Budget     `json:"budget,omitzero"`
	Gates          []Gate     `json:"gates,omitempty" doc:"why it is not running"`
}

// Budget limits what is used; zero = unlimited.
type Budget struct {
	Cost   int64 `json:"cost,omitempty" doc:"in micro-dollars"`
	Tokens int64 `json:"tokens,omitempty"`
}

// Usage is what a run has used, as far as its worker tells.
type Usage struct {
	Input      int64 `json:"input,omitempty" doc:"tokens"`
	Output     int64 `json:"output,omitempty" doc:"tokens"`
	CacheRead  int64 `json:"cache_read,omitempty" doc:"tokens"`
	CacheWrite int64 `json:"cache_write,omitempty" doc:"tokens"`
	Turns      int64 `json:"turns,omitempty"`
	Cost       int64 `json:"cost,omitempty" doc:"in micro-dollars"`
}

// Gate is one reason why a task is not running.
type Gate struct {
	Kind    string     `json:"kind"`
	Reason  string     `json:"reason"`
	Since   *time.Time `json:"since,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Command string     `json:"command,omitempty"`
}

// TaskCreate asks for a new task.
type TaskCreate struct {
	Title          string     `json:"title"`
	Body           string     `json:"body,omitempty"`
	Assignee       string     `json:"assignee,omitempty"`
	Parents        []string   `json:"parents,omitempty" doc:"ids, each with its condition if that is not success: t_1f3a9c20:any"`
	Priority       int        `json:"priority,omitempty"`
	Tenant         string     `json:"tenant,omitempty"`
	WorkspaceKind  string     `json:"workspace_kind,omitempty" enum:"scratch,dir,worktree,clone"`
	WorkspacePath  string     `json:"workspace_path,omitempty"`
	Branch         string     `json:"branch,omitempty"`
	Repo           string     `json:"repo,omitempty"`
	IdempotencyKey string     `json:"idempotency_key,omitempty"`
	Triage         bool       `json:"triage,omitempty"`
	Held           bool       `json:"held,omitempty" doc:"starts blocked, for a human to release"`
	NotBefore      *time.Time `json:"not_before,omitempty"`
	MaxRuntime     string     `json:"max_runtime,omitempty"`
	MaxAttempts    int        `json:"max_attempts,omitempty"`
	Skills         *[]string  `json:"skills,omitempty"`
	Model          string     `json:"model,omitempty"`
	SessionID      string     `json:"session_id,omitempty"`
	OnRetry        string     `json:"on_retry,omitempty" enum:"continue,fresh" doc:"what an attempt after a failed one starts from; absent: as the lane has it"`
	CreatedBy      string     `json:"created_by,omitempty"`
	Budget         Budget     `json:"budget,omitzero" doc:"of all its runs together, instead of what is configured for tasks"`

	Verify    *[][]string `json:"verify,omitempty" doc:"commands, argv each, that must succeed before it counts as done; absent = the lane's, empty = none"`
	Reviewer  string      `json:"reviewer,omitempty" doc:"a lane, or human; the lane's if absent"`
	MaxRounds int         `json:"max_rounds,omitempty" doc:"of changes requested, before a human decides; the lane's if absent"`
}

// GraphCreate asks for tasks that wait for one another, all or none.
type GraphCreate struct {
	Tasks []GraphTask `json:"tasks" minItems:"1" maxItems:"200"`
}

// GraphTask is one of them. Its parents are keys of others, or whole ids of
// tasks that are on the board.
type GraphTask struct {
	Key string `json:"key" doc:"a name within the graph"`
	TaskCreate
}

// TaskCreated answers TaskCreate, and changes of the assignee.
type TaskCreated struct {
	Task
	Created  bool     `json:"created" doc:"false: an open task had the idempotency key already"`
	Warnings []string `json:"warnings,omitempty"`
}

// TaskEdit changes fields; absent ones stay.
type TaskEdit struct {
	Title         *string         `json:"title,omitempty"`
	Body          *string         `json:"body,omitempty"`
	Tenant        *string         `json:"tenant,omitempty"`
	Priority      *int            `json:"priority,omitempty"`
	MaxRuntime    *string         `json:"max_runtime,omitempty"`
	MaxAttempts   *int            `json:"max_attempts,omitempty"`
	Skills        *[]string       `json:"skills,omitempty"`
	Model         *string         `json:"model,omitempty"`
	OnRetry       *string         `json:"on_retry,omitempty" doc:"continue, fresh, or empty: as the lane has it"`
	Budget        *Budget         `json:"budget,omitempty"`
	WorkspaceKind *string         `json:"workspace_kind,omitempty"`
	WorkspacePath *string         `json:"workspace_path,omitempty"`
	Branch        *string         `json:"branch,omitempty"`
	Repo          *string         `json:"repo,omitempty"`
	Verify        *[][]string     `json:"verify,omitempty" doc:"empty = none"`
	LaneVerify    bool            `json:"lane_verify,omitempty" doc:"what its lane says, from now on"`
	Reviewer      *string         `json:"reviewer,omitempty" doc:"empty = the lane's"`
	MaxRounds     *int            `json:"max_rounds,omitempty"`
	Result        *string         `json:"result,omitempty"`
	Summary       *string         `json:"summary,omitempty"`
	Metadata      json.RawMessage `json:"metadata,omitempty"`
}

// Lease is what a worker's writes carry. People leave it out.
type Lease struct {
	Run   int64  `json:"run,omitempty"`
	Token string `json:"token,omitempty"`
}

// Handoff is what a run leaves at its end.
type Handoff struct {
	Lease
	Summary   string          `json:"summary,omitempty"`
	Result    string          `json:"result,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Artifacts []string        `json:"artifacts,omitempty" doc:"paths in the workspace"`
	Created   []string        `json:"created_cards,omitempty" doc:"tasks that the run created"`
}

// BlockRequest ends a run with a question or a reason.
type BlockRequest struct {
	Lease
	Reason    string          `json:"reason"`
	Kind      string          `json:"kind,omitempty" doc:"needs_input, capability, transient, dependency or operator"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Artifacts []string        `json:"artifacts,omitempty"`
}

// ScheduleRequest parks a task.
type ScheduleRequest struct {
	Lease
	Until  *time.Time `json:"until,omitempty" doc:"absent: until a human unblocks it"`
	Reason string     `json:"reason,omitempty"`
}

// Reason is an optional or required text, as the verb says.
type Reason struct {
	Reason string `json:"reason,omitempty"`
}

// ApproveRequest accepts what was submitted.
type ApproveRequest struct {
	Reason   string `json:"reason,omitempty"`
	Revision string `json:"revision,omitempty" doc:"what was looked at; conflict if another was handed in last"`
}

// AssignRequest gives a task to a lane; "" is nobody.
type AssignRequest struct {
	Assignee string `json:"assignee"`
	Reclaim  bool   `json:"reclaim,omitempty" doc:"end a run in progress first"`
	Reason   string `json:"reason,omitempty"`
}

// PromoteRequest makes a task ready.
type PromoteRequest struct {
	Force  bool   `json:"force,omitempty" doc:"waive parents that are open"`
	Reason string `json:"reason,omitempty"`
}

// ClaimRequest asks for the lease of a ready task.
type ClaimRequest struct {
	TTL    string `json:"ttl,omitempty" doc:"a duration; the configured lease if absent"`
	Wait   string `json:"wait,omitempty" doc:"how long to wait until it may be claimed, a duration of at most 60s"`
	Tended bool   `json:"tended,omitempty" doc:"the caller is a process of the gateway's machine that starts the worker as order says and tells with exit how it ended; its own end is the run's"`
}

// ClaimNext asks for the lease of the next task of a lane.
type ClaimNext struct {
	Lane string `json:"lane"`
	ClaimRequest
}

// Claim is a lease.
type Claim struct {
	Task      Task      `json:"task"`
	Run       int64     `json:"run"`
	Token     string    `json:"token" doc:"told once"`
	ExpiresAt time.Time `json:"expires_at"`
	Workspace string    `json:"workspace"`
	Branch    string    `json:"branch,omitempty"`
	Context   string    `json:"context"`
	Order     *Order    `json:"order,omitempty" doc:"of a tended claim"`
}

// Order is what a tended worker is started with, beside its command and the
// caller's own environment. Durations are in seconds.
type Order struct {
	Folder      string     `json:"folder" doc:"of the run, for what is told of it"`
	Dir         string     `json:"dir" doc:"where the worker starts"`
	Env         []string   `json:"env" nullable:"false" doc:"NAME=VALUE; PATH goes before the caller's"`
	Before      [][]string `json:"before,omitempty" doc:"commands before the worker, argv each"`
	After       [][]string `json:"after,omitempty"`
	HookTimeout float64    `json:"hook_timeout"`
	Timeout     float64    `json:"timeout,omitempty" doc:"of the worker; absent: none"`
	StopGrace   float64    `json:"stop_grace" doc:"between asking its processes to end and killing them"`
	LogLimit    int64      `json:"log_limit,omitempty" doc:"bytes"`
}

// Exit tells how the worker of a claimed run ended.
type Exit struct {
	Lease
	Reason string `json:"reason,omitempty" enum:"exited,timed_out,stopped,spawn_failed" doc:"exited if absent"`
	Code   int    `json:"code,omitempty" doc:"exit status"`
	Signal string `json:"signal,omitempty" doc:"that ended it, such as SIGKILL"`
	Error  string `json:"error,omitempty" doc:"why it was not started"`
	Output string `json:"output,omitempty" doc:"the last lines of its output"`
}

// Ended tells what became of a run and its task.
type Ended struct {
	Task Task `json:"task"`
	Run  Run  `json:"run"`
}

// HeartbeatRequest says that a worker lives.
type HeartbeatRequest struct {
	Lease
	Note  string `json:"note,omitempty" doc:"progress in words; makes an event"`
	Usage *Usage `json:"usage,omitempty" doc:"all that the run has used so far"`
}

// HeartbeatReply tells how long the lease holds now.
type HeartbeatReply struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// Link is an edge: the child waits for the parent.
type Link struct {
	Parent       string `json:"parent"`
	Child        string `json:"child"`
	Waived       bool   `json:"waived,omitempty"`
	WaivedBy     string `json:"waived_by,omitempty"`
	WaivedReason string `json:"waived_reason,omitempty"`
	When         string `json:"when,omitempty" doc:"which end of the parent lets the child start: absent = success, any, failed"`
}

// Comment is a remark on a task.
type Comment struct {
	ID        int64     `json:"id"`
	Task      string    `json:"task"`
	Author    string    `json:"author"`
	Body      string    `json:"body"`
	CreatedAt time.Time `json:"created_at"`
}

// CommentCreate is a new remark. The author is who asks.
type CommentCreate struct {
	Body string `json:"body"`
}

// Run is one attempt at a task.
type Run struct {
	ID        int64           `json:"id"`
	Task      string          `json:"task"`
	Lane      string          `json:"lane"`
	Attempt   int             `json:"attempt"`
	Outcome   string          `json:"outcome,omitempty" doc:"absent while it is open"`
	StartedAt time.Time       `json:"started_at"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	Heartbeat *time.Time      `json:"heartbeat,omitempty"`
	Progress  *time.Time      `json:"progress,omitempty"`
	LeaseEnds *time.Time      `json:"lease_ends,omitempty"`
	Summary   string          `json:"summary,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Error     string          `json:"error,omitempty"`
	ExitCode  *int            `json:"exit_code,omitempty"`
	Signal    string          `json:"signal,omitempty"`
	WorkerPID int             `json:"worker_pid,omitempty"`
	Live      bool            `json:"live" doc:"its process tree may still live"`
	Workspace string          `json:"workspace,omitempty"`
	Branch    string          `json:"branch,omitempty"`
	Base      string          `json:"base,omitempty"`
	Snapshot  string          `json:"snapshot,omitempty" doc:"git ref of the kept work"`
	Revision  string          `json:"revision,omitempty" doc:"what it handed in: a commit, or a hash of its artifacts"`
	Account   string          `json:"account,omitempty"`
	Model     string          `json:"model,omitempty"`
	Session   string          `json:"session,omitempty" doc:"of the agent program"`
	Usage     Usage           `json:"usage,omitzero"`
	Reserved  Budget          `json:"reserved,omitzero" doc:"set aside until it ends"`
	Verifying bool            `json:"verifying,omitempty" doc:"its worker has handed in, and that is being verified"`
}

// Diff is how two states of a task's work tree differ.
type Diff struct {
	From, To string // a commit, or the ref of a run's snapshot; To is "" for files as they are now
	Cut      bool   // the text ended at the limit
	Text     []byte // as git prints it; what it shows of files need not be UTF-8
}

// Artifact is a file that a run left.
type Artifact struct {
	Task   string `json:"task"`
	Run    int64  `json:"run"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
}

// Event is one row of a board's log. ID is the board's cursor.
type Event struct {
	ID      int64          `json:"id"`
	Task    string         `json:"task"`
	Run     int64          `json:"run,omitempty"`
	Kind    string         `json:"kind"`
	Payload map[string]any `json:"payload,omitempty"`
	At      time.Time      `json:"at"`
}

// Details is all there is to show of a task.
type Details struct {
	Task
	Parents   []Link     `json:"parents" nullable:"false"`
	Children  []Link     `json:"children" nullable:"false"`
	Comments  []Comment  `json:"comments" nullable:"false"`
	Runs      []Run      `json:"runs" nullable:"false"`
	Artifacts []Artifact `json:"artifacts" nullable:"false"`
	Events    []Event    `json:"events" nullable:"false" doc:"the newest 50"`
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T    `json:"items" nullable:"false"`
	Next  string `json:"next" doc:"cursor of the following page, empty at the end"`
}

// LogChunk is a piece of a run's log.
type LogChunk struct {
	Run    int64  `json:"run"`
	Offset int64  `json:"offset" doc:"where data begins, in bytes from the beginning of the run; more than was asked for if what stood before was dropped"`
	Data   string `json:"data" doc:"whole characters; what is not UTF-8 is replaced"`
	Next   int64  `json:"next" doc:"offset to read on from"`
	Done   bool   `json:"done" doc:"the run has ended and everything was read"`
	Format string `json:"format,omitempty" doc:"the preset whose stream of JSON lines this is; absent: plain text"`
}

// Board describes a board.
type Board struct {
	Slug        string         `json:"slug"`
	Name        string         `json:"name"`
	Description string         `json:"description,omitempty"`
	Icon        string         `json:"icon,omitempty"`
	Color       string         `json:"color,omitempty"`
	WorkDir     string         `json:"default_workdir,omitempty"`
	CreatedAt   *time.Time     `json:"created_at,omitempty"`
	Archived    bool           `json:"archived,omitempty"`
	Current     bool           `json:"current"`
	Counts      map[string]int `json:"counts"`
	Problem     string         `json:"problem,omitempty" doc:"why it cannot be read or written"`
	Hint        string         `json:"hint,omitempty" doc:"the way out of the problem"`
	Latched     bool           `json:"latched,omitempty" doc:"it stopped writing at the first sign of damage, until it is reopened"`
	Created     bool           `json:"created,omitempty"`
}

// BoardCreate asks for a new board.
type BoardCreate struct {
	Slug string `json:"slug" doc:"any spelling"`
	BoardChange
}

// CurrentBoard selects a board.
type CurrentBoard struct {
	Board string `json:"board"`
}

// BoardChange creates or changes a board; absent fields stay.
type BoardChange struct {
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
	Icon        *string `json:"icon,omitempty"`
	Color       *string `json:"color,omitempty"`
	WorkDir     *string `json:"default_workdir,omitempty"`
}

// Stats are a board's counts.
type Stats struct {
	ByStatus         map[string]int            `json:"by_status"`
	ByAssignee       map[string]map[string]int `json:"by_assignee"`
	OldestReadyAge   float64                   `json:"oldest_ready_age_seconds"`
	Now              time.Time                 `json:"now"`
	RunsInProgress   int                       `json:"runs_in_progress"`
	ParkedDeliveries int                       `json:"parked_deliveries"`
}

// Report is what work cost and brought.
type Report struct {
	Since time.Time   `json:"since"`
	Until time.Time   `json:"until"`
	By    []string    `json:"by"`
	Items []ReportRow `json:"items"`
	Total ReportRow   `json:"total"`
	// Missing names the boards that could not be read.
	Missing []string `json:"missing,omitempty"`
}

// ReportRow sums the runs and the waits for people that began in the time of the
// report. What the report is not by is "".
type ReportRow struct {
	Day     string `json:"day,omitempty" doc:"of the gateway's clock"`
	Board   string `json:"board,omitempty"`
	Tenant  string `json:"tenant,omitempty"`
	Lane    string `json:"lane,omitempty"`
	Account string `json:"account,omitempty"`
	Task    string `json:"task,omitempty"`

	Runs        int            `json:"runs"`
	Done        int            `json:"done" doc:"runs that completed"`
	Submitted   int            `json:"submitted" doc:"runs that handed in for review"`
	Failed      int            `json:"failed" doc:"runs that failed"`
	FailedOf    map[string]int `json:"failed_of,omitempty" doc:"of what, and how many"`
	Usage       Usage          `json:"usage"`
	FailedUsage Usage          `json:"failed_usage" doc:"of these, what failed runs used"`
	Running     float64        `json:"running_seconds"`
	Waits       int            `json:"waits" doc:"times that a task was left to people: blocked, or in review"`
	OpenWaits   int            `json:"open_waits" doc:"of these, what still waits"`
	Waited      float64        `json:"waited_seconds"`
}

// Lane is a kind of worker.
type Lane struct {
	Name        string         `json:"name"`
	Preset      string         `json:"preset,omitempty"`
	Description string         `json:"description,omitempty"`
	Known       bool           `json:"known" doc:"it stands in andon.yaml"`
	Command     []string       `json:"command,omitempty"`
	DoneWhen    string         `json:"done_when,omitempty"`
	Account     string         `json:"account,omitempty"`
	MaxParallel int            `json:"max_parallel,omitempty"`
	Running     int            `json:"running"`
	Counts      map[string]int `json:"counts"`
	Holds       []Hold         `json:"holds,omitempty"`
	Walls       *Walls         `json:"walls,omitempty" doc:"around its workers; absent for names that are no lanes"`
}

// Walls are what a lane's workers are confined by.
type Walls struct {
	Mode    string   `json:"mode" doc:"none, bwrap or landlock"`
	Network string   `json:"network,omitempty" doc:"on or off"`
	Write   []string `json:"write,omitempty" doc:"beside the workspace"`
	Read    []string `json:"read,omitempty"`
	Memory  int64    `json:"memory,omitempty" doc:"bytes that a run may use"`
	PIDs    int      `json:"pids,omitempty" doc:"processes and threads of a run"`
	CPUs    float64  `json:"cpus,omitempty" doc:"processors of a run"`
	Open    []string `json:"open,omitempty" doc:"what they leave open, in words"`
	Problem string   `json:"problem,omitempty" doc:"why they cannot be put up here: nothing is started"`
}

// LanesToTest names lanes; none is all.
type LanesToTest struct {
	Lanes []string `json:"lanes,omitempty"`
}

// LaneTest is what a look at a lane found.
type LaneTest struct {
	Lane    string      `json:"lane"`
	Preset  string      `json:"preset,omitempty"`
	Program string      `json:"program,omitempty"`
	Checks  []LaneCheck `json:"checks" nullable:"false"`
}

// LaneCheck is one thing that a worker needs.
type LaneCheck struct {
	Name   string `json:"name" doc:"program, version, variable, login, sandbox, account or workspace"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty" doc:"the way out, if it is not"`
}

// Hold keeps a scope from starting work.
type Hold struct {
	Scope  string     `json:"scope" doc:"all, board:SLUG, lane:NAME, account:NAME or repo:PATH"`
	Kind   string     `json:"kind" doc:"pulled, cooldown or paused"`
	Reason string     `json:"reason,omitempty"`
	By     string     `json:"by,omitempty"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"`
	Tasks  []TaskRef  `json:"tasks,omitempty" doc:"of a pause: whose runs failed alike"`
}

// TaskRef names a task of a home.
type TaskRef struct {
	Board string `json:"board"`
	Task  string `json:"task"`
}

// Account is what limits of a provider belong to, over all boards.
type Account struct {
	Name        string   `json:"name"`
	MaxParallel int      `json:"max_parallel,omitempty"`
	Running     int      `json:"running"`
	Waiting     int      `json:"waiting" doc:"ready tasks of its lanes"`
	Lanes       []string `json:"lanes"`
	Holds       []Hold   `json:"holds,omitempty" doc:"cool-downs, and cords that were pulled"`
}

// InboxItem is one thing that only a human brings on.
type InboxItem struct {
	Kind     string     `json:"kind" doc:"question, review, given_up, conflict, budget, blocked, triage, deferred, dead_end, paused, pulled, messages, latched or stopped"`
	Board    string     `json:"board,omitempty"`
	TaskID   string     `json:"task_id,omitempty"`
	Title    string     `json:"title,omitempty"`
	Lane     string     `json:"lane,omitempty"`
	Scope    string     `json:"scope,omitempty" doc:"of paused and pulled: what starts nothing"`
	Reason   string     `json:"reason"`
	Options  []string   `json:"options,omitempty" doc:"answers to choose from"`
	Since    *time.Time `json:"since,omitempty"`
	Behind   int        `json:"behind" doc:"unfinished tasks that wait for it, itself among them"`
	Commands []string   `json:"commands" doc:"what brings it on, the usual one first"`
}

// RetryRequest gives a task another run.
type RetryRequest struct {
	Reason string `json:"reason,omitempty"`
	From   string `json:"from,omitempty" enum:"continue,fresh" doc:"what the next run starts from; absent: as the task and its lane have it"`
}

// PullRequest is the cord.
type PullRequest struct {
	Scope  string `json:"scope"`
	Reason string `json:"reason,omitempty"`
	Stop   bool   `json:"stop,omitempty" doc:"end running work too, without cost"`
}

// PullReply tells what was stopped.
type PullReply struct {
	Scope   string `json:"scope"`
	Stopped int    `json:"stopped"`
}

// Subscription is a wish to hear of events.
type Subscription struct {
	ID        int64     `json:"id,omitempty"`
	Task      string    `json:"task,omitempty" doc:"absent: the whole board"`
	Sink      string    `json:"sink"`
	Target    string    `json:"target,omitempty"`
	Thread    string    `json:"thread,omitempty"`
	Kinds     []string  `json:"kinds,omitempty"`
	CreatedBy string    `json:"created_by,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	Foreign   bool      `json:"foreign,omitempty" doc:"made by another program; shown only"`
	Created   bool      `json:"created,omitempty"`
	Warnings  []string  `json:"warnings,omitempty"`
}

// SubscriptionCreate is a new wish to hear of events.
type SubscriptionCreate struct {
	Task   string   `json:"task,omitempty" doc:"absent: the whole board"`
	Sink   string   `json:"sink" doc:"name of a sink in andon.yaml"`
	Target string   `json:"target,omitempty" doc:"destination within the sink: chat, path"`
	Thread string   `json:"thread,omitempty"`
	Kinds  []string `json:"kinds,omitempty" doc:"absent: the noteworthy ones"`
}

// Delivery is one message on its way.
type Delivery struct {
	ID           int64      `json:"id"`
	Subscription int64      `json:"subscription"`
	Event        Event      `json:"event"`
	State        string     `json:"state"`
	Attempts     int        `json:"attempts"`
	NextAt       *time.Time `json:"next_at,omitempty"`
	Error        string     `json:"error,omitempty"`
}

// Count is how many things a request changed.
type Count struct {
	Count int `json:"count"`
}

// Health says that a server lives.
type Health struct {
	Status  string `json:"status" doc:"ok"`
	Version string `json:"version"`
}

// Gateway is the state of the gateway.
type Gateway struct {
	Running     bool           `json:"running"`
	PID         int            `json:"pid,omitempty"`
	Version     string         `json:"version,omitempty"`
	Home        string         `json:"home"`
	Since       *time.Time     `json:"since,omitempty"`
	Socket      string         `json:"socket,omitempty"`
	Draining    bool           `json:"draining,omitempty"`
	Dispatching bool           `json:"dispatching"`
	Reason      string         `json:"reason,omitempty" doc:"why nothing is dispatched"`
	MaxParallel int            `json:"max_parallel"`
	Runs        int            `json:"runs"`
	Lanes       map[string]int `json:"lanes" doc:"live runs per lane"`
	Holds       []Hold         `json:"holds"`
	Boards      []Board        `json:"boards"`
	ConfigError string         `json:"config_error,omitempty" doc:"why the file on disk is not in force"`

	BackupProblems map[string]string `json:"backup_problems,omitempty" doc:"why the last scheduled backup of a board failed"`
	Problem        string            `json:"problem,omitempty" doc:"why what spans the boards cannot be read or written"`
	Hint           string            `json:"hint,omitempty" doc:"the way out of the problem"`
}

// Plan is what would be started now.
type Plan struct {
	Start []PlannedStart `json:"start"`
	Wait  []Task         `json:"wait" doc:"ready tasks that are not started, with their gates"`
}

// PlannedStart is one task that would be started.
type PlannedStart struct {
	Board string `json:"board"`
	Task  Task   `json:"task"`
}

// GCReport counts what retention removed.
type GCReport struct {
	DryRun     bool     `json:"dry_run,omitempty"`
	Workspaces int      `json:"workspaces"`
	Events     int      `json:"events"`
	Logs       int      `json:"logs"`
	Artifacts  int      `json:"artifacts"`
	Failed     []string `json:"failed,omitempty" doc:"boards that were not tended, or only in part, with the reason"`
}

// Finding is something about a task that a person should look at.
type Finding struct {
	Kind     string         `json:"kind"`
	Severity string         `json:"severity" enum:"warning,error,critical"`
	Title    string         `json:"title"`
	Detail   string         `json:"detail,omitempty"`
	Actions  []string       `json:"actions,omitempty" doc:"commands, the suggested one first"`
	Since    *time.Time     `json:"since,omitempty"`
	Count    int            `json:"count,omitempty"`
	Data     map[string]any `json:"data,omitempty"`
}

// Diagnosis is a task with findings.
type Diagnosis struct {
	TaskID   string    `json:"task_id"`
	Title    string    `json:"title"`
	Status   string    `json:"status"`
	Assignee string    `json:"assignee"`
	Findings []Finding `json:"findings" nullable:"false"`
}
