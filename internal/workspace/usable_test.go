package workspace

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// TestUsable: what is refused is what no run could work in; what a run makes by
// itself need not be there.
func TestUsable(t *testing.T) {
	dir := t.TempDir()
	repo, file := filepath.Join(dir, "repo"), filepath.Join(dir, "file")
	if err := os.Mkdir(repo, 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := (git{dir: repo}).line(t.Context(), "init", "-q"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	home := filepath.Join(dir, "home")
	ground := Ground{Home: home, Private: []string{filepath.Join(home, "kanban")}}
	for name, c := range map[string]struct {
		w      kanban.Workspace
		usable bool
	}{
		"a folder of its own":      {kanban.Workspace{Kind: kanban.Scratch}, true},
		"a repository":             {kanban.Workspace{Kind: kanban.Worktree, Repo: repo}, true},
		"one that a run will name": {kanban.Workspace{Kind: kanban.Clone}, true},
		"no repository":            {kanban.Workspace{Kind: kanban.Worktree, Repo: filepath.Join(dir, "gone")}, false},
		"a file as repository":     {kanban.Workspace{Kind: kanban.Clone, Repo: file}, false},
		"a folder":                 {kanban.Workspace{Kind: kanban.Dir, Path: dir}, true},
		"a folder to be made":      {kanban.Workspace{Kind: kanban.Dir, Path: filepath.Join(dir, "new", "one")}, true},
		"a file":                   {kanban.Workspace{Kind: kanban.Dir, Path: file}, false},
		"the whole disk":           {kanban.Workspace{Kind: kanban.Dir, Path: "/usr/.."}, false},
		"Andon's home":             {kanban.Workspace{Kind: kanban.Dir, Path: home}, false},
		"a board":                  {kanban.Workspace{Kind: kanban.Dir, Path: filepath.Join(home, "kanban", "boards")}, false},
		"a folder below a file":    {kanban.Workspace{Kind: kanban.Dir, Path: filepath.Join(file, "new")}, false},
	} {
		_, err := ground.Usable(t.Context(), c.w)
		if (err == nil) != c.usable || err != nil && kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
