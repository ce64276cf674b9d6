package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// spec says which database is opened, and how.
type spec struct {
	path    string
	name    string // slug of the board
	steps   []step
	backups string // folder for what is saved before a migration
	prepare func(*conn) error
	shared  bool
	log     *slog.Logger
	clock   func() time.Time
	vfs     string // "" = fileSystem
}

// database is one open file: a writer, readers on demand, a latch.
type database struct {
	spec
	file    os.FileInfo // its identity when it was opened
	latch   latch
	news    changes
	writer  writer
	readers *readers
	users   users
}

// openDatabase opens an existing, sound file and brings its schema up to date.
// prepare runs once in a write transaction after that.
func openDatabase(s spec) (*database, error) {
	path, info, err := soundFile(s.path)
	if err != nil {
		return nil, err
	}
	s.path = path
	d := &database{spec: s, file: info, latch: latch{path: path, log: s.log}}
	c, err := d.connect(false)
	if err != nil {
		return nil, outward(err)
	}
	if err := d.begin(c); err != nil {
		return nil, outward(errors.Join(err, c.close()))
	}
	return d, nil
}

func (d *database) begin(c *conn) error {
	if err := migrate(c, d.spec); err != nil {
		return err
	}
	d.readers = newReaders(func() (*conn, error) { return d.connect(true) }, readersIdle)
	d.writer = writer{path: d.path, c: c, shared: d.shared, latch: &d.latch, log: d.log, news: &d.news, idle: checkpointIdle}
	if err := d.writer.start(); err != nil {
		return err
	}
	if d.prepare == nil {
		return nil
	}
	err := d.writer.update(context.Background(), d.prepare)
	if err != nil {
		d.writer.stop()
	}
	return err
}

func (d *database) connect(reader bool) (*conn, error) {
	return openConn(d.path, opening{reader: reader, vfs: d.vfs, seen: d.latch.note})
}

func (d *database) update(ctx context.Context, fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	if err := d.latch.err(); err != nil {
		return err
	}
	return d.writer.update(ctx, fn)
}

func (d *database) view(ctx context.Context, fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	return d.readers.view(ctx, fn)
}

// check runs fn on a connection of its own that only reads: it may take long,
// and no reader waits for it. It sees no transaction.
func (d *database) check(fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	c, err := d.connect(true)
	if err != nil {
		return outward(err)
	}
	return outward(errors.Join(fn(c), c.close()))
}

// close waits for the last user and closes every connection, once.
func (d *database) close() error {
	if !d.users.close() {
		return nil
	}
	d.writer.stop()
	return errors.Join(d.readers.stop(), d.writer.c.close())
}

// users counts who works with something that will be closed.
type users struct {
	mu     sync.Mutex
	n      int
	closed bool
	gone   chan struct{} // made by close, closed by the last user
}

func (u *users) enter() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return kanban.Errorf(kanban.Unavailable, "the board was closed").Hint("open it again")
	}
	u.n++
	return nil
}

func (u *users) leave() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 && u.gone != nil {
		close(u.gone)
	}
}

// close lets nobody in and returns when all are out; false if it was closed
// before.
func (u *users) close() bool {
	u.mu.Lock()
	if u.closed {
		u.mu.Unlock()
		return false
	}
	u.closed = true
	if u.n == 0 {
		u.mu.Unlock()
		return true
	}
	u.gone = make(chan struct{})
	u.mu.Unlock()
	<-u.gone
	return true
}

// soundFile follows symbolic links and refuses what must not be opened. The
// content is SQLite's to judge.
func soundFile(path string) (string, os.FileInfo, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil, kanban.Errorf(kanban.Unavailable, "the board's file %s is missing", path).
			Hint("put it back, or restore a backup from andon/backups; Andon makes no new one in its place")
	}
	if err != nil {
		return "", nil, kanban.Errorf(kanban.Unavailable, "cannot reach %s: %w", path, err).Hint("check the folders on the way")
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", nil, kanban.Errorf(kanban.Unavailable, "cannot reach %s: %w", path, err).Hint("check the folders on the way")
	case !info.Mode().IsRegular():
		return "", nil, kanban.Errorf(kanban.Unavailable, "%s is not a file", path).Hint("put the board's file there")
	case info.Size() < smallestFile:
		return "", nil, kanban.Errorf(kanban.Unavailable, "the board's file %s is empty or truncated (%d bytes)", path, info.Size()).
			Hint("keep it and its -wal as they are, and restore a backup from andon/backups")
	case links(info) > 1:
		return "", nil, kanban.Errorf(kanban.Unavailable, "%s has %d hard links; under two names a database has two WALs and breaks", path, links(info)).
			Hint("keep one name: copy the file elsewhere if you want a copy, and remove the other links")
	}
	return real, info, refuseNetwork(filepath.Dir(real))
}

// smallestFile is the smallest page of SQLite.
const smallestFile = 512

func refuseNetwork(dir string) error {
	kind, err := networkFS(dir)
	if err != nil {
		return kanban.Errorf(kanban.Unavailable, "cannot reach %s: %w", dir, err).Hint("check the folders on the way")
	}
	if kind != "" {
		return kanban.Errorf(kanban.Unavailable, "%s is on a network file system (%s), where SQLite's locks cannot be relied on", dir, kind).
			Hint("move the home to a local disk; several hosts work on one board through --server URL, or with PostgreSQL")
	}
	return nil
}
