//go:build linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/client"
)

const (
	board   = "default"
	pace    = 8 * time.Millisecond  // between two operations of one client
	again   = 50 * time.Millisecond // before a question that got no answer is repeated
	backlog = 8                     // tasks of a lane that may be open when another is added
)

// lanes of tasks that clients add for workers, in turn.
var lanes = []string{busy, crash, flood, daemon, proven}

// apiClient is a long-lived program over the public client, which is killed and
// started again. What it had asked for then, it asks for again under the same
// operation id.
type apiClient struct {
	*client.Client
	ledger *ledger
	name   string
	n      int
}

// runClient works until SIGTERM.
func runClient(socket, path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	l, err := openLedger(path)
	if err != nil {
		return err
	}
	api, err := client.Dial("unix:"+socket, client.Options{Timeout: 3 * time.Second})
	if err != nil {
		return err
	}
	c := &apiClient{Client: api, ledger: l, name: strings.TrimSuffix(filepath.Base(path), ".ledger"), n: l.operations}
	if l.open != nil {
		if _, err := c.insist(*l.open); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		if err := c.task(ctx); err != nil {
			return err
		}
	}
	return nil
}

// task takes one task through its life by hand, and now and then leaves one to
// the workers.
func (c *apiClient) task(ctx context.Context) error {
	if lane := lanes[c.n/20%len(lanes)]; c.n%4 == 0 && c.room(ctx, lane) {
		if _, err := c.do(operation{kind: "create", lane: lane}); err != nil {
			return err
		}
	}
	task, err := c.do(operation{kind: "create"})
	for _, kind := range []string{"comment", "block", "unblock", "complete"} {
		if err != nil || task == "" || ctx.Err() != nil {
			return err
		}
		task, err = c.do(operation{kind: kind, task: task})
	}
	return err
}

// room reports whether a lane may have another task.
func (c *apiClient) room(ctx context.Context, lane string) bool {
	page, err := c.Tasks(ctx, board, client.TaskQuery{Assignee: lane, Statuses: []string{"ready", "running"}, Limit: backlog})
	return err == nil && len(page.Items) < backlog
}

// do does a new operation and returns its task, "" if it was refused.
func (c *apiClient) do(o operation) (task string, err error) {
	wait(pace)
	c.n++
	o.id = fmt.Sprintf("%s-%d", c.name, c.n)
	if err := c.ledger.intend(o); err != nil {
		return "", err
	}
	return c.insist(o)
}

// insist asks until there is an answer.
func (c *apiClient) insist(o operation) (task string, err error) {
	for {
		task, err := c.ask(client.WithOperation(context.Background(), o.id), o)
		switch {
		case err == nil:
			return task, c.ledger.acknowledge(o, task)
		case !away(err):
			return "", c.ledger.refuse(o, err)
		}
		wait(again)
	}
}

// away reports whether no answer came, or none for now.
func away(err error) bool {
	var refusal *client.Error
	if errors.As(err, &refusal) {
		return refusal.Code == "unavailable"
	}
	return errors.Is(err, client.ErrNoGateway) || errors.Is(err, client.ErrLost) || errors.Is(err, context.DeadlineExceeded)
}

func (c *apiClient) ask(ctx context.Context, o operation) (string, error) {
	switch o.kind {
	case "create":
		r := client.TaskCreate{Title: o.id, Assignee: o.lane}
		if o.lane == crash {
			r.MaxAttempts = crashAttempts
		}
		t, err := c.CreateTask(ctx, board, r)
		return t.ID, err
	case "comment":
		_, err := c.AddComment(ctx, board, o.task, o.id)
		return o.task, err
	case "block":
		_, err := c.Block(ctx, board, o.task, client.BlockRequest{Reason: o.id})
		return o.task, err
	case "unblock":
		_, err := c.Unblock(ctx, board, o.task, o.id)
		return o.task, err
	case "complete":
		_, err := c.Complete(ctx, board, o.task, client.Handoff{Summary: o.id})
		return o.task, err
	}
	return "", fmt.Errorf("no operation is called %q", o.kind)
}

// wait is a pause that nothing ends early: load has a pace of its own.
func wait(d time.Duration) { <-time.After(d) }
