package sqlite

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func openHome(t *testing.T, dir string, o Options) *Home {
	t.Helper()
	h, err := OpenHome(dir, o)
	must(t, err)
	t.Cleanup(func() { must(t, h.Close()) })
	return h
}

func setMeta(t *testing.T, s store.Store, key, value string) {
	t.Helper()
	must(t, s.Update(background, func(tx store.Tx) error { return tx.SetMeta(key, value) }))
}

func getMeta(t *testing.T, s store.Store, key string) string {
	t.Helper()
	value, err := store.View(background, s, func(r store.Reader) (string, error) { return r.Meta(key) })
	must(t, err)
	return value
}

func TestG07_FortyConcurrentOpensMakeOneHandle(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	spellings := []string{"default", " Default ", "DEFAULT", "default\n"}
	var mu sync.Mutex
	handles := map[store.Store]bool{}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			s, err := h.Open(background, spellings[i%len(spellings)])
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			handles[s] = true
		})
	}
	wg.Wait()
	if len(handles) != 1 {
		t.Fatalf("%d handles", len(handles))
	}
}

func TestG07_ManyProcessesMakeOneDefaultBoard(t *testing.T) {
	dir := t.TempDir()
	runAll(t, 12, "open default", "ANDON_TEST_HOME="+dir)
	s, err := openHome(t, dir, Options{}).Open(background, "default")
	must(t, err)
	if got := getMeta(t, s, "openers"); got != "xxxxxxxxxxxx" {
		t.Fatalf("of 12 processes these found the same board: %q", got)
	}
}

func init() {
	childWork["open default"] = func() error {
		h, err := OpenHome(os.Getenv("ANDON_TEST_HOME"), Options{Shared: true})
		if err != nil {
			return err
		}
		defer h.Close()
		s, err := h.Open(background, "default")
		if err != nil {
			return err
		}
		return s.Update(background, func(tx store.Tx) error {
			had, err := tx.Meta("openers")
			if err != nil {
				return err
			}
			return tx.SetMeta("openers", had+"x")
		})
	}
}

// runAll starts a number of children at once and wants all to succeed.
func runAll(t *testing.T, n int, name string, env ...string) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if err := child(t, name, env...).Run(); err != nil {
				t.Errorf("child: %v", err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func TestG07_BoardsShareNothing(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	for _, slug := range []string{"a", "b"} {
		must(t, h.Create(background, store.BoardInfo{Slug: slug}))
		s, err := h.Open(background, slug)
		must(t, err)
		setMeta(t, s, "mine", slug)
	}
	for _, slug := range []string{"a", "b"} {
		s, err := h.Open(background, slug)
		must(t, err)
		if got := getMeta(t, s, "mine"); got != slug {
			t.Errorf("board %s holds %q", slug, got)
		}
	}
}

func TestG07_TwoNamesOfOneFileAreRefused(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	must(t, h.Create(background, store.BoardInfo{Slug: "a"}))
	must(t, os.Symlink("a", filepath.Join(dir, "kanban", "boards", "b")))
	_, err := h.Open(background, "a")
	must(t, err)
	_, err = h.Open(background, "b")
	wantCode(t, err, kanban.Unavailable)
	s, err := h.Open(background, "a")
	must(t, err)
	setMeta(t, s, "still", "fine")
}

func TestG07_CloseClosesEachOnce(t *testing.T) {
	dir := t.TempDir()
	h, err := OpenHome(dir, Options{})
	must(t, err)
	s, err := h.Open(background, "default")
	must(t, err)
	must(t, h.Close())
	must(t, h.Close())
	wantCode(t, s.Update(background, func(store.Tx) error { return nil }), kanban.Unavailable)
	_, err = h.Open(background, "default")
	wantCode(t, err, kanban.Unavailable)
}

func TestAFailedOpenIsTriedAgain(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	_, err := h.Open(background, "later")
	wantCode(t, err, kanban.NotFound)
	must(t, h.Create(background, store.BoardInfo{Slug: "later"}))
	_, err = h.Open(background, "later")
	must(t, err)
}

func TestG04_AMissingFileOfAKnownBoardIsNeverReplaced(t *testing.T) {
	for _, slug := range []string{"default", "named"} {
		t.Run(slug, func(t *testing.T) {
			dir := t.TempDir()
			h := openHome(t, dir, Options{})
			if slug != kanban.DefaultBoard {
				must(t, h.Create(background, store.BoardInfo{Slug: slug}))
			}
			_, err := h.Open(background, slug)
			must(t, err)
			path := h.dbPath(slug)
			must(t, h.Close())

			must(t, os.Remove(path))
			h = openHome(t, dir, Options{})
			_, err = h.Open(background, slug)
			wantCode(t, err, kanban.Unavailable)
			if there(path) {
				t.Fatal("a fresh board was made")
			}
		})
	}
}

func TestG04_AnotherBoardsFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	h, err := OpenHome(dir, Options{})
	must(t, err)
	for _, slug := range []string{"a", "b"} {
		must(t, h.Create(background, store.BoardInfo{Slug: slug}))
		_, err = h.Open(background, slug)
		must(t, err)
	}
	must(t, h.Close())
	must(t, os.Rename(h.dbPath("a"), h.dbPath("b")))
	h = openHome(t, dir, Options{})
	_, err = h.Open(background, "b")
	wantCode(t, err, kanban.Unavailable)
}

func TestG04_AWALWithoutItsFileIsNotOverwritten(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "kanban.db-wal"), []byte("commits"), 0o600))
	_, err := openHome(t, dir, Options{}).Open(background, "default")
	wantCode(t, err, kanban.Unavailable)
}
