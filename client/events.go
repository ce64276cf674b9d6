package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"
)

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

// Subscriptions lists those of a task and of the board, or all with task "".
func (c *Client) Subscriptions(ctx context.Context, board, task string) ([]Subscription, error) {
	q := url.Values{}
	text(q, "task", task)
	return items[Subscription](ctx, c, get("boards", board, "subscriptions").where(q))
}

// Subscribe asks that events be told to a sink from now on. If that was asked
// before, Created is false.
func (c *Client) Subscribe(ctx context.Context, board string, s SubscriptionCreate) (Subscription, error) {
	return call[Subscription](ctx, c, post("boards", board, "subscriptions").with(s))
}

// Unsubscribe ends a subscription, with what was not delivered yet.
func (c *Client) Unsubscribe(ctx context.Context, board string, id int64) error {
	return c.do(ctx, del("boards", board, "subscriptions", strconv.FormatInt(id, 10)))
}

// Deliveries lists deliveries in a state (pending, delivered or parked), newest
// first; limit 0 = 100.
func (c *Client) Deliveries(ctx context.Context, board, state string, limit int) ([]Delivery, error) {
	q := url.Values{}
	text(q, "state", state)
	number(q, "limit", int64(limit))
	return items[Delivery](ctx, c, get("boards", board, "deliveries").where(q))
}

// RetryDeliveries makes parked deliveries pending again: one, or all with id 0.
func (c *Client) RetryDeliveries(ctx context.Context, board string, id int64) (Count, error) {
	q := url.Values{}
	number(q, "id", id)
	return call[Count](ctx, c, post("boards", board, "deliveries", "retry").where(q))
}
