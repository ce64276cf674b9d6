//go:build unix

package sqlite

import (
	"os"
	"syscall"
)

// links counts the names of a file.
func links(info os.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Nlink)
	}
	return 1
}

// renameUnlocked renames unless the new name is taken; a process that takes it
// at the same moment is not noticed.
func renameUnlocked(from, to string) error {
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: os.ErrExist}
	}
	return os.Rename(from, to)
}
