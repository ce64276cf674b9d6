package sqlite

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// TestG15_ALostStateHoldsTheHome: what somebody held must not start because the
// file that says so has gone, alone or with all of andon/, with its WAL or without.
func TestG15_ALostStateHoldsTheHome(t *testing.T) {
	for name, lose := range map[string]func(h *Home) error{
		"the file":        func(h *Home) error { return remove(h.statePath(), h.statePath()+"-wal", h.statePath()+"-shm") },
		"not its WAL":     func(h *Home) error { return os.Remove(h.statePath()) },
		"the whole andon": func(h *Home) error { return os.RemoveAll(h.ours()) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			h := openHome(t, dir, Options{})
			must(t, addTask(openDefault(t, h), "t_00000001"))
			must(t, h.PutHold(background, store.Hold{Scope: "board:default", Kind: store.Pulled, Since: time.Now()}))
			must(t, h.Close())
			must(t, lose(h))

			for range 2 { // and it stays so, until somebody resumes
				h = openHome(t, dir, Options{Shared: true})
				wantHeld(t, h, "all")
				openDefault(t, h)
				wantHeld(t, h, "all")
				must(t, h.Close())
			}
			h = openHome(t, dir, Options{})
			must(t, h.RemoveHold(background, "all", store.Pulled))
			must(t, h.Close())
			h = openHome(t, dir, Options{})
			openDefault(t, h)
			wantHeld(t, h)
		})
	}
}

// TestG05_AHomeThatIsTakenOverIsNotHeld: the reference never had a state.db.
func TestG05_AHomeThatIsTakenOverIsNotHeld(t *testing.T) {
	dir := unpack(t, "reference-home")
	h := openHome(t, dir, Options{})
	openDefault(t, h)
	must(t, h.Create(background, store.BoardInfo{Slug: "web"}))
	wantHeld(t, h)
	must(t, h.Close())
	h = openHome(t, dir, Options{})
	openDefault(t, h)
	wantHeld(t, h)
}

func wantHeld(t *testing.T, h *Home, scopes ...string) {
	t.Helper()
	holds, err := h.Holds(background)
	must(t, err)
	var got []string
	for _, h := range holds {
		got = append(got, h.Scope)
	}
	if strings.Join(got, " ") != strings.Join(scopes, " ") {
		t.Errorf("held are %v, not %v", holds, scopes)
	}
}

// TestG04_AUselessStateIsNamedAndRenewed: nothing starts beside it, and the new
// one holds the home; the old one is kept.
func TestG04_AUselessStateIsNamedAndRenewed(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"no database": func(path string) error {
			return os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600)
		},
		"empty":   func(path string) error { return os.Truncate(path, 0) },
		"cut off": func(path string) error { return os.Truncate(path, 4096) },
	} {
		for _, open := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, open %v", name, open), func(t *testing.T) {
				dir := t.TempDir()
				h := openHome(t, dir, Options{})
				openDefault(t, h)
				must(t, h.StateProblem(background))
				if !open {
					must(t, h.Close())
					h = openHome(t, dir, Options{})
				}
				must(t, damage(h.statePath()))
				err := h.StateProblem(background)
				wantCode(t, err, kanban.Unavailable)
				if !strings.Contains(err.Error(), h.statePath()) {
					t.Error(err)
				}
				must(t, h.RenewState(background))
				must(t, h.Reopen(background, ""))
				must(t, h.StateProblem(background))
				wantHeld(t, h, "all")
				kept, err := filepath.Glob(h.statePath() + ".replaced-*Z")
				must(t, err)
				if len(kept) != 1 {
					t.Errorf("kept %v", kept)
				}
				must(t, h.RenewState(background)) // what is sound stays
				if again, _ := filepath.Glob(h.statePath() + ".replaced-*Z"); len(again) != 1 {
					t.Errorf("kept %v", again)
				}
			})
		}
	}
}

// TestG15_OnlyStrayHoldsAreRemoved: neither that of a board, archived or not, nor
// that of one which a decided restore will make.
func TestG15_OnlyStrayHoldsAreRemoved(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	for _, slug := range []string{"web", "old"} {
		must(t, h.Create(background, store.BoardInfo{Slug: slug}))
	}
	must(t, h.Archive(background, "old"))
	must(t, os.MkdirAll(filepath.Dir(h.planPath("coming")), 0o700))
	must(t, os.WriteFile(h.planPath("coming"), nil, 0o600))
	for _, slug := range []string{"coming", "copy", "old", "web"} {
		must(t, h.PutHold(background, store.Hold{Scope: "board:" + slug, Kind: store.Pulled, Since: time.UnixMilli(1)}))
	}
	stray, err := h.StrayHolds(background)
	must(t, err)
	if diff := cmp.Diff([]string{"copy"}, stray); diff != "" {
		t.Error(diff)
	}
	for _, slug := range []string{"coming", "copy", "old", "web"} {
		must(t, h.RemoveStrayHold(background, slug))
	}
	wantHeld(t, h, "board:coming", "board:old", "board:web")
}
