//go:build linux || darwin

package guard

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// SQLite's SHARED lock in its file format.
const (
	sharedFirst = 0x40000002
	sharedLen   = 510
)

// Guard is the lock on one database. Its descriptor is a bare number: an
// *os.File that nobody holds any more would be closed by the garbage collector.
type Guard struct {
	fd       int
	once     sync.Once
	released error
}

// Hold guards the database at path until Release or the end of the process. It
// waits, until ctx ends, for a connection that is just closing.
//
// Errors: fs.ErrNotExist; a file that is no database, or not in WAL mode, where
// a standing lock would keep everybody from writing; a file that was replaced
// meanwhile.
func Hold(ctx context.Context, path string) (*Guard, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &os.PathError{Op: "guard", Path: path, Err: err}
	}
	if err := inWAL(fd); err != nil {
		return nil, &os.PathError{Op: "guard", Path: path, Err: errors.Join(err, unix.Close(fd))}
	}
	if err := lock(ctx, fd); err != nil { // which has closed fd, or will
		return nil, &os.PathError{Op: "guard", Path: path, Err: err}
	}
	if err := stillAt(fd, path); err != nil {
		return nil, &os.PathError{Op: "guard", Path: path, Err: errors.Join(err, unix.Close(fd))}
	}
	return &Guard{fd: fd}, nil
}

// Release ends the guard. Further calls return what the first one did.
func (g *Guard) Release() error {
	g.once.Do(func() { g.released = unix.Close(g.fd) })
	return g.released
}

// inWAL reads the file format from the header of a database.
func inWAL(fd int) error {
	var header [20]byte
	n, err := unix.Pread(fd, header[:], 0)
	switch {
	case err != nil:
		return err
	case n < len(header) || string(header[:16]) != "SQLite format 3\x00":
		return errors.New("not a SQLite database")
	case header[18] != 2 || header[19] != 2:
		return errors.New("not in WAL mode")
	}
	return nil
}

// lock takes the lock, or closes fd.
func lock(ctx context.Context, fd int) error {
	got := make(chan error, 1)
	go func() { got <- wait(fd) }()
	select {
	case err := <-got:
		if err != nil {
			err = errors.Join(err, unix.Close(fd))
		}
		return err
	case <-ctx.Done():
		go func() {
			// The system call cannot be called back; nobody is left to be told.
			_ = errors.Join(<-got, unix.Close(fd))
		}()
		return fmt.Errorf("another process holds the file exclusively: %w", context.Cause(ctx))
	}
}

func wait(fd int) error {
	for {
		err := unix.FcntlFlock(uintptr(fd), setLockWait, &unix.Flock_t{Type: unix.F_RDLCK, Start: sharedFirst, Len: sharedLen})
		if err != unix.EINTR {
			return err
		}
	}
}

func stillAt(fd int, path string) error {
	var ours, theirs syscall.Stat_t
	if err := errors.Join(syscall.Fstat(fd, &ours), syscall.Stat(path, &theirs)); err != nil {
		return err
	}
	if ours.Dev != theirs.Dev || ours.Ino != theirs.Ino {
		return errors.New("the file was replaced meanwhile")
	}
	return nil
}
