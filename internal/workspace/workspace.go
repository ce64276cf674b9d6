package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/andon-dev/andon/internal/kanban"
)

// The kinds of workspace.
const (
	Scratch  = "scratch"
	Dir      = "dir"
	Worktree = "worktree"
	Clone    = "clone"
)

// Spec says which workspace a task wants.
type Spec struct {
	Kind   string // Scratch, Dir, Worktree or Clone
	Path   string // absolute. Dir: required. Worktree: where the tree goes, or its source repository. Scratch, Clone: empty
	Repo   string // Worktree, Clone: any path inside the source repository, absolute
	Branch string // Worktree, Clone: empty means andon/<Task>
	Base   string // Worktree, Clone: the commit a new branch starts from; empty means the repository's HEAD
	Task   string // id of the task
	Walled bool   // its worker is confined: from then on nothing that it may have written is run here

	// Merge names branches, such as those of several parents, on whose merge a new
	// branch starts instead of Base. One that is gone is left out.
	Merge []string
	// Snapshot is what an earlier attempt left: a workspace that has to be made
	// anew gets it, as far as the branch has not moved on since.
	Snapshot string
	// Fresh starts over: what Andon made goes, and the branch is put back to where
	// Andon found or made it. All of it is kept as the snapshot of run 0.
	Fresh bool
}

// Place is a workspace that is ready to work in.
type Place struct {
	Path    string // absolute
	Task    string // whose it is; Prepare leaves it empty
	Branch  string // Worktree and Clone only
	Base    string // of one that Andon made: the commit its branch started from
	Created bool   // the directory did not exist before this call
}

// Manager makes and removes the workspaces of one board. It is safe for
// concurrent use, and several may work on one repository.
type Manager struct {
	root   string
	walled Walled
}

// New returns a manager of the workspaces in root, an absolute path that need
// not exist yet.
func New(root string) *Manager { return &Manager{root: filepath.Clean(root)} }

// Beside tells it where walled workers work beside these workspaces.
func (m *Manager) Beside(w Walled) *Manager {
	m.walled = w
	return m
}

// Prepare makes the workspace of a task, or finds the one that an earlier
// attempt left. Only the dispatcher calls it, before a run starts.
//
// Errors: invalid for a spec that cannot be met anywhere; conflict if the place
// is taken by something else, or the branch is checked out elsewhere; a
// *MergeError if branches that are to be merged conflict;
// unavailable if the machine lacks for now what it takes.
func (m *Manager) Prepare(ctx context.Context, spec Spec) (_ Place, err error) {
	defer func() { err = lacking(err) }()
	if err := checkTask(spec.Task); err != nil {
		return Place{}, err
	}
	if spec.Path != "" && !filepath.IsAbs(spec.Path) {
		return Place{}, kanban.Errorf(kanban.Invalid, "workspace path %q is not absolute", spec.Path).
			Hint("give the full path, beginning with /")
	}
	unlock, err := lock(ctx, m.markerPath(spec.Task))
	if err != nil {
		return Place{}, err
	}
	defer unlock()
	if spec.Walled {
		defer func() {
			if err == nil {
				err = m.distrust(spec.Task)
			}
		}()
	}
	switch spec.Kind {
	case Scratch:
		return m.scratch(ctx, spec)
	case Dir:
		return m.dir(spec)
	case Worktree:
		return m.worktree(ctx, spec)
	case Clone:
		return m.clone(ctx, spec)
	}
	return Place{}, kanban.Errorf(kanban.Invalid, "unknown kind of workspace %q", spec.Kind).
		Hint("use scratch, dir, worktree or clone")
}

func (m *Manager) scratch(ctx context.Context, spec Spec) (Place, error) {
	if spec.Path != "" {
		return Place{}, kanban.Errorf(kanban.Invalid, "a scratch workspace has no path of its own").
			Hint("use the kind dir to work in %s", spec.Path)
	}
	path := m.defaultPath(spec.Task)
	mk, owned, err := m.owned(spec.Task)
	if err == nil && owned && spec.Fresh {
		owned, err = false, m.wipe(ctx, mk)
	}
	if err != nil {
		return Place{}, err
	}
	if owned {
		return Place{Path: path}, mk.stands(Scratch, path)
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		_, err := m.make(marker{Task: spec.Task, Kind: Scratch, Path: path, Ready: true})
		return Place{Path: path, Created: true}, err
	case err != nil:
		return Place{}, err
	case !info.IsDir():
		return Place{}, occupied(path)
	}
	// Made by the reference system or by a user: worked in, never removed.
	return Place{Path: path}, nil
}

// dir finds a folder that people named, or the workspace of another task, which
// is not to be trusted any more once a walled worker had it.
func (m *Manager) dir(spec Spec) (Place, error) {
	if !spec.Walled {
		return directory(spec.Path)
	}
	if path := filepath.Clean(spec.Path); filepath.Dir(path) == m.root && checkTask(filepath.Base(path)) == nil {
		if err := m.distrust(filepath.Base(path)); err != nil {
			return Place{}, err
		}
	} else if links, end := trail(path); len(links) > 0 {
		return Place{}, kanban.Errorf(kanban.Gated, "%s leads through the link %s to %s, which was not meant when the task was made", path, links[0], end).
			Hint("if it is meant: andon edit %s --workspace dir:%s, and andon unblock %s", spec.Task, end, spec.Task)
	}
	return directory(spec.Path)
}

// directory has no marker, whoever makes it: it is shared and belongs to the user.
func directory(path string) (Place, error) {
	if path == "" {
		return Place{}, kanban.Errorf(kanban.Invalid, "a workspace of kind dir needs a path").
			Hint("give the full path of the directory to work in")
	}
	path = filepath.Clean(path)
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return Place{Path: path}, nil
	case err == nil:
		return Place{}, kanban.Errorf(kanban.Invalid, "workspace %s is not a directory", path).
			Hint("name a directory; it is created if it is missing")
	case errors.Is(err, fs.ErrNotExist):
		err = os.MkdirAll(path, 0o755)
	}
	if err != nil {
		return Place{}, kanban.Errorf(kanban.Invalid, "workspace: %w", err).
			Hint("make the directory yourself, or choose one that you may write")
	}
	return Place{Path: path, Created: true}, nil
}

func (m *Manager) defaultPath(task string) string { return filepath.Join(m.root, task) }

// taskID keeps ids from being paths, options or bad names of references.
var taskID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)

func checkTask(id string) error {
	if !taskID.MatchString(id) {
		return kanban.Errorf(kanban.Invalid, "%q is not the id of a task", id)
	}
	return nil
}

func occupied(path string) error {
	return kanban.Errorf(kanban.Conflict, "%s exists already and is not the workspace of this task", path).
		Hint("move it away, or give the task another path")
}
