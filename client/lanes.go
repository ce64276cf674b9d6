package client

import "context"

// Lane is a kind of worker.
type Lane struct {
	Name        string         `json:"name"`
	Preset      string         `json:"preset,omitempty"`
	Description string         `json:"description,omitempty"`
	Known       bool           `json:"known" doc:"it stands in andon.yaml"`
	Command     []string       `json:"command,omitempty" doc:"for who may read the configuration"`
	DoneWhen    string         `json:"done_when,omitempty"`
	Account     string         `json:"account,omitempty"`
	MaxParallel int            `json:"max_parallel,omitempty"`
	Running     int            `json:"running"`
	Counts      map[string]int `json:"counts"`
	Holds       []Hold         `json:"holds,omitempty"`
	Walls       *Walls         `json:"walls,omitempty" doc:"around its workers; absent for names that are no lanes"`
}

// Walls are what a lane's workers are confined by.
type Walls struct {
	Mode    string   `json:"mode" doc:"none, bwrap or landlock"`
	Network string   `json:"network,omitempty" doc:"on, off or proxied"`
	Hosts   []string `json:"hosts,omitempty" doc:"that are reached through the proxy; *.NAME are those below NAME, and without a port it is 80 and 443"`
	Write   []string `json:"write,omitempty" doc:"beside the workspace; for who may read the configuration"`
	Read    []string `json:"read,omitempty" doc:"for who may read the configuration"`
	Memory  int64    `json:"memory,omitempty" doc:"bytes that a run may use"`
	PIDs    int      `json:"pids,omitempty" doc:"processes and threads of a run"`
	CPUs    float64  `json:"cpus,omitempty" doc:"processors of a run"`
	Open    []string `json:"open,omitempty" doc:"what they leave open, in words"`
	Problem string   `json:"problem,omitempty" doc:"why they cannot be put up here: nothing is started"`
}

// LanesToTest names lanes; none is all.
type LanesToTest struct {
	Lanes []string `json:"lanes,omitempty"`
}

// LaneTest is what a look at a lane found.
type LaneTest struct {
	Lane    string      `json:"lane"`
	Preset  string      `json:"preset,omitempty"`
	Program string      `json:"program,omitempty"`
	Checks  []LaneCheck `json:"checks" nullable:"false"`
}

// LaneCheck is one thing that a worker needs.
type LaneCheck struct {
	Name   string `json:"name" doc:"program, version, variable, login, sandbox, account or workspace"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	Fix    string `json:"fix,omitempty" doc:"the way out, if it is not"`
}

// Account is what limits of a provider belong to, over all boards.
type Account struct {
	Name        string   `json:"name"`
	MaxParallel int      `json:"max_parallel,omitempty"`
	Running     int      `json:"running"`
	Waiting     int      `json:"waiting" doc:"ready tasks of its lanes"`
	Lanes       []string `json:"lanes"`
	Holds       []Hold   `json:"holds,omitempty" doc:"cool-downs, and cords that were pulled"`
}

// Lanes lists the configured lanes, and after them the assignees of a board's
// tasks that are no lanes (Known is false).
func (c *Client) Lanes(ctx context.Context, board string) ([]Lane, error) {
	return items[Lane](ctx, c, get("boards", board, "lanes"))
}

// TestLanes looks whether the workers of lanes could start, where the gateway
// runs; none is all lanes.
func (c *Client) TestLanes(ctx context.Context, board string, lanes ...string) ([]LaneTest, error) {
	return items[LaneTest](ctx, c, post("boards", board, "lanes", "test").with(LanesToTest{Lanes: lanes}))
}

// Accounts lists the accounts of andon.yaml: their use, their limits, what holds
// them.
func (c *Client) Accounts(ctx context.Context) ([]Account, error) {
	return items[Account](ctx, c, get("accounts"))
}
