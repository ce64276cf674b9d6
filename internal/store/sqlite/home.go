package sqlite

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Options say how a home is used.
type Options struct {
	// Shared is for processes that may not be the only one of ours on the
	// home, which is the CLI without a gateway: writes queue up in a sidecar
	// lock, and checkpoints beyond SQLite's own are left to the gateway.
	Shared bool
	// Rescue is the program that copies out what a latched database has open,
	// to be started by Rescue of this package; empty = nothing is copied.
	Rescue []string
	Log    *slog.Logger     // nil = none
	Clock  func() time.Time // nil = time.Now
}

// Home is the folder that holds the boards. It implements store.Boards.
//
//	<home>/kanban.db                         the default board
//	<home>/kanban/current                    the selected board
//	<home>/kanban/boards/<slug>/board.json   what a board is called, its id
//	<home>/kanban/boards/<slug>/kanban.db    any other board
//	<home>/kanban/boards/_archived/          archived boards
//	<home>/andon/                            what is ours: state.db, locks, backups
type Home struct {
	dir   string
	o     Options
	watch *watcher

	mu      sync.Mutex
	closed  bool
	handles map[string]*handle // by slug

	stateMu     sync.Mutex
	stateClosed bool
	state       *database // nil until first used
}

var _ store.Boards = (*Home)(nil)

// handle is the one open board of a slug, or the attempt to open it.
type handle struct {
	ready chan struct{} // closed when the rest is set
	board *board
	err   error
}

// OpenHome uses a folder as home; boards are opened later. Unless shared it
// makes the folder and proves that this process keeps its locks; a shared one
// makes it when it first writes.
//
// Errors: unavailable if the folder cannot be used.
func OpenHome(dir string, o Options) (*Home, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, unusable(dir, err)
	}
	h := &Home{dir: dir, o: o, handles: map[string]*handle{}}
	if !o.Shared {
		if err := h.makeOurs(); err != nil {
			return nil, err
		}
	}
	if err := refuseNetwork(nearest(dir)); err != nil {
		return nil, err
	}
	if !o.Shared {
		if err := selfCheck(h.ours()); err != nil {
			return nil, err
		}
	}
	h.watch = newWatcher()
	return h, nil
}

// ours is the folder of what is not a board's.
func (h *Home) ours() string { return filepath.Join(h.dir, "andon") }

func (h *Home) makeOurs() error {
	if err := os.MkdirAll(h.ours(), 0o700); err != nil {
		return unusable(h.dir, err)
	}
	return nil
}

func unusable(dir string, err error) error {
	return kanban.Errorf(kanban.Unavailable, "cannot use %s as home: %w", dir, err).Hint("choose another with --home or ANDON_HOME")
}

// nearest is the folder itself, or the lowest above it that is there.
func nearest(dir string) string {
	for !there(dir) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
	}
	return dir
}

// Open returns the one handle of a board, whatever the spelling of its name.
// The default board is made when it is first opened.
func (h *Home) Open(ctx context.Context, name string) (store.Store, error) {
	slug, err := kanban.Slug(name)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil, errClosed()
	}
	it := h.handles[slug]
	if it == nil {
		it = &handle{ready: make(chan struct{})}
		h.handles[slug] = it
		// Not the caller's business alone: others may wait for it.
		go h.open(it, slug)
	}
	h.mu.Unlock()
	select {
	case <-it.ready:
	case <-ctx.Done():
		return nil, gaveUp(ctx)
	}
	if it.err != nil {
		return nil, own(it.err)
	}
	return it.board, nil
}

func errClosed() error {
	return kanban.Errorf(kanban.Unavailable, "the home was closed").Hint("open it again")
}

// open fills a handle. A failed one is forgotten, so that the next caller tries
// again.
func (h *Home) open(it *handle, slug string) {
	b, err := h.openBoard(slug)
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err != nil:
	case h.handles[slug] != it && !h.closed:
		err = errClosed()
	default:
		err = h.alone(slug, b)
	}
	if err != nil && b != nil {
		err = errors.Join(err, b.close())
	}
	if err != nil && h.handles[slug] == it {
		delete(h.handles, slug)
	}
	it.board, it.err = b, err
	close(it.ready)
}

// alone refuses a board whose file another board has open under another name:
// each would believe that it is the only writer here. It is called with mu held.
func (h *Home) alone(slug string, b *board) error {
	for other, it := range h.handles {
		if other == slug || !it.isReady() || it.err != nil || !os.SameFile(*it.board.db.file.Load(), *b.db.file.Load()) {
			continue
		}
		return kanban.Errorf(kanban.Unavailable, "boards %s and %s are the same file", other, slug).
			Hint("remove the symbolic link between their folders")
	}
	return nil
}

func (it *handle) isReady() bool {
	select {
	case <-it.ready:
		return true
	default:
		return false
	}
}

// drop closes the handle of a board, if there is one, after its last user.
func (h *Home) drop(slug string) error {
	h.mu.Lock()
	it := h.handles[slug]
	delete(h.handles, slug)
	h.mu.Unlock()
	// One that is being opened closes itself when it finds that it was dropped.
	if it == nil || !it.isReady() || it.err != nil {
		return nil
	}
	return it.board.close()
}

// Close closes every board once, after its last user.
func (h *Home) Close() error {
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return nil
	}
	h.closed = true
	handles := h.handles
	h.handles = nil
	h.mu.Unlock()

	var errs []error
	for _, it := range handles {
		<-it.ready
		if it.err == nil {
			errs = append(errs, it.board.close())
		}
	}
	return errors.Join(append(errs, h.closeState(), h.watch.close())...)
}

// lock takes the lock over the home's folders: exclusively to make, move or
// describe boards, shared to open one.
func (h *Home) lock(ctx context.Context, how int) (unlock func(), err error) {
	if err := h.makeOurs(); err != nil {
		return nil, err
	}
	return lockFile(ctx, filepath.Join(h.ours(), "boards.lock"), how)
}

func (h *Home) spec(slug, path string, steps []step) spec {
	return spec{
		path: path, name: slug, steps: steps, shared: h.o.Shared, log: h.o.Log, clock: h.o.Clock,
		backups: filepath.Join(h.dir, "andon", "backups"), way: "andon boards reopen " + slug,
		rescued: filepath.Join(h.dir, "andon", "rescued", slug), rescuer: h.o.Rescue,
	}
}

// openBoard opens a board's file, having made that of a board which is new
// here, and makes sure that it is the one which board.json knows.
func (h *Home) openBoard(slug string) (*board, error) {
	ctx := context.Background()
	if _, err := h.existing(slug); err != nil {
		return nil, err // with no trace of us in a home that is not there
	}
	if err := h.makeState(ctx); err != nil {
		return nil, outward(err)
	}
	if err := h.finishRestore(ctx, slug); err != nil {
		return nil, err
	}
	if err := h.makeMissing(ctx, slug); err != nil {
		return nil, err
	}
	db, id, err := h.openKnown(ctx, slug)
	if err != nil {
		return nil, err
	}
	if err := h.adopt(ctx, slug, id); err != nil {
		return nil, errors.Join(err, db.close())
	}
	return newBoard(db, h.watch), nil
}

func (h *Home) openKnown(ctx context.Context, slug string) (db *database, id string, err error) {
	unlock, err := h.lock(ctx, unix.LOCK_SH)
	if err != nil {
		return nil, "", err
	}
	defer unlock()
	if _, err := h.existing(slug); err != nil { // it may have been archived while we waited
		return nil, "", err
	}
	known, err := h.readFile(slug)
	if err != nil {
		return nil, "", err
	}
	s := h.spec(slug, h.dbPath(slug), steps)
	s.prepare = func(c *conn) (err error) {
		if id, err = identify(c, cmp.Or(id, known.ID)); err != nil { // id: when it is reopened
			return err
		}
		return keepTally(c)
	}
	db, err = openDatabase(s)
	return db, id, err
}
