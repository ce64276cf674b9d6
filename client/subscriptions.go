package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

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

// SubscriptionEdit changes a subscription.
type SubscriptionEdit struct {
	Kinds []string `json:"kinds" doc:"what it hears of from now on; empty: the noteworthy ones"`
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

// EditSubscription changes what a subscription hears of from now on.
func (c *Client) EditSubscription(ctx context.Context, board string, id int64, edit SubscriptionEdit) (Subscription, error) {
	r := request{method: http.MethodPatch, path: path("boards", board, "subscriptions", strconv.FormatInt(id, 10)), body: edit}
	return call[Subscription](ctx, c, r)
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
