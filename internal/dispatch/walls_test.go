package dispatch_test

import (
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// G15: a lane that asks for walls never runs without them. The run is a start
// that failed, and says how to get them.
func TestG15_WhatCannotBeWalledInIsNotStarted(t *testing.T) {
	path := t.TempDir()
	t.Setenv("PATH", path) // which has no bwrap
	h := newHouse(t, map[string]string{"walled": ": >$GATES/ran"}, func(c *config.Config) {
		c.Dispatch.MaxAttempts = 1
		edit(c, "walled", func(l *config.Lane) {
			l.Command[0] = "/bin/sh"
			l.Sandbox = config.Sandbox{Mode: config.SandboxBwrap, Network: config.NetworkOn}
		})
	})
	id := h.open().add("walled")
	h.is(id, kanban.Blocked)
	same(t, "outcomes", h.outcomes(id), kanban.GaveUp)
	run := h.runs(id)[0]
	if run.Started || !strings.Contains(run.Error, "bubblewrap is not installed (install bubblewrap") && !strings.Contains(run.Error, "on Linux only") {
		t.Errorf("started %v: %q", run.Started, run.Error)
	}
}

// A limit that nobody here could keep is no reason to run without it.
func TestG15_WhatCannotBeLimitedIsNotStarted(t *testing.T) {
	h := newHouse(t, map[string]string{"limited": ": >$GATES/ran"}, func(c *config.Config) {
		c.Dispatch.MaxAttempts = 1
		edit(c, "limited", func(l *config.Lane) { l.Sandbox = config.Sandbox{PIDs: 64} })
	})
	id := h.open().add("limited")
	h.is(id, kanban.Blocked)
	same(t, "outcomes", h.outcomes(id), kanban.GaveUp)
	if run := h.runs(id)[0]; run.Started || !strings.Contains(run.Error, "take the limit off the lane") {
		t.Errorf("started %v: %q", run.Started, run.Error)
	}
}
