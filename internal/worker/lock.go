//go:build linux || darwin

package worker

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Locked reports whether the run's supervisor lives, wherever it can be seen
// from: the lock of runs/ID/lock dies with it. A run that was not begun is not
// locked.
func Locked(runDir string) (bool, error) { return locked(filepath.Join(runDir, lockFile)) }

// locked asks for a shared lock, so that two who ask do not see one another.
func locked(path string) (bool, error) {
	err := share(path, syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return false, err
}

// share takes the lock and gives it back at once.
func share(path string, flag int) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|flag)
		if !errors.Is(err, syscall.EINTR) {
			return errors.Join(err, f.Close())
		}
	}
}
