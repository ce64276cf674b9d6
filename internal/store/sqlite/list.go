package sqlite

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/ncruces/go-sqlite3"
)

// order is how a list is sorted, and how it goes on after a row.
type order struct {
	key   string // number or text that is compared first; 0 if there is none
	by    string
	after string // ?1 = key, ?2 = born, ?3 = rowid of the last row
}

// orders begin after with a bound of one column, without which an index is
// walked from its start.
var orders = map[store.Sort]order{
	store.ByPriority: {
		priority,
		priority + " DESC, " + born + ", rowid",
		priority + " <= ?1 AND (" + priority + " < ?1 OR (" + born + ", rowid) > (?2, ?3))",
	},
	store.ByCreated:     {"0", born + ", rowid", born + " >= ?2 AND (" + born + ", rowid) > (?2, ?3)"},
	store.ByCreatedDesc: {"0", born + " DESC, rowid DESC", born + " <= ?2 AND (" + born + ", rowid) < (?2, ?3)"},
	store.ByUpdatedDesc: {
		changed,
		changed + " DESC, " + born + " DESC, rowid DESC",
		changed + " <= ?1 AND (" + changed + ", " + born + ", rowid) < (?1, ?2, ?3)",
	},
	store.ByStatus:   byWord("status"),
	store.ByAssignee: byWord("ifnull(assignee, '')"),
	store.ByTitle:    byWord("title"),
}

func byWord(column string) order {
	key := "CAST(" + column + " AS TEXT)"
	return order{key, key + ", " + born + ", rowid", "(" + key + ", " + born + ", rowid) > (?1, ?2, ?3)"}
}

// cursor is the place of a row in an order. It stays valid when that row goes.
type cursor struct {
	Sort   store.Sort `json:"s"`
	Number int64      `json:"n,omitempty"`
	Word   []byte     `json:"k,omitempty"` // JSON would change a text that is not UTF-8
	Born   int64      `json:"b"`
	Row    int64      `json:"r"`
}

func (c cursor) String() string {
	text, _ := json.Marshal(c) // nothing in it can fail
	return base64.RawURLEncoding.EncodeToString(text)
}

func parseCursor(text string, sort store.Sort) (c cursor, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil || c.Sort != sort {
		return c, kanban.Errorf(kanban.Invalid, "this cursor belongs to another list").
			Hint("start again without a cursor")
	}
	return c, nil
}

// key is what the order compares first.
func (c cursor) key() any {
	switch c.Sort {
	case store.ByStatus, store.ByAssignee, store.ByTitle:
		return string(c.Word)
	}
	return c.Number
}

func (r reader) Tasks(q store.TaskQuery) ([]kanban.Task, string, error) {
	if q.Sort == "" {
		q.Sort = store.ByPriority
	}
	o, known := orders[q.Sort]
	if !known {
		return nil, "", kanban.Errorf(kanban.Invalid, "unknown order %q", q.Sort)
	}
	limit := within(q.Limit, 100, 1000)
	sql, args, err := listQuery(q, o, limit)
	if err != nil {
		return nil, "", err
	}
	var tasks []kanban.Task
	var last cursor
	more := false
	err = r.c.query(sql, args, func(s *sqlite3.Stmt) error {
		if len(tasks) == limit {
			more = true
			return nil
		}
		c := &columns{s: s}
		tasks = append(tasks, scanTask(c))
		last = cursor{Sort: q.Sort}
		if _, isWord := last.key().(string); isWord {
			last.Word = []byte(c.text())
		} else {
			last.Number = c.int64()
		}
		last.Born, last.Row = c.int64(), c.int64()
		return nil
	})
	if err != nil || !more {
		return tasks, "", err
	}
	return tasks, last.String(), nil
}

// listQuery asks for one row more than limit, to know whether there is one.
func listQuery(q store.TaskQuery, o order, limit int) (string, []any, error) {
	c := conditions{args: []any{nil, nil, nil, limit + 1}, where: []string{"true"}}
	if q.Cursor != "" {
		at, err := parseCursor(q.Cursor, q.Sort)
		if err != nil {
			return "", nil, err
		}
		c.args[0], c.args[1], c.args[2] = at.key(), at.Born, at.Row
		c.where = append(c.where, o.after)
	}
	switch {
	case len(q.Statuses) == 1:
		c.add("status = ?", string(q.Statuses[0]))
		if over := q.Statuses[0] == kanban.Done || q.Statuses[0] == kanban.Archived; over {
			c.where = append(c.where, isOver) // for an index that has no others
		}
	case len(q.Statuses) > 1:
		c.add("status IN (SELECT value FROM json_each(?))", words(q.Statuses))
	case !q.Archived:
		c.where = append(c.where, "status <> 'archived'")
	}
	c.filter(q)
	texts := ", NULL, NULL"
	if q.Full {
		texts = ", body, result"
	}
	return "SELECT " + taskHead + texts + ", " + o.key + ", " + born + ", rowid FROM tasks WHERE " +
		strings.Join(c.where, " AND ") + " ORDER BY " + o.by + " LIMIT ?4", c.args, nil
}

// conditions are what a query of tasks asks for, with its arguments.
type conditions struct {
	args  []any
	where []string
}

// add takes a condition in which each ? is the same argument.
func (c *conditions) add(condition string, arg any) {
	c.args = append(c.args, arg)
	c.where = append(c.where, strings.ReplaceAll(condition, "?", "?"+strconv.Itoa(len(c.args))))
}

// filter adds all that a query asks for but statuses.
func (c *conditions) filter(q store.TaskQuery) {
	if len(q.IDs) > 0 {
		c.add("id IN (SELECT value FROM json_each(?))", words(q.IDs))
	}
	if q.Parent != "" {
		c.add("id IN (SELECT child_id FROM task_links WHERE parent_id = ?)", q.Parent)
	}
	for _, filter := range []struct{ column, value string }{
		{"assignee", q.Assignee}, {"tenant", q.Tenant}, {"session_id", q.Session},
	} {
		if filter.value != "" {
			c.add(filter.column+" = ?", filter.value)
		}
	}
	for _, label := range q.Labels {
		c.add("id IN (SELECT task FROM andon_labels WHERE label = ?)", label)
	}
	for _, word := range strings.Fields(q.Text) {
		c.holds(word)
	}
}

// holds asks for a word in title or body. LIKE folds the case of ASCII only, so
// a word is looked for in each of the ways in which it may be written.
func (c *conditions) holds(word string) {
	const like = `EXISTS (SELECT 1 FROM json_each(?)
		WHERE title LIKE value ESCAPE '\' OR ifnull(body, '') LIKE value ESCAPE '\')`
	word = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(word))
	letters := []rune(word)
	capital := string(unicode.ToUpper(letters[0])) + string(letters[1:])
	ways := []string{word, capital, strings.ToUpper(word)}
	for i, way := range ways {
		ways[i] = "%" + way + "%"
	}
	c.add(like, words(slices.CompactFunc(ways, sameToLike)))
}

// sameToLike reports whether LIKE does not tell two words apart.
func sameToLike(a, b string) bool {
	for _, r := range a {
		if r > unicode.MaxASCII {
			return a == b
		}
	}
	return true
}
