package client

import (
	"context"
	"net/url"
	"time"
)

// InboxItem is one thing that only a human brings on.
type InboxItem struct {
	Kind     string     `json:"kind" doc:"question, review, given_up, conflict, budget, blocked, triage, plan, deferred, dead_end, paused, pulled, messages, latched, stopped or config: andon.yaml as it is on disk is not in force"`
	Board    string     `json:"board,omitempty"`
	TaskID   string     `json:"task_id,omitempty"`
	Title    string     `json:"title,omitempty"`
	Lane     string     `json:"lane,omitempty"`
	Scope    string     `json:"scope,omitempty" doc:"of paused and pulled: what starts nothing"`
	Reason   string     `json:"reason"`
	Options  []string   `json:"options,omitempty" doc:"answers to choose from"`
	Since    *time.Time `json:"since,omitempty"`
	Behind   int        `json:"behind" doc:"tasks that wait for it, itself among them"`
	Commands []string   `json:"commands" doc:"what brings it on, the usual one first"`
}

// Inbox lists all that waits for a human, the most costly wait first: on all
// boards with board "".
func (c *Client) Inbox(ctx context.Context, board string) ([]InboxItem, error) {
	q := url.Values{}
	text(q, "board", board)
	return items[InboxItem](ctx, c, get("inbox").where(q))
}
