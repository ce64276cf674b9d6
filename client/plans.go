package client

import (
	"context"
	"time"
)

// PlanRequest asks for a plan.
type PlanRequest struct {
	Approve bool `json:"approve,omitempty" doc:"apply the plan as soon as it is made"`
}

// Planning is how far the plan of a task has come, and what it says.
type Planning struct {
	TaskID    string        `json:"task_id"`
	State     string        `json:"state" enum:"none,asked,failed,proposed,rejected,applied,dropped" doc:"dropped: the task left triage without it"`
	Kind      string        `json:"kind,omitempty" doc:"specify or decompose"`
	Status    string        `json:"status" doc:"of the task"`
	By        string        `json:"by,omitempty" doc:"who asked for it"`
	Approve   bool          `json:"approve,omitempty" doc:"it is applied as soon as it is made"`
	Planner   string        `json:"planner,omitempty" doc:"the model or lane that made it"`
	At        *time.Time    `json:"at,omitempty"`
	Event     int64         `json:"event,omitempty" doc:"the newest event of the planning"`
	Reason    string        `json:"reason,omitempty" doc:"why it failed or was rejected"`
	RetryAt   *time.Time    `json:"retry_at,omitempty" doc:"when the planner tries again"`
	Rationale string        `json:"rationale,omitempty"`
	Title     string        `json:"title,omitempty" doc:"the task's new title"`
	Body      string        `json:"body,omitempty" doc:"the task's new body"`
	Assignee  string        `json:"assignee,omitempty" doc:"the task's lane, if it has none"`
	Tasks     []PlannedTask `json:"tasks" doc:"done before the task itself"`
	ChildIDs  []string      `json:"child_ids" doc:"once it is applied, in the order of tasks"`
}

// PlannedTask is a child that a plan makes.
type PlannedTask struct {
	Key      string   `json:"key"`
	ID       string   `json:"id,omitempty" doc:"once it is applied"`
	Title    string   `json:"title"`
	Body     string   `json:"body,omitempty"`
	Assignee string   `json:"assignee"`
	Parents  []string `json:"parents" doc:"keys of tasks that must be done before"`
}

// Specify asks the planner for a text of a task in triage that a worker can
// start from. It returns at once; Planning tells what became of it.
func (c *Client) Specify(ctx context.Context, board, id string, r PlanRequest) (Planning, error) {
	return act[Planning](ctx, c, board, id, "specify", r)
}

// Decompose asks the planner for children of a task in triage. It returns at
// once; Planning tells what became of it.
func (c *Client) Decompose(ctx context.Context, board, id string, r PlanRequest) (Planning, error) {
	return act[Planning](ctx, c, board, id, "decompose", r)
}

// Planning tells how far the plan of a task has come.
func (c *Client) Planning(ctx context.Context, board, id string) (Planning, error) {
	return call[Planning](ctx, c, get("boards", board, "tasks", id, "plan"))
}

// ApprovePlan applies the plan that is proposed. One that was applied is not
// applied again.
func (c *Client) ApprovePlan(ctx context.Context, board, id string) (Planning, error) {
	return call[Planning](ctx, c, post("boards", board, "tasks", id, "plan", "approve"))
}

// RejectPlan drops the plan that is proposed. The reason may be empty; the next
// plan is made with it in mind.
func (c *Client) RejectPlan(ctx context.Context, board, id, reason string) (Planning, error) {
	return call[Planning](ctx, c, post("boards", board, "tasks", id, "plan", "reject").with(Reason{reason}))
}
