package archtest

import (
	"fmt"
	"slices"
	"strings"
)

const module = "github.com/andon-dev/andon"

// rooms is the diagram of docs/architecture.md: each room and those directly
// below it. A package may import its own room and all that can be reached
// downwards. A room is a folder with everything in it, unless a folder in it is
// a room of its own.
var rooms = map[string][]string{
	"cmd/andon": {"internal/cli"},
	"bench":     {"internal/cli"},
	"test":      {"internal/cli"},

	"internal/cli": {
		"internal/gateway", "internal/importer", "internal/prime", "internal/standin",
	},
	"internal/gateway": {
		"internal/httpapi", "internal/doctor", "internal/mcpserver", "internal/chat", "internal/notify", "internal/dispatch",
		"internal/planner", "internal/webui",
		"internal/store/sqlite", "internal/store/memory", "internal/store/postgres",
	},
	"internal/httpapi":   {"internal/board", "internal/diagnose", "internal/transfer", "internal/config", "internal/access", "internal/guests", "client"},
	"internal/mcpserver": {"internal/board", "internal/config", "internal/prime", "client"},
	"internal/chat":      {"internal/guests", "internal/notify", "internal/kanban", "client"},
	"internal/notify":    {"internal/board", "internal/config"},
	"internal/dispatch":  {"internal/board", "internal/worker", "internal/workspace", "internal/config", "internal/prime"},
	"internal/planner":   {"internal/board", "internal/config"},
	"internal/diagnose":  {"internal/board"},
	"internal/transfer":  {"internal/board"},
	"internal/importer":  {"internal/board", "internal/config"},
	"internal/prime":     {"internal/kanban"},

	"internal/board":         {"internal/store", "internal/graph", "internal/policy"},
	"internal/worker":        {"internal/config", "internal/walls", "internal/proxy", "internal/store/sqlite/guard"},
	"internal/walls":         {"internal/kanban"},
	"internal/workspace":     {"internal/kanban"},
	"internal/config":        {"internal/worker/preset", "internal/proxy"},
	"internal/worker/preset": {"internal/kanban"},
	"internal/graph":         {"internal/kanban"},
	"internal/policy":        {"internal/kanban"},

	"internal/access":   {"internal/kanban", "internal/jsonfile"},
	"internal/guests":   {"internal/kanban", "internal/jsonfile"},
	"internal/jsonfile": nil,

	"internal/store":              {"internal/kanban"},
	"internal/store/storetest":    {"internal/store/memory"}, // its oracle
	"internal/store/sqlite":       {"internal/store"},
	"internal/store/sqlite/guard": nil, // for processes without a SQLite
	"internal/store/postgres":     {"internal/store"},
	"internal/store/memory":       {"internal/store"},

	"internal/kanban":        nil,
	"internal/proxy":         nil,
	"internal/doctor":        nil,
	"internal/webui":         nil,
	"internal/standin":       nil,
	"internal/standin/slack": nil, // speaks WebSocket
	"internal/archtest":      nil,
	"client":                 nil,
}

// pure rooms import nothing from outside the standard library and this module.
var pure = []string{"internal/kanban", "internal/graph", "internal/policy", "internal/doctor", "internal/worker/preset", "internal/standin", "client"}

// driver is the only SQLite, and driverRoom the only room that may import it.
const (
	driver     = "github.com/ncruces/go-sqlite3"
	driverRoom = "internal/store/sqlite"
)

// otherDrivers would be a second SQLite in the process, whose close unlinks the
// first one's WAL.
var otherDrivers = []string{
	"github.com/mattn/go-sqlite3", "modernc.org/sqlite", "zombiezen.com/go/sqlite", "crawshaw.io/sqlite",
	"github.com/glebarez/go-sqlite", "github.com/glebarez/sqlite", "github.com/tursodatabase/go-libsql",
}

// edge is one import. A path of this module stands without the module.
type edge struct {
	from, to string
	test     bool // only a test imports it
}

// breach says what is wrong with an import, "" if it is allowed.
func breach(e edge) string {
	if within(e.to, driver) && roomOf(e.from) != driverRoom {
		return "only " + driverRoom + " imports the SQLite driver"
	}
	for _, other := range otherDrivers {
		if within(e.to, other) {
			return "a second SQLite in the process"
		}
	}
	from := roomOf(e.from)
	if from == "" {
		return "has no room: add it to docs/architecture.md and to the table of rooms"
	}
	if e.test {
		return ""
	}
	if isOutside(e.to) {
		if slices.Contains(pure, from) {
			return from + " is pure: standard library only"
		}
		return ""
	}
	to := roomOf(e.to)
	if isStandard(e.to) || to != "" && (from == to || reaches(from, to)) {
		return ""
	}
	return fmt.Sprintf("%s is not below %s", e.to, from)
}

// roomOf returns the innermost room that a package stands in.
func roomOf(pkg string) string {
	best := ""
	for room := range rooms {
		if within(pkg, room) && len(room) > len(best) {
			best = room
		}
	}
	return best
}

func reaches(from, to string) bool {
	for _, below := range rooms[from] {
		if below == to || reaches(below, to) {
			return true
		}
	}
	return false
}

// within reports whether pkg is root or stands in it.
func within(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }

// isOutside reports whether a path is of another module: its first element has
// a dot, which standard packages and paths of this module never have.
func isOutside(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return strings.Contains(first, ".")
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !isOutside(path) && !slices.Contains([]string{"cmd", "internal", "client", "bench", "test"}, first)
}

// secondSQLite returns the drivers among deps that must not be there.
func secondSQLite(deps []string) []string {
	var found []string
	for _, dep := range deps {
		for _, other := range otherDrivers {
			if within(dep, other) {
				found = append(found, dep)
			}
		}
	}
	return found
}

// opensDatabase reports whether deps lead to the driver.
func opensDatabase(deps []string) bool {
	return slices.ContainsFunc(deps, func(dep string) bool { return within(dep, driver) })
}
