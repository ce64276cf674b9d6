package gateway

import "golang.org/x/sys/unix"

// inMemory reports whether what lies in a folder is gone with the power.
func inMemory(dir string) bool {
	var fs unix.Statfs_t
	err := unix.Statfs(dir, &fs)
	return err == nil && (uint32(fs.Type) == unix.TMPFS_MAGIC || uint32(fs.Type) == unix.RAMFS_MAGIC)
}
