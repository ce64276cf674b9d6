package sqlite

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
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
	vfs     string   // "" = fileSystem
	way     string   // the command that reopens it once it is latched
	rescued string   // folder for the copies of a latched database
	rescuer []string // program that makes them (see Rescue); empty = none are made
}

// database is one open file: a writer, readers on demand, a latch.
type database struct {
	spec
	file    atomic.Pointer[os.FileInfo] // what was opened last
	wal     os.FileInfo                 // and the WAL beside it
	latch   latch
	news    changes
	writer  writer
	readers *readers
	users   users
	closed  chan struct{} // by close

	reopening sync.Mutex
	trying    atomic.Bool // to reopen: what fails then is the incident that is known
	down      atomic.Bool // nothing is open: a reopening failed
	rescuing  sync.Mutex  // while files are copied out they stay open
}

// openDatabase opens an existing, sound file and brings its schema up to date.
// prepare runs once in a write transaction after that.
func openDatabase(s spec) (*database, error) {
	path, err := soundFile(s.path)
	if err != nil {
		return nil, err
	}
	s.path = path
	d := &database{spec: s, latch: latch{path: path, way: s.way, log: s.log}, closed: make(chan struct{})}
	if err := d.start(); err != nil {
		return nil, outward(err)
	}
	d.latch.taken = func(why *kanban.Error) {
		d.news.signal()
		d.rescue(why)
	}
	return d, nil
}

// start opens the writer and makes the database ready for use, or leaves
// nothing open.
func (d *database) start() error {
	c, err := d.connect(false)
	if err != nil {
		return err
	}
	if err = d.identify(c); err == nil {
		err = d.begin(c)
	}
	if err != nil {
		return errors.Join(err, c.close())
	}
	return nil
}

// identify notes which files are open.
func (d *database) identify(c *conn) error {
	file, err := c.main.Stat()
	if err != nil {
		return err
	}
	d.file.Store(&file)
	d.wal, err = c.wal.Stat()
	return err
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
	c, err := openConn(d.path, opening{reader: reader, vfs: d.vfs, seen: d.latch.note, latch: &d.latch})
	d.latch.note(err)
	return c, err
}

func (d *database) update(ctx context.Context, fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	if err := d.latch.err(); err != nil {
		return err
	}
	return d.tell(d.writer.update(ctx, fn))
}

func (d *database) view(ctx context.Context, fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	if d.down.Load() {
		return d.latch.err()
	}
	return d.tell(d.readers.view(ctx, fn))
}

// tell answers damage with the reason of the latch, which names the way back.
func (d *database) tell(err error) error {
	if why := d.latch.err(); why != nil && untrusted(err) {
		return why
	}
	return err
}

// close waits for the last user and closes every connection, once.
func (d *database) close() error {
	if !d.users.close() {
		return nil
	}
	close(d.closed)
	return d.stop()
}

// stop closes every connection, once what is being rescued is rescued: that may
// exist in our descriptors only. There are no users.
func (d *database) stop() error {
	d.rescuing.Lock()
	defer d.rescuing.Unlock()
	if d.down.Swap(true) {
		return nil
	}
	d.writer.stop()
	return errors.Join(d.readers.stop(), d.writer.c.close())
}

// users counts who works with something that will be closed, or reopened.
type users struct {
	mu     sync.Mutex
	n      int
	closed bool
	paused bool
	gone   chan struct{} // made by pause, closed by the last user
}

func (u *users) enter() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		return kanban.Errorf(kanban.Unavailable, "the board was closed").Hint("open it again")
	}
	if u.paused {
		return kanban.Errorf(kanban.Unavailable, "the board is being reopened").Hint("try again in a moment")
	}
	u.n++
	return nil
}

func (u *users) leave() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.n--; u.n == 0 && u.gone != nil {
		close(u.gone)
		u.gone = nil
	}
}

// close lets nobody in and returns when all are out; false if it was closed
// before. A pause has to be over first.
func (u *users) close() bool {
	u.mu.Lock()
	was := u.closed
	u.closed = true
	u.mu.Unlock()
	if !was {
		u.drain()
	}
	return !was
}

// pause lets nobody in until resume, and returns when all are out; false if it
// was closed.
func (u *users) pause() bool {
	u.mu.Lock()
	u.paused = !u.closed
	open := u.paused
	u.mu.Unlock()
	if open {
		u.drain()
	}
	return open
}

func (u *users) resume() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.paused = false
}

// drain returns when all are out. Nobody is let in meanwhile.
func (u *users) drain() {
	u.mu.Lock()
	if u.n == 0 {
		u.mu.Unlock()
		return
	}
	if u.gone == nil {
		u.gone = make(chan struct{})
	}
	gone := u.gone
	u.mu.Unlock()
	<-gone
}

// soundFile follows symbolic links and refuses what must not be opened. The
// content is SQLite's to judge.
func soundFile(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) {
		return "", kanban.Errorf(kanban.Unavailable, "the board's file %s is missing", path).
			Hint("put it back, or restore a backup from andon/backups; Andon makes no new one in its place")
	}
	if err != nil {
		return "", kanban.Errorf(kanban.Unavailable, "cannot reach %s: %w", path, err).Hint("check the folders on the way")
	}
	info, err := os.Stat(real)
	switch {
	case err != nil:
		return "", kanban.Errorf(kanban.Unavailable, "cannot reach %s: %w", path, err).Hint("check the folders on the way")
	case !info.Mode().IsRegular():
		return "", kanban.Errorf(kanban.Unavailable, "%s is not a file", path).Hint("put the board's file there")
	case info.Size() < smallestFile:
		return "", kanban.Errorf(kanban.Unavailable, "the board's file %s is empty or truncated (%d bytes)", path, info.Size()).
			Hint("keep it and its -wal as they are, and restore a backup from andon/backups")
	case links(info) > 1:
		return "", kanban.Errorf(kanban.Unavailable, "%s has %d hard links; under two names a database has two WALs and breaks", path, links(info)).
			Hint("keep one name: copy the file elsewhere if you want a copy, and remove the other links")
	}
	return real, refuseNetwork(filepath.Dir(real))
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
