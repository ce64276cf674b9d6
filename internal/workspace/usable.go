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

// Ground is what people's workspaces are chosen from: the machine, without what
// is Andon's own.
type Ground struct {
	Home    string
	Private []string // within it
}

// Usable refuses a workspace in which no run could work as the machine is now: a
// source that is no git repository, a folder that is none or cannot be made, or
// is Andon's own. The folder of what it returns has no links in it, so that one
// that is put there later is noticed.
//
// Errors: invalid.
func (g Ground) Usable(ctx context.Context, w kanban.Workspace) (kanban.Workspace, error) {
	if w.Path != "" && w.Kind != kanban.Scratch {
		_, w.Path = trail(w.Path)
	}
	for _, path := range []string{w.Path, w.Repo} {
		if err := g.refuse(path); err != nil {
			return w, err
		}
	}
	if w.Kind == kanban.Dir && w.Path != "" {
		return w, makeable(w.Path)
	}
	source := w.Source()
	if source == "" {
		return w, nil // a run is told so, unless somebody names one before
	}
	common, err := git{dir: source}.commonDir(ctx)
	if err != nil {
		return w, kanban.Errorf(kanban.Invalid, "%s is not in a usable git repository", source).
			Hint("name another one with --repo PATH, or run git init there")
	}
	return w, g.refuse(common)
}

// refuse refuses the whole disk and what Andon keeps its own things in.
func (g Ground) refuse(path string) error {
	if path == "" {
		return nil
	}
	_, end := trail(path)
	if end == "/" {
		return kanban.Errorf(kanban.Invalid, "/ is everything, and no place to work in").Hint("name a folder below it")
	}
	_, home := trail(g.Home)
	own := end == home
	for _, dir := range g.Private {
		_, dir = trail(dir)
		own = own || inside(dir, end)
	}
	if !own {
		return nil
	}
	return kanban.Errorf(kanban.Invalid, "%s is in Andon's own folder, where its boards, settings and workspaces are", path).
		Hint("name another folder; to go on with what a task left, name its repository")
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
