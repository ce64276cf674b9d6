package client

import (
	"context"
	"encoding/json"
	"time"
)

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

// PromoteRequest makes a task ready.
type PromoteRequest struct {
	Force  bool   `json:"force,omitempty" doc:"waive parents that are open"`
	Reason string `json:"reason,omitempty"`
}

// AssignRequest gives a task to a lane; "" is nobody.
type AssignRequest struct {
	Assignee string `json:"assignee"`
	Reclaim  bool   `json:"reclaim,omitempty" doc:"end a run in progress first"`
	Reason   string `json:"reason,omitempty"`

	LaneVerify bool `json:"lane_verify,omitempty" doc:"it is verified as the new lane says; what the old one asks goes along if absent"`
	LaneReview bool `json:"lane_review,omitempty" doc:"it is reviewed as the new lane says; the reviewer of the old one goes along if absent"`
}

// ApproveRequest accepts what was submitted.
type ApproveRequest struct {
	Reason   string `json:"reason,omitempty"`
	Revision string `json:"revision,omitempty" doc:"what was looked at; conflict if another was handed in last"`
}

// RetryRequest gives a task another run.
type RetryRequest struct {
	Reason string `json:"reason,omitempty"`
	From   string `json:"from,omitempty" enum:"continue,fresh" doc:"what the next run starts from; absent: as the task and its lane have it"`
}

// Reason is an optional or required text, as the verb says.
type Reason struct {
	Reason string `json:"reason,omitempty"`
}

// act sends one of the verbs that move a task.
func act[T any](ctx context.Context, c *Client, board, id, verb string, body any) (T, error) {
	return call[T](ctx, c, post("boards", board, "tasks", id, verb).with(body))
}

// Complete ends a task as done.
func (c *Client) Complete(ctx context.Context, board, id string, h Handoff) (Task, error) {
	return act[Task](ctx, c, board, id, "complete", h)
}

// Review ends a run and asks a human for a verdict.
func (c *Client) Review(ctx context.Context, board, id string, h Handoff) (Task, error) {
	return act[Task](ctx, c, board, id, "review", h)
}

// Block ends a run, if one is open, and leaves the task to a human.
func (c *Client) Block(ctx context.Context, board, id string, r BlockRequest) (Task, error) {
	return act[Task](ctx, c, board, id, "block", r)
}

// RaiseBudget lets a task's runs use so much more, and the task run again if it
// waits for that.
func (c *Client) RaiseBudget(ctx context.Context, board, id string, more Budget) (Task, error) {
	return act[Task](ctx, c, board, id, "raise-budget", more)
}

// Schedule parks a task until a time, or until a human unblocks it.
func (c *Client) Schedule(ctx context.Context, board, id string, r ScheduleRequest) (Task, error) {
	return act[Task](ctx, c, board, id, "schedule", r)
}

// Promote ends triage, or makes a task ready; with Force, parents that are open
// are waived.
func (c *Client) Promote(ctx context.Context, board, id string, r PromoteRequest) (Task, error) {
	return act[Task](ctx, c, board, id, "promote", r)
}

// Assign gives a task to a lane.
func (c *Client) Assign(ctx context.Context, board, id string, r AssignRequest) (TaskCreated, error) {
	return act[TaskCreated](ctx, c, board, id, "assign", r)
}

// Unblock opens a human's gate. The comment may be empty.
func (c *Client) Unblock(ctx context.Context, board, id, comment string) (Task, error) {
	return act[Task](ctx, c, board, id, "unblock", Reason{comment})
}

// Answer comments on a blocked task and unblocks it.
func (c *Client) Answer(ctx context.Context, board, id, answer string) (Task, error) {
	return act[Task](ctx, c, board, id, "answer", Reason{answer})
}

// Approve accepts what was submitted for review. The comment may be empty.
func (c *Client) Approve(ctx context.Context, board, id, comment string) (Task, error) {
	return act[Task](ctx, c, board, id, "approve", Reason{comment})
}

// ApproveRevision accepts what was submitted if it is this revision; conflict if
// another was handed in since.
func (c *Client) ApproveRevision(ctx context.Context, board, id, comment, revision string) (Task, error) {
	return act[Task](ctx, c, board, id, "approve", ApproveRequest{comment, revision})
}

// Reject sends submitted work back; the reason is required.
func (c *Client) Reject(ctx context.Context, board, id, reason string) (Task, error) {
	return act[Task](ctx, c, board, id, "reject", Reason{reason})
}

// Retry gives a task another run. The reason may be empty.
func (c *Client) Retry(ctx context.Context, board, id, reason string) (Task, error) {
	return c.RetryFrom(ctx, board, id, RetryRequest{Reason: reason})
}

// RetryFrom is Retry that says what the next run starts from.
func (c *Client) RetryFrom(ctx context.Context, board, id string, r RetryRequest) (Task, error) {
	return act[Task](ctx, c, board, id, "retry", r)
}

// Reclaim ends a run without cost; the task is ready for another.
func (c *Client) Reclaim(ctx context.Context, board, id, reason string) (Task, error) {
	return act[Task](ctx, c, board, id, "reclaim", Reason{reason})
}

// Stop ends a run without cost and holds the task for a human.
func (c *Client) Stop(ctx context.Context, board, id, reason string) (Task, error) {
	return act[Task](ctx, c, board, id, "stop", Reason{reason})
}

// Cancel ends a task for good; it satisfies nobody.
func (c *Client) Cancel(ctx context.Context, board, id, reason string) (Task, error) {
	return act[Task](ctx, c, board, id, "cancel", Reason{reason})
}

// Reopen makes a done task run again.
func (c *Client) Reopen(ctx context.Context, board, id, reason string) (Task, error) {
	return act[Task](ctx, c, board, id, "reopen", Reason{reason})
}

// Archive takes a task out of sight.
func (c *Client) Archive(ctx context.Context, board, id string) (Task, error) {
	return act[Task](ctx, c, board, id, "archive", nil)
}

// Unarchive brings a task back.
func (c *Client) Unarchive(ctx context.Context, board, id string) (Task, error) {
	return act[Task](ctx, c, board, id, "unarchive", nil)
}
