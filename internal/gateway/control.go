package gateway

import (
	"context"
	"os"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/httpapi"
)

var _ httpapi.Control = (*gateway)(nil)

// Status describes this gateway.
func (g *gateway) Status(ctx context.Context) client.Gateway {
	s := g.dispatcher.Situation("")
	if holds, err := g.boards.Holds(ctx); err == nil && s.Closed == nil {
		s.Closed = board.HeldAltogether(holds, time.Now())
	}
	n, lanes := g.dispatcher.Running()
	out := client.Gateway{
		Running: true, PID: os.Getpid(), Version: g.Version, Home: g.paths.Home, Since: &g.since, Socket: g.paths.Socket,
		BackupProblems: g.shelf.troubles(),
		Draining:       g.draining.Load(), Dispatching: s.Closed == nil, MaxParallel: s.HomeCap, Runs: n, Lanes: lanes,
	}
	if s.Closed != nil {
		out.Reason = s.Closed.Reason
	}
	out.URL, out.ListenError = g.door.state()
	if e := g.configErr.Load(); e != nil {
		out.ConfigError = *e
	}
	return out
}

// Plan says what would be started now.
func (g *gateway) Plan(ctx context.Context, slug string) (client.Plan, error) {
	start, wait, err := g.dispatcher.Plan(ctx, slug)
	plan := client.Plan{Start: []client.PlannedStart{}, Wait: []client.Task{}}
	for _, p := range start {
		plan.Start = append(plan.Start, client.PlannedStart{Board: p.Board, Task: httpapi.Task(board.Explanation{Task: p.Task})})
	}
	for _, e := range wait {
		plan.Wait = append(plan.Wait, httpapi.Task(e))
	}
	return plan, err
}

// Nudge makes the dispatcher look again, and whoever else may have something to do
// now.
func (g *gateway) Nudge() {
	g.dispatcher.Nudge()
	g.notifier.Nudge()
	g.planner.Nudge()
	g.chats.Nudge()
	g.shelf.retry()
}

// StopRuns ends running work of a scope without cost.
func (g *gateway) StopRuns(ctx context.Context, scope string) (int, error) {
	return g.dispatcher.StopRuns(ctx, scope)
}

// Stop ends the gateway; with drain it first waits for running work, and starts
// none.
func (g *gateway) Stop(drain bool) {
	if !drain {
		g.stop()
		return
	}
	if g.draining.Swap(true) {
		return
	}
	idle := g.dispatcher.Drain()
	go func() {
		select {
		case <-idle:
			g.stop()
		case <-g.ended:
		}
	}()
}

// tender applies retention once a day, first some minutes after the start.
func (g *gateway) tender(ctx context.Context) error {
	timer := time.NewTimer(5 * time.Minute)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
		boards, err := g.openBoards(ctx)
		if err != nil {
			return err
		}
		for _, b := range boards {
			if _, err := g.gc(ctx, b, false); err != nil {
				g.Log.Error("retention cannot be applied", "board", b.Slug(), "error", err)
			}
		}
		timer.Reset(24 * time.Hour)
	}
}
