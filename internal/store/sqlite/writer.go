package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	maxBatch       = 512
	checkpointOver = 16 << 20 // bytes of WAL
	checkpointIdle = 5 * time.Second
)

// writer owns the one writing connection of a database.
//
//	update ──▶ queue ──▶ take all that wait ──▶ BEGIN IMMEDIATE
//	                                             each: SAVEPOINT, fn, RELEASE
//	callers ◀── answer all, after ◀──────────── COMMIT
//
// Nothing waits for company: while one batch is being made durable, the next
// gathers by itself.
type writer struct {
	path   string
	c      *conn
	shared bool // take the sidecar lock around each transaction
	latch  *latch
	log    *slog.Logger
	news   *changes

	queue chan *operation
	wake  chan struct{} // look for others' commits
	ended chan struct{}
	seen  int64 // data version at the last look
	idle  time.Duration
}

// operation is one caller's function on its way through a batch.
type operation struct {
	fn    func(*conn) error
	taken atomic.Bool // by the writer, or by a caller who gave up
	err   error
	done  chan struct{}
}

// start begins to serve; what others commit from here on counts as news.
func (w *writer) start() (err error) {
	w.queue = make(chan *operation, maxBatch)
	w.wake = make(chan struct{}, 1)
	w.ended = make(chan struct{})
	if w.seen, err = w.c.dataVersion(); err != nil {
		return err
	}
	go w.loop()
	return nil
}

// stop returns after the last batch. No update may follow.
func (w *writer) stop() {
	close(w.queue)
	<-w.ended
}

// update runs fn in the next batch. ctx bounds the wait for a turn only.
func (w *writer) update(ctx context.Context, fn func(*conn) error) error {
	ctx, done := store.Turn(ctx)
	defer done()
	if ctx.Err() != nil {
		return gaveUp(ctx)
	}
	op := &operation{fn: fn, done: make(chan struct{})}
	select {
	case w.queue <- op:
	case <-ctx.Done():
		return gaveUp(ctx)
	}
	select {
	case <-op.done:
		return op.err
	case <-ctx.Done():
	}
	if op.taken.CompareAndSwap(false, true) {
		return gaveUp(ctx)
	}
	<-op.done
	return op.err
}

func gaveUp(ctx context.Context) error {
	return kanban.Errorf(kanban.Unavailable, "gave up waiting for the board: %w", ctx.Err()).Hint("nothing was written; try again")
}

func (w *writer) loop() {
	done := false
	defer func() {
		if !done { // a caller's function ended the goroutine (runtime.Goexit)
			go w.loop()
		}
	}()
	idle := time.NewTimer(w.idle)
	defer idle.Stop()
	for {
		select {
		case op, open := <-w.queue:
			if !open {
				done = true
				close(w.ended)
				return
			}
			w.commit(w.gather(op))
			idle.Reset(w.idle)
		case <-w.wake:
			w.commit(nil)
		case <-idle.C:
			if w.trim() {
				idle.Reset(w.idle)
			}
		}
	}
}

// poke makes the writer look for others' commits soon. It never waits.
func (w *writer) poke() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// gather takes what already waits. The batch that follows sees what a poke so
// far would have made it look for.
func (w *writer) gather(first *operation) []*operation {
	select {
	case <-w.wake:
	default:
	}
	batch := []*operation{first}
	for len(batch) < maxBatch {
		select {
		case op, open := <-w.queue:
			if !open {
				return batch
			}
			batch = append(batch, op)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch and answers it. An empty one looks for others' commits;
// if it fails, the next poke repeats it.
func (w *writer) commit(batch []*operation) {
	err := fmt.Errorf("an operation ended its goroutine")
	defer func() {
		for _, op := range batch {
			if err != nil {
				op.err = own(outward(err))
			}
			close(op.done)
		}
	}()
	err = w.transact(batch)
}

// transact returns an error that is everybody's; one operation's own stands in
// the operation.
func (w *writer) transact(batch []*operation) error {
	if err := w.latch.err(); err != nil {
		return err
	}
	unlock, err := w.turn()
	if err != nil {
		return err
	}
	defer unlock()
	if err := w.c.begin(); err != nil {
		return err
	}
	defer w.c.abort()

	if err := w.lookForOthers(); err != nil {
		return err
	}
	before := w.c.db.TotalChanges()
	for _, op := range batch {
		if !op.taken.CompareAndSwap(false, true) {
			continue
		}
		op.err = w.run(op.fn)
		if w.c.db.GetAutocommit() {
			return lost(op.err)
		}
	}
	if w.c.db.TotalChanges() != before {
		w.inPlace()
	}
	if err := w.latch.err(); err != nil {
		return err
	}
	if err := w.c.commit(); err != nil {
		return err
	}
	if w.c.db.TotalChanges() != before {
		w.news.signal()
	}
	return nil
}

// inPlace latches if another file stands where the database or its WAL was: what
// is written to ours from then on, nobody would find again.
func (w *writer) inPlace() {
	for path, f := range map[string]*roomFile{w.path: w.c.main, w.path + "-wal": w.c.wal} {
		ours, err := f.Stat()
		if err != nil {
			w.latch.set("%w", err)
			continue
		}
		if theirs, err := os.Stat(path); err != nil || !os.SameFile(ours, theirs) {
			w.latch.set("%s was moved, removed or replaced", path)
		}
	}
}

// turn takes the sidecar lock if there may be writers of ours elsewhere: it is
// fair, SQLite's own lock is not.
func (w *writer) turn() (unlock func(), err error) {
	if !w.shared {
		return func() {}, nil
	}
	return lockFile(context.Background(), w.path+lockSuffix, unix.LOCK_EX)
}

// lookForOthers tells the listeners if other processes committed since the last
// look. It is done inside a write transaction: only there is every earlier
// commit published.
func (w *writer) lookForOthers() error {
	now, err := w.c.dataVersion()
	if err == nil && now != w.seen {
		w.seen = now
		w.news.foreign.Add(1)
		w.news.signal()
	}
	return err
}

// run gives fn its own savepoint, so that it can fail alone.
func (w *writer) run(fn func(*conn) error) error {
	if err := w.c.exec("SAVEPOINT andon_op"); err != nil {
		return err
	}
	err := w.call(fn)
	if err != nil && !w.c.db.GetAutocommit() {
		if e := w.c.exec("ROLLBACK TO andon_op"); e != nil {
			return e
		}
	}
	if e := w.c.exec("RELEASE andon_op"); err == nil {
		err = e
	}
	return outward(err)
}

func (w *writer) call(fn func(*conn) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("panic in a transaction", "file", w.path, "panic", p, "stack", string(debug.Stack()))
			err = kanban.Errorf(kanban.Internal, "panic in a transaction: %v", p)
		}
	}()
	return fn(w.c)
}

// lost is what the whole batch is told; nobody was answered yet.
func lost(cause error) error {
	if kanban.CodeOf(cause) == kanban.Unavailable { // a full disk, say
		return cause
	}
	return kanban.Errorf(kanban.Unavailable, "%w (%v)", errLost, cause).Hint("nothing was kept; try again")
}

// trim gives the disk back a large WAL when nobody writes, and reports whether
// a reader or another process put it off.
func (w *writer) trim() (again bool) {
	if w.shared || w.latch.err() != nil {
		return false
	}
	wal, err := os.Stat(w.path + "-wal")
	if err != nil || wal.Size() <= checkpointOver {
		return false
	}
	err = w.c.truncate()
	w.c.seen(err)
	return errors.Is(err, sqlite3.BUSY)
}
