package cmdutil

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	reportPatience = 5 * time.Second // of a worker that reports its end
	reportPause    = 200 * time.Millisecond
)

// Result is how a run ended, as it is left in $ANDON_RESULT for the gateway to
// read at the run's end.
type Result struct {
	Status    string          `json:"status"` // done, blocked or review
	Summary   string          `json:"summary,omitempty"`
	Metadata  json.RawMessage `json:"metadata,omitempty"`
	Artifacts []string        `json:"artifacts,omitempty"`
	Reason    string          `json:"reason,omitempty"`
	Kind      string          `json:"kind,omitempty"`
	Created   []string        `json:"created_cards,omitempty"`
	Run       int64           `json:"run"`
	Token     string          `json:"token"`
}

// Queued is the answer when a result was left for the gateway.
type Queued struct {
	ID     string `json:"id"`
	Queued bool   `json:"queued"`
	Path   string `json:"path"`
}

// Report ends a run, as Deliver does, and tells of it.
func (f *Factory) Report(ctx context.Context, id, past string, r Result, act Action) error {
	t, left, err := f.Deliver(ctx, id, r, func(ctx context.Context) (client.Task, error) { return f.ask(ctx, id, act) })
	switch {
	case err != nil:
		return err
	case left != nil:
		return f.Printer().Said(*left, id, "queued %s: the gateway is away and reads it when this run ends", id)
	}
	return f.SayTask(past, t)
}

// Deliver ends a run: act tells the gateway. While none answers it is asked
// again for 5 s under the same operation id, so that it acts once; then the
// result is left in $ANDON_RESULT. Outside of the task's own run it asks once.
func (f *Factory) Deliver(ctx context.Context, id string, r Result, act func(context.Context) (client.Task, error)) (client.Task, *Queued, error) {
	ctx = client.WithOperation(ctx, rand.Text())
	lease, path := f.Lease(id), f.Getenv("ANDON_RESULT")
	queue := lease.Run != 0 && path != ""
	limit, soon := time.After(reportPatience), time.After(Soon)
	for {
		t, err := act(ctx)
		switch {
		case err == nil:
			return t, nil, nil
		case !queue || !exit.Away(err) || ctx.Err() != nil:
			return t, nil, exit.About{ID: id, Err: err}
		}
		select {
		case <-ctx.Done():
			return t, nil, context.Cause(ctx)
		case <-soon:
			f.Progress("the gateway is away; trying again for a few seconds")
		case <-time.After(reportPause):
		case <-limit:
			r.Run, r.Token = lease.Run, lease.Token
			return t, &Queued{ID: id, Queued: true, Path: path}, f.leave(path, r)
		}
	}
}

func (f *Factory) ask(ctx context.Context, id string, act Action) (client.Task, error) {
	c, board, err := f.Open(ctx)
	if err != nil {
		return client.Task{}, err
	}
	return act(ctx, c, board, id)
}

// leave writes the result file as a whole: the gateway never reads half of one.
func (f *Factory) leave(path string, r Result) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+"."+strings.ToLower(rand.Text()))
	if err := writeDurably(temp, append(text, '\n')); err != nil {
		return kanban.Errorf(kanban.Unavailable, "the gateway is away and the result cannot be left for it: %w", err).
			Hint("make %s writable and try again", filepath.Dir(path))
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp) // the first error counts
		return kanban.Errorf(kanban.Unavailable, "the gateway is away and the result cannot be left for it: %w", err)
	}
	return nil
}

func writeDurably(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}
