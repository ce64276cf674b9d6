package client

import (
	"context"
	"io"
	"iter"
	"strconv"
	"time"
)

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
