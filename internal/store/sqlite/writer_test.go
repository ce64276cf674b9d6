package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var background = context.Background()

// together runs functions in one batch: they gather while an earlier operation
// holds the writer.
func together(t *testing.T, d *database, fns ...func(*conn) error) []error {
	t.Helper()
	holding, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		must(t, d.update(background, func(*conn) error {
			close(holding)
			<-release
			return nil
		}))
	})
	<-holding
	batch := make([]*operation, len(fns))
	for i, fn := range fns {
		batch[i] = &operation{fn: fn, done: make(chan struct{})}
		d.writer.queue <- batch[i]
	}
	close(release)
	all.Wait()
	errs := make([]error, len(fns))
	for i, op := range batch {
		<-op.done
		errs[i] = op.err
	}
	return errs
}

func insert(text string) func(*conn) error {
	return func(c *conn) error { return c.exec("INSERT INTO notes (text) VALUES (?)", text) }
}

func TestG01_AnAnswerComesAfterTheCommit(t *testing.T) {
	d := openNotes(t)
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() {
			text := fmt.Sprint("n", i)
			if err := note(d, text); err != nil {
				t.Error(err)
			} else if count(t, d, "WHERE text = '"+text+"'") != 1 {
				t.Errorf("%s was acknowledged and is not there", text)
			}
		})
	}
	wg.Wait()
	if n := count(t, d, ""); n != 200 {
		t.Fatalf("%d notes", n)
	}
}

func TestWaitingOperationsShareOneCommit(t *testing.T) {
	d := openNotes(t)
	var versions []string
	seen := func(c *conn) error {
		insert("x")(c)
		v, err := c.text("SELECT count(*) FROM notes")
		versions = append(versions, v)
		return err
	}
	commits := 0
	d.writer.c.db.CommitHook(func() bool { commits++; return true })
	for _, err := range together(t, d, seen, seen, seen) {
		must(t, err)
	}
	d.writer.c.db.CommitHook(nil)
	if commits != 2 || strings.Join(versions, " ") != "1 2 3" {
		t.Fatalf("%d commits, want that of together and one more; each saw %v", commits, versions)
	}
}

func TestAnOperationFailsAlone(t *testing.T) {
	mine := kanban.Errorf(kanban.Conflict, "no")
	for name, c := range map[string]struct {
		fn   func(*conn) error
		want func(error) bool
	}{
		"error": {
			func(c *conn) error { insert("bad")(c); return mine },
			func(err error) bool { return err == error(mine) },
		},
		"panic": {
			func(c *conn) error { insert("bad")(c); panic("oops") },
			func(err error) bool { return kanban.CodeOf(err) == kanban.Internal },
		},
		"constraint": {
			func(c *conn) error { return c.exec("INSERT INTO notes (id) VALUES (1), (1)") },
			func(err error) bool { return kanban.CodeOf(err) == kanban.Internal },
		},
		"syntax": {
			func(c *conn) error { insert("bad")(c); return c.exec("NONSENSE") },
			func(err error) bool { return kanban.CodeOf(err) == kanban.Internal },
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := openNotes(t)
			errs := together(t, d, insert("a"), c.fn, insert("b"))
			if errs[0] != nil || errs[2] != nil {
				t.Fatalf("the others: %v, %v", errs[0], errs[2])
			}
			if !c.want(errs[1]) {
				t.Fatalf("got %v", errs[1])
			}
			if n := count(t, d, ""); n != 2 {
				t.Fatalf("%d notes", n)
			}
		})
	}
}

// A trigger of somebody else can roll back everything. Nobody may be told that
// it worked, and nothing that follows may slip through on its own.
func TestG01_ALostTransactionFailsTheWholeBatch(t *testing.T) {
	d := openNotes(t)
	must(t, d.update(background, func(c *conn) error {
		return c.exec("CREATE TRIGGER bad BEFORE INSERT ON notes WHEN new.text = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
	}))
	stubborn := func(c *conn) error {
		if insert("bad")(c) == nil {
			t.Error("the trigger did not fire")
		}
		insert("sneaked in")(c)
		return nil
	}
	for _, err := range together(t, d, insert("a"), stubborn, insert("b")) {
		wantCode(t, err, kanban.Unavailable)
	}
	if n := count(t, d, ""); n != 0 {
		t.Fatalf("%d notes were kept", n)
	}
	must(t, note(d, "again"))
}

func TestAnOperationThatEndsItsGoroutineEndsNothingElse(t *testing.T) {
	d := openNotes(t)
	err := d.update(background, func(c *conn) error {
		insert("bad")(c)
		runtime.Goexit()
		return nil
	})
	if err == nil {
		t.Fatal("no error")
	}
	must(t, note(d, "good"))
	if n := count(t, d, ""); n != 1 {
		t.Fatalf("%d notes", n)
	}
}

func TestAContextBoundsTheWaitNotTheWork(t *testing.T) {
	d := openNotes(t)
	ctx, cancel := context.WithCancel(background)
	must(t, d.update(ctx, func(c *conn) error {
		cancel()
		return insert("done")(c)
	}))
	err := d.update(ctx, insert("late"))
	wantCode(t, err, kanban.Unavailable)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}

	holding, release := make(chan struct{}), make(chan struct{})
	go d.update(background, func(*conn) error { close(holding); <-release; return nil })
	<-holding
	ctx, cancel = context.WithCancel(background)
	waiting := make(chan error)
	go func() { waiting <- d.update(ctx, insert("given up")) }()
	cancel()
	wantCode(t, <-waiting, kanban.Unavailable)
	impatient := store.WithPatience(background, time.Millisecond)
	for range 2 { // each waits for its own turn
		if err := d.update(impatient, insert("without a turn")); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
	}
	close(release)
	must(t, note(d, "after"))
	if n := count(t, d, ""); n != 2 {
		t.Fatalf("%d notes", n)
	}
}

func TestABusyBoardIsUnavailable(t *testing.T) {
	d := openNotes(t)
	other, err := openConn(d.path, opening{})
	must(t, err)
	defer other.close()
	must(t, other.begin())
	must(t, d.writer.c.db.BusyTimeout(0))
	err = note(d, "x")
	wantCode(t, err, kanban.Unavailable)
	if !strings.Contains(err.Error(), "another process holds the board") {
		t.Fatalf("got %v", err)
	}
	must(t, d.latch.err())
	other.abort()
	must(t, note(d, "x"))
}

func TestAFailingCommitIsToldToAll(t *testing.T) {
	d := openNotes(t)
	must(t, d.update(background, func(c *conn) error {
		if err := c.exec("CREATE TABLE parent (id INTEGER PRIMARY KEY)"); err != nil {
			return err
		}
		return c.exec("CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
	}))
	orphan := func(c *conn) error { return c.exec("INSERT INTO child VALUES (7)") }
	for _, err := range together(t, d, insert("a"), orphan) {
		if err == nil {
			t.Fatal("told that it was kept")
		}
	}
	if n := count(t, d, ""); n != 0 {
		t.Fatalf("%d notes were kept", n)
	}
	must(t, note(d, "again"))
}

func TestALargeWALIsGivenBackWhenIdle(t *testing.T) {
	path := makeNotes(t)
	synctest.Test(t, func(t *testing.T) {
		d := openSpec(t, testSpec(path))
		size := func() int64 {
			fi, err := os.Stat(d.path + "-wal")
			must(t, err)
			return fi.Size()
		}
		must(t, d.view(background, func(c *conn) error {
			if _, err := c.text("SELECT count(*) FROM notes"); err != nil {
				return err
			}
			for range 20 { // this reader keeps the WAL from starting over
				must(t, note(d, strings.Repeat("x", 1<<20)))
			}
			time.Sleep(2 * checkpointIdle)
			if size() < checkpointOver {
				t.Error("truncated under a reader")
			}
			return nil
		}))
		time.Sleep(2 * checkpointIdle)
		synctest.Wait()
		if n := size(); n != 0 {
			t.Errorf("the idle WAL has %d bytes", n)
		}
	})
}
