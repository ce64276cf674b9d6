package dispatch_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/proxy"
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

// Landlock could wall it in, but not keep it to its proxy: then it is not started.
func TestG15_WhatCannotBeKeptToItsProxyIsNotStarted(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // which has no bwrap
	h := newHouse(t, map[string]string{"proxied": ": >$GATES/ran"}, func(c *config.Config) {
		c.Dispatch.MaxAttempts = 1
		edit(c, "proxied", func(l *config.Lane) {
			l.Command[0] = "/bin/sh"
			l.Sandbox = config.Sandbox{Mode: config.SandboxAuto, Network: config.NetworkProxied, Allow: []string{"example.org"}}
		})
	})
	id := h.open().add("proxied")
	h.is(id, kanban.Blocked)
	if run := h.runs(id)[0]; run.Started || !strings.Contains(run.Error, "only bubblewrap keeps a worker to its proxy") && !strings.Contains(run.Error, "on Linux only") {
		t.Errorf("started %v: %q", run.Started, run.Error)
	}
}

// The worker finds the lane's proxy, and not the user's own, which may have a password.
func TestTheEnvironmentOfAProxiedLane(t *testing.T) {
	lane := func(allow ...string) config.Lane {
		return config.Lane{Sandbox: config.Sandbox{Mode: config.SandboxAuto, Network: config.NetworkProxied, Allow: allow}}
	}
	env := []string{"PATH=/bin", "HTTPS_PROXY=http://me:secret@proxy:1", "all_proxy=http://all:1", "No_Proxy=x", "no_proxy=inside"}
	r, err := dispatch.Proxied(lane("example.org"), env)
	if err != nil {
		t.Fatal(err)
	}
	if want := (proxy.Upstream{HTTP: "http://all:1", HTTPS: "http://me:secret@proxy:1", No: "inside"}); r.Upstream != want {
		t.Errorf("upstream %+v", r.Upstream)
	}
	const at = "=http://127.0.0.1:3128"
	ours := []string{
		"PATH=/bin", "http_proxy" + at, "HTTP_PROXY" + at, "https_proxy" + at, "HTTPS_PROXY" + at, "all_proxy" + at, "ALL_PROXY" + at,
	}
	same(t, "env", dispatch.WithProxy(slices.Clone(env), *r), append(slices.Clone(ours), "no_proxy=localhost,127.0.0.1,::1", "NO_PROXY=localhost,127.0.0.1,::1")...)
	// Loopback that is listed is this machine's.
	for _, entry := range []string{"127.0.0.1:8080", "::1"} {
		r.Allow = []string{entry}
		same(t, "env", dispatch.WithProxy(slices.Clone(env), *r), ours...)
	}
	if _, err := dispatch.Proxied(lane("example.org"), []string{"ALL_PROXY=socks5://me:secret@proxy:1"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a proxy that cannot be gone through: %v", err)
	}
	if r, err := dispatch.Proxied(config.Lane{Sandbox: config.Sandbox{Mode: config.SandboxAuto, Network: config.NetworkOn}}, env); r != nil || err != nil {
		t.Errorf("a lane that is not proxied: %v, %v", r, err)
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
