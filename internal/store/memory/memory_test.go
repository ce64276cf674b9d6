package memory_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return memory.New() })
}

func TestBoards(t *testing.T) {
	storetest.BoardsRun(t, func(t *testing.T) store.Boards { return memory.NewBoards(t.TempDir(), time.Now) })
}
