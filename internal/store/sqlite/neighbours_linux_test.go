package sqlite

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
)

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
