package client

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"
)

const (
	health = "/healthz"
	probe  = 2 * time.Second // how long a server that lives may take for its first byte
)

// Health says that a server lives.
type Health struct {
	Status  string `json:"status" doc:"ok"`
	Version string `json:"version"`
}

// Gateway is the state of the gateway.
type Gateway struct {
	Running     bool           `json:"running"`
	PID         int            `json:"pid,omitempty"`
	Version     string         `json:"version,omitempty"`
	Home        string         `json:"home"`
	Since       *time.Time     `json:"since,omitempty"`
	Socket      string         `json:"socket,omitempty"`
	URL         string         `json:"url,omitempty" doc:"where it listens on TCP"`
	ListenError string         `json:"listen_error,omitempty" doc:"why it does not"`
	Draining    bool           `json:"draining,omitempty"`
	Dispatching bool           `json:"dispatching"`
	Reason      string         `json:"reason,omitempty" doc:"why nothing is dispatched"`
	MaxParallel int            `json:"max_parallel"`
	Runs        int            `json:"runs"`
	Lanes       map[string]int `json:"lanes" doc:"live runs per lane"`
	Holds       []Hold         `json:"holds"`
	Boards      []Board        `json:"boards"`
	ConfigError string         `json:"config_error,omitempty" doc:"why the file on disk is not in force"`

	BackupProblems map[string]string `json:"backup_problems,omitempty" doc:"why the last scheduled backup of a board failed"`
	Problem        string            `json:"problem,omitempty" doc:"why what spans the boards cannot be read or written"`
	Hint           string            `json:"hint,omitempty" doc:"the way out of the problem"`
}

// Plan is what would be started now.
type Plan struct {
	Start []PlannedStart `json:"start"`
	Wait  []Task         `json:"wait" doc:"ready tasks that are not started, with their gates"`
}

// PlannedStart is one task that would be started.
type PlannedStart struct {
	Board string `json:"board"`
	Task  Task   `json:"task"`
}

// GCReport counts what retention removed.
type GCReport struct {
	DryRun     bool     `json:"dry_run,omitempty"`
	Workspaces int      `json:"workspaces"`
	Events     int      `json:"events"`
	Logs       int      `json:"logs"`
	Artifacts  int      `json:"artifacts"`
	Failed     []string `json:"failed,omitempty" doc:"boards that were not tended, or only in part, with the reason"`
}

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

// GC removes what retention no longer asks for, on one board, or on all with
// board "". A dry run only counts.
func (c *Client) GC(ctx context.Context, board string, dryRun bool) (GCReport, error) {
	q := url.Values{}
	text(q, "board", board)
	flag(q, "dry_run", dryRun)
	return call[GCReport](ctx, c, post("gc").where(q))
}
