package sqlite

import (
	"context"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/storetest"
)

func TestStore(t *testing.T) { storetest.Run(t, openFresh) }

// openFresh opens the default board of a new home.
func openFresh(t *testing.T) store.Store {
	t.Helper()
	return openIn(t, t.TempDir())
}

// openIn opens the default board of a home, until the test ends.
func openIn(t *testing.T, home string) store.Store {
	t.Helper()
	h, err := OpenHome(home, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	s, err := h.Open(context.Background(), kanban.DefaultBoard)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
