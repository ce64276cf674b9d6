package sqlite

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

const (
	lockSuffix = ".andon.lock"
	lockWait   = 10 * time.Second
)

// lockFile takes the flock (LOCK_EX or LOCK_SH) of a file of ours, made if need
// be, and waits for it in the kernel's queue, which is fair. It is never a
// database file.
//
// Errors: unavailable if it is not free within lockWait.
func lockFile(ctx context.Context, path string, how int) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "cannot lock %s: %w", path, err).Hint("check owner and mode of the folder")
	}
	if flock(f, how|unix.LOCK_NB) == nil {
		return func() { f.Close() }, nil
	}
	got := make(chan error, 1)
	go func() { got <- flock(f, how) }()
	timeout := time.NewTimer(lockWait)
	defer timeout.Stop()
	select {
	case err = <-got:
		if err == nil {
			return func() { f.Close() }, nil
		}
		f.Close()
	case <-timeout.C:
		err = context.DeadlineExceeded
		go abandon(f, got)
	case <-ctx.Done():
		err = ctx.Err()
		go abandon(f, got)
	}
	return nil, kanban.Errorf(kanban.Unavailable, "another process of Andon holds %s: %w", strings.TrimSuffix(path, lockSuffix), err).
		Hint("try again; lsof or fuser names the processes that have it open")
}

// abandon gives a lock back that came too late.
func abandon(f *os.File, got <-chan error) {
	_ = errors.Join(<-got, f.Close()) // nobody waits for it any more
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if err != unix.EINTR {
			return err
		}
	}
}
