//go:build linux

package chaos

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// comparison holds what clients were told against what is there. It goes on
// where it stopped, so that it can be made after every death of the gateway.
type comparison struct {
	database func(query string) string

	mu      sync.Mutex
	ledgers []*reading
	kinds   map[string]string // of each operation that was asked for
	acked   []operation       // not found yet
	done    []operation       // tasks that were completed, as acknowledged
	total   map[string]int    // acknowledged, by kind
	refused []string
	doubled []string
	there   map[string]int   // how often the mark of an operation is there
	cursor  map[string]int64 // of each table
}

// marks are where the operations leave their ids. The last row of a table never
// goes back: that would be an older state of the database.
var marks = map[string]string{
	"tasks":         "select rowid, title from tasks where rowid > %d",
	"task_comments": "select id, body from task_comments where id > %[1]d",
	"task_events": `select id, coalesce(case kind when 'blocked' then payload ->> 'reason' when 'completed' then payload ->> 'summary' end, '')
		from task_events where id > %d`,
}

// isMark tells operation ids from what else stands there.
var isMark = regexp.MustCompile(`^(cli|api)[0-9]+-[0-9]+$`)

// read adds a ledger.
func (c *comparison) read(path string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ledgers = append(c.ledgers, &reading{path: path})
}

// result of a comparison: what is wrong.
type result struct{ lost, doubled, refused []string }

// compare reads the news of all ledgers, then those of the database: what was
// acknowledged is there once, and what was only asked for is there at most once.
func (c *comparison) compare() (result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.readLedgers(); err != nil {
		return result{}, err
	}
	var r result
	r.refused, c.refused = c.refused, nil
	for table, query := range marks {
		if err := c.readTable(table, query); err != nil {
			return r, err
		}
	}
	r.doubled, c.doubled = c.doubled, nil
	for _, o := range c.acked {
		if c.there[o.id] == 0 {
			r.lost = append(r.lost, o.kind+" "+o.id+" of "+o.task)
		}
	}
	c.acked = nil
	return r, nil
}

func (c *comparison) readLedgers() error {
	if c.total == nil {
		c.total = map[string]int{}
	}
	for _, l := range c.ledgers {
		entries, err := l.news()
		if err != nil {
			return err
		}
		for _, e := range entries {
			switch e.what {
			case "intent":
				c.kinds[e.id] = e.kind
			case "ack":
				e.kind = c.kinds[e.id]
				c.acked = append(c.acked, e.operation)
				c.total[e.kind]++
				if e.kind == "complete" {
					c.done = append(c.done, e.operation)
				}
			case "refused":
				c.refused = append(c.refused, c.kinds[e.id]+" "+e.id+": "+e.why)
			}
		}
	}
	return nil
}

func (c *comparison) readTable(table, query string) error {
	before := c.cursor[table]
	last, err := strconv.ParseInt(c.database("select coalesce(max(rowid), 0) from "+table), 10, 64)
	if err != nil || last < before {
		return fmt.Errorf("%s ends at row %d, and ended at %d: %w", table, last, before, err)
	}
	for row := range strings.Lines(c.database(fmt.Sprintf(query, before))) {
		number, mark, _ := strings.Cut(strings.TrimSuffix(row, "\n"), "|")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue // the rest of a text of several lines
		}
		if c.there[mark]++; c.there[mark] > 1 && isMark.MatchString(mark) {
			c.doubled = append(c.doubled, fmt.Sprintf("%s is there %d times in %s", mark, c.there[mark], table))
		}
		c.cursor[table] = max(c.cursor[table], id)
	}
	return nil
}

// whole makes the next comparison one of everything, from the first row.
func (c *comparison) whole() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, l := range c.ledgers {
		l.offset = 0
	}
	clear(c.there)
	clear(c.cursor)
	c.acked, c.done, c.total, c.doubled, c.refused = nil, nil, nil, nil, nil
}
