package workspace

import (
	"os"
	"path/filepath"

	"github.com/andon-dev/andon/internal/kanban"
)

// SpecOf is the workspace that a task wants.
func SpecOf(t kanban.Task) Spec {
	s := Spec{Kind: t.Workspace.Kind, Path: t.Workspace.Path, Repo: t.Workspace.Repo, Branch: t.Workspace.Branch, Task: t.ID}
	if s.Kind == Scratch || s.Kind == Clone {
		s.Path = "" // what an earlier attempt recorded
	}
	return s
}

// Where tells which path and branch Prepare will give, without making them, so
// that a claim can record them before anything is on disk.
func (m *Manager) Where(s Spec) (path, branch string) {
	switch s.Kind {
	case Dir:
		return filepath.Clean(s.Path), ""
	case Worktree, Clone:
		branch = s.Branch
		if branch == "" {
			branch = defaultBranch(s.Task)
		}
		if s.Kind == Worktree && s.Path != "" && !isMainTree(s.Path) {
			return filepath.Clean(s.Path), branch
		}
	}
	return m.defaultPath(s.Task), branch
}

// isMainTree reports whether a path is the root of a repository's own work
// tree: there .git is a folder, in a linked tree it is a file.
func isMainTree(path string) bool {
	info, err := os.Stat(filepath.Join(path, ".git"))
	return err == nil && info.IsDir()
}
