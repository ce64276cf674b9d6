package sqlite

import (
	"strings"
	"sync"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// tally knows how many tasks of each lane are in each status without a walk over
// them all.
//
//	tasks of a group = counted once, by the first who asks + moved since
//
// What was moved stands in andon_meta, written by the transaction that moves, so
// that every snapshot has its own. Triggers of the writer's connection write it:
// the file of a board has none, since others write it too. They move tasks
// without a note; once one of them has committed, all is counted again.
type tally struct {
	noticed func() bool // reports whether commits of others are noticed
	mu      sync.Mutex
	counted map[bool]counted // by whether archived tasks are among them
}

type group struct {
	lane   string // "" = none
	status kanban.Status
}

// counted is how many tasks there would be had none been moved.
type counted struct {
	foreign uint64 // commits of others that were noticed by then
	groups  map[group]int
}

const (
	tallyPrefix = "tally:"
	countGroups = "SELECT assignee, status, count(*) FROM tasks WHERE status <> 'archived' GROUP BY 1, 2"
	countAll    = "SELECT assignee, status, count(*) FROM tasks GROUP BY 1, 2"
	movedGroups = "SELECT substr(key, 7), CAST(value AS INTEGER) FROM andon_meta WHERE key >= 'tally:' AND key < 'tally;'"
)

// keepTally makes a writer's connection note which tasks it moves.
func keepTally(c *conn) error {
	for _, sql := range tallyTriggers {
		if err := c.exec(sql); err != nil {
			return err
		}
	}
	return nil
}

var tallyTriggers = []string{
	"CREATE TEMP TRIGGER andon_tally_in AFTER INSERT ON main.tasks BEGIN " + moved("NEW", "1") + " END",
	"CREATE TEMP TRIGGER andon_tally_out AFTER DELETE ON main.tasks BEGIN " + moved("OLD", "-1") + " END",
	`CREATE TEMP TRIGGER andon_tally_move AFTER UPDATE OF status, assignee ON main.tasks
		WHEN OLD.status IS NOT NEW.status OR OLD.assignee IS NOT NEW.assignee BEGIN ` + moved("OLD", "-1") + moved("NEW", "1") + " END",
}

func moved(row, by string) string {
	return `INSERT INTO andon_meta (key, value) VALUES
		('` + tallyPrefix + `' || CAST(` + row + `.status AS TEXT) || ':' || CAST(ifnull(` + row + `.assignee, '') AS TEXT), ` + by + `)
		ON CONFLICT (key) DO UPDATE SET value = value + ` + by + ";"
}

// groups counts the tasks of each group.
func (r reader) groups(archived bool) (map[group]int, error) {
	moved := map[group]int{}
	err := r.c.query(movedGroups, nil, func(s *sqlite3.Stmt) error {
		c := columns{s: s}
		status, lane, _ := strings.Cut(c.text(), ":")
		if archived || status != string(kanban.Archived) {
			moved[group{lane, kanban.Status(status)}] = c.int()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	base, err := r.base(archived, moved)
	if err != nil {
		return nil, err
	}
	found := map[group]int{}
	for _, part := range []map[group]int{base, moved} {
		for g, n := range part {
			found[g] += n
		}
	}
	return found, nil
}

// base counts anew if others have committed since it was counted.
func (r reader) base(archived bool, moved map[group]int) (map[group]int, error) {
	keeps := r.tally.noticed()
	r.tally.mu.Lock()
	defer r.tally.mu.Unlock()
	if known, is := r.tally.counted[archived]; is && keeps && known.foreign == r.foreign {
		return known.groups, nil
	}
	sql := countGroups
	if archived {
		sql = countAll
	}
	found := map[group]int{}
	err := r.c.query(sql, nil, func(s *sqlite3.Stmt) error {
		c := columns{s: s}
		g := group{lane: c.text(), status: kanban.Status(c.text())}
		found[g] += c.int()
		return nil
	})
	if err != nil {
		return nil, err
	}
	for g, n := range moved {
		found[g] -= n
	}
	if keeps {
		r.tally.counted[archived] = counted{r.foreign, found}
	}
	return found, nil
}

// inTally reports whether a query asks for no more than a tally knows.
func inTally(q store.TaskQuery) bool {
	return len(q.IDs) == 0 && q.Tenant == "" && len(q.Labels) == 0 && q.Session == "" && q.Parent == "" && strings.TrimSpace(q.Text) == ""
}
