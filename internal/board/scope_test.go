package board_test

import (
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestG31_AWorkerSendsNobodyElsewhere: what a run creates works in the run's own
// repository or in that which people gave the board, on a branch of its own.
// Else a lane with other walls would read and change there for it.
func TestG31_AWorkerSendsNobodyElsewhere(t *testing.T) {
	h := newHouse(t)
	h.add(t, "plan")
	w := handOf(h.next(t, "builder"))
	for name, c := range map[string]struct {
		repo, branch string
		want         kanban.Code
	}{
		"the board's repository":    {"/given", "", ""},
		"a branch of its own":       {"/given", "andon/part", ""},
		"somebody else's":           {"/elsewhere", "", kanban.Unauthorized},
		"a branch that is not ours": {"/given", "release", kanban.Unauthorized},
	} {
		_, err := h.Create(bg, w.Actor, board.NewTask{
			Title: name, Workspace: kanban.Workspace{Kind: kanban.Worktree, Repo: c.repo, Branch: c.branch}, Registered: "/given",
		})
		if kanban.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestG15_AnAgentLeadsNoTaskAroundItsGates: what a lane asks of its work stays
// with a task that an agent gives to another lane.
func TestG15_AnAgentLeadsNoTaskAroundItsGates(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Verify: [][]string{{"make", "test"}}, Reviewer: "critic", MaxRounds: 2}
	h.settings.Lanes["echo"] = board.Lane{}
	task := h.add(t, "work")
	moved, err := h.Assign(bg, kanban.Actor{Kind: kanban.Human, Name: "ann's agent", Agent: true}, task.ID, "echo", false, "")
	ok(t, err)
	if got := moved.Task; len(got.Verify) != 1 || got.Reviewer != "critic" || got.MaxRounds != 2 {
		t.Errorf("verified by %v, reviewed by %q in %d rounds", got.Verify, got.Reviewer, got.MaxRounds)
	}
}
