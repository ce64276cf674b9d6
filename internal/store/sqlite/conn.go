package sqlite

import (
	"errors"
	"fmt"

	"github.com/ncruces/go-sqlite3"
)

// conn is one connection with its prepared statements. It belongs to one
// goroutine at a time. No caller's context ever reaches it: an interrupt would
// roll back the work of everybody in the same batch.
type conn struct {
	db    *sqlite3.Conn
	main  *roomFile // the database's file
	wal   *roomFile
	stmts map[string]*sqlite3.Stmt
	seen  func(error) // is told every error of SQLite; may be nil
	inTx  bool        // between BEGIN and COMMIT of a batch
}

// errLost says that SQLite gave up the transaction by itself, for example after
// a RAISE(ROLLBACK) in somebody's trigger. Statements that follow would commit
// one by one, so none runs.
var errLost = errors.New("the transaction was rolled back underneath")

// maxPrepared bounds the statements kept; lists of varying length would make
// ever new ones.
const maxPrepared = 256

// exec runs one statement. args may be nil, string, int, int64, bool or []byte.
func (c *conn) exec(sql string, args ...any) error {
	return c.query(sql, args, func(*sqlite3.Stmt) error { return nil })
}

// query runs one statement and calls row for each row of the result. row may
// run other statements, the same one included. Text and blobs of the row must
// be copied before row returns.
func (c *conn) query(sql string, args []any, row func(*sqlite3.Stmt) error) error {
	if c.inTx && c.db.GetAutocommit() {
		return errLost
	}
	err := c.run(sql, args, row)
	if err != nil && c.seen != nil {
		c.seen(err)
	}
	return err
}

func (c *conn) run(sql string, args []any, row func(*sqlite3.Stmt) error) (err error) {
	s, done, err := c.prepare(sql)
	if err != nil {
		return err
	}
	defer func() {
		if e := done(); err == nil {
			err = e
		}
	}()
	for i, a := range args {
		if err := bind(s, i+1, a); err != nil {
			return err
		}
	}
	for s.Step() {
		if err := row(s); err != nil {
			return err
		}
	}
	return s.Err()
}

// prepare returns a bound-free statement, and what must be called after use.
func (c *conn) prepare(sql string) (*sqlite3.Stmt, func() error, error) {
	if s := c.stmts[sql]; s != nil && !s.Busy() {
		return s, func() error { return rewind(s) }, nil
	}
	s, tail, err := c.db.PrepareFlags(sql, sqlite3.PREPARE_PERSISTENT)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("%w in %q", err, sql)
	case s == nil || tail != "":
		return nil, nil, fmt.Errorf("not exactly one statement: %q", sql)
	}
	if c.stmts[sql] != nil || len(c.stmts) >= maxPrepared {
		return s, s.Close, nil
	}
	c.stmts[sql] = s
	return s, func() error { return rewind(s) }, nil
}

// rewind ends a statement's use; left bindings would pin large bodies.
func rewind(s *sqlite3.Stmt) error {
	err := s.Reset()
	if e := s.ClearBindings(); err == nil {
		err = e
	}
	return err
}

func bind(s *sqlite3.Stmt, i int, arg any) error {
	switch v := arg.(type) {
	case nil:
		return s.BindNull(i)
	case string:
		return s.BindText(i, v)
	case int:
		return s.BindInt(i, v)
	case int64:
		return s.BindInt64(i, v)
	case bool:
		return s.BindBool(i, v)
	case []byte:
		return s.BindBlob(i, v)
	}
	return fmt.Errorf("cannot bind a %T", arg)
}

func (c *conn) lastID() int64  { return c.db.LastInsertRowID() }
func (c *conn) changes() int64 { return c.db.Changes() }

// begin starts a transaction that may write.
func (c *conn) begin() error {
	err := c.exec("BEGIN IMMEDIATE")
	c.inTx = err == nil
	return err
}

func (c *conn) commit() error {
	err := c.exec("COMMIT")
	if err == nil {
		c.inTx = false
	}
	return err
}

// abort rolls back what was not committed.
func (c *conn) abort() {
	c.inTx = false
	if !c.db.GetAutocommit() {
		// A failing rollback has told c.seen; the next BEGIN will fail too.
		_ = c.exec("ROLLBACK")
	}
}

// truncate copies the WAL into the database and empties it, unless somebody
// still reads it.
func (c *conn) truncate() error {
	if err := c.db.BusyTimeout(0); err != nil {
		return err
	}
	_, _, err := c.db.WALCheckpoint("main", sqlite3.CHECKPOINT_TRUNCATE)
	if e := c.db.BusyTimeout(busyTimeout); err == nil {
		err = e
	}
	return err
}

// dataVersion moves with the commits of other connections only.
func (c *conn) dataVersion() (v int64, err error) {
	err = c.query("PRAGMA data_version", nil, func(s *sqlite3.Stmt) error {
		v = s.ColumnInt64(0)
		return nil
	})
	return v, err
}
