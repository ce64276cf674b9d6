package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/store"
)

// await returns when changed has brought about a condition.
func await(t *testing.T, changed <-chan struct{}, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s: did not come about", what)
		}
	}
}

func TestForeignCommitsAreNoticed(t *testing.T) {
	needCLI(t)
	h := openHome(t, t.TempDir(), Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	changed, stop := s.Changes()
	defer stop()
	path := s.(*board).db.path
	for i := range uint64(20) {
		sqlite3CLI(t, path, fmt.Sprintf("INSERT INTO andon_meta VALUES ('foreign-%d', 'x')", i))
		await(t, changed, "foreign commit", func() bool { return s.Foreign() == i+1 })
	}
	if got := getMeta(t, s, "foreign-19"); got != "x" {
		t.Fatalf("read %q", got)
	}
}

func TestOurOwnCommitsAreNotForeign(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	changed, stop := s.Changes()
	defer stop()
	long := strings.Repeat("x", 50_000)
	for i := range 300 { // enough for checkpoints and a WAL that starts over
		setMeta(t, s, fmt.Sprint(i%10), long)
	}
	<-changed
	if n := s.Foreign(); n != 0 {
		t.Fatalf("%d of our commits counted as foreign", n)
	}
}

func TestOneSignalStandsForManyCommits(t *testing.T) {
	d := openNotes(t)
	changed, stop := d.news.subscribe()
	must(t, note(d, "a"))
	must(t, note(d, "b"))
	<-changed
	select {
	case <-changed:
		t.Fatal("a second signal")
	default:
	}
	must(t, d.update(background, func(c *conn) error { return c.exec("DELETE FROM notes WHERE id = -1") }))
	stop()
	must(t, note(d, "c"))
	select {
	case <-changed:
		t.Fatal("signal without a change, or after stop")
	default:
	}
}

// The neighbours that corrupted boards for months: a part of our own process
// that opens, reads and closes the three files, and an older sqlite3 that
// writes and is the last to close.
func TestG02_HostileNeighboursLoseNothing(t *testing.T) {
	needCLI(t)
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	d := s.(*board).db
	wal, err := os.Stat(d.path + "-wal")
	must(t, err)

	ours, theirs := 400, 40
	probing, probed := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			select {
			case <-probing:
				probed <- nil
				return
			default:
			}
			if err := touch(d.path, d.path+"-wal", d.path+"-shm"); err != nil {
				probed <- err
				return
			}
		}
	}()
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := range ours {
			setMeta(t, s, fmt.Sprintf("ours-%d", i), strings.Repeat("o", 3000))
		}
	})
	writing.Go(func() {
		for i := range theirs {
			sqlite3CLI(t, d.path, fmt.Sprintf("INSERT INTO andon_meta VALUES ('theirs-%d', hex(zeroblob(1500)))", i))
		}
	})
	writing.Wait()
	close(probing)
	must(t, <-probed)

	counts := "SELECT count(*) FROM andon_meta WHERE key LIKE 'ours-%' UNION ALL SELECT count(*) FROM andon_meta WHERE key LIKE 'theirs-%'; PRAGMA integrity_check"
	if got, want := sqlite3CLI(t, d.path, counts), fmt.Sprintf("%d\n%d\nok\n", ours, theirs); got != want {
		t.Fatalf("the neighbour reads %q, want %q", got, want)
	}
	if found := h.look(h.look(nil)); len(found) != 0 {
		t.Fatalf("the sentinel found %v", found)
	}
	must(t, s.Latched())
	after, err := os.Stat(d.path + "-wal")
	must(t, err)
	if !os.SameFile(wal, after) {
		t.Fatal("the WAL is another file now")
	}
	for _, link := range fdsOf(t, dir) {
		if strings.Contains(link, "(deleted)") {
			t.Errorf("a ghost: %s", link)
		}
	}
}

// A neighbour that closes after we did must find everything, too.
func TestG02_TheNeighbourIsTheLastToClose(t *testing.T) {
	needCLI(t)
	dir := t.TempDir()
	for round := range 5 {
		h, err := OpenHome(dir, Options{})
		must(t, err)
		s, err := h.Open(background, "default")
		must(t, err)
		setMeta(t, s, fmt.Sprint("ours-", round), "x")
		must(t, h.Close())
		sqlite3CLI(t, filepath.Join(dir, "kanban.db"), fmt.Sprintf("INSERT INTO andon_meta VALUES ('theirs-%d', 'x')", round))
	}
	h := openHome(t, dir, Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	for round := range 5 {
		for _, who := range []string{"ours-", "theirs-"} {
			if getMeta(t, s, fmt.Sprint(who, round)) != "x" {
				t.Errorf("%s%d is lost", who, round)
			}
		}
	}
}

func TestG03_DescriptorsStayFlat(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	view := func() { getMeta(t, s, "x") }
	view()
	before := len(fdsOf(t, dir))
	for range 200 {
		setMeta(t, s, "x", "y")
		view()
	}
	if after := len(fdsOf(t, dir)); after != before {
		t.Fatalf("%d descriptors, then %d", before, after)
	}
	must(t, s.(*board).db.close())
	if left := fdsOf(t, dir); len(left) != 0 {
		t.Fatalf("left open: %v", left)
	}
}

func TestIdleReadersAreClosed(t *testing.T) {
	d := openNotes(t)
	d.readers.after = 50 * time.Millisecond
	var inside, all sync.WaitGroup
	inside.Add(maxReaders)
	for range maxReaders {
		all.Go(func() {
			must(t, d.view(background, func(*conn) error { inside.Done(); inside.Wait(); return nil }))
		})
	}
	all.Wait()
	deadline := time.After(10 * time.Second)
	for left := maxReaders; left > 0; {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%d idle readers are open", left)
		}
		d.readers.mu.Lock()
		left = len(d.readers.idle)
		d.readers.mu.Unlock()
	}
	if n := count(t, d, ""); n != 0 {
		t.Fatalf("%d notes", n)
	}
}

func TestWritersOfSeveralProcessesTakeTurns(t *testing.T) {
	dir := t.TempDir()
	runAll(t, 6, "write 30", "ANDON_TEST_HOME="+dir)
	h := openHome(t, dir, Options{})
	s, err := h.Open(background, "default")
	must(t, err)
	if got := getMeta(t, s, "written"); got != strings.Repeat("x", 180) {
		t.Fatalf("%d of 180 writes", len(got))
	}
}

func init() {
	childWork["write 30"] = func() error {
		h, err := OpenHome(os.Getenv("ANDON_TEST_HOME"), Options{Shared: true})
		if err != nil {
			return err
		}
		defer h.Close()
		s, err := h.Open(background, "default")
		if err != nil {
			return err
		}
		for range 30 {
			err := s.Update(background, func(tx store.Tx) error {
				had, err := tx.Meta("written")
				if err != nil {
					return err
				}
				return tx.SetMeta("written", had+"x")
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}
