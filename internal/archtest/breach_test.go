package archtest

import "testing"

// The checker itself, over imports that nobody made.
func TestBreachesAreFound(t *testing.T) {
	tests := []struct {
		edge
		bad bool
	}{
		{edge{from: "cmd/andon", to: "internal/cli"}, false},
		{edge{from: "internal/cli/task/create", to: "client"}, false},
		{edge{from: "internal/cli", to: "internal/store/sqlite"}, false},
		{edge{from: "internal/gateway", to: "internal/store/memory"}, false},
		{edge{from: "internal/httpapi", to: "internal/kanban"}, false},
		{edge{from: "internal/board", to: "internal/graph"}, false},
		{edge{from: "internal/board", to: "context"}, false},
		{edge{from: "internal/worker", to: "golang.org/x/sys/unix"}, false},
		{edge{from: "internal/notify/webhook", to: "internal/notify"}, false},
		{edge{from: "internal/store/sqlite", to: driver + "/vfs"}, false},
		{edge{from: "internal/worker", to: "internal/store/sqlite/guard"}, false},
		{edge{from: "internal/board", to: "internal/store/memory", test: true}, false},
		{edge{from: "internal/kanban", to: "github.com/google/go-cmp/cmp", test: true}, false},

		{edge{from: "internal/kanban", to: "internal/store"}, true},
		{edge{from: "internal/graph", to: "internal/policy"}, true},
		{edge{from: "internal/policy", to: "golang.org/x/sync/errgroup"}, true},
		{edge{from: "internal/store", to: "internal/board"}, true},
		{edge{from: "internal/board", to: "internal/store/sqlite"}, true},
		{edge{from: "internal/board", to: "internal/config"}, true},
		{edge{from: "internal/dispatch", to: "internal/httpapi"}, true},
		{edge{from: "internal/dispatch", to: "internal/store/memory"}, true},
		{edge{from: "internal/httpapi", to: "internal/dispatch"}, true},
		{edge{from: "internal/worker", to: "internal/store"}, true},
		{edge{from: "internal/worker", to: "internal/workspace"}, true},
		{edge{from: "internal/store/memory", to: "internal/store/sqlite"}, true},
		{edge{from: "internal/store/sqlite", to: "internal/store/postgres"}, true},
		{edge{from: "internal/gateway", to: "internal/cli"}, true},
		{edge{from: "internal/cli", to: "cmd/andon"}, true},
		{edge{from: "client", to: "internal/kanban"}, true},
		{edge{from: "client", to: "github.com/spf13/cobra"}, true},
		{edge{from: "internal/gateway", to: driver}, true},
		{edge{from: "internal/board", to: driver, test: true}, true},
		{edge{from: "internal/store/sqlite/guard", to: driver}, true},
		{edge{from: "internal/store/sqlite", to: "modernc.org/sqlite/lib"}, true},
		{edge{from: "internal/store/sqlite", to: "github.com/mattn/go-sqlite3", test: true}, true},
		{edge{from: "internal/helpers", to: "strings"}, true},
		{edge{from: "internal/board", to: "internal/helpers"}, true},
	}
	for _, tt := range tests {
		if why := breach(tt.edge); (why != "") != tt.bad {
			t.Errorf("%s -> %s (test %v): %q, want a breach: %v", tt.from, tt.to, tt.test, why, tt.bad)
		}
	}
}

func TestDriversAreFoundInDeps(t *testing.T) {
	deps := []string{"fmt", "github.com/mattn/go-isatty", "modernc.org/sqlite/lib", driver + "/vfs"}
	if got := secondSQLite(deps); len(got) != 1 || got[0] != "modernc.org/sqlite/lib" {
		t.Errorf("secondSQLite = %v", got)
	}
	if !opensDatabase(deps) || opensDatabase(deps[:3]) {
		t.Error("opensDatabase does not tell the driver from the rest")
	}
}

// Every room that another leads to is a room itself, so that no edge of the
// diagram is a spelling mistake, and none leads back.
func TestRoomsAreClosedAndAcyclic(t *testing.T) {
	for room, below := range rooms {
		for _, to := range below {
			if _, ok := rooms[to]; !ok {
				t.Errorf("%s leads to %s, which is no room", room, to)
			}
			if reaches(to, room) {
				t.Errorf("%s and %s lead to each other", room, to)
			}
		}
	}
}
