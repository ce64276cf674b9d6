package sqlite

import (
	"cmp"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

// opening says how a connection is opened.
type opening struct {
	create bool        // make the file; only then is WAL set
	reader bool        // refuse writes on this connection
	vfs    string      // "" = fileSystem
	seen   func(error) // is told every error of SQLite
	latch  *latch      // keeps every byte away from the files once it is set; nil = none
	frozen bool        // nobody writes the file: read it without locks and side files
}

// busyTimeout is how long a connection waits for other processes' locks.
const busyTimeout = 10 * time.Second

// minVersion is the first SQLite without the WAL-reset bug.
const minVersion = "3.51.3"

// openConn is how every connection of this package comes to be. It is ready and
// holds its locks when it returns.
func openConn(path string, o opening) (*conn, error) {
	flags := sqlite3.OPEN_READWRITE | sqlite3.OPEN_URI
	if o.create {
		flags |= sqlite3.OPEN_CREATE
	}
	how := "vfs=" + cmp.Or(o.vfs, fileSystem)
	if o.frozen {
		flags = sqlite3.OPEN_READONLY | sqlite3.OPEN_URI
		how += "&immutable=1"
	}
	uri := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: how}
	db, err := sqlite3.OpenFlags(uri.String(), flags)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	c := &conn{db: db, stmts: map[string]*sqlite3.Stmt{}, seen: o.seen}
	err = c.guard(o.latch)
	if err == nil && !o.frozen {
		err = c.prepareForUse(path, o)
	}
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// guard puts the files under a latch before anything is read.
func (c *conn) guard(l *latch) error {
	f, err := c.db.FileControl("main", sqlite3.FCNTL_FILE_POINTER)
	if err != nil {
		return fmt.Errorf("find the file: %w", err)
	}
	if c.main = roomOf(f); c.main == nil {
		return fmt.Errorf("%T is no file of ours", f)
	}
	c.main.latch = l
	return nil
}

// prepareForUse makes a fresh connection harmless to others, sets what we rely
// on, and touches the database, since locks are taken at the first access only.
func (c *conn) prepareForUse(path string, o opening) error {
	if err := c.keepFilesAtClose(); err != nil {
		return err
	}
	if err := c.keepPlans(); err != nil {
		return err
	}
	if err := c.setPragmas(o.reader); err != nil {
		return err
	}
	if err := c.requireWAL(path, o.create); err != nil {
		return err
	}
	if _, err := c.text("SELECT count(*) FROM sqlite_schema"); err != nil {
		return err
	}
	wal, err := c.db.FileControl("main", sqlite3.FCNTL_JOURNAL_POINTER)
	if err != nil {
		return fmt.Errorf("find the WAL: %w", err)
	}
	c.wal = roomOf(wal)
	return alignModes(path)
}

// keepFilesAtClose is for the neighbours: a connection that closes must not
// unlink, truncate or overwrite what they use. PERSIST_WAL alone is not enough:
// with journal_size_limit set, the closing checkpoint truncates the WAL.
func (c *conn) keepFilesAtClose() error {
	if _, err := c.db.FileControl("main", sqlite3.FCNTL_PERSIST_WAL, true); err != nil {
		return fmt.Errorf("set PERSIST_WAL: %w", err)
	}
	if on, err := c.db.FileControl("main", sqlite3.FCNTL_PERSIST_WAL); err != nil || on != true {
		return fmt.Errorf("PERSIST_WAL did not hold (%v, %v)", on, err)
	}
	if on, err := c.db.Config(sqlite3.DBCONFIG_NO_CKPT_ON_CLOSE, true); err != nil || !on {
		return fmt.Errorf("NO_CKPT_ON_CLOSE did not hold (%v, %v)", on, err)
	}
	return nil
}

// keepPlans makes SQLite plan without the values that are bound. Else whatever
// looks at one, as each LIMIT ? does, is prepared anew for every call, which costs
// more than most queries do.
func (c *conn) keepPlans() error {
	if on, err := c.db.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil || !on {
		return fmt.Errorf("ENABLE_QPSG did not hold (%v, %v)", on, err)
	}
	return nil
}

// setPragmas sets and reads back; defaults differ between builds of SQLite.
func (c *conn) setPragmas(reader bool) error {
	for _, p := range pragmas(reader) {
		if _, err := c.text("PRAGMA " + p.name + "=" + p.set); err != nil {
			return err
		}
		if got, err := c.text("PRAGMA " + p.name); err != nil || got != p.get {
			return fmt.Errorf("PRAGMA %s is %q instead of %q (%v)", p.name, got, p.get, err)
		}
	}
	version, err := c.text("SELECT sqlite_version()")
	if err == nil && versionLess(version, minVersion) {
		return fmt.Errorf("SQLite %s has a bug that loses commits; at least %s is needed", version, minVersion)
	}
	return err
}

type pragma struct{ name, set, get string }

// pragmas are in order: the first access can already meet a lock.
func pragmas(reader bool) []pragma {
	wait, queryOnly := strconv.FormatInt(busyTimeout.Milliseconds(), 10), "0"
	if reader {
		queryOnly = "1"
	}
	return []pragma{
		{"busy_timeout", wait, wait},
		{"synchronous", "FULL", "2"},
		{"foreign_keys", "ON", "1"},
		{"wal_autocheckpoint", "1000", "1000"},
		{"journal_size_limit", "16777216", "16777216"},
		{"mmap_size", "0", "0"},
		{"temp_store", "MEMORY", "2"},
		{"trusted_schema", "OFF", "0"},
		{"cell_size_check", "ON", "1"},
		{"query_only", queryOnly, queryOnly},
	}
}

// requireWAL never converts an existing file: somebody may have it open.
func (c *conn) requireWAL(path string, create bool) error {
	read := "PRAGMA journal_mode"
	if create {
		read += "=WAL"
	}
	mode, err := c.text(read)
	if err != nil {
		return err
	}
	if mode != "wal" {
		return kanban.Errorf(kanban.Unavailable, "%s is in journal mode %q, not WAL; Andon does not change the mode of a file that others may have open", path, mode).
			Hint("stop everything that uses it, then: sqlite3 %s 'PRAGMA journal_mode=WAL'", path)
	}
	return nil
}

// text runs a statement and returns the first column of its last row.
func (c *conn) text(sql string, args ...any) (value string, err error) {
	err = c.query(sql, args, func(s *sqlite3.Stmt) error {
		value = s.ColumnText(0)
		return nil
	})
	return value, err
}

// alignModes gives the side files the mode of the database, as SQLite itself
// would; the driver leaves them to the umask.
func alignModes(path string) error {
	main, err := os.Stat(path)
	if err != nil {
		return err
	}
	for _, side := range []string{path + "-wal", path + "-shm"} {
		fi, err := os.Stat(side)
		if err != nil || fi.Mode() == main.Mode() {
			continue
		}
		// Files of another user keep their mode.
		if err := os.Chmod(side, main.Mode().Perm()); err != nil && !os.IsPermission(err) {
			return err
		}
	}
	return nil
}

func versionLess(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if x != y {
			return x < y
		}
	}
	return len(as) < len(bs)
}

// close ends the connection. It neither checkpoints nor removes anything.
func (c *conn) close() error {
	for _, s := range c.stmts {
		s.Close()
	}
	clear(c.stmts)
	return c.db.Close()
}
