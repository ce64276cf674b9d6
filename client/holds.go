package client

import (
	"context"
	"time"
)

// Hold keeps a scope from starting work.
type Hold struct {
	Scope  string     `json:"scope" doc:"all, board:SLUG, lane:NAME, account:NAME or repo:PATH"`
	Kind   string     `json:"kind" doc:"pulled, cooldown, paused, or trial: one run is tried after a pause"`
	Reason string     `json:"reason,omitempty"`
	By     string     `json:"by,omitempty"`
	Since  time.Time  `json:"since"`
	Until  *time.Time `json:"until,omitempty"`
	Tasks  []TaskRef  `json:"tasks,omitempty" doc:"of a pause: whose runs failed alike; of a trial: whose run is tried"`
}

// TaskRef names a task of a home.
type TaskRef struct {
	Board string `json:"board"`
	Task  string `json:"task"`
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

// Holds lists what keeps work from starting.
func (c *Client) Holds(ctx context.Context) ([]Hold, error) {
	return items[Hold](ctx, c, get("holds"))
}

// Pull is the cord: nothing new starts in a scope until Resume.
func (c *Client) Pull(ctx context.Context, r PullRequest) (PullReply, error) {
	return call[PullReply](ctx, c, post("holds").with(r))
}

// Resume lets a scope start work again, cool-downs included.
func (c *Client) Resume(ctx context.Context, scope string) error {
	return c.do(ctx, del("holds", scope))
}
