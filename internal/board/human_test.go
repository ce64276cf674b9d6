package board_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestVerbsAreComplete: every use case that takes an actor stands in verbs, so
// that none is forgotten in the tests that try them all.
func TestVerbsAreComplete(t *testing.T) {
	b, actor := reflect.TypeFor[*board.Board](), reflect.TypeFor[kanban.Actor]()
	for i := range b.NumMethod() {
		m := b.Method(i)
		takes := slices.ContainsFunc(params(m.Type), func(p reflect.Type) bool { return p == actor })
		if _, known := verbs[m.Name]; takes && !slices.Contains(reading, m.Name) != known {
			t.Errorf("%s takes an actor: %v; stands in verbs: %v", m.Name, takes, known)
		}
	}
}

func params(f reflect.Type) (in []reflect.Type) {
	for i := range f.NumIn() {
		in = append(in, f.In(i))
	}
	return in
}

// TestG15_NoWorkerOpensAGate: whatever a run tries on whatever task of others,
// and on its own beyond ending its run, is refused and changes nothing.
func TestG15_NoWorkerOpensAGate(t *testing.T) {
	for _, from := range kanban.Statuses {
		for name, v := range verbs {
			t.Run(string(from)+"/"+name, func(t *testing.T) {
				h := newHouse(t)
				w := h.start(t, h.add(t, "its own"))
				task := h.as(t, from)
				other := h.parentOr(t, task, h.add(t, "another"))
				before := h.all(t)
				_, err := v.do(bg, h, w.Actor, kanban.Lease{Task: task.ID, Run: w.run.ID, Token: w.lease.Token}, other.ID)
				if name == "Create" || name == "CreateGraph" {
					ok(t, err)
					return
				}
				if code := kanban.CodeOf(err); code != kanban.Unauthorized && code != kanban.Stale {
					t.Errorf("code %q (%v)", code, err)
				}
				same(t, "board", h.all(t), before)
			})
		}
	}
}

// TestG15_WhatAWorkerMayDoToItsOwn: end its run, comment, create. The rest is for
// humans, but for links to what it sees.
func TestG15_WhatAWorkerMayDoToItsOwn(t *testing.T) {
	may := []string{"Block", "Comment", "Complete", "Create", "CreateGraph", "Review", "Schedule"}
	for name, v := range verbs {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			other := h.add(t, "another")
			w := h.start(t, h.add(t, "its own"))
			before := h.all(t)
			_, err := v.do(bg, h, w.Actor, w.lease, other.ID)
			if slices.Contains(may, name) {
				ok(t, err)
				return
			}
			if code := kanban.CodeOf(err); code != kanban.Unauthorized && (name != "Promote" || code != kanban.Conflict) {
				t.Errorf("code %q (%v)", code, err)
			}
			same(t, "board", h.all(t), before)
		})
	}
}

// TestG15_WorkerAndWhatItCreated: it may end the triage of its own cards, not
// what a human closed since.
func TestG15_WorkerAndWhatItCreated(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "orchestrator"))
	card := func() kanban.Task {
		return must(h.Create(bg, w.Actor, board.NewTask{Title: "card", Triage: true, Assignee: "tester"}))(t).Task
	}
	must(h.Promote(bg, w.Actor, card().ID, false, ""))(t)

	_, err := h.Promote(bg, w.Actor, card().ID, true, "")
	refused(t, err, kanban.Unauthorized)

	held := card()
	must(h.Promote(bg, ann, held.ID, false, ""))(t)
	must(h.Block(bg, ann, kanban.Lease{Task: held.ID}, kanban.Operator, "not yet", kanban.Handoff{}))(t)
	_, err = h.Promote(bg, w.Actor, held.ID, false, "")
	refused(t, err, kanban.Conflict)
	_, err = h.Unblock(bg, w.Actor, held.ID, "")
	refused(t, err, kanban.Unauthorized)
	_, err = h.Create(bg, w.Actor, board.NewTask{Title: "gate", Held: true})
	refused(t, err, kanban.Unauthorized)
	_, err = h.Block(bg, w.Actor, w.lease, kanban.BreakerOpen, "it never worked", kanban.Handoff{})
	refused(t, err, kanban.Invalid, "breaker")

	c1, c2 := card(), card()
	must(h.Link(bg, w.Actor, c1.ID, c2.ID, ""))(t)
	must(h.Link(bg, w.Actor, w.Task, c1.ID, ""))(t)
	_, err = h.Link(bg, w.Actor, h.add(t, "another's").ID, c2.ID, "")
	refused(t, err, kanban.Unauthorized)

	// The trail of makers leads back to it over any number of steps.
	c := h.start(t, must(h.Create(bg, w.Actor, board.NewTask{Title: "child", Assignee: "tester"}))(t).Task)
	grandchild := must(h.Create(bg, c.Actor, board.NewTask{Title: "grandchild", Triage: true}))(t).Task
	must(h.Promote(bg, w.Actor, grandchild.ID, false, ""))(t)
	if got := must(h.Task(bg, grandchild.ID))(t); got.CreatedBy != "tester" || got.Origin != c.Task {
		t.Errorf("created by %q of %q", got.CreatedBy, got.Origin)
	}
}

// TestWorkerComments on its own task, its parents and what it made.
func TestWorkerComments(t *testing.T) {
	h := newHouse(t)
	parent := h.add(t, "parent")
	must(h.Complete(bg, ann, kanban.Lease{Task: parent.ID}, kanban.Handoff{}))(t)
	w := h.start(t, h.add(t, "its own", after(parent)))
	for _, id := range []string{w.Task, parent.ID} {
		same(t, "author", must(h.Comment(bg, w.Actor, id, "hello"))(t).Author, "builder")
	}
	_, err := h.Comment(bg, w.Actor, h.add(t, "another").ID, "hello")
	refused(t, err, kanban.Unauthorized)
}

// TestG15_BlockReasonsStay: what a human asked or held is still there after the
// archive.
func TestG15_BlockReasonsStay(t *testing.T) {
	h := newHouse(t)
	for _, task := range []kanban.Task{h.as(t, kanban.Blocked), h.broken(t)} {
		must(h.Archive(bg, ann, task.ID))(t)
		got := must(h.Unarchive(bg, ann, task.ID))(t)
		if got.Status != kanban.Blocked || got.BlockKind != task.BlockKind || got.BlockReason != task.BlockReason || got.Failures != task.Failures {
			t.Errorf("%s, %q: %q, %d failures; was %q: %q, %d", got.Status, got.BlockKind, got.BlockReason, got.Failures,
				task.BlockKind, task.BlockReason, task.Failures)
		}
	}
	for _, s := range []kanban.Status{kanban.Triage, kanban.Scheduled, kanban.Review} {
		task := h.as(t, s)
		must(h.Cancel(bg, ann, task.ID, ""))(t)
		got := must(h.Unarchive(bg, ann, task.ID))(t)
		if got.Status != kanban.Blocked || !strings.Contains(got.BlockReason, "cancelled") {
			t.Errorf("cancelled in %s and back: %s (%s)", s, got.Status, got.BlockReason)
		}
	}
	for _, s := range []kanban.Status{kanban.Todo, kanban.Ready, kanban.Running, kanban.Done} {
		task, want := h.as(t, s), s
		if s == kanban.Running {
			want = kanban.Ready
		}
		must(h.Archive(bg, ann, task.ID))(t)
		if got := must(h.Unarchive(bg, ann, task.ID))(t); got.Status != want {
			t.Errorf("archived in %s and back: %s", s, got.Status)
		}
	}
}

// TestDeferOpensAGateAtATime: a human who parks a blocked task means it to run
// then, with all its attempts.
func TestDeferOpensAGateAtATime(t *testing.T) {
	h := newHouse(t)
	task := h.broken(t)
	_, err := h.Schedule(bg, ann, kanban.Lease{Task: task.ID}, h.now, "")
	refused(t, err, kanban.Invalid, "has passed")
	got := must(h.Schedule(bg, ann, kanban.Lease{Task: task.ID}, h.now.Add(3600e9), "the quota is back then"))(t)
	if got.Status != kanban.Scheduled || got.Failures != 0 {
		t.Errorf("%s with %d failures", got.Status, got.Failures)
	}
}
