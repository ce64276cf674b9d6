package cmdutil

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Want is a task that somebody wants to work on.
type Want struct {
	Task string // this one, or "": the next of Lane
	Lane string
	client.ClaimRequest
	Patience time.Duration // how long to wait for it; 0 = not at all
}

// Forever is the patience of who waits until interrupted.
const Forever = time.Duration(1<<63 - 1)

const (
	oneWait   = 25 * time.Second // of one request
	awayPause = time.Second      // until a gateway is asked again that was away
)

// Take claims what is wanted, and waits for it. It outlasts restarts of the
// gateway while it waits.
//
// Errors: as the claim's; a timeout when the patience is at its end.
func (f *Factory) Take(ctx context.Context, c *client.Client, board string, w Want) (client.Claim, error) {
	began := f.Now()
	soon := time.AfterFunc(Soon, func() { f.Progress("waiting for %s", w.what()) })
	if w.Patience == 0 {
		soon.Stop()
	}
	defer soon.Stop()
	away := sync.OnceFunc(func() { f.Progress("the gateway is away; waiting until it is back") })
	for {
		left := w.Patience - f.Now().Sub(began)
		if w.Patience > 0 && left <= 0 {
			left = time.Millisecond // the last look
		}
		w.Wait = ""
		if w.Patience > 0 {
			w.Wait = min(left, oneWait).String()
		}
		claim, err := w.claim(ctx, c, board)
		if err == nil || ctx.Err() != nil || w.Patience == 0 || !f.passing(err) {
			return claim, err
		}
		if left <= oneWait {
			return claim, fmt.Errorf("%w: %w", exit.ErrWaited, err)
		}
		if exit.Away(err) {
			away()
			select {
			case <-ctx.Done():
				return claim, context.Cause(ctx)
			case <-time.After(awayPause):
			}
		}
	}
}

func (w *Want) what() string {
	if w.Task != "" {
		return w.Task
	}
	return "a task of lane " + w.Lane
}

func (w *Want) claim(ctx context.Context, c *client.Client, board string) (client.Claim, error) {
	if w.Task != "" {
		return c.Claim(ctx, board, w.Task, w.ClaimRequest)
	}
	return c.ClaimNext(ctx, board, client.ClaimNext{Lane: w.Lane, ClaimRequest: w.ClaimRequest})
}

// passing reports whether what keeps a claim may pass by itself.
func (f *Factory) passing(err error) bool {
	var remote *client.Error
	if errors.As(err, &remote) {
		switch kanban.Code(remote.Code) {
		case kanban.Gated, kanban.Exhausted:
			return true
		}
	}
	return exit.Away(err) && !f.Alone()
}
