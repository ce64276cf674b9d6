package client

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"
)

const (
	health = "/healthz"
	probe  = 2 * time.Second // how long a server that lives may take for its first byte
)

// Health asks whether the server lives. It needs no right.
//
// Errors: ErrNoGateway if nobody listens; ErrSilent if there is no answer within
// 2 s.
func (c *Client) Health(ctx context.Context) (Health, error) {
	probing := *c
	probing.o.Timeout = probe
	h, err := call[Health](ctx, &probing, request{method: http.MethodGet, path: health})
	if errors.Is(err, errTimeout) {
		return h, ErrSilent
	}
	return h, err
}

// Gateway tells how the gateway is; Running is false if there is none.
func (c *Client) Gateway(ctx context.Context) (Gateway, error) {
	return call[Gateway](ctx, c, get("gateway"))
}

// Reload makes the gateway read andon.yaml again.
func (c *Client) Reload(ctx context.Context) error { return c.do(ctx, post("gateway", "reload")) }

// StopGateway ends the gateway; its workers go on, and the next gateway adopts
// them. With drain it starts nothing new and ends when its runs have ended.
func (c *Client) StopGateway(ctx context.Context, drain bool) error {
	if drain {
		return c.do(ctx, post("gateway", "drain"))
	}
	return c.do(ctx, post("gateway", "stop"))
}

// Plan tells what would be started now. It changes nothing. Board "" is all.
func (c *Client) Plan(ctx context.Context, board string) (Plan, error) {
	q := url.Values{}
	text(q, "board", board)
	return call[Plan](ctx, c, get("dispatch").where(q))
}

// Nudge makes the dispatcher look again.
func (c *Client) Nudge(ctx context.Context) error { return c.do(ctx, post("dispatch")) }

// Holds lists what keeps work from starting.
func (c *Client) Holds(ctx context.Context) ([]Hold, error) {
	return items[Hold](ctx, c, get("holds"))
}

// Accounts lists the accounts of andon.yaml: their use, their limits, what holds
// them.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	return items[Account](ctx, c, get("accounts"))
}

// Inbox lists all that waits for a human, the most costly wait first: on all
// boards with board "".
func (c *Client) Inbox(ctx context.Context, board string) ([]InboxItem, error) {
	q := url.Values{}
	text(q, "board", board)
	return items[InboxItem](ctx, c, get("inbox").where(q))
}

// Pull is the cord: nothing new starts in a scope until Resume.
func (c *Client) Pull(ctx context.Context, r PullRequest) (PullReply, error) {
	return call[PullReply](ctx, c, post("holds").with(r))
}

// Resume lets a scope start work again, cool-downs included.
func (c *Client) Resume(ctx context.Context, scope string) error {
	return c.do(ctx, del("holds", scope))
}

// GC removes what retention no longer asks for, on one board, or on all with
// board "". A dry run only counts.
func (c *Client) GC(ctx context.Context, board string, dryRun bool) (GCReport, error) {
	q := url.Values{}
	text(q, "board", board)
	flag(q, "dry_run", dryRun)
	return call[GCReport](ctx, c, post("gc").where(q))
}

// Config returns the configuration in force, without secrets.
func (c *Client) Config(ctx context.Context) (json.RawMessage, error) {
	return call[json.RawMessage](ctx, c, get("config"))
}
