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

// pausedFleet is one whose lane builder was paused and resumed.
func pausedFleet(t *testing.T) *fleet {
	f := newFleet(t)
	for _, slug := range []string{"default", "docs", "default"} {
		f.fail(slug, f.begin(slug, "builder", ""), "no login")
	}
	ok(t, f.Resume(bg, ann, "lane:builder"))
	return f
}

// TestG14_ResumingGivesNoAttempts: however often a human resumes, a task that
// fails is tried no more than max_attempts times.
func TestG14_ResumingGivesNoAttempts(t *testing.T) {
	f := newFleet(t)
	var ids []string
	for range 4 {
		ids = append(ids, f.add("default", "work"))
	}
	for range 20 {
		f.now = f.now.Add(time.Minute)
		for _, id := range ids {
			if must(f.on("default").Task(bg, id))(t).Status == kanban.Ready && len(f.scopes()) == 0 {
				f.fail("default", f.start("default", id), "no login")
			}
		}
		for _, scope := range f.scopes() {
			ok(t, f.Resume(bg, ann, scope))
		}
	}
	for _, id := range ids {
		task := must(f.on("default").Task(bg, id))(t)
		if runs := len(must(f.on("default").Runs(bg, id))(t)); runs != 2 || task.Status != kanban.Blocked || task.BlockKind != kanban.BreakerOpen {
			t.Errorf("%s is %s (%s) after %d runs", id, task.Status, task.BlockKind, runs)
		}
	}
}

// TestG14_AfterAPauseOneRunTries: what was paused and resumed is held again while
// one run tries it, over a restart, and told so; how that run ends decides.
func TestG14_AfterAPauseOneRunTries(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*fleet, kanban.Run)
		then []string // held
	}{
		"well":                   {func(f *fleet, r kanban.Run) { f.done("docs", r) }, nil},
		"with a question":        {func(f *fleet, r kanban.Run) { f.asks("docs", r) }, nil},
		"alike":                  {func(f *fleet, r kanban.Run) { f.fail("docs", r, "no login") }, []string{"paused lane:builder"}},
		"otherwise":              {func(f *fleet, r kanban.Run) { f.fail("docs", r, "no such file") }, nil},
		"through nobody's fault": {func(f *fleet, r kanban.Run) { f.stopped("docs", r) }, []string{"trial lane:builder"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := pausedFleet(t)
			same(t, "held before it begins", len(f.scopes()), 0)
			waits := f.add("default", "waits")
			probe := f.begin("docs", "builder", "")
			for range 2 {
				holds := must(f.Holds(bg))(t)
				if len(holds) != 1 || holds[0].Kind != store.Trial || holds[0].Scope != "lane:builder" || !slices.Equal(holds[0].Tasks, []store.TaskRef{{Board: "docs", Task: probe.Task}}) {
					t.Fatalf("held is %+v", holds)
				}
				gates := must(f.on("default").Explain(bg, waits))(t).Gates
				if len(gates) != 1 || gates[0].Kind != kanban.GatePaused || gates[0].Command != "andon logs "+probe.Task+" --board docs" ||
					!strings.HasPrefix(gates[0].Reason, "lane:builder is being tried with "+probe.Task+" after a pause: 3 tasks in a row failed alike") {
					t.Errorf("the gates are %+v", gates)
				}
				f.restart()
			}
			same(t, "in the inbox", len(f.lines("")), 0)
			refused(t, f.Resume(bg, ann, "lane:builder"), kanban.Gated)
			c.end(f, probe)
			next := f.start("default", waits) // what would be held by another trial
			var held []string
			for _, h := range must(f.Holds(bg))(t) {
				held = append(held, string(h.Kind)+" "+h.Scope)
			}
			same(t, "held", held, c.then)
			f.done("default", next)
		})
	}
}

// TestG14_WhatWasUnderWayTriesNothing: it began before the cause was mended.
func TestG14_WhatWasUnderWayTriesNothing(t *testing.T) {
	f := newFleet(t)
	f.begin("default", "builder", "")
	for range 3 {
		f.fail("default", f.begin("default", "builder", ""), "no login")
	}
	ok(t, f.Resume(bg, ann, "lane:builder"))
	same(t, "held", len(f.scopes()), 0)
	f.begin("default", "builder", "")
	same(t, "held", f.scopes(), []string{"lane:builder"})
}

// TestG14_ARepositoryIsTriedWithOneRun of whatever lane.
func TestG14_ARepositoryIsTriedWithOneRun(t *testing.T) {
	f := newFleet(t)
	for i, lane := range []string{"builder", "tester", "builder"} {
		f.fail([]string{"default", "docs"}[i%2], f.begin([]string{"default", "docs"}[i%2], lane, "/src/app"), "make: no rule")
	}
	ok(t, f.Resume(bg, ann, "repo:/src/app"))
	f.begin("default", "builder", "/src/other")
	same(t, "held", len(f.scopes()), 0)
	probe := f.begin("docs", "tester", "/src/app")
	f.restart()
	same(t, "held", f.scopes(), []string{"repo:/src/app"})
	f.done("docs", probe)
	same(t, "held", len(f.scopes()), 0)
}

func (f *fleet) asks(slug string, r kanban.Run) {
	f.now = f.now.Add(time.Second)
	must(f.on(slug).Block(bg, kanban.System, kanban.Lease{Task: r.Task, Run: r.ID}, kanban.NeedsInput, "which?", kanban.Handoff{}))(f.t)
}

func (f *fleet) stopped(slug string, r kanban.Run) {
	f.now = f.now.Add(time.Second)
	must(f.Fail(bg, f.on(slug), r.ID, board.Ending{Outcome: kanban.Stopped, Error: "the cord was pulled", Started: true}))(f.t)
}
