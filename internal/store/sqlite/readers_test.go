package sqlite

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestAViewIsOneSnapshot(t *testing.T) {
	d := openNotes(t)
	must(t, d.view(background, func(c *conn) error {
		before, err := c.text("SELECT count(*) FROM notes")
		must(t, err)
		must(t, note(d, "meanwhile"))
		after, err := c.text("SELECT count(*) FROM notes")
		if before != "0" || after != "0" {
			t.Errorf("saw %s, then %s", before, after)
		}
		return err
	}))
}

// TestReadsOpenNothing: what it costs to open a board, its schema and its
// soundness, is not paid by who reads or writes.
func TestReadsOpenNothing(t *testing.T) {
	d := openNotes(t)
	steps, opened, open := 0, 0, d.readers.open
	d.steps = []step{{"again", func(*conn) error { steps++; return nil }}}
	d.readers.open = func() (*conn, error) { opened++; return open() }
	for range 1000 {
		count(t, d, "")
		must(t, note(d, "x"))
	}
	if steps > 0 || opened > 1 {
		t.Errorf("2000 requests opened %d connections and climbed %d steps", opened, steps)
	}
}

// warm counts the readers that are open and idle.
func warm(d *database) int {
	synctest.Wait()
	d.readers.mu.Lock()
	defer d.readers.mu.Unlock()
	return len(d.readers.idle)
}

func TestIdleReadersAreClosed(t *testing.T) {
	path := makeNotes(t)
	synctest.Test(t, func(t *testing.T) {
		d := openSpec(t, testSpec(path))
		var inside, all sync.WaitGroup
		inside.Add(maxReaders)
		for range maxReaders {
			all.Go(func() {
				must(t, d.view(background, func(*conn) error { inside.Done(); inside.Wait(); return nil }))
			})
		}
		all.Wait()
		time.Sleep(readersIdle / 2)
		count(t, d, "") // keeps one of them warm
		time.Sleep(readersIdle/2 + time.Second)
		if n := warm(d); n != 1 {
			t.Errorf("%d readers are open, one was used of late", n)
		}
		time.Sleep(readersIdle)
		if n := warm(d); n != 0 {
			t.Errorf("%d idle readers are open", n)
		}
		count(t, d, "")
	})
}

func TestCloseWaitsForTheLastUser(t *testing.T) {
	path := makeNotes(t)
	synctest.Test(t, func(t *testing.T) {
		d, err := openDatabase(testSpec(path))
		must(t, err)
		release := make(chan struct{})
		used, closed := make(chan error, 1), make(chan error, 1)
		go func() {
			used <- d.view(background, func(c *conn) error {
				<-release
				_, err := c.text("SELECT count(*) FROM notes")
				return err
			})
		}()
		synctest.Wait()
		go func() { closed <- d.close() }()
		synctest.Wait()
		wantCode(t, note(d, "late"), kanban.Unavailable)
		if len(closed) != 0 {
			t.Error("closed under a user")
		}
		close(release)
		must(t, <-used)
		must(t, <-closed)
		must(t, d.close())
	})
}
