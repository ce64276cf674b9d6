package board_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func inTree(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Worktree, Repo: "/repo"} }

// A diff goes from where the branch began to what was kept, or between what two
// attempts left.
func TestDiffChoosesItsTwoStates(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", inTree)
	_, err := h.Diff(bg, task.ID, board.Changes{})
	refused(t, err, kanban.Conflict, "not worked on yet")

	first := h.start(t, task)
	ok(t, h.Spawned(bg, first.run.ID, 100, "base"))
	if d := must(h.Diff(bg, task.ID, board.Changes{}))(t); d.From != "base" || d.To != "" {
		t.Errorf("of a running task: %+v", d)
	}
	must(h.Fail(bg, first.run.ID, board.Ending{Outcome: kanban.Crashed}))(t)
	ok(t, h.Settle(bg, first.run.ID, "refs/1"))
	h.pass(time.Hour)
	second := h.start(t, task)
	ok(t, h.Spawned(bg, second.run.ID, 100, "base"))
	must(h.Complete(bg, second.Actor, second.lease, kanban.Handoff{}))(t)
	ok(t, h.Settle(bg, second.run.ID, "refs/2"))

	for want, c := range map[string]board.Changes{
		"base refs/2": {}, "base refs/1": {Attempt: 1}, "refs/1 refs/2": {Since: 1}, "refs/2 refs/1": {Attempt: 1, Since: 2},
	} {
		if d := must(h.Diff(bg, task.ID, c))(t); d.From+" "+d.To != want {
			t.Errorf("%+v: %s %s, want %s", c, d.From, d.To, want)
		}
	}
	_, err = h.Diff(bg, task.ID, board.Changes{Attempt: 3})
	refused(t, err, kanban.NotFound, "no attempt 3")
	if d := must(h.Diff(bg, task.ID, board.Changes{Limit: 4}))(t); !d.Cut || string(d.Text) != "from" {
		t.Errorf("cut %+v", d)
	}
}

func TestDiffSaysWhyThereIsNone(t *testing.T) {
	h := newHouse(t)
	scratch := h.add(t, "in a scratch folder")
	_, err := h.Diff(bg, scratch.ID, board.Changes{})
	refused(t, err, kanban.Conflict, "of kind scratch")

	task := h.add(t, "in a tree", inTree)
	h.end(t, h.start(t, task), kanban.Crashed, "boom")
	_, err = h.Diff(bg, task.ID, board.Changes{})
	refused(t, err, kanban.Conflict, "left nothing")

	h.pass(time.Hour)
	w := h.start(t, task)
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
	ok(t, h.Settle(bg, w.run.ID, "refs/2"))
	_, err = h.Diff(bg, task.ID, board.Changes{})
	refused(t, err, kanban.Conflict, "not known where attempt 2")
	_, err = h.Diff(bg, task.ID, board.Changes{Since: 1})
	refused(t, err, kanban.Conflict, "attempt 1", "left nothing")
}
