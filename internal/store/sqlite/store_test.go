package sqlite

import (
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/storetest"
)

func TestStore(t *testing.T) { storetest.Run(t, openFresh) }

func TestBoards(t *testing.T) {
	storetest.BoardsRun(t, func(t *testing.T) store.Boards { return openHome(t, t.TempDir(), Options{}) })
}

// openFresh opens the default board of a new home.
func openFresh(t *testing.T) store.Store {
	t.Helper()
	return openBoard(t, t.TempDir(), kanban.DefaultBoard)
}
