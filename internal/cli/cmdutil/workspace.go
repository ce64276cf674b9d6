package cmdutil

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// ParseWorkspace splits scratch, dir:/path, worktree, worktree:/path or clone. "" is
// the board's choice.
//
// Errors: invalid.
func ParseWorkspace(s string) (kind, path string, err error) {
	kind, path, _ = strings.Cut(s, ":")
	switch {
	case s == "", s == kanban.Scratch, s == kanban.Worktree, s == kanban.Clone:
		return kind, "", nil
	case path == "" || kind != kanban.Dir && kind != kanban.Worktree:
		return "", "", kanban.Errorf(kanban.Invalid, "%s is not a workspace", kanban.Quote(s)).Hint("scratch, dir:/path, worktree, worktree:/path or clone")
	}
	path, err = AbsPath(path)
	return kind, path, err
}

// AbsPath makes a path absolute from the caller's folder and home.
//
// Errors: invalid.
func AbsPath(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || rest[0] == '/') {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", kanban.Errorf(kanban.Invalid, "cannot expand %s: %w", path, err)
		}
		path = home + rest
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", kanban.Errorf(kanban.Invalid, "cannot make %s absolute: %w", path, err)
	}
	return abs, nil
}
