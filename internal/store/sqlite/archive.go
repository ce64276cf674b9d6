package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// Archive closes a board and moves its folder out of sight. If it was selected,
// default is.
//
// Errors: invalid for default; not_found.
func (h *Home) Archive(ctx context.Context, name string) error {
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	slug, err := h.existing(name)
	if err != nil {
		return err
	}
	if slug == kanban.DefaultBoard {
		return kanban.Errorf(kanban.Invalid, "the default board cannot be archived").Hint("archive its tasks instead")
	}
	if err := h.drop(slug); err != nil {
		return err
	}
	if current, err := h.Current(ctx); err == nil && current == slug {
		if err := remove(h.currentPath()); err != nil {
			return moveFailed(err)
		}
	}
	if err := os.MkdirAll(h.archiveDir(), 0o700); err != nil {
		return moveFailed(err)
	}
	return moveFailed(moveDir(h.boardDir(slug), h.archivedPath(slug)))
}

// Restore brings back the board of this slug that was archived last.
//
// Errors: not_found; conflict if the slug was taken meanwhile.
func (h *Home) Restore(ctx context.Context, name string) error {
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	slug, err := kanban.Slug(name)
	if err != nil {
		return err
	}
	if f, err := h.readFile(slug); err == nil && f.Archived { // by the reference, in place
		f.Archived = false
		return f.write(h.infoPath(slug))
	}
	path, err := h.lastArchived(slug)
	if err != nil {
		return err
	}
	if there(h.boardDir(slug)) {
		return kanban.Errorf(kanban.Conflict, "there is another board %s", slug).Hint("archive that one first, or rename its folder")
	}
	if err := h.drop(slug); err != nil {
		return err
	}
	return moveFailed(moveDir(path, h.boardDir(slug)))
}

// Delete removes the board of this slug that was archived last, for good.
//
// Errors: not_found.
func (h *Home) Delete(ctx context.Context, name string) error {
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	slug, err := kanban.Slug(name)
	if err != nil {
		return err
	}
	path, err := h.lastArchived(slug)
	if err != nil {
		return err
	}
	return moveFailed(os.RemoveAll(path))
}

// archivedFolder is a board moved out of sight: <slug>-<epoch>, and -<n> for
// further ones of the same second.
type archivedFolder struct {
	slug, path string
	epoch, n   int64
}

var archivedName = regexp.MustCompile(`^([a-z0-9][a-z0-9_-]{0,63})-(\d{10})(?:-(\d{1,9}))?$`)

// archivedFolders lists the archived boards, oldest first.
func (h *Home) archivedFolders() ([]archivedFolder, error) {
	entries, err := readDir(h.archiveDir())
	if err != nil {
		return nil, err
	}
	var found []archivedFolder
	for _, e := range entries {
		m := archivedName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		f := archivedFolder{slug: m[1], path: filepath.Join(h.archiveDir(), e.Name())}
		f.epoch, _ = strconv.ParseInt(m[2], 10, 64)
		f.n, _ = strconv.ParseInt(m[3], 10, 64) // 0 if there is none
		found = append(found, f)
	}
	slices.SortFunc(found, func(a, b archivedFolder) int {
		return cmp.Or(cmp.Compare(a.epoch, b.epoch), cmp.Compare(a.n, b.n))
	})
	return found, nil
}

// lastArchived is the folder of the board of this slug that was archived last.
func (h *Home) lastArchived(slug string) (string, error) {
	found, err := h.archivedFolders()
	if err != nil {
		return "", err
	}
	for _, f := range slices.Backward(found) {
		if f.slug == slug {
			return f.path, nil
		}
	}
	return "", kanban.Errorf(kanban.NotFound, "no archived board is called %s", slug).Hint("andon boards list --all shows them")
}

// archivedPath is a free place for a board to be archived.
func (h *Home) archivedPath(slug string) string {
	base := filepath.Join(h.archiveDir(), fmt.Sprintf("%s-%d", slug, h.o.Clock().Unix()))
	path := base
	for n := 1; there(path); n++ {
		path = fmt.Sprintf("%s-%d", base, n)
	}
	return path
}

func moveDir(from, to string) error {
	if err := renameNew(from, to); err != nil {
		return err
	}
	return errors.Join(syncPath(filepath.Dir(from)), syncPath(filepath.Dir(to)))
}

func moveFailed(err error) error {
	if err == nil {
		return nil
	}
	return kanban.Errorf(kanban.Unavailable, "cannot move the board: %w", err).Hint("check owner and mode of the home")
}
