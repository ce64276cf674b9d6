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

// TestG31_AWorkerNamesNothingInsideItsWorkspace: what lies there can be a link of
// the worker's, or a repository with its settings.
func TestG31_AWorkerNamesNothingInsideItsWorkspace(t *testing.T) {
	h := newHouse(t)
	h.add(t, "plan", func(n *board.NewTask) { n.Workspace = kanban.Workspace{Kind: kanban.Dir, Path: "/proj"} })
	w := handOf(h.next(t, "builder"))
	for _, c := range []struct {
		workspace kanban.Workspace
		want      kanban.Code
	}{
		{kanban.Workspace{Kind: kanban.Scratch}, ""},
		{kanban.Workspace{Kind: kanban.Dir, Path: w.run.Workspace}, ""},
		{kanban.Workspace{Kind: kanban.Dir, Path: w.run.Workspace + "/link"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Dir, Path: "/proj/link"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Dir, Path: "/proj/../proj/link"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Dir, Path: "/"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Clone, Repo: "/proj"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Clone, Repo: "/proj/r"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Worktree, Repo: "/proj/r"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Worktree, Path: "/proj"}, kanban.Unauthorized},
		{kanban.Workspace{Kind: kanban.Worktree, Path: "/proj/tree", Repo: "/given"}, kanban.Unauthorized},
	} {
		_, err := h.Create(bg, w.Actor, board.NewTask{Title: "x", Workspace: c.workspace, Registered: "/given"})
		if kanban.CodeOf(err) != c.want {
			t.Errorf("%+v: %v, want %q", c.workspace, err, c.want)
		}
	}
}
