package gateway

import (
	"context"
	"os"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/file"
	"github.com/andon-dev/andon/internal/notify/slack"
	"github.com/andon-dev/andon/internal/notify/telegram"
	"github.com/andon-dev/andon/internal/notify/webhook"
)

var _ httpapi.Control = (*gateway)(nil)

// Status describes this gateway.
func (g *gateway) Status(context.Context) client.Gateway {
	s := g.dispatcher.Situation("")
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

// reached are the sinks of a configuration. They know what became of chats, so
// they are made once.
type reached struct {
	by    *config.Config
	sinks map[string]notify.Sink
}

// sinks are the configured destinations.
func (g *gateway) sinks() map[string]notify.Sink {
	c := g.config.Load()
	if known := g.reached.Load(); known != nil && known.by == c {
		return known.sinks
	}
	out := map[string]notify.Sink{}
	for name, s := range c.Notify.Sinks {
		switch s.Type {
		case config.SinkTelegram:
			out[name] = telegram.New(telegram.Options{
				Token: secretOf(s), Chat: s.Chat, API: s.API, Buttons: s.Listen, Attach: notify.Attach{Max: notify.AttachMax, Types: notify.AttachTypes},
			})
		case config.SinkSlack:
			out[name] = slack.New(slack.Options{
				Token: secretOf(s), Channel: s.Chat, API: s.API, Buttons: s.Listen, Attach: notify.Attach{Max: notify.AttachMax, Types: notify.AttachTypes},
			})
		case config.SinkWebhook:
			out[name] = webhook.New(webhook.Options{URL: s.URL, Secret: secretOf(s)})
		case config.SinkFile:
			out[name] = file.New(s.Path)
		}
	}
	g.reached.Store(&reached{c, out})
	return out
}

// secretOf is where a sink's secret is read when it is needed; nil if it has
// none.
func secretOf(s config.Sink) notify.Secret {
	switch {
	case s.SecretFile != "":
		return notify.SecretFile(s.SecretFile)
	case s.SecretEnv != "":
		return notify.SecretEnv(s.SecretEnv)
	}
	return nil
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
