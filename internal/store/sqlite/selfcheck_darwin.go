package sqlite

import (
	"os"

	"golang.org/x/sys/unix"
)

const ofdGetLock = 92 // F_OFD_GETLK

// holdsLocks asks from a second descriptor whether the locks of a write
// transaction stand in the way. The file is private, so they are ours.
func holdsLocks(path string) (bool, error) {
	shared, err := inTheWay(path, sharedFirst, sharedLast-sharedFirst+1)
	if err != nil || !shared {
		return false, err
	}
	return inTheWay(path+"-shm", writeByte, 1)
}

func inTheWay(path string, start, n int64) (bool, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return false, err
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: start, Len: n}
	err = unix.FcntlFlock(f.Fd(), ofdGetLock, &lock)
	return lock.Type != unix.F_UNLCK, err
}
