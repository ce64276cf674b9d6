package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/andon-dev/andon/internal/kanban"
)

// Remove deletes a workspace that Andon made for this task, with everything in
// it. The branch of a work tree and all snapshots stay; taking the last
// snapshot before is the caller's duty. Removing what is gone already succeeds.
// Only retention and people who ask for it call it.
//
// Errors: conflict for anything that Andon cannot prove to have made, and for
// a work tree that a user has locked.
func (m *Manager) Remove(ctx context.Context, task string, place Place) error {
	if err := checkTask(task); err != nil {
		return err
	}
	unlock, err := lock(ctx, m.markerPath(task))
	if err != nil {
		return err
	}
	defer unlock()
	mk, exists, err := m.load(task)
	if err != nil {
		return err
	}
	if !exists || mk.Path != filepath.Clean(place.Path) {
		return notOurs(place.Path, task)
	}
	if mk.Kind != Worktree && mk.Kind != Clone {
		return m.wipe(ctx, mk)
	}
	unlockRepo, err := lock(ctx, mk.Repo)
	if err != nil {
		return err
	}
	defer unlockRepo()
	return m.wipe(ctx, mk)
}

// wipe deletes the directory of a marker, git's record of it, and the marker,
// in an order that can be cut off anywhere and done again.
func (m *Manager) wipe(ctx context.Context, mk marker) error {
	record, err := mk.record(ctx)
	if err != nil {
		return err
	}
	if record.lockedByUser() {
		return kanban.Errorf(kanban.Conflict, "the work tree %s is locked: %s", mk.Path, record.reason).
			Hint("git --git-dir %s worktree unlock %s", mk.Repo, mk.Path)
	}
	if err := mk.removeTree(); err != nil {
		return err
	}
	if record.path != "" {
		if err := (git{dir: mk.Repo}).forget(ctx, record); err != nil {
			return err
		}
	}
	if err := errors.Join(mk.unpin(ctx), m.sweepAsides(mk.Task)); err != nil {
		return err
	}
	return os.Remove(m.markerPath(mk.Task))
}

// record is what the repository knows of the marker's tree; empty for other
// kinds, and if tree or repository are gone.
func (mk marker) record(ctx context.Context) (tree, error) {
	if mk.Kind != Worktree {
		return tree{}, nil
	}
	if _, err := os.Stat(mk.Repo); errors.Is(err, fs.ErrNotExist) {
		return tree{}, nil
	}
	trees, err := git{dir: mk.Repo}.trees(ctx)
	for _, t := range trees {
		if t.path == canonical(mk.Path) {
			return t, nil
		}
	}
	return tree{}, err
}

// removeTree deletes the directory that Andon made, and nothing else. It is
// first renamed and then looked at once more: after that no other process finds
// it, or puts something else in its place, under the old name.
func (mk marker) removeTree() error {
	parent, err := os.OpenRoot(filepath.Dir(mk.Path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer parent.Close()
	name, trash := filepath.Base(mk.Path), ".andon-removed-"+mk.Task
	if mk.at(parent, trash) == present { // an earlier call was cut short
		return RemoveAll(parent, trash)
	}
	switch mk.at(parent, name) {
	case gone:
		return nil
	case replaced:
		return notOurs(mk.Path, mk.Task)
	}
	if err := parent.Rename(name, trash); err != nil {
		return err
	}
	if mk.at(parent, trash) != present {
		return errors.Join(notOurs(mk.Path, mk.Task), parent.Rename(trash, name))
	}
	return RemoveAll(parent, trash)
}

// RemoveAll also deletes folders without write permission, which build tools
// leave behind. It follows no link.
func RemoveAll(parent *os.Root, name string) error {
	err := parent.RemoveAll(name)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	top, err := parent.OpenRoot(name)
	if err != nil {
		return err
	}
	defer top.Close()
	err = fs.WalkDir(top.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return top.Chmod(path, 0o700)
		}
		return nil // RemoveAll below reports what cannot be read
	})
	if err != nil {
		return err
	}
	return parent.RemoveAll(name)
}

func notOurs(path, task string) error {
	return kanban.Errorf(kanban.Conflict, "%s is not a directory that Andon made for task %s", path, task).
		Hint("Andon removes only what it made; if you do not need it, delete it yourself")
}
