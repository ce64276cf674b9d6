package sqlite

import (
	"errors"

	"golang.org/x/sys/unix"
)

// networkFS names the network file system that holds a folder, "" if it is local.
func networkFS(dir string) (string, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return "", err
	}
	if fs.Flags&unix.MNT_LOCAL != 0 {
		return "", nil
	}
	return unix.ByteSliceToString(fs.Fstypename[:]), nil
}

// renameNew renames unless the new name is taken (fs.ErrExist).
func renameNew(from, to string) error {
	err := unix.RenamexNp(from, to, unix.RENAME_EXCL)
	if errors.Is(err, unix.ENOTSUP) {
		return renameUnlocked(from, to)
	}
	return err
}
