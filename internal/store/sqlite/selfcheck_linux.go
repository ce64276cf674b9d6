package sqlite

import (
	"os"
	"path/filepath"
)

// holdsLocks reports whether descriptors of this process hold the locks of a
// write transaction on a database.
func holdsLocks(path string) (bool, error) {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return false, err
	}
	var shared, write bool
	for _, e := range fds {
		link, err := os.Readlink(filepath.Join("/proc/self/fd", e.Name()))
		switch {
		case err != nil:
		case link == path:
			shared = shared || locked(e.Name(), "READ", sharedFirst, sharedLast)
		case link == path+"-shm":
			write = write || locked(e.Name(), "WRITE", writeByte, writeByte)
		}
	}
	return shared && write, nil
}
