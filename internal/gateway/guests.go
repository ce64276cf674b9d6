package gateway

import (
	"context"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// Claim gives a task to a worker that Andon does not start. Whose end is the end
// of a tended run, the kernel says: the process at the other end of the socket.
func (g *gateway) Claim(ctx context.Context, b *board.Board, q httpapi.Ask) (httpapi.Given, error) {
	a := dispatch.Ask{By: q.By, Task: q.Task, Lane: q.Lane, TTL: q.TTL, Wait: q.Wait, Tended: q.Tended}
	if q.Tended {
		p, ok := ctx.Value(peerKey{}).(peer)
		if !ok || p.err != nil {
			return httpapi.Given{}, kanban.Errorf(kanban.Invalid, "only a process of this machine can tend a run").
				Hint("claim without tended, and send heartbeats")
		}
		a.Front = p.process
	}
	given, err := g.dispatcher.Claim(ctx, b.Slug(), a)
	return httpapi.Given{Claimed: given.Claimed, Order: wireOrder(given.Order)}, err
}

func wireOrder(o *worker.Order) *client.Order {
	if o == nil {
		return nil
	}
	return &client.Order{
		Folder: o.RunDir, Dir: o.Dir, Env: o.Env, Before: o.Before, After: o.After, HookTimeout: o.HookTimeout.Seconds(),
		Timeout: o.Timeout.Seconds(), StopGrace: o.StopGrace.Seconds(), LogLimit: o.LogLimit,
	}
}

// Exited takes how the worker of such a claim ended.
func (g *gateway) Exited(ctx context.Context, b *board.Board, l kanban.Lease, e client.Exit) error {
	exit := worker.Exit{Reason: e.Reason, Code: e.Code, Signal: e.Signal, Error: e.Error, Ended: time.Now()}
	if exit.Reason == "" {
		exit.Reason = worker.Exited
	}
	if exit.Reason != worker.SpawnFailed {
		exit.Started = exit.Ended // it was started, whenever that was
	}
	return g.dispatcher.Exited(ctx, b, l, exit, e.Output)
}
