package board_test

import (
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func waiting(parent kanban.Task, when kanban.When) func(*board.NewTask) {
	return func(n *board.NewTask) {
		n.Parents = append(n.Parents, kanban.WithWhen(parent.ID, when))
	}
}

// giveUp lets a task fail until its breaker holds.
func giveUp(t *testing.T, h *house, id string) {
	t.Helper()
	for must(h.Task(bg, id))(t).Status != kanban.Blocked {
		h.pass(2 * time.Hour)
		h.end(t, h.start(t, must(h.Task(bg, id))(t)), kanban.Crashed, "exit status 1")
	}
}

// TestG17_EdgeConditions: what a parent's end means to a child that waits for
// its success, for any end, or for its failure.
func TestG17_EdgeConditions(t *testing.T) {
	const todo, ready, gone = kanban.Todo, kanban.Ready, kanban.Archived
	for name, c := range map[string]struct {
		bring                func(t *testing.T, h *house, id string)
		success, any, failed kanban.Status
	}{
		"running": {func(t *testing.T, h *house, id string) { h.start(t, must(h.Task(bg, id))(t)) }, todo, todo, todo},
		"failed once": {func(t *testing.T, h *house, id string) {
			h.end(t, h.start(t, must(h.Task(bg, id))(t)), kanban.Crashed, "")
		}, todo, todo, todo},
		"asks": {func(t *testing.T, h *house, id string) {
			must(h.Block(bg, ann, kanban.Lease{Task: id}, kanban.NeedsInput, "which?", kanban.Handoff{}))(t)
		}, todo, todo, todo},
		"done":                {complete, ready, ready, gone},
		"done, archived":      {func(t *testing.T, h *house, id string) { complete(t, h, id); archive(t, h, id) }, ready, ready, gone},
		"gave up":             {giveUp, todo, ready, ready},
		"cancelled":           {func(t *testing.T, h *house, id string) { must(h.Cancel(bg, ann, id, ""))(t) }, todo, ready, ready},
		"archived unfinished": {archive, todo, ready, ready},
		"gave up, unblocked":  {func(t *testing.T, h *house, id string) { giveUp(t, h, id); must(h.Unblock(bg, ann, id, ""))(t) }, todo, todo, todo},
		"gave up, reassigned": {func(t *testing.T, h *house, id string) {
			giveUp(t, h, id)
			must(h.Assign(bg, ann, id, board.Assignment{Lane: "tester"}))(t)
		}, todo, todo, todo},
		"gave up, parked": {func(t *testing.T, h *house, id string) {
			giveUp(t, h, id)
			must(h.Schedule(bg, ann, kanban.Lease{Task: id}, time.Time{}, ""))(t)
		}, todo, todo, todo},
		"gave up, then done by hand": {func(t *testing.T, h *house, id string) { giveUp(t, h, id); complete(t, h, id) }, ready, ready, gone},
		"cancelled and back": {func(t *testing.T, h *house, id string) {
			must(h.Cancel(bg, ann, id, ""))(t)
			must(h.Unarchive(bg, ann, id))(t)
		}, todo, todo, todo},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			parent := h.add(t, "parent")
			children := map[kanban.When]kanban.Task{}
			for _, when := range kanban.Conditions {
				children[when] = h.add(t, "child", waiting(parent, when))
			}
			c.bring(t, h, parent.ID)
			for when, want := range map[kanban.When]kanban.Status{kanban.OnSuccess: c.success, kanban.OnAny: c.any, kanban.OnFailed: c.failed} {
				got := status(t, h, children[when].ID, want)
				if want == gone && got.Closed != kanban.NotNeeded {
					t.Errorf("when %q: closed as %q", when, got.Closed)
				}
			}
		})
	}
}

// What is not needed takes along what waited for it, at success or failure; what
// waits for any end of it starts.
func TestNotNeededGoesOn(t *testing.T) {
	h := newHouse(t)
	build := h.add(t, "build")
	repair := h.add(t, "repair", waiting(build, kanban.OnFailed))
	after, never, report := h.add(t, "after the repair", after(repair)), h.add(t, "if the repair fails", waiting(repair, kanban.OnFailed)), h.add(t, "report", waiting(repair, kanban.OnAny))
	h.done(t, build, kanban.Handoff{})
	for _, id := range []string{repair.ID, after.ID, never.ID} {
		same(t, "closed", status(t, h, id, kanban.Archived).Closed, kanban.NotNeeded)
	}
	status(t, h, report.ID, kanban.Ready)
	events := h.events(t, repair.ID)
	last := events[len(events)-1]
	if last.Kind != kanban.EvArchived || last.Payload["reason"] != kanban.NotNeeded || last.Payload["parent"] != build.ID {
		t.Errorf("told as %+v", last)
	}
}

// G15: what a human or a worker has in hand is not put away by what its parent did.
func TestG15_WhatIsInHandStays(t *testing.T) {
	h := newHouse(t)
	parent := h.add(t, "parent", func(n *board.NewTask) { n.Assignee = "tester" })
	failing := func(title string, change ...func(*board.NewTask)) kanban.Task {
		return h.add(t, title, append(change, waiting(parent, kanban.OnFailed))...)
	}
	held := failing("held", func(n *board.NewTask) { n.Held = true })
	triage := failing("in triage", func(n *board.NewTask) { n.Triage = true })
	parked := failing("parked", func(n *board.NewTask) { n.NotBefore = h.now.Add(3 * time.Hour) })
	waived := failing("started anyway")
	must(h.Promote(bg, ann, waived.ID, true, "now"))(t)
	h.done(t, parent, kanban.Handoff{})
	status(t, h, held.ID, kanban.Blocked)
	status(t, h, triage.ID, kanban.Triage)
	status(t, h, parked.ID, kanban.Scheduled)
	status(t, h, waived.ID, kanban.Ready)

	// Its time comes, and there is nothing to do; a human who releases the
	// other is told why it does not start.
	h.pass(4 * time.Hour)
	must(h.Wake(bg))(t)
	status(t, h, parked.ID, kanban.Archived)
	must(h.Unblock(bg, ann, held.ID, ""))(t)
	status(t, h, held.ID, kanban.Todo)
	gates := must(h.Explain(bg, held.ID))(t).Gates
	if want := "it waits for " + parent.ID + " to fail (done: parent)"; len(gates) == 0 || gates[0].Reason != want {
		t.Errorf("gates %+v, want %q", gates, want)
	}
}

func TestEdgeConditionsChangeByAHumanOnly(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "boss"))
	parent := must(h.Create(bg, w.Actor, board.NewTask{Title: "parent", Assignee: "tester"}))(t).Task
	child := must(h.Create(bg, w.Actor, board.NewTask{Title: "child", Assignee: "builder", Parents: []string{parent.ID}}))(t).Task
	must(h.Cancel(bg, ann, parent.ID, ""))(t)
	status(t, h, child.ID, kanban.Todo)
	_, err := h.Link(bg, w.Actor, parent.ID, child.ID, kanban.OnAny)
	refused(t, err, kanban.Unauthorized)
	must(h.Link(bg, ann, parent.ID, child.ID, kanban.OnAny))(t)
	status(t, h, child.ID, kanban.Ready)
	must(h.Link(bg, ann, parent.ID, child.ID, kanban.OnSuccess))(t)
	status(t, h, child.ID, kanban.Todo)
}

func TestAFailureThatCannotComeIsRefused(t *testing.T) {
	h := newHouse(t)
	parent, child := h.as(t, kanban.Done), h.add(t, "child")
	before := h.all(t)
	_, err := h.Link(bg, ann, parent.ID, child.ID, kanban.OnFailed)
	refused(t, err, kanban.Conflict, "done already")
	_, err = h.Create(bg, ann, board.NewTask{Title: "repair", Parents: []string{parent.ID + ":failed"}})
	refused(t, err, kanban.Conflict, "done already")
	_, err = h.Create(bg, ann, board.NewTask{Title: "repair", Parents: []string{parent.ID + ":maybe"}})
	refused(t, err, kanban.Invalid, "maybe")
	same(t, "board", h.all(t), before)
}

// A child that starts because its parent failed reads how.
func TestContextOfAFailure(t *testing.T) {
	h := newHouse(t)
	parent := h.add(t, "parent")
	child := h.add(t, "repair", waiting(parent, kanban.OnFailed))
	giveUp(t, h, parent.ID)
	text := must(h.Context(bg, child.ID))(t)
	for _, want := range []string{"(blocked; it failed)", "> exit status 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
}

// TestG17_AnEdgeHasOneCondition: two of them are refused, and none is dropped.
func TestG17_AnEdgeHasOneCondition(t *testing.T) {
	h := newHouse(t)
	parent := h.add(t, "parent")
	before := h.all(t)
	for name, parents := range map[string][]string{
		"any and failed":  {parent.ID + ":any", parent.ID + ":failed"},
		"success and any": {parent.ID, parent.ID + ":any"},
		"said and silent": {parent.ID + ":failed", parent.ID + ":success"},
	} {
		n := board.NewTask{Title: name, Parents: parents}
		_, err := h.Create(bg, ann, n)
		refused(t, err, kanban.Invalid, "an edge has one condition")
	}
	same(t, "board", h.all(t), before)
	for _, alike := range [][]string{{parent.ID + ":any", parent.ID + ":any"}, {parent.ID, parent.ID + ":success"}} {
		must(h.Create(bg, ann, board.NewTask{Title: "alike", Parents: alike}))(t)
	}
}
