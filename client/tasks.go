package client

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Tasks lists one page of tasks.
func (c *Client) Tasks(ctx context.Context, board string, q TaskQuery) (Page[Task], error) {
	return call[Page[Task]](ctx, c, get("boards", board, "tasks").where(q.values()))
}

// Task returns all there is to show of a task.
func (c *Client) Task(ctx context.Context, board, id string) (Details, error) {
	return call[Details](ctx, c, get("boards", board, "tasks", id))
}

// CreateTask puts a task on a board. If an open task has its idempotency key,
// that one is the answer, and Created is false.
func (c *Client) CreateTask(ctx context.Context, board string, t TaskCreate) (TaskCreated, error) {
	return call[TaskCreated](ctx, c, post("boards", board, "tasks").with(t))
}

// CreateGraph puts tasks that wait for one another on a board, all or none. The
// answers are in their order.
func (c *Client) CreateGraph(ctx context.Context, board string, g GraphCreate) ([]TaskCreated, error) {
	return items[TaskCreated](ctx, c, post("boards", board, "graphs").with(g))
}

// EditTask changes what edit names. With a version other than 0 it refuses with
// conflict if the task has changed since.
func (c *Client) EditTask(ctx context.Context, board, id string, edit TaskEdit, version int64) (Task, error) {
	r := request{method: http.MethodPatch, path: path("boards", board, "tasks", id), body: edit}
	if version != 0 {
		r.etag = `"` + strconv.FormatInt(version, 10) + `"`
	}
	return call[Task](ctx, c, r)
}

// DeleteTask removes a task; with stop, a run in progress is ended first. The
// answer is the task as it was.
func (c *Client) DeleteTask(ctx context.Context, board, id string, stop bool) (Task, error) {
	q := url.Values{}
	flag(q, "stop", stop)
	return call[Task](ctx, c, del("boards", board, "tasks", id).where(q))
}

// Explain returns a task with every closed gate, and what opens it.
func (c *Client) Explain(ctx context.Context, board, id string) (Task, error) {
	return call[Task](ctx, c, get("boards", board, "tasks", id, "explain"))
}

// Context returns what a worker of this task reads first, in Markdown.
func (c *Client) Context(ctx context.Context, board, id string) (string, error) {
	return c.ContextWithin(ctx, board, id, 0)
}

// ContextWithin is Context cut to a number of bytes, at least 1000; 0 = no
// limit. Every text in it is cut before a whole one is left out.
func (c *Client) ContextWithin(ctx context.Context, board, id string, limit int) (string, error) {
	q := url.Values{}
	number(q, "limit", int64(limit))
	resp, err := c.send(ctx, get("boards", board, "tasks", id, "context").where(q))
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

// Comments lists the remarks on a task, oldest first.
func (c *Client) Comments(ctx context.Context, board, id string) ([]Comment, error) {
	return items[Comment](ctx, c, get("boards", board, "tasks", id, "comments"))
}

// AddComment leaves a remark.
func (c *Client) AddComment(ctx context.Context, board, id, body string) (Comment, error) {
	return call[Comment](ctx, c, post("boards", board, "tasks", id, "comments").with(CommentCreate{Body: body}))
}

// Link makes a child wait for a parent to be done. It returns the child.
func (c *Client) Link(ctx context.Context, board, parent, child string) (Task, error) {
	return call[Task](ctx, c, request{method: http.MethodPut, path: path("boards", board, "tasks", child, "parents", parent)})
}

// LinkWhen makes a child wait for an end of a parent: success, any or failed. It
// returns the child.
func (c *Client) LinkWhen(ctx context.Context, board, parent, child, when string) (Task, error) {
	q := url.Values{}
	text(q, "when", when)
	return call[Task](ctx, c, request{method: http.MethodPut, path: path("boards", board, "tasks", child, "parents", parent), query: q})
}

// Unlink ends the waiting. It returns the child.
func (c *Client) Unlink(ctx context.Context, board, parent, child string) (Task, error) {
	return call[Task](ctx, c, del("boards", board, "tasks", child, "parents", parent))
}
