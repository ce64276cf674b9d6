package client

import (
	"context"
	"net/url"
	"time"
)

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

// Diagnostics lists the tasks of a board that a person should look at, the
// worst first; with a task, only that one.
func (c *Client) Diagnostics(ctx context.Context, board, task string) ([]Diagnosis, error) {
	q := url.Values{}
	text(q, "task", task)
	return items[Diagnosis](ctx, c, get("boards", board, "diagnostics").where(q))
}
