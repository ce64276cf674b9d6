package sqlite

import (
	"time"

	"github.com/andon-dev/andon/internal/store"
	"github.com/ncruces/go-sqlite3"
)

var (
	_ store.Reader = reader{}
	_ store.Tx     = tx{}
)

// reader answers from one connection, inside a transaction that the engine
// began.
type reader struct {
	c       *conn
	tally   *tally // nil on a board that is being made
	foreign uint64 // commits of others that were noticed before
}

// tx also writes.
type tx struct{ reader }

// list runs a query and collects what scan makes of each row.
func list[T any](c *conn, sql string, args []any, scan func(*columns) T) ([]T, error) {
	var out []T
	err := c.query(sql, args, func(s *sqlite3.Stmt) error {
		out = append(out, scan(&columns{s: s}))
		return nil
	})
	return out, err
}

// first is list for a query of at most one row.
func first[T any](c *conn, sql string, args []any, scan func(*columns) T) (row T, found bool, err error) {
	err = c.query(sql, args, func(s *sqlite3.Stmt) error {
		row, found = scan(&columns{s: s}), true
		return nil
	})
	return row, found, err
}

func (r reader) Meta(key string) (string, error) {
	value, _, err := first(r.c, "SELECT value FROM andon_meta WHERE key = ?", []any{key}, (*columns).text)
	return value, err
}

func (t tx) SetMeta(key, value string) error {
	return t.c.exec(`INSERT INTO andon_meta (key, value) VALUES (?1, ?2)
		ON CONFLICT (key) DO UPDATE SET value = ?2`, key, value)
}

func (r reader) Operation(id string) (answer []byte, found bool, err error) {
	return first(r.c, "SELECT answer FROM andon_operations WHERE id = ?", []any{id}, func(c *columns) []byte {
		return c.s.ColumnBlob(c.next(), nil)
	})
}

func (t tx) PutOperation(id string, answer []byte, at time.Time) error {
	err := t.c.exec("INSERT INTO andon_operations (id, answer, at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
		id, answer, millis(at))
	if err == nil && t.c.changes() == 0 {
		return conflict("operation %s was answered before", id)
	}
	return err
}
