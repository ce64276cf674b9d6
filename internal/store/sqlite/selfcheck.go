package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/andon-dev/andon/internal/kanban"
)

// selfCheck proves, on a scratch database below dir, that this program keeps
// SQLite's locks while something in the same process opens, reads and closes
// the files beside it. POSIX process locks would not survive that, and a
// dependency, a build tag or a kernel could bring them back.
func selfCheck(dir string) (err error) {
	scratch, err := os.MkdirTemp(dir, "selfcheck-")
	if err == nil {
		defer os.RemoveAll(scratch)
		scratch, err = filepath.EvalSymlinks(scratch)
	}
	if err == nil {
		err = keepsLocks(filepath.Join(scratch, "scratch.db"))
	}
	if err != nil {
		return kanban.Errorf(kanban.Unavailable, "self-check of the file locks failed: %w", err).
			Hint("boards would not be safe here; please report this with your system's version")
	}
	return nil
}

func keepsLocks(path string) (err error) {
	c, err := openConn(path, opening{create: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.begin(); err != nil {
		return err
	}
	defer c.abort()
	for i, when := range []string{"at first", "after the files were opened and closed beside it"} {
		if i > 0 {
			if err := touch(path, path+"-wal", path+"-shm"); err != nil {
				return err
			}
		}
		held, err := holdsLocks(path)
		if err != nil {
			return err
		}
		if !held {
			return fmt.Errorf("the locks of a transaction are not there %s", when)
		}
	}
	return nil
}

// touch does what careless code does beside a database.
func touch(paths ...string) error {
	for _, p := range paths {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		_, err = f.Read(make([]byte, 16))
		if err = errors.Join(err, f.Close()); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}

// SQLite's locks within a write transaction in WAL mode: SHARED on the
// database, and the writer's byte of the -shm.
const (
	sharedFirst = 0x40000002
	sharedLast  = sharedFirst + 509
	writeByte   = 120
)
