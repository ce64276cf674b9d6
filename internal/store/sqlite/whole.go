package sqlite

import (
	"errors"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// each runs a query and hands what scan makes of each row to fn.
func each[T any](c *conn, sql string, scan func(*columns) T, fn func(T) error) error {
	return c.query(sql, nil, func(s *sqlite3.Stmt) error { return fn(scan(&columns{s: s})) })
}

// pair is a row of two texts.
type pair struct{ key, value string }

func scanPair(c *columns) pair { return pair{c.text(), c.text()} }

func (r reader) EachTask(full bool, fn func(kanban.Task) error) error {
	texts := "NULL, NULL"
	if full {
		texts = "body, result"
	}
	return each(r.c, "SELECT "+taskHead+", "+texts+" FROM tasks ORDER BY rowid", scanTask, fn)
}

func (r reader) EachLink(fn func(kanban.Link) error) error {
	return each(r.c, "SELECT "+linkColumns+" FROM task_links ORDER BY parent_id, child_id", scanLink, fn)
}

func (r reader) EachKey(fn func(key, task string) error) error {
	return each(r.c, "SELECT key, task FROM andon_idempotency ORDER BY key", scanPair, func(p pair) error { return fn(p.key, p.value) })
}

func (r reader) EachRun(fn func(kanban.Run) error) error {
	return each(r.c, "SELECT "+runColumns+" FROM task_runs r ORDER BY id", scanRun, fn)
}

func (r reader) EachComment(fn func(kanban.Comment) error) error {
	return each(r.c, "SELECT "+commentColumns+" FROM task_comments ORDER BY id", scanComment, fn)
}

func (r reader) EachEvent(fn func(kanban.Event) error) error {
	return each(r.c, "SELECT "+eventColumns+" FROM task_events ORDER BY id", scanEvent, fn)
}

func (r reader) EachArtifact(fn func(kanban.Artifact) error) error {
	return each(r.c, "SELECT "+artifactColumns+" FROM andon_artifacts ORDER BY id", scanArtifact, fn)
}

func (r reader) EachDelivery(fn func(store.Delivery) error) error {
	return each(r.c, "SELECT id, "+deliveryFields+" FROM andon_outbox ORDER BY id", scanBareDelivery, fn)
}

// scanBareDelivery reads id, then deliveryFields.
func scanBareDelivery(c *columns) store.Delivery {
	return store.Delivery{
		ID: c.int64(), Destination: c.int64(), Event: kanban.Event{ID: c.int64()}, Subscription: c.int64(),
		State: store.DeliveryState(c.text()), Attempts: c.int(), NextAt: c.millis(), Error: c.text(), DoneAt: c.millis(), Batch: c.int64(),
	}
}

func (r reader) EachPost(fn func(store.Post) error) error {
	return each(r.c, "SELECT "+postColumns+" FROM andon_posts ORDER BY id", scanPost, fn)
}

func (r reader) EachMeta(fn func(key, value string) error) error {
	return each(r.c, "SELECT key, value FROM andon_meta ORDER BY key", scanPair, func(p pair) error {
		if p.key == idKey || strings.HasPrefix(p.key, tallyPrefix) {
			return nil
		}
		return fn(p.key, p.value)
	})
}

// counters are the tables whose ids are not given again, by their counter.
func counters(ids *store.LastIDs) map[string]*int64 {
	return map[string]*int64{
		"task_runs": &ids.Run, "task_comments": &ids.Comment, "task_events": &ids.Event,
		"andon_destinations": &ids.Destination, "andon_subscriptions": &ids.Subscription, "andon_outbox": &ids.Delivery,
	}
}

func (r reader) LastIDs() (ids store.LastIDs, err error) {
	byTable := counters(&ids)
	err = r.c.query("SELECT name, seq FROM sqlite_sequence", nil, func(s *sqlite3.Stmt) error {
		if last := byTable[s.ColumnText(0)]; last != nil {
			*last = s.ColumnInt64(1)
		}
		return nil
	})
	return ids, err
}

// Check implements store.Checker, on a connection that only reads.
func (b *board) Check(quick bool) (problems []string, err error) {
	pragma := "PRAGMA integrity_check(100)"
	if quick {
		pragma = "PRAGMA quick_check(100)"
	}
	err = b.db.examine(func(c *conn) error {
		found, err := list(c, pragma, nil, (*columns).text)
		if err != nil {
			return err
		}
		if len(found) != 1 || found[0] != "ok" {
			problems = found
		}
		foreign, err := list(c, "PRAGMA foreign_key_check", nil, func(c *columns) string {
			return "a row of " + c.text() + " refers to what does not exist"
		})
		problems = append(problems, foreign[:min(len(foreign), 100)]...)
		return err
	})
	return problems, err
}

// examine runs fn on a connection of its own that only reads: it may take long,
// and no reader waits for it.
func (d *database) examine(fn func(*conn) error) error {
	if err := d.users.enter(); err != nil {
		return err
	}
	defer d.users.leave()
	c, err := d.connect(true)
	if err != nil {
		return outward(err)
	}
	return outward(errors.Join(fn(c), c.close()))
}
