package client

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
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
	Labels         []string   `json:"labels,omitempty" doc:"in lower case, sorted"`
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
	MaxRounds      int        `json:"max_rounds,omitempty" doc:"so often changes requested lead to a new run; the next time a human decides"`
	Reviews        string     `json:"reviews,omitempty" doc:"the task whose submission this one judges"`
	Revision       string     `json:"revision,omitempty" doc:"what was handed in last: a commit, or a hash of its artifacts"`
	OnRetry        string     `json:"on_retry,omitempty" doc:"continue or fresh"`
	Budget         Budget     `json:"budget,omitzero"`
	Gates          []Gate     `json:"gates,omitempty" doc:"why it is not running"`
	Untold         []string   `json:"untold,omitempty" doc:"of explain, to people: messages about it that were given up"`
}

// Gate is one reason why a task is not running.
type Gate struct {
	Kind    string     `json:"kind"`
	Reason  string     `json:"reason"`
	Since   *time.Time `json:"since,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	Command string     `json:"command,omitempty"`
}

// Budget limits what is used; zero = unlimited.
type Budget struct {
	CostUSD float64 `json:"cost_usd,omitempty" doc:"in US dollars, to the millionth"`
	Tokens  int64   `json:"tokens,omitempty"`
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

	VerifiedBy [][]string `json:"verified_by,omitempty" doc:"what verifies it: its own commands, else its lane's"`
	OwnVerify  bool       `json:"own_verify,omitempty" doc:"it says itself what verifies it, be it nothing"`
	ReviewedBy string     `json:"reviewed_by,omitempty" doc:"who reviews it, a lane or human, by its own word or its lane's"`
	HeldAfter  int        `json:"held_after,omitempty" doc:"so many failed attempts in a row leave it to a human: its max_attempts, else what is configured"`
}

// TaskCreate asks for a new task.
type TaskCreate struct {
	Title          string     `json:"title"`
	Body           string     `json:"body,omitempty"`
	Assignee       string     `json:"assignee,omitempty"`
	Parents        []string   `json:"parents,omitempty" doc:"ids, each with its condition if that is not success: t_1f3a9c20:any"`
	Priority       int        `json:"priority,omitempty"`
	Tenant         string     `json:"tenant,omitempty"`
	Labels         []string   `json:"labels,omitempty" doc:"words of letters, digits and . _ : / # + -; at most 20 of 50 characters"`
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
	MaxRounds int         `json:"max_rounds,omitempty" doc:"so often changes requested lead to a new run; the next time a human decides; the lane's if absent"`

	Tell *Tell `json:"tell,omitempty" doc:"subscribes to the task in the same step, also to one that has the idempotency key already"`
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

	Subscription *Subscription `json:"subscription,omitempty" doc:"of tell: as asked for, or the one that there was"`

	VerifiedBy [][]string `json:"verified_by,omitempty" doc:"of assign: what verifies it now, its lane's commands included"`
	ReviewedBy string     `json:"reviewed_by,omitempty" doc:"of assign: who reviews it now, a lane or human"`
}

// TaskEdited answers TaskEdit.
type TaskEdited struct {
	Task
	Warnings []string `json:"warnings,omitempty"`
}

// TaskEdit changes fields; absent ones stay.
type TaskEdit struct {
	Title         *string         `json:"title,omitempty"`
	Body          *string         `json:"body,omitempty"`
	Tenant        *string         `json:"tenant,omitempty"`
	Labels        *[]string       `json:"labels,omitempty" doc:"instead of those before"`
	AddLabels     []string        `json:"add_labels,omitempty" doc:"beside those before"`
	DropLabels    []string        `json:"drop_labels,omitempty" doc:"of those before"`
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

// Tasks lists one page of tasks.
func (c *Client) Tasks(ctx context.Context, board string, q TaskQuery) (Page[Task], error) {
	return call[Page[Task]](ctx, c, get("boards", board, "tasks").where(q.values()))
}

// Task returns all there is to show of a task.
func (c *Client) Task(ctx context.Context, board, id string) (Details, error) {
	return call[Details](ctx, c, get("boards", board, "tasks", id))
}

// CreateTask puts a task on a board. If an open task has its idempotency key,
// that one is the answer, and Created is false.
func (c *Client) CreateTask(ctx context.Context, board string, t TaskCreate) (TaskCreated, error) {
	return call[TaskCreated](ctx, c, post("boards", board, "tasks").with(t))
}

// CreateGraph puts tasks that wait for one another on a board, all or none. The
// answers are in their order.
func (c *Client) CreateGraph(ctx context.Context, board string, g GraphCreate) ([]TaskCreated, error) {
	return items[TaskCreated](ctx, c, post("boards", board, "graphs").with(g))
}

// EditTask changes what edit names. With a version other than 0 it refuses with
// conflict if the task has changed since.
func (c *Client) EditTask(ctx context.Context, board, id string, edit TaskEdit, version int64) (TaskEdited, error) {
	r := request{method: http.MethodPatch, path: path("boards", board, "tasks", id), body: edit}
	if version != 0 {
		r.etag = `"` + strconv.FormatInt(version, 10) + `"`
	}
	return call[TaskEdited](ctx, c, r)
}

// DeleteTask removes a task; with stop, a run in progress is ended first. The
// answer is the task as it was.
func (c *Client) DeleteTask(ctx context.Context, board, id string, stop bool) (Task, error) {
	q := url.Values{}
	flag(q, "stop", stop)
	return call[Task](ctx, c, del("boards", board, "tasks", id).where(q))
}

// Explain returns a task with every closed gate, and what opens it.
func (c *Client) Explain(ctx context.Context, board, id string) (Task, error) {
	return call[Task](ctx, c, get("boards", board, "tasks", id, "explain"))
}

// Context returns what a worker of this task reads first, in Markdown.
func (c *Client) Context(ctx context.Context, board, id string) (string, error) {
	return c.ContextWithin(ctx, board, id, 0)
}

// ContextWithin is Context cut to a number of bytes, at least 1000; 0 = no
// limit. Every text in it is cut before a whole one is left out.
func (c *Client) ContextWithin(ctx context.Context, board, id string, limit int) (string, error) {
	q := url.Values{}
	number(q, "limit", int64(limit))
	resp, err := c.send(ctx, get("boards", board, "tasks", id, "context").where(q))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

// Comments lists the remarks on a task, oldest first.
func (c *Client) Comments(ctx context.Context, board, id string) ([]Comment, error) {
	return items[Comment](ctx, c, get("boards", board, "tasks", id, "comments"))
}

// AddComment leaves a remark.
func (c *Client) AddComment(ctx context.Context, board, id, body string) (Comment, error) {
	return call[Comment](ctx, c, post("boards", board, "tasks", id, "comments").with(CommentCreate{Body: body}))
}

// Link makes a child wait for a parent to be done. It returns the child.
func (c *Client) Link(ctx context.Context, board, parent, child string) (Task, error) {
	return call[Task](ctx, c, request{method: http.MethodPut, path: path("boards", board, "tasks", child, "parents", parent)})
}

// LinkWhen makes a child wait for an end of a parent: success, any or failed. It
// returns the child.
func (c *Client) LinkWhen(ctx context.Context, board, parent, child, when string) (Task, error) {
	q := url.Values{}
	text(q, "when", when)
	return call[Task](ctx, c, request{method: http.MethodPut, path: path("boards", board, "tasks", child, "parents", parent), query: q})
}

// Unlink ends the waiting. It returns the child.
func (c *Client) Unlink(ctx context.Context, board, parent, child string) (Task, error) {
	return call[Task](ctx, c, del("boards", board, "tasks", child, "parents", parent))
}
