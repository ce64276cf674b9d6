package sqlite

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// Reopen closes a board and opens what stands in its place now, whether it was
// latched or could not be opened at all; "" is what spans boards. Handles and
// listeners stay, and writing goes on.
//
// Errors: not_found; unavailable, with nothing changed, if the file is not
// sound or cannot be written.
func (h *Home) Reopen(ctx context.Context, name string) error {
	if name == "" {
		return h.reopenState(ctx)
	}
	slug, err := h.existing(name)
	if err != nil {
		return err
	}
	s, err := h.Open(ctx, slug)
	if err != nil {
		return err
	}
	unlock, err := h.lock(ctx, unix.LOCK_SH)
	if err != nil {
		return err
	}
	defer unlock()
	return s.(*board).reopen()
}

func (h *Home) reopenState(ctx context.Context) error {
	db, err := h.openState(ctx)
	if err != nil {
		return err
	}
	return db.reopen()
}

// Latched tells why what spans boards stopped being written, or nil.
func (h *Home) Latched() error {
	h.stateMu.Lock()
	defer h.stateMu.Unlock()
	if h.state == nil {
		return nil
	}
	return h.state.latch.err()
}

func (b *board) reopen() error {
	watched := b.watch.remove(b.db)
	err := b.db.reopen()
	if watched {
		b.watch.add(b.db)
	}
	return err
}

// reopen checks the file that stands at the path, closes all connections and
// opens it. If that fails the database is latched as it was.
func (d *database) reopen() error {
	d.reopening.Lock()
	defer d.reopening.Unlock()
	d.trying.Store(true)
	defer d.trying.Store(false)
	if err := d.inspectFile(); err != nil {
		return d.stays(err)
	}
	if !d.users.pause() {
		return kanban.Errorf(kanban.Unavailable, "the board was closed").Hint("open it again")
	}
	defer d.users.resume()
	if err := d.stop(); err != nil {
		d.log.Warn("a latched board was closed with an error", "file", d.path, "error", err)
	}
	why := d.latch.reason.Swap(nil)
	if err := d.startAnew(); err != nil {
		if why != nil {
			d.latch.reason.Store(why)
		} else {
			d.latch.set("%w", err)
		}
		return d.stays(err)
	}
	d.down.Store(false)
	d.log.Info("board reopened", "file", d.path)
	d.news.foreign.Add(1) // what stands there now may differ from what was known
	d.news.signal()
	return nil
}

// startAnew opens the database and proves that it can be written.
func (d *database) startAnew() error {
	if err := d.start(); err != nil {
		return err
	}
	err := d.writer.update(context.Background(), func(c *conn) error {
		return c.exec("PRAGMA user_version=" + strconv.Itoa(len(d.steps)))
	})
	if err != nil {
		d.writer.stop()
		err = errors.Join(err, d.readers.stop(), d.writer.c.close())
	}
	return err
}

// stays says why a database was not reopened.
func (d *database) stays(err error) error {
	var ours *kanban.Error
	err = outward(err)
	way := "put a sound file in its place, then: " + d.way
	if errors.As(err, &ours) && ours.Way != "" {
		way = ours.Way
	}
	return kanban.Errorf(kanban.Unavailable, "not reopened, nothing was changed: %w", err).Hint("%s", way)
}

// inspectFile looks at what stands at the path, on a connection of its own.
func (d *database) inspectFile() error {
	path, err := soundFile(d.path)
	if err != nil {
		return err
	}
	if err := d.staleWAL(path); err != nil {
		return err
	}
	c, err := openConn(path, opening{reader: true, vfs: d.vfs, latch: &d.latch})
	if err != nil {
		return err
	}
	verdict, err := c.text("PRAGMA quick_check(1)")
	if err = errors.Join(err, c.close()); err != nil {
		return err
	}
	if verdict != "ok" {
		return kanban.Errorf(kanban.Unavailable, "%s is damaged: %s", path, strings.TrimSpace(verdict)).
			Hint("put a sound file in its place, for example from andon/backups, then: %s", d.way)
	}
	return nil
}

// staleWAL refuses another file beside the WAL of the one that was open: SQLite
// would copy pages of the one into the other.
func (d *database) staleWAL(path string) error {
	now, err := os.Stat(path)
	if err != nil || os.SameFile(*d.file.Load(), now) {
		return err
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil || !os.SameFile(d.wal, wal) || wal.Size() == 0 {
		return nil
	}
	return kanban.Errorf(kanban.Unavailable, "%s is another file than before, but the -wal beside it is still that of the old one", path).
		Hint("rm %s-wal %s-shm  (a copy of the -wal is in andon/rescued), then: %s", path, path, d.way)
}
