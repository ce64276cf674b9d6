package board_test

import (
	"fmt"
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func node(key string, parents ...string) board.GraphTask {
	return board.GraphTask{Key: key, NewTask: board.NewTask{Title: "task " + key, Assignee: "builder", Parents: parents}}
}

// TestCreateGraph: in any order, and onto what is there.
func TestCreateGraph(t *testing.T) {
	h := newHouse(t)
	there := h.add(t, "there")
	made := must(h.CreateGraph(bg, ann, []board.GraphTask{node("ship", "api", "ui"), node("api", there.ID), node("ui", "api", ""), node("docs")}))(t)
	id := func(i int) string { return made[i].Task.ID }
	for i, want := range []struct {
		title   string
		status  kanban.Status
		parents []string
	}{
		{"task ship", kanban.Todo, []string{id(1), id(2)}},
		{"task api", kanban.Todo, []string{there.ID}},
		{"task ui", kanban.Todo, []string{id(1)}},
		{"task docs", kanban.Ready, nil},
	} {
		d := must(h.Show(bg, id(i)))(t)
		waits := map[string]bool{}
		for _, l := range d.Parents {
			waits[l.Parent] = true
		}
		for _, p := range want.parents {
			if !waits[p] || len(waits) != len(want.parents) {
				t.Errorf("%s waits for %v, want %v", want.title, waits, want.parents)
			}
		}
		if d.Task.Title != want.title || d.Task.Status != want.status || !made[i].Created {
			t.Errorf("%s is %+v", want.title, made[i])
		}
	}
	must(h.Complete(bg, ann, kanban.Lease{Task: there.ID}, kanban.Handoff{}))(t)
	if got := must(h.Task(bg, id(1)))(t); got.Status != kanban.Ready {
		t.Errorf("what waited only for the parent is %s", got.Status)
	}
}

// TestCreateGraphAllOrNone: one bad task, and nothing is there of the others.
func TestCreateGraphAllOrNone(t *testing.T) {
	large := make([]board.GraphTask, 201)
	for i := range large {
		large[i] = node(fmt.Sprint(i))
	}
	untitled := node("b", "a")
	untitled.Title = " "
	for name, c := range map[string]struct {
		tasks []board.GraphTask
		code  kanban.Code
		words []string
	}{
		"none":              {nil, kanban.Invalid, []string{"no tasks"}},
		"too many":          {large, kanban.Invalid, []string{"201"}},
		"no key":            {[]board.GraphTask{node(" ")}, kanban.Invalid, []string{"no key"}},
		"a key twice":       {[]board.GraphTask{node("a"), node("a")}, kanban.Invalid, []string{`"a"`, "two"}},
		"an id for a key":   {[]board.GraphTask{node("t_1f3a9c20")}, kanban.Invalid, []string{"t_1f3a9c20"}},
		"an unknown key":    {[]board.GraphTask{node("a", "b")}, kanban.Invalid, []string{`"b"`}},
		"an unknown parent": {[]board.GraphTask{node("a"), node("b", "t_1f3a9c20")}, kanban.Invalid, []string{`"b"`, "t_1f3a9c20"}},
		"itself":            {[]board.GraphTask{node("a", "a")}, kanban.Conflict, []string{"a waits for a"}},
		"a cycle":           {[]board.GraphTask{node("a", "c"), node("b", "a"), node("c", "b"), node("d", "a")}, kanban.Conflict, []string{"a waits for c waits for b waits for a"}},
		"a bad task":        {[]board.GraphTask{node("a"), untitled}, kanban.Invalid, []string{`"b"`, "title"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.add(t, "there")
			before := h.all(t)
			_, err := h.CreateGraph(bg, ann, c.tasks)
			refused(t, err, c.code, c.words...)
			same(t, "board", h.all(t), before)
		})
	}
}

// TestG31_AGraphCountsWhole: of a run's graph that is one too large nothing is
// there, and none of it hangs on a stranger.
func TestG31_AGraphCountsWhole(t *testing.T) {
	h := newHouse(t)
	h.settings.MaxChildren = 2
	w, stranger := h.start(t, h.add(t, "its own")), h.add(t, "a stranger")
	before := h.all(t)
	_, err := h.CreateGraph(bg, w.Actor, []board.GraphTask{node("a"), node("b"), node("c")})
	refused(t, err, kanban.Exhausted, `"c"`)
	_, err = h.CreateGraph(bg, w.Actor, []board.GraphTask{node("a", stranger.ID)})
	refused(t, err, kanban.Unauthorized)
	same(t, "board", h.all(t), before)
	must(h.CreateGraph(bg, w.Actor, []board.GraphTask{node("a"), node("b", "a", w.Task)}))(t)
}

// TestG15_AnAgentOpensNoGateOfHumans: who acts for a human opens what waits for
// something outside, and nothing that waits for him.
func TestG15_AnAgentOpensNoGateOfHumans(t *testing.T) {
	agent := kanban.Actor{Kind: kanban.Human, Name: "orchestrator by ann", Agent: true}
	for kind, may := range map[kanban.BlockKind]bool{
		kanban.NeedsInput: false, kanban.Capability: false, kanban.Operator: false, kanban.Transient: true, kanban.Dependency: true,
	} {
		h := newHouse(t)
		task := h.add(t, "task")
		must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, kind, "why", kanban.Handoff{}))(t)
		got, err := h.Unblock(bg, agent, task.ID, "")
		if may && (err != nil || got.Status != kanban.Ready) {
			t.Errorf("%s: %s, %v", kind, got.Status, err)
		}
		if !may {
			refused(t, err, kanban.Unauthorized, string(kind))
		}
	}
	h := newHouse(t)
	broken := h.broken(t)
	_, err := h.Unblock(bg, agent, broken.ID, "")
	refused(t, err, kanban.Unauthorized, "breaker")
	moved := must(h.Assign(bg, agent, broken.ID, board.Assignment{Lane: "tester"}))(t).Task
	if moved.Status != kanban.Blocked || moved.Failures != broken.Failures || moved.Assignee != "tester" {
		t.Errorf("in another lane: %s with %d failures", moved.Status, moved.Failures)
	}
	_, err = h.Answer(bg, agent, h.as(t, kanban.Blocked).ID, "yes")
	refused(t, err, kanban.Unauthorized)
}
