package httpapi_test

import (
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestAs: a human may act under another name, which is recorded with his own.
func TestAs(t *testing.T) {
	h := newHome(t)
	bot := client.New(client.Handler(h.handler()), "http://andon", client.Options{As: "deploy bot"})
	if made := must(bot.CreateTask(t.Context(), "default", client.TaskCreate{Title: "x"}))(t); made.CreatedBy != "deploy bot by ann" {
		t.Errorf("created by %q", made.CreatedBy)
	}
	own := add(t, h.client(), "its own").ID
	claim := must(h.client().Claim(t.Context(), "default", own, client.ClaimRequest{}))(t)
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: own, Run: claim.Run}
	if made := must(bot.CreateTask(t.Context(), "default", client.TaskCreate{Title: "y"}))(t); made.CreatedBy != "builder" {
		t.Errorf("a worker's task was created by %q", made.CreatedBy)
	}
}

// TestG15_WorkerStaysInItsBoard: a worker reads and changes its own work
// and is refused the rest: human gates, other boards, the home.
func TestG15_WorkerStaysInItsBoard(t *testing.T) {
	h := newHome(t)
	h.gateway = &gateway{}
	ctx, c := t.Context(), h.client()
	must(c.CreateBoard(ctx, client.BoardCreate{Slug: "secret"}))(t)
	other, own := add(t, c, "another's"), add(t, c, "its own")
	claim := must(c.Claim(ctx, "default", own.ID, client.ClaimRequest{}))(t)
	asking, reviewed := add(t, c, "asks").ID, add(t, c, "is reviewed").ID
	must(c.Block(ctx, "default", asking, client.BlockRequest{Reason: "may I?"}))(t)
	must(c.Claim(ctx, "default", reviewed, client.ClaimRequest{}))(t)
	must(c.Review(ctx, "default", reviewed, client.Handoff{Summary: "look"}))(t)
	sub := must(c.Subscribe(ctx, "default", client.SubscriptionCreate{Sink: "ops"}))(t)

	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: own.ID, Run: claim.Run}
	for name, try := range map[string]func() error{
		"unblock":     func() error { _, err := c.Unblock(ctx, "default", asking, ""); return err },
		"answer":      func() error { _, err := c.Answer(ctx, "default", asking, "yes"); return err },
		"approve":     func() error { _, err := c.Approve(ctx, "default", reviewed, ""); return err },
		"retry":       func() error { _, err := c.Retry(ctx, "default", asking, ""); return err },
		"edit":        func() error { _, err := c.EditTask(ctx, "default", own.ID, client.TaskEdit{}, 0); return err },
		"delete":      func() error { _, err := c.DeleteTask(ctx, "default", other.ID, true); return err },
		"comment":     func() error { _, err := c.AddComment(ctx, "default", other.ID, "hi"); return err },
		"board":       func() error { _, err := c.Board(ctx, "secret"); return err },
		"tasks":       func() error { _, err := c.Tasks(ctx, "Secret", client.TaskQuery{}); return err },
		"events":      func() error { _, err := c.Events(ctx, "secret", client.EventQuery{}); return err },
		"create":      func() error { _, err := c.CreateBoard(ctx, client.BoardCreate{Slug: "mine"}); return err },
		"archive":     func() error { return c.ArchiveBoard(ctx, "secret") },
		"reopen":      func() error { return c.ReopenHome(ctx) },
		"switch":      func() error { _, err := c.SwitchBoard(ctx, "default"); return err },
		"pull":        func() error { _, err := c.Pull(ctx, client.PullRequest{Scope: "all", Stop: true}); return err },
		"resume":      func() error { return c.Resume(ctx, "all") },
		"gc":          func() error { _, err := c.GC(ctx, "default", true); return err },
		"config":      func() error { _, err := c.Config(ctx); return err },
		"nudge":       func() error { return c.Nudge(ctx) },
		"reload":      func() error { return c.Reload(ctx) },
		"stop":        func() error { return c.StopGateway(ctx, false) },
		"unsubscribe": func() error { return c.Unsubscribe(ctx, "default", sub.ID) },
		"replay":      func() error { _, err := c.Replay(ctx, "default", client.ReplayCreate{Event: 1}); return err },
		"mute": func() error {
			_, err := c.Mute(ctx, "default", client.MuteCreate{Place: client.Place{Sink: "ops"}})
			return err
		},
		"unmute":    func() error { return c.Unmute(ctx, "default", client.Place{Sink: "ops"}, "") },
		"test sink": func() error { _, err := c.TestSink(ctx, "default", client.Place{Sink: "ops"}); return err },
		"redeliver": func() error { _, err := c.RetryDeliveries(ctx, "default", 0); return err },
	} {
		t.Run(name, func(t *testing.T) { refusal(t, try(), kanban.Unauthorized) })
	}
	if len(h.gateway.told) > 0 {
		t.Errorf("the gateway was told %v", h.gateway.told)
	}

	if all := must(c.Boards(ctx, true))(t); len(all) != 1 || all[0].Slug != "default" {
		t.Errorf("a worker sees the boards %+v", all)
	}
	_, err := c.Task(ctx, "default", other.ID)
	refusal(t, err, kanban.Unauthorized)
	must(c.AddComment(ctx, "default", own.ID, "done soon"))(t)
	_, err = c.Complete(ctx, "default", own.ID, client.Handoff{Summary: "without its token"})
	refusal(t, err, kanban.Stale)
	must(c.Complete(ctx, "default", own.ID, client.Handoff{Lease: client.Lease{Run: claim.Run, Token: claim.Token}, Summary: "done"}))(t)
}
