package sqlite

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/andon-dev/andon/internal/store"
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

// A process that is killed at any moment has lost nothing that it said was
// kept, and leaves a board that is whole.
func TestG01_AKillLosesNothingAcknowledged(t *testing.T) {
	dir := t.TempDir()
	rounds := 8
	var said []string
	for round := range rounds {
		cmd := child(t, "write until killed", "ANDON_TEST_HOME="+dir, fmt.Sprint("ANDON_TEST_ROUND=", round))
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			said = append(said, lines.Text())
			if n == 7*round {
				must(t, cmd.Process.Kill()) // what it still says counts
			}
		}
		_ = cmd.Wait() // it was killed
	}
	s, err := openHome(t, dir, Options{}).Open(background, "default")
	must(t, err)
	if len(said) < rounds {
		t.Fatalf("%d answers in %d rounds", len(said), rounds)
	}
	for _, key := range said {
		if getMeta(t, s, key) != "kept" {
			t.Errorf("%s was acknowledged and is lost", key)
		}
	}
	must(t, s.(*board).db.view(background, func(c *conn) error {
		verdict, err := c.text("PRAGMA integrity_check")
		if verdict != "ok" {
			t.Errorf("integrity: %s", verdict)
		}
		return err
	}))
}

func init() {
	childWork["write until killed"] = func() error {
		h, err := OpenHome(os.Getenv("ANDON_TEST_HOME"), Options{})
		if err != nil {
			return err
		}
		s, err := h.Open(background, "default")
		if err != nil {
			return err
		}
		var writing sync.WaitGroup
		for w := range 4 {
			writing.Go(func() {
				for n := 0; ; n++ {
					key := fmt.Sprintf("%s-%d-%d", os.Getenv("ANDON_TEST_ROUND"), w, n)
					if s.Update(background, func(tx store.Tx) error { return tx.SetMeta(key, "kept") }) == nil {
						fmt.Println(key)
					}
				}
			})
		}
		writing.Wait()
		return nil
	}
}

func TestG15_OpeningAndReadingChangeNothing(t *testing.T) {
	dir := t.TempDir()
	contents := func() (all string) {
		for _, name := range []string{"kanban.db", "kanban.db-wal", "kanban/boards/default/board.json"} {
			text, err := os.ReadFile(filepath.Join(dir, name))
			must(t, err)
			all += string(text)
		}
		return all
	}
	var before string
	for round := range 3 {
		h, err := OpenHome(dir, Options{Shared: round > 1})
		must(t, err)
		s, err := h.Open(background, "default")
		must(t, err)
		if round == 0 {
			setMeta(t, s, "x", "y")
		}
		getMeta(t, s, "x")
		_, err = h.List(background, true)
		must(t, err)
		_, err = h.Holds(background)
		must(t, err)
		must(t, h.Close())
		if round == 0 {
			before = contents()
		} else if contents() != before {
			t.Fatal("the files changed")
		}
	}
}
