package client

import (
	"context"
	"time"
)

// act sends one of the verbs that move a task.
func act[T any](ctx context.Context, c *Client, board, id, verb string, body any) (T, error) {
	return call[T](ctx, c, post("boards", board, "tasks", id, verb).with(body))
}

// Claim gives a ready task to a worker that Andon does not start. With Wait it
// waits until the task may be claimed.
func (c *Client) Claim(ctx context.Context, board, id string, r ClaimRequest) (Claim, error) {
	q := post("boards", board, "tasks", id, "claim").with(r)
	q.wait = r.wait()
	return call[Claim](ctx, c, q)
}

// ClaimNext is Claim of the next task of a lane. If the answer gets lost, so is
// the claim: it ends with the request or, at the latest, with its lease.
func (c *Client) ClaimNext(ctx context.Context, board string, r ClaimNext) (Claim, error) {
	q := post("boards", board, "claims").with(r)
	q.wait = r.wait()
	return call[Claim](ctx, c, q)
}

// wait is how long the server may take; it refuses what is no duration.
func (r ClaimRequest) wait() time.Duration {
	d, err := time.ParseDuration(r.Wait)
	if err != nil {
		return 0
	}
	return d
}

// Exit tells how the worker of a claimed run ended, and returns when that is on
// record. A run that had ended before stays as it was.
func (c *Client) Exit(ctx context.Context, board, id string, e Exit) (Ended, error) {
	return act[Ended](ctx, c, board, id, "exit", e)
}

// Heartbeat says that a worker lives, and extends its lease.
func (c *Client) Heartbeat(ctx context.Context, board, id string, r HeartbeatRequest) (HeartbeatReply, error) {
	return act[HeartbeatReply](ctx, c, board, id, "heartbeat", r)
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
