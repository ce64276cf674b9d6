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
	Lane      string    `json:"lane,omitempty" doc:"of tasks in this lane only, as of all that follows"`
	Tenant    string    `json:"tenant,omitempty"`
	Creator   string    `json:"creator,omitempty"`
	Labels    []string  `json:"labels,omitempty" doc:"all of which the task has"`
	Alone     bool      `json:"alone,omitempty" doc:"of the task itself, not of what its runs created"`
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
	Task    string   `json:"task,omitempty" doc:"absent: the whole board"`
	Lane    string   `json:"lane,omitempty" doc:"of tasks in this lane only"`
	Tenant  string   `json:"tenant,omitempty" doc:"of this tenant's tasks only"`
	Creator string   `json:"creator,omitempty" doc:"of tasks that this one created only"`
	Labels  []string `json:"labels,omitempty" doc:"of tasks that have all of these only"`
	Alone   bool     `json:"alone,omitempty" doc:"of the task itself, not of what its runs created"`
	Sink    string   `json:"sink" doc:"name of a sink in andon.yaml, or @NAME: the home of a guest"`
	Target  string   `json:"target,omitempty" doc:"destination within the sink: chat, path"`
	Thread  string   `json:"thread,omitempty"`
	Kinds   []string `json:"kinds,omitempty" doc:"absent: the noteworthy ones"`
}

// Tell asks that what happens to a new task be told.
type Tell struct {
	Sink   string   `json:"sink" doc:"name of a sink in andon.yaml, or @NAME: the home of a guest"`
	Target string   `json:"target,omitempty" doc:"destination within the sink: chat, path"`
	Thread string   `json:"thread,omitempty"`
	Kinds  []string `json:"kinds,omitempty" doc:"absent: the noteworthy ones"`
}

// HomeOf begins a sink that is the home of a guest of a chat: @ann.
const HomeOf = "@"

// Place is where messages go.
type Place struct {
	Sink   string `json:"sink" doc:"name of a sink in andon.yaml, or @NAME: the home of a guest"`
	Target string `json:"target,omitempty" doc:"destination within the sink: chat, path"`
	Thread string `json:"thread,omitempty"`
}

// Mute keeps a place from hearing of a task and what its runs create.
type Mute struct {
	Place
	Task  string     `json:"task,omitempty" doc:"absent: it hears of nothing"`
	Until *time.Time `json:"until,omitempty" doc:"absent: until it is ended"`
	By    string     `json:"by,omitempty"`
	At    *time.Time `json:"at,omitempty"`

	Warnings []string `json:"warnings,omitempty"`
}

// MuteCreate is a new mute, or another end of one that there is.
type MuteCreate struct {
	Place
	Task  string     `json:"task,omitempty" doc:"absent: it is to hear of nothing"`
	Until *time.Time `json:"until,omitempty" doc:"absent: until it is ended"`
}

// ReplayCreate says what is to be told again.
type ReplayCreate struct {
	Event        int64      `json:"event,omitempty" minimum:"1" doc:"from this event on"`
	Since        *time.Time `json:"since,omitempty" doc:"or from the first event of this second or later"`
	Subscription int64      `json:"subscription,omitempty" doc:"to this one only; absent: to all"`
}

// Replayed is what a replay brought about.
type Replayed struct {
	Messages  int   `json:"messages" doc:"that are on their way because of it"`
	Event     int64 `json:"event,omitempty" doc:"the first that was looked at; absent: there was none"`
	Forgotten bool  `json:"forgotten,omitempty" doc:"retention may have taken events that were meant"`
}

// SinkTest is what a destination said of a message that says only that it is one.
type SinkTest struct {
	Place
	Ref string `json:"ref,omitempty" doc:"the destination's name for the message, if it has one"`
}

// SubscriptionEdit changes a subscription.
type SubscriptionEdit struct {
	Kinds []string `json:"kinds" doc:"what it hears of from now on; empty: the noteworthy ones"`
}

// Delivery is one message on its way.
type Delivery struct {
	ID           int64      `json:"id"`
	Sink         string     `json:"sink,omitempty" doc:"where it goes, like what follows; absent: nobody knows any more"`
	Target       string     `json:"target,omitempty"`
	Thread       string     `json:"thread,omitempty"`
	Subscription int64      `json:"subscription" doc:"the first that asked for it; 0: none, it takes back what a message asks for"`
	Event        Event      `json:"event"`
	State        string     `json:"state"`
	Attempts     int        `json:"attempts"`
	NextAt       *time.Time `json:"next_at,omitempty"`
	Error        string     `json:"error,omitempty"`
	Digest       int64      `json:"digest,omitempty" doc:"of those that go together; absent: by itself"`
}

// Count is how many things a request changed.
type Count struct {
	Count int `json:"count"`
}

// NamedPlace is a place by the name that it can be asked for with: a sink, or
// @NAME for the home of a guest.
type NamedPlace struct {
	Name string `json:"name"`
	Place
}

// Places lists what can be told without more words: each sink, and each guest
// who has a home.
func (c *Client) Places(ctx context.Context, board string) ([]NamedPlace, error) {
	return items[NamedPlace](ctx, c, get("boards", board, "places"))
}

// Subscriptions lists those of a task and of the board, or all with task "".
func (c *Client) Subscriptions(ctx context.Context, board, task string) ([]Subscription, error) {
	return c.SubscriptionsAt(ctx, board, task, Place{})
}

// SubscriptionsAt lists those of Subscriptions that go to a place, whatever they
// call it; the zero Place is any.
func (c *Client) SubscriptionsAt(ctx context.Context, board, task string, at Place) ([]Subscription, error) {
	q := url.Values{}
	text(q, "task", task)
	text(q, "sink", at.Sink)
	text(q, "target", at.Target)
	text(q, "thread", at.Thread)
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

// Replay makes messages again, from an event or a time on.
func (c *Client) Replay(ctx context.Context, board string, r ReplayCreate) (Replayed, error) {
	return call[Replayed](ctx, c, post("boards", board, "deliveries", "replay").with(r))
}

// TestSink sends a message to a place that says only that it is one.
func (c *Client) TestSink(ctx context.Context, board string, p Place) (SinkTest, error) {
	return call[SinkTest](ctx, c, post("boards", board, "sinks", "test").with(p))
}

// Mutes lists the places that are kept from hearing.
func (c *Client) Mutes(ctx context.Context, board string) ([]Mute, error) {
	return items[Mute](ctx, c, get("boards", board, "mutes"))
}

// Mute keeps a place from hearing of a task, or of anything, from now on.
func (c *Client) Mute(ctx context.Context, board string, m MuteCreate) (Mute, error) {
	return call[Mute](ctx, c, post("boards", board, "mutes").with(m))
}

// Unmute lets a place hear of a task again, or of everything with task "".
func (c *Client) Unmute(ctx context.Context, board string, p Place, task string) error {
	q := url.Values{}
	text(q, "sink", p.Sink)
	text(q, "target", p.Target)
	text(q, "thread", p.Thread)
	text(q, "task", task)
	return c.do(ctx, del("boards", board, "mutes").where(q))
}

// RetryDeliveries makes parked deliveries pending again: one, with those of its
// digest, or all with id 0.
func (c *Client) RetryDeliveries(ctx context.Context, board string, id int64) (Count, error) {
	q := url.Values{}
	number(q, "id", id)
	return call[Count](ctx, c, post("boards", board, "deliveries", "retry").where(q))
}
