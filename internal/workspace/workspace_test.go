package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func TestScratchIsMadeOnceAndFoundAgain(t *testing.T) {
	root := filepath.Join(t.TempDir(), "workspaces")
	spec := workspace.Spec{Kind: workspace.Scratch, Task: "t_1"}
	first := prepare(t, workspace.New(root), spec)
	if want := (workspace.Place{Path: filepath.Join(root, "t_1"), Created: true}); first != want {
		t.Fatalf("got %+v, want %+v", first, want)
	}
	write(t, first.Path, "notes", "of the first attempt")

	// After a restart the next attempt finds what the first one left.
	again := prepare(t, workspace.New(root), spec)
	if again.Created || again.Path != first.Path || read(t, again.Path, "notes") != "of the first attempt" {
		t.Errorf("the retry got %+v", again)
	}
	entries, _ := os.ReadDir(first.Path)
	if len(entries) != 1 {
		t.Errorf("the worker sees files of Andon's: %v", entries)
	}
}

func TestPrepareRefuses(t *testing.T) {
	home := t.TempDir()
	write(t, home, "file", "")
	write(t, home, "workspaces/t_file", "")
	if err := os.Symlink("/", filepath.Join(home, "workspaces/t_link")); err != nil {
		t.Fatal(err)
	}
	m := workspace.New(filepath.Join(home, "workspaces"))
	for name, tc := range map[string]struct {
		spec workspace.Spec
		code kanban.Code
		says string
	}{
		"relative dir":             {workspace.Spec{Kind: workspace.Dir, Path: "src", Task: "t_1"}, kanban.Invalid, "not absolute"},
		"dir without a path":       {workspace.Spec{Kind: workspace.Dir, Task: "t_1"}, kanban.Invalid, "needs a path"},
		"dir that is a file":       {workspace.Spec{Kind: workspace.Dir, Path: filepath.Join(home, "file"), Task: "t_1"}, kanban.Invalid, "not a directory"},
		"dir below a file":         {workspace.Spec{Kind: workspace.Dir, Path: filepath.Join(home, "file/x"), Task: "t_1"}, kanban.Invalid, "not a directory"},
		"scratch with a path":      {workspace.Spec{Kind: workspace.Scratch, Path: "/src", Task: "t_1"}, kanban.Invalid, "no path"},
		"scratch that is a file":   {workspace.Spec{Kind: workspace.Scratch, Task: "t_file"}, kanban.Conflict, "exists already"},
		"scratch that is a link":   {workspace.Spec{Kind: workspace.Scratch, Task: "t_link"}, kanban.Conflict, "exists already"},
		"no such kind":             {workspace.Spec{Kind: "tmpfs", Task: "t_1"}, kanban.Invalid, "tmpfs"},
		"worktree of nothing":      {workspace.Spec{Kind: workspace.Worktree, Task: "t_1"}, kanban.Invalid, "no source repository"},
		"worktree of a plain path": {workspace.Spec{Kind: workspace.Worktree, Repo: home, Task: "t_1"}, kanban.Invalid, "not in a usable git repository"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := m.Prepare(t.Context(), tc.spec)
			refused(t, err, tc.code, tc.says)
		})
	}
}

func TestTaskIdsAreNeverPaths(t *testing.T) {
	m := newManager(t)
	for _, id := range []string{"", ".", "..", ".andon", "a/b", "../t_1", "-f", "a b", "t_1.lock"} {
		_, err := m.Prepare(t.Context(), workspace.Spec{Kind: workspace.Scratch, Task: id})
		if kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("Prepare took the id %q: %v", id, err)
		}
		if err := m.Remove(t.Context(), id, workspace.Place{}); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("Remove took the id %q: %v", id, err)
		}
	}
}

func TestDirIsCreatedIfMissing(t *testing.T) {
	spec := workspace.Spec{Kind: workspace.Dir, Path: filepath.Join(t.TempDir(), "a/b"), Task: "t_1"}
	m := newManager(t)
	if place := prepare(t, m, spec); !place.Created || place.Path != spec.Path || !exists(spec.Path) {
		t.Errorf("got %+v", place)
	}
	if place := prepare(t, m, spec); place.Created {
		t.Errorf("created twice: %+v", place)
	}
}

func TestKindOfAPreparedTaskDoesNotChangeUnderIt(t *testing.T) {
	m := newManager(t)
	prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	_, err := m.Prepare(t.Context(), worktree(repository(t), "t_1"))
	refused(t, err, kanban.Conflict, "has its scratch workspace at")
}

func TestFreeCountsTheNearestExistingFolder(t *testing.T) {
	dir := t.TempDir()
	there, err := workspace.Free(dir)
	if err != nil || there == 0 {
		t.Fatalf("Free: %d, %v", there, err)
	}
	if below, err := workspace.Free(filepath.Join(dir, "not/yet/there")); err != nil || below == 0 {
		t.Errorf("Free of what is still to be made: %d, %v", below, err)
	}
}
