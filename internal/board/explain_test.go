package board_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// TestG18_EveryStatusIsExplained: what waits says why, in words, with the way
// out, and the way out is true.
func TestG18_EveryStatusIsExplained(t *testing.T) {
	for s, want := range map[kanban.Status]struct {
		kinds  []kanban.GateKind
		reason string
		way    string
	}{
		kanban.Triage:    {[]kanban.GateKind{kanban.GateHuman}, "a plan waits for you", "andon plan show ID  and  andon plan approve ID"},
		kanban.Todo:      {[]kanban.GateKind{kanban.GateDependency}, "it waits for", "andon promote ID --force --reason ...  starts it anyway"},
		kanban.Scheduled: {[]kanban.GateKind{kanban.GateSchedule}, "scheduled", "andon unblock ID"},
		kanban.Ready:     {},
		kanban.Running:   {},
		kanban.Blocked:   {[]kanban.GateKind{kanban.GateHuman}, "it asks: may I?", "andon answer ID TEXT"},
		kanban.Review:    {[]kanban.GateKind{kanban.GateHuman}, "waits for a review", "andon approve ID  or  andon reject ID REASON"},
		kanban.Done:      {[]kanban.GateKind{kanban.GateEnded}, "it is done", "andon reopen ID"},
		kanban.Archived:  {[]kanban.GateKind{kanban.GateEnded}, "archived (ready)", "andon unarchive ID"},
	} {
		t.Run(string(s), func(t *testing.T) {
			h := newHouse(t)
			task := h.as(t, s)
			same(t, "gates", h.gates(t, task.ID), want.kinds)
			for _, g := range must(h.Explain(bg, task.ID))(t).Gates {
				if !strings.Contains(g.Reason, want.reason) || g.Command != strings.ReplaceAll(want.way, "ID", task.ID) {
					t.Errorf("%q, opened by %q", g.Reason, g.Command)
				}
			}
		})
	}
}

// TestG18_AllClosedGatesAreNamed, not only the first.
func TestG18_AllClosedGatesAreNamed(t *testing.T) {
	h := newHouse(t)
	h.settings.BoardCap, h.settings.TenantCap = 1, map[string]int{"acme": 1}
	h.settings.Lanes["builder"] = board.Lane{MaxParallel: 1, Account: "claude"}
	running := h.add(t, "running", func(n *board.NewTask) { n.Tenant = "acme" })
	task := h.add(t, "waits", after(running), func(n *board.NewTask) { n.Tenant = "acme" })
	w := h.start(t, running)
	h.situation = board.Situation{
		Closed: &kanban.Gate{Kind: kanban.GateDispatcher, Reason: "no gateway runs here"},
		Holds: []store.Hold{
			{Scope: "lane:builder", Kind: store.Pulled, By: "ann", Reason: "red build"},
			{Scope: "account:claude", Kind: store.Cooldown, Reason: "429", Until: h.now.Add(time.Minute)},
			{Scope: "all", Kind: store.Pulled, Until: h.now}, // over
			{Scope: "board:other", Kind: store.Pulled},
		},
		HomeCap: 1, HomeRunning: 1, LaneRunning: map[string]int{"builder": 1},
		AccountCap: map[string]int{"claude": 1}, AccountRuns: map[string]int{"claude": 1},
	}
	var reasons []string
	for _, g := range must(h.Explain(bg, task.ID))(t).Gates {
		reasons = append(reasons, g.Reason+" | "+g.Command)
	}
	slices.Sort(reasons)
	raise := "raise max_parallel in andon.yaml, or wait for a run to end"
	same(t, "gates", reasons, []string{
		"account:claude cools down: 429 | andon resume --account claude",
		"ann pulled the cord (lane:builder): red build | andon resume --lane builder",
		"cap: account claude 1/1 | " + raise, "cap: board default 1/1 | " + raise, "cap: home 1/1 | " + raise,
		"cap: lane builder 1/1 | " + raise, "cap: tenant acme 1/1 | " + raise,
		"it waits for " + running.ID + " (running: running) | andon promote " + task.ID + " --force --reason ...  starts it anyway",
		"no gateway runs here | ",
	})

	// When all of them open, it runs.
	h.situation, h.settings.BoardCap = board.Situation{}, 2
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateCap}) // its tenant's last process lives
	ok(t, h.Settle(bg, w.run.ID, ""))
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{})
	h.start(t, task)
}

// TestG18_ExplainIsComplete: in every status, with every thing that can keep a
// task, either a gate is named or a claim succeeds; and a claim succeeds only if
// none is.
func TestG18_ExplainIsComplete(t *testing.T) {
	hurdles := map[string]func(t *testing.T, h *house, id string){
		"none":          func(*testing.T, *house, string) {},
		"board is full": func(t *testing.T, h *house, _ string) { h.settings.BoardCap = 1; h.start(t, h.add(t, "x")) },
		"tenant is full": func(t *testing.T, h *house, id string) {
			h.settings.TenantCap = map[string]int{"acme": 1}
			h.foreign(t, id, func(task *kanban.Task) { task.Tenant = "acme" })
			h.start(t, h.add(t, "x", func(n *board.NewTask) { n.Tenant = "acme" }))
		},
		"a backoff": func(t *testing.T, h *house, id string) {
			h.foreign(t, id, func(task *kanban.Task) { task.NotBefore = h.now.Add(time.Second) })
		},
		"live processes": func(t *testing.T, h *house, id string) {
			h.foreign(t, id, func(task *kanban.Task) { task.LiveRun = 77 })
		},
		"nobody": func(t *testing.T, h *house, id string) {
			h.foreign(t, id, func(task *kanban.Task) { task.Assignee = "" })
		},
		"an open parent": func(t *testing.T, h *house, id string) {
			parent := h.add(t, "parent", func(n *board.NewTask) { n.Triage = true })
			ok(t, h.store.Update(bg, func(tx store.Tx) error { return tx.PutLink(kanban.Link{Parent: parent.ID, Child: id}) }))
		},
	}
	for _, s := range kanban.Statuses {
		if s == kanban.Running {
			continue
		}
		for name, put := range hurdles {
			t.Run(string(s)+"/"+name, func(t *testing.T) {
				h := newHouse(t)
				task := h.as(t, s)
				put(t, h, task.ID)
				task = must(h.Task(bg, task.ID))(t)
				gates := h.gates(t, task.ID)
				claimed := h.next(t, "builder").Task.ID == task.ID
				if claimed != (len(gates) == 0) {
					t.Errorf("gates %v, and it was claimed: %v", gates, claimed)
				}
			})
		}
	}
}

// TestG18_WhatAnotherProgramLeftIsExplained: a row that says running without a
// run would else be silent for ever.
func TestG18_WhatAnotherProgramLeftIsExplained(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "x")
	h.foreign(t, task.ID, func(task *kanban.Task) { task.Status = kanban.Running })
	g := must(h.Explain(bg, task.ID))(t).Gates
	if len(g) != 1 || g[0].Command != "andon retry "+task.ID {
		t.Fatalf("gates: %+v", g)
	}
	must(h.Retry(bg, ann, task.ID, "", ""))(t)
	h.start(t, task)
}

func TestExplainAndListAndShowAgree(t *testing.T) {
	h := newHouse(t)
	task := h.as(t, kanban.Todo)
	want := must(h.Explain(bg, task.ID))(t).Gates
	same(t, "show", must(h.Show(bg, task.ID))(t).Gates, want)
	page, _, err := h.List(bg, store.TaskQuery{IDs: []string{task.ID}}, true)
	ok(t, err)
	same(t, "list", page[0].Gates, want)
}

func TestResolve(t *testing.T) {
	h := newHouse(t)
	begins := map[string]int{} // more tasks than digits
	for range 40 {
		begins[h.add(t, "x").ID[:3]]++
	}
	several := ""
	for begin, n := range begins {
		if n > 1 {
			several = begin
		}
	}
	task := h.add(t, "y")
	for _, form := range []string{task.ID, strings.ToUpper(task.ID), task.ID[2:], " " + task.ID[:9]} {
		same(t, form, must(h.Resolve(bg, form))(t), task.ID)
	}
	_, err := h.Resolve(bg, several)
	refused(t, err, kanban.Invalid, "several")
	_, err = h.Resolve(bg, "t_")
	refused(t, err, kanban.Invalid, "empty")
	_, err = h.Resolve(bg, "zz")
	refused(t, err, kanban.NotFound)
}
