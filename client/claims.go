package client

import (
	"context"
	"time"
)

// ClaimRequest asks for the lease of a ready task.
type ClaimRequest struct {
	TTL    string `json:"ttl,omitempty" doc:"a duration; the configured lease if absent"`
	Wait   string `json:"wait,omitempty" doc:"how long to wait until it may be claimed, a duration of at most 60s"`
	Tended bool   `json:"tended,omitempty" doc:"the caller is a process of the gateway's machine that starts the worker as order says and tells with exit how it ended; its own end is the run's"`
}

// wait is how long the server may take; it refuses what is no duration.
func (r ClaimRequest) wait() time.Duration {
	d, err := time.ParseDuration(r.Wait)
	if err != nil {
		return 0
	}
	return d
}

// ClaimNext asks for the lease of the next task of a lane.
type ClaimNext struct {
	Lane string `json:"lane"`
	ClaimRequest
}

// Claim is a lease.
type Claim struct {
	Task      Task      `json:"task"`
	Run       int64     `json:"run"`
	Token     string    `json:"token" doc:"told once"`
	ExpiresAt time.Time `json:"expires_at"`
	Workspace string    `json:"workspace"`
	Branch    string    `json:"branch,omitempty"`
	Context   string    `json:"context"`
	Order     *Order    `json:"order,omitempty" doc:"of a tended claim"`
}

// Order is what a tended worker is started with, beside its command and the
// caller's own environment. Durations are in seconds.
type Order struct {
	Folder      string     `json:"folder" doc:"of the run, for what is told of it"`
	Dir         string     `json:"dir" doc:"where the worker starts"`
	Env         []string   `json:"env" nullable:"false" doc:"NAME=VALUE; PATH goes before the caller's"`
	Before      [][]string `json:"before,omitempty" doc:"commands before the worker, argv each"`
	After       [][]string `json:"after,omitempty"`
	HookTimeout float64    `json:"hook_timeout"`
	Timeout     float64    `json:"timeout,omitempty" doc:"of the worker; absent: none"`
	StopGrace   float64    `json:"stop_grace" doc:"between asking its processes to end and killing them"`
	LogLimit    int64      `json:"log_limit,omitempty" doc:"bytes"`
}

// Exit tells how the worker of a claimed run ended.
type Exit struct {
	Lease
	Reason string `json:"reason,omitempty" enum:"exited,timed_out,stopped,spawn_failed" doc:"exited if absent"`
	Code   int    `json:"code,omitempty" doc:"exit status"`
	Signal string `json:"signal,omitempty" doc:"that ended it, such as SIGKILL"`
	Error  string `json:"error,omitempty" doc:"why it was not started"`
	Output string `json:"output,omitempty" doc:"the last lines of its output"`
}

// Ended tells what became of a run and its task.
type Ended struct {
	Task Task `json:"task"`
	Run  Run  `json:"run"`
}

// Lease is what a worker's writes carry. People leave it out.
type Lease struct {
	Run   int64  `json:"run,omitempty"`
	Token string `json:"token,omitempty"`
}

// HeartbeatRequest says that a worker lives.
type HeartbeatRequest struct {
	Lease
	Note  string `json:"note,omitempty" doc:"progress in words; makes an event"`
	Usage *Usage `json:"usage,omitempty" doc:"all that the run has used so far"`
}

// HeartbeatReply tells how long the lease holds now.
type HeartbeatReply struct {
	ExpiresAt time.Time `json:"expires_at"`
}

// Claim gives a ready task to a worker that Andon does not start. With Wait it
// waits until the task may be claimed.
func (c *Client) Claim(ctx context.Context, board, id string, r ClaimRequest) (Claim, error) {
	q := post("boards", board, "tasks", id, "claim").with(r)
	q.wait = r.wait()
	return call[Claim](ctx, c, q)
}

// ClaimNext is Claim of the next task of a lane. If the answer gets lost, so is
// the claim: it ends with the request or, at the latest, with its lease.
func (c *Client) ClaimNext(ctx context.Context, board string, r ClaimNext) (Claim, error) {
	q := post("boards", board, "claims").with(r)
	q.wait = r.wait()
	return call[Claim](ctx, c, q)
}

// Exit tells how the worker of a claimed run ended, and returns when that is on
// record. A run that had ended before stays as it was.
func (c *Client) Exit(ctx context.Context, board, id string, e Exit) (Ended, error) {
	return act[Ended](ctx, c, board, id, "exit", e)
}

// Heartbeat says that a worker lives, and extends its lease.
func (c *Client) Heartbeat(ctx context.Context, board, id string, r HeartbeatRequest) (HeartbeatReply, error) {
	return act[HeartbeatReply](ctx, c, board, id, "heartbeat", r)
}
