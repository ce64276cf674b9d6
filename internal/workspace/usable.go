package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// Usable refuses a workspace in which no run could work as the machine is now:
// a source that is no git repository, a folder that is none or cannot be made.
//
// Errors: invalid.
func Usable(ctx context.Context, w kanban.Workspace) error {
	if w.Kind == kanban.Dir && w.Path != "" {
		return makeable(w.Path)
	}
	source := w.Source()
	if source == "" {
		return nil // a run is told so, unless somebody names one before
	}
	if _, err := (git{dir: source}).commonDir(ctx); err != nil {
		return kanban.Errorf(kanban.Invalid, "%s is not in a usable git repository", source).
			Hint("name another one with --repo PATH, or run git init there")
	}
	return nil
}

// makeable reports whether a folder is there or can be made.
func makeable(dir string) error {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR):
			continue
		case err == nil && !info.IsDir():
			return kanban.Errorf(kanban.Invalid, "%s is not a folder, so no run can work in %s", at, dir).Hint("name another one: --workspace dir:PATH")
		case err == nil && at != dir:
			err = unix.Access(at, unix.W_OK|unix.X_OK)
		}
		if err != nil {
			return kanban.Errorf(kanban.Invalid, "%s is not there and cannot be made: %s: %w", dir, at, err).Hint("make it yourself, or name another one: --workspace dir:PATH")
		}
		return nil
	}
}
