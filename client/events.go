package client

import (
	"context"
	"iter"
	"time"
)

// Event is one row of a board's log. ID is the board's cursor.
type Event struct {
	ID      int64          `json:"id"`
	Task    string         `json:"task"`
	Run     int64          `json:"run,omitempty"`
	Kind    string         `json:"kind"`
	Payload map[string]any `json:"payload,omitempty"`
	At      time.Time      `json:"at"`
}

// Events lists events of a board. With Wait it waits for the first to come.
func (c *Client) Events(ctx context.Context, board string, q EventQuery) (Page[Event], error) {
	r := get("boards", board, "events").where(q.values())
	r.wait = q.Wait
	return call[Page[Event]](ctx, c, r)
}

// FollowEvents yields events as they happen, those after q.After first (with
// q.Last, the newest q.Limit of them), until the context ends.
func (c *Client) FollowEvents(ctx context.Context, board string, q EventQuery) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			q.Wait = poll
			page, err := c.Events(ctx, board, q)
			if err != nil {
				yield(Event{}, err)
				return
			}
			for _, e := range page.Items {
				if !yield(e, nil) {
					return
				}
				q.After, q.Last, q.Limit = e.ID, false, 0
			}
		}
	}
}
