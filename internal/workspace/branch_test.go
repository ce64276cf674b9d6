package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// TestG15_ABranchThatLeadsElsewhereIsRefused: a worker in a work tree can write
// into the folder of its branch, also a link, or a ref that names another.
func TestG15_ABranchThatLeadsElsewhereIsRefused(t *testing.T) {
	repo := repository(t)
	m := newManager(t)
	elsewhere := t.TempDir()
	folder := filepath.Join(repo, ".git", "refs", "heads", "andon")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, filepath.Join(folder, "a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "b"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, branch := range []string{"andon/a/x", "andon/a", "andon/b"} {
		for _, kind := range []string{workspace.Worktree, workspace.Clone} {
			_, err := m.Prepare(t.Context(), workspace.Spec{Kind: kind, Repo: repo, Task: "t_1", Branch: branch})
			if kanban.CodeOf(err) != kanban.Gated {
				t.Errorf("%s of %s: %v", kind, branch, err)
			}
		}
	}
	if left, err := os.ReadDir(elsewhere); err != nil || len(left) > 0 {
		t.Errorf("%v, %v", left, err)
	}
	prepare(t, m, worktree(repo, "t_2"))
}
