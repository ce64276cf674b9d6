package client

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"strconv"
	"time"
)

// Run is one attempt at a task.
type Run struct {
	ID        int64           `json:"id"`
	Task      string          `json:"task"`
	Lane      string          `json:"lane"`
	Attempt   int             `json:"attempt"`
	Outcome   string          `json:"outcome,omitempty" doc:"absent while it is open"`
	StartedAt time.Time       `json:"started_at"`
	EndedAt   *time.Time      `json:"ended_at,omitempty"`
	Heartbeat *time.Time      `json:"heartbeat,omitempty"`
	Progress  *time.Time      `json:"progress,omitempty"`
	LeaseEnds *time.Time      `json:"lease_ends,omitempty"`
	Summary   string          `json:"summary,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Error     string          `json:"error,omitempty"`
	ExitCode  *int            `json:"exit_code,omitempty"`
	Signal    string          `json:"signal,omitempty"`
	WorkerPID int             `json:"worker_pid,omitempty"`
	Live      bool            `json:"live" doc:"its process tree may still live"`
	Workspace string          `json:"workspace,omitempty"`
	Branch    string          `json:"branch,omitempty"`
	Base      string          `json:"base,omitempty"`
	Snapshot  string          `json:"snapshot,omitempty" doc:"git ref of the kept work"`
	Revision  string          `json:"revision,omitempty" doc:"what it handed in: a commit, or a hash of its artifacts"`
	Account   string          `json:"account,omitempty"`
	Model     string          `json:"model,omitempty"`
	Session   string          `json:"session,omitempty" doc:"of the agent program"`
	Usage     Usage           `json:"usage,omitzero"`
	Reserved  Budget          `json:"reserved,omitzero" doc:"set aside until it ends"`
	Verifying bool            `json:"verifying,omitempty" doc:"its worker has handed in, and that is being verified"`
}

// Usage is what a run has used, as far as its worker tells.
type Usage struct {
	Input      int64   `json:"input,omitempty" doc:"tokens"`
	Output     int64   `json:"output,omitempty" doc:"tokens"`
	CacheRead  int64   `json:"cache_read,omitempty" doc:"tokens"`
	CacheWrite int64   `json:"cache_write,omitempty" doc:"tokens"`
	Turns      int64   `json:"turns,omitempty"`
	CostUSD    float64 `json:"cost_usd,omitempty" doc:"in US dollars, to the millionth"`
}

// Tokens are those that count towards a budget: all but those read from a cache.
func (u Usage) Tokens() int64 { return u.Input + u.Output + u.CacheWrite }

// LogChunk is a piece of a run's log.
type LogChunk struct {
	Run    int64  `json:"run"`
	Offset int64  `json:"offset" doc:"where data begins, in bytes from the beginning of the run; more than was asked for if what stood before was dropped"`
	Data   string `json:"data" doc:"whole characters; what is not UTF-8 is replaced"`
	Next   int64  `json:"next" doc:"offset to read on from"`
	Done   bool   `json:"done" doc:"the run has ended and everything was read"`
	Format string `json:"format,omitempty" doc:"the preset whose stream of JSON lines this is; absent: plain text"`
}

// Diff is how two states of a task's work tree differ.
type Diff struct {
	From, To string // a commit, or the ref of a run's snapshot; To is "" for files as they are now
	Cut      bool   // the text ended at the limit
	Text     []byte // as git prints it; what it shows of files need not be UTF-8
}

// Artifact is a file that a run left.
type Artifact struct {
	Task   string `json:"task"`
	Run    int64  `json:"run"`
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
	Type   string `json:"type"`
}

// Runs lists a task's runs, oldest first.
func (c *Client) Runs(ctx context.Context, board, id string) ([]Run, error) {
	return items[Run](ctx, c, get("boards", board, "tasks", id, "runs"))
}

// Run returns one run.
func (c *Client) Run(ctx context.Context, board string, run int64) (Run, error) {
	return call[Run](ctx, c, get("boards", board, "runs", strconv.FormatInt(run, 10)))
}

// Log returns a piece of a run's log. With Wait it waits for more to be written,
// or for the run to end.
func (c *Client) Log(ctx context.Context, board string, run int64, q LogQuery) (LogChunk, error) {
	r := get("boards", board, "runs", strconv.FormatInt(run, 10), "log").where(q.values())
	r.wait = q.Wait
	return call[LogChunk](ctx, c, r)
}

// poll is how long one request of a follower waits.
const poll = 25 * time.Second

// FollowLog yields a run's log from an offset on (negative: from the present
// end), as it is written, until the run has ended and all is read.
func (c *Client) FollowLog(ctx context.Context, board string, run, offset int64) iter.Seq2[LogChunk, error] {
	return func(yield func(LogChunk, error) bool) {
		for {
			chunk, err := c.Log(ctx, board, run, LogQuery{Offset: offset, Wait: poll})
			if err != nil {
				yield(chunk, err)
				return
			}
			if chunk.Data != "" && !yield(chunk, nil) || chunk.Done {
				return
			}
			offset = chunk.Next
		}
	}
}

// Diff shows what a run changed in its work tree.
func (c *Client) Diff(ctx context.Context, board, id string, q DiffQuery) (Diff, error) {
	resp, err := c.send(ctx, get("boards", board, "tasks", id, "diff").where(q.values()))
	if err != nil {
		return Diff{}, err
	}
	defer resp.Body.Close()
	d := Diff{From: resp.Header.Get("Andon-From"), To: resp.Header.Get("Andon-To"), Cut: resp.Header.Get("Andon-Cut") == "true"}
	d.Text, err = io.ReadAll(resp.Body)
	return d, err
}

// Artifact opens a file that a run of a task left. The caller closes it. size is
// in bytes, -1 if the server did not say.
func (c *Client) Artifact(ctx context.Context, board, id, sha256 string) (file io.ReadCloser, size int64, err error) {
	resp, err := c.send(ctx, get("boards", board, "tasks", id, "artifacts", sha256))
	if err != nil {
		return nil, 0, err
	}
	size, err = strconv.ParseInt(resp.Header.Get("Content-Length"), 10, 64)
	if err != nil {
		size = -1
	}
	return resp.Body, size, nil
}
