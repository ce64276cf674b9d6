package sqlite

import (
	"slices"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (r reader) CountTasks(q store.TaskQuery) (map[kanban.Status]int, error) {
	counts := map[kanban.Status]int{}
	if inTally(q) {
		groups, err := r.groups(q.Archived)
		for g, n := range groups {
			if n > 0 && slices.Contains(kanban.Statuses, g.status) && (q.Assignee == "" || q.Assignee == g.lane) {
				counts[g.status] += n
			}
		}
		return counts, err
	}
	sql, args := countQuery(q)
	err := r.c.query(sql, args, func(s *sqlite3.Stmt) error {
		c := columns{s: s}
		status := kanban.Status(c.text())
		counts[status] += c.int()
		return nil
	})
	return counts, err
}

// countQuery names the statuses, so that those which are left out are not walked
// over.
func countQuery(q store.TaskQuery) (string, []any) {
	statuses := kanban.Statuses
	if !q.Archived {
		statuses = statuses[:len(statuses)-1]
	}
	var c conditions
	c.add("status IN (SELECT value FROM json_each(?))", words(statuses))
	c.filter(q)
	return "SELECT status, count(*) FROM tasks WHERE " + strings.Join(c.where, " AND ") + " GROUP BY status", c.args
}

const beside = `SELECT json_each.value,
	(SELECT count(*) FROM task_links l CROSS JOIN tasks p ON p.id = l.parent_id WHERE l.child_id = json_each.value),
	(SELECT count(*) FROM task_links l CROSS JOIN tasks p ON p.id = l.child_id WHERE l.parent_id = json_each.value),
	(SELECT count(*) FROM task_links l CROSS JOIN tasks p ON p.id = l.child_id WHERE l.parent_id = json_each.value AND ` + isDone + `),
	(SELECT count(*) FROM task_comments m WHERE m.task_id = json_each.value),
	(SELECT count(*) FROM task_runs r WHERE r.task_id = json_each.value)
	FROM json_each(?)`

func (r reader) Beside(ids []string) (map[string]store.Beside, error) {
	out := make(map[string]store.Beside, len(ids))
	err := r.c.query(beside, []any{words(ids)}, func(s *sqlite3.Stmt) error {
		c := columns{s: s}
		id := c.text()
		out[id] = store.Beside{Parents: c.int(), Children: c.int(), Satisfied: c.int(), Comments: c.int(), Runs: c.int()}
		return nil
	})
	return out, err
}

const parentsOf = "SELECT " + linkColumns + ` FROM task_links l CROSS JOIN tasks p ON p.id = l.parent_id
	WHERE child_id IN (SELECT value FROM json_each(?)) ORDER BY child_id, parent_id`

func (r reader) ParentsOf(children []string) ([]kanban.Link, error) {
	return list(r.c, parentsOf, []any{words(children)}, scanLink)
}

const movedAt = `SELECT e.task_id, e.created_at, e.andon_ms
	FROM json_each(?1) CROSS JOIN task_events e ON e.id = (SELECT id FROM task_events
		WHERE task_id = json_each.value AND kind IN (SELECT value FROM json_each(?2)) ORDER BY id DESC LIMIT 1)`

func (r reader) MovedAt(ids []string) (map[string]time.Time, error) {
	out := make(map[string]time.Time, len(ids))
	err := r.c.query(movedAt, []any{words(ids), words(kanban.Moving)}, func(s *sqlite3.Stmt) error {
		c := columns{s: s}
		id := c.text()
		out[id] = c.moment()
		return nil
	})
	return out, err
}
