package sqlite

import (
	"os"
	"strings"
	"testing"
	"time"

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
