package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// step is one rung of the migration ladder, run in a transaction of its own.
type step struct {
	name string
	up   func(c *conn) error
}

// migrate climbs from PRAGMA user_version to the top. Any number of processes
// may do so at once, and each may die at any moment.
func migrate(c *conn, s spec) error {
	version, err := c.version()
	if err != nil {
		return err
	}
	if version == len(s.steps) {
		return nil
	}
	unlock, err := lockFile(context.Background(), s.path+lockSuffix, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if version, err = c.version(); err != nil {
		return err
	}
	if version < 0 || version > len(s.steps) {
		return kanban.Errorf(kanban.Unavailable, "%s was written by a newer Andon (schema %d, this one knows %d)", s.path, version, len(s.steps)).
			Hint("upgrade this andon, or restore the backup from before the upgrade: andon/backups")
	}
	if version == len(s.steps) {
		return nil // another process was faster
	}
	saved, err := saveBefore(c, s, version)
	if err != nil {
		return fmt.Errorf("backup before migration: %w", err)
	}
	for n := version; n < len(s.steps); n++ {
		err := climb(c, s.steps[n], n)
		if err != nil && n == version && saved != "" {
			// Nothing was changed: without this, every attempt would leave a copy.
			err = errors.Join(err, remove(saved))
		}
		if err != nil {
			return stepFailed(s, n, err)
		}
	}
	return nil
}

// stepFailed says that the file stands where it stood.
func stepFailed(s spec, n int, err error) error {
	err = fmt.Errorf("migration step %d (%s): %w", n+1, s.steps[n].name, err)
	if told := outward(err); kanban.CodeOf(told) != kanban.Internal {
		return told
	}
	return kanban.Errorf(kanban.Unavailable, "%s cannot be brought up to date and stays as it was: %w", s.path, err).
		Hint("a trigger, view or table that is neither Andon's nor the reference's may be in the way: sqlite3 %s .schema shows them", s.path)
}

// climbAll is the whole ladder for a file that nobody else knows yet, and so in
// one transaction.
func climbAll(c *conn, steps []step) error {
	if err := c.begin(); err != nil {
		return err
	}
	defer c.abort()
	for _, s := range steps {
		if err := s.up(c); err != nil {
			return err
		}
	}
	if err := c.exec("PRAGMA user_version=" + strconv.Itoa(len(steps))); err != nil {
		return err
	}
	return c.commit()
}

// climb does one step, unless it was done meanwhile.
func climb(c *conn, s step, from int) error {
	if err := c.begin(); err != nil {
		return err
	}
	defer c.abort()
	version, err := c.version()
	if err != nil {
		return err
	}
	if version != from {
		return nil
	}
	if err := s.up(c); err != nil {
		return err
	}
	if err := c.exec("PRAGMA user_version=" + strconv.Itoa(from+1)); err != nil {
		return err
	}
	return c.commit()
}

func (c *conn) version() (int, error) {
	text, err := c.text("PRAGMA user_version")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// saveBefore keeps a copy of a database that has something to lose, and returns
// its path.
func saveBefore(c *conn, s spec, version int) (saved string, err error) {
	tasks := false
	err = c.query("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'tasks'", nil, func(*sqlite3.Stmt) error {
		tasks = true
		return nil
	})
	if err != nil || !tasks || s.backups == "" {
		return "", err
	}
	if any, err := c.text("SELECT 1 FROM tasks LIMIT 1"); err != nil || any == "" {
		return "", err
	}
	if err := os.MkdirAll(s.backups, 0o700); err != nil {
		return "", err
	}
	name := fmt.Sprintf("%s-v%d-%s.db", s.name, version, s.clock().UTC().Format("20060102T150405.000Z"))
	saved = filepath.Join(s.backups, name)
	return saved, backup(c, saved, s.name)
}

// backup writes a checked copy of the database that can be put in its place as
// it is. Writers go on meanwhile. The caller holds the lock of owner.
func backup(c *conn, to, owner string) error {
	return newFile(to, owner, func(tmp string) error {
		return c.exec("VACUUM INTO ?", tmp)
	}, func(copied *conn) error {
		verdict, err := copied.text("PRAGMA integrity_check")
		if err == nil && verdict != "ok" {
			err = errors.New("the copy is damaged: " + strings.TrimSpace(verdict))
		}
		return err
	})
}
