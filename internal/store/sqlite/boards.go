package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Slugs are the only way in which a name becomes part of a path: what takes a
// slug below takes one that kanban.Slug returned.

func (h *Home) boardsDir() string { return filepath.Join(h.dir, "kanban", "boards") }

func (h *Home) boardDir(slug string) string { return filepath.Join(h.boardsDir(), slug) }

func (h *Home) infoPath(slug string) string { return filepath.Join(h.boardDir(slug), "board.json") }

func (h *Home) currentPath() string { return filepath.Join(h.dir, "kanban", "current") }

func (h *Home) archiveDir() string                      { return filepath.Join(h.boardsDir(), "_archived") }
func (h *Home) readFile(slug string) (boardFile, error) { return readBoardFile(h.infoPath(slug)) }

func (h *Home) dbPath(slug string) string {
	if slug == kanban.DefaultBoard {
		return filepath.Join(h.dir, "kanban.db")
	}
	return filepath.Join(h.boardDir(slug), "kanban.db")
}

// Database is the path of a board's database, to be told to workers of the
// reference system; "" for what is no name. Nobody of ours opens it by that.
func (h *Home) Database(name string) string {
	slug, err := kanban.Slug(name)
	if err != nil {
		return ""
	}
	return h.dbPath(slug)
}

// Dir is the folder of a board's workspaces/ and logs/, "" for what is no name.
func (h *Home) Dir(name string) string {
	slug, err := kanban.Slug(name)
	switch {
	case err != nil:
		return ""
	case slug == kanban.DefaultBoard:
		return filepath.Join(h.dir, "kanban")
	}
	return h.boardDir(slug)
}

// exists: the default board always does, others once there is anything of them.
func (h *Home) exists(slug string) bool {
	return slug == kanban.DefaultBoard || there(h.infoPath(slug)) || there(h.dbPath(slug))
}

func there(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// existing is the slug of a board that exists.
func (h *Home) existing(name string) (string, error) {
	slug, err := kanban.Slug(name)
	if err != nil || h.exists(slug) {
		return slug, err
	}
	if _, err := h.lastArchived(slug); err == nil {
		return slug, kanban.Errorf(kanban.NotFound, "board %s is archived", slug).Hint("andon boards restore %s  brings it back", slug)
	}
	return slug, kanban.Errorf(kanban.NotFound, "there is no board %s", slug).
		Hint("andon boards list shows those there are; andon boards create %s makes it", slug)
}

// List returns all boards, default first, then by slug. Archived ones follow if
// asked for. A board whose description cannot be read is listed without it.
func (h *Home) List(_ context.Context, archived bool) ([]store.BoardInfo, error) {
	boards := []store.BoardInfo{h.describe(kanban.DefaultBoard, h.infoPath(kanban.DefaultBoard))}
	entries, err := readDir(h.boardsDir())
	if err != nil {
		return nil, err
	}
	var away []store.BoardInfo
	for _, e := range entries {
		slug, err := kanban.Slug(e.Name())
		if err != nil || slug != e.Name() || slug == kanban.DefaultBoard || !h.exists(slug) {
			continue
		}
		if b := h.describe(slug, h.infoPath(slug)); b.Archived {
			away = append(away, b)
		} else {
			boards = append(boards, b)
		}
	}
	if !archived {
		return boards, nil
	}
	moved, err := h.archivedFolders()
	for _, f := range moved {
		b := h.describe(f.slug, filepath.Join(f.path, "board.json"))
		b.Archived = true
		away = append(away, b)
	}
	slices.SortStableFunc(away, func(a, b store.BoardInfo) int { return strings.Compare(a.Slug, b.Slug) })
	return append(boards, away...), err
}

func (h *Home) describe(slug, path string) store.BoardInfo {
	f, _ := readBoardFile(path)
	return f.info(slug)
}

// Info describes one board.
//
// Errors: not_found; unavailable if its board.json cannot be read.
func (h *Home) Info(_ context.Context, name string) (store.BoardInfo, error) {
	slug, err := h.existing(name)
	if err != nil {
		return store.BoardInfo{}, err
	}
	f, err := h.readFile(slug)
	return f.info(slug), err
}

// Create makes a board. Its id is made here, whatever b says.
func (h *Home) Create(ctx context.Context, b store.BoardInfo) error {
	b.CreatedAt = time.Time{}
	return h.CreateFilled(ctx, b, store.Hold{}, func(store.Filler) error { return nil })
}

// CreateFilled makes a board with rows on it, or none.
func (h *Home) CreateFilled(ctx context.Context, b store.BoardInfo, hold store.Hold, fill func(store.Filler) error) error {
	slug, err := kanban.Slug(b.Slug)
	if err != nil {
		return err
	}
	if err := h.makeState(ctx); err != nil {
		return outward(err)
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if h.exists(slug) {
		return kanban.Errorf(kanban.Conflict, "board %s exists", slug).Hint("andon boards switch %s", slug)
	}
	b.Slug = slug
	unhold, err := h.holdNew(ctx, hold, slug)
	if err != nil {
		return err
	}
	if err = h.makeBoard(b, fill); err != nil && !h.exists(slug) {
		return errors.Join(err, unhold())
	}
	return err
}

// makeBoard makes file and description, in this order: a crash in between
// leaves a board without a description, never one without its file.
func (h *Home) makeBoard(b store.BoardInfo, fill func(store.Filler) error) error {
	path := h.dbPath(b.Slug)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return kanban.Errorf(kanban.Unavailable, "cannot make %s: %w", filepath.Dir(path), err).Hint("check owner and mode of the home")
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return kanban.Errorf(kanban.Unavailable, "%s is missing, but its -wal is there and may hold its latest commits", path).
			Hint("put the file back, or restore a backup from andon/backups; to begin anew, move the -wal away")
	}
	id := newID()
	err := newFile(path, "kanban", nil, func(c *conn) error {
		if err := climbAll(c, steps); err != nil {
			return err
		}
		if err := c.exec("INSERT INTO andon_meta (key, value) VALUES (?, ?)", idKey, id); err != nil {
			return err
		}
		return fillIn(c, fill)
	})
	if err != nil && b.Slug != kanban.DefaultBoard {
		_ = os.Remove(filepath.Dir(path)) // if nothing else is in it
	}
	if errors.Is(err, os.ErrExist) {
		return kanban.Errorf(kanban.Unavailable, "%s was made by another program just now", path).Hint("try again")
	}
	if err != nil {
		return outward(err)
	}
	f, err := h.readFile(b.Slug)
	if err != nil {
		return err
	}
	if f.ID = id; f.Name == "" {
		f.describe(b, orElse(b.CreatedAt, h.o.Clock()))
	}
	return f.write(h.infoPath(b.Slug))
}

// makeMissing makes the file of a board that exists but was never known here:
// the default one of a new home, or one that the reference only described.
func (h *Home) makeMissing(ctx context.Context, slug string) error {
	if there(h.dbPath(slug)) {
		return nil
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := h.existing(slug); err != nil || there(h.dbPath(slug)) {
		return err
	}
	f, err := h.readFile(slug)
	if err != nil || f.ID != "" {
		return err // a known board's file is missing: opening says so
	}
	return h.makeBoard(store.BoardInfo{Slug: slug}, func(store.Filler) error { return nil })
}

// adopt notes in board.json the id that stands in the board's file.
func (h *Home) adopt(ctx context.Context, slug, id string) error {
	if f, err := h.readFile(slug); err != nil || f.ID == id {
		return err
	}
	return h.change(ctx, slug, func(f *boardFile) {
		f.ID, f.Slug = id, slug
		if f.Name == "" {
			f.Name = defaultName(slug)
		}
		f.stamp(h.o.Clock())
	})
}

// change rewrites a board.json.
func (h *Home) change(ctx context.Context, name string, how func(*boardFile)) error {
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	slug, err := h.existing(name)
	if err != nil {
		return err
	}
	f, err := h.readFile(slug)
	if err != nil {
		return err
	}
	how(&f)
	return f.write(h.infoPath(slug))
}

// Save changes name, description, icon, color and work dir.
func (h *Home) Save(ctx context.Context, b store.BoardInfo) error {
	slug, err := kanban.Slug(b.Slug)
	if err != nil {
		return err
	}
	b.Slug = slug
	return h.change(ctx, slug, func(f *boardFile) { f.describe(b, h.o.Clock()) })
}

// Current is the selected board, default if none was selected. It may have gone
// meanwhile; then opening it says so.
func (h *Home) Current(context.Context) (string, error) {
	text, err := os.ReadFile(h.currentPath())
	switch {
	case errors.Is(err, os.ErrNotExist), err == nil && strings.TrimSpace(string(text)) == "":
		return kanban.DefaultBoard, nil
	case err != nil:
		return "", kanban.Errorf(kanban.Unavailable, "the selected board is not known: %w", err).Hint("try again, or name a board with --board")
	}
	slug, err := kanban.Slug(string(text))
	if err != nil {
		return "", kanban.Errorf(kanban.Invalid, "%s names no board: %w", h.currentPath(), err).Hint("andon boards switch default")
	}
	return slug, nil
}

// SetCurrent selects a board that exists.
func (h *Home) SetCurrent(_ context.Context, name string) error {
	slug, err := h.existing(name)
	if err != nil {
		return err
	}
	if err := writeFile(h.currentPath(), []byte(slug+"\n")); err != nil {
		return kanban.Errorf(kanban.Unavailable, "cannot select a board: %w", err).Hint("check owner and mode of the home")
	}
	return nil
}

func readDir(path string) ([]os.DirEntry, error) {
	entries, err := os.ReadDir(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, kanban.Errorf(kanban.Unavailable, "cannot read %s: %w", path, err).Hint("check owner and mode of the home")
	}
	return entries, nil
}

func orElse(t, other time.Time) time.Time {
	if t.IsZero() {
		return other
	}
	return t
}
