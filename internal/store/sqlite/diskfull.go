package sqlite

import (
	"errors"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// fileSystem is the name under which SQLite knows ours.
const fileSystem = "andon"

func init() { vfs.Register(fileSystem, roomVFS{vfs.Find("").(vfs.VFSFilename)}) }

// roomVFS is the driver's file system, except that it tells a full disk from a
// broken one. The driver reports both as an I/O error, and the system's own
// error is gone by the time that a statement returns.
type roomVFS struct{ vfs.VFSFilename }

// osFile is what the driver's files can do.
type osFile interface {
	vfs.FileLockState
	vfs.FileHasMoved
	vfs.FileSizeHint
	vfs.FilePersistWAL
	vfs.FilePowersafeOverwrite
	vfs.FileSharedMemory
	vfs.FileMemoryMapper
}

func (v roomVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := v.VFSFilename.OpenFilename(name, flags)
	if file, ok := f.(osFile); ok && err == nil {
		return roomFile{file}, flags, nil
	}
	return f, flags, noRoom(err)
}

type roomFile struct{ osFile }

func (f roomFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.osFile.WriteAt(p, off)
	return n, noRoom(err)
}

func (f roomFile) Truncate(size int64) error     { return noRoom(f.osFile.Truncate(size)) }
func (f roomFile) Sync(flags vfs.SyncFlag) error { return noRoom(f.osFile.Sync(flags)) }
func (f roomFile) SizeHint(size int64) error     { return noRoom(f.osFile.SizeHint(size)) }

// noRoom gives the system's "no space" and "over quota" SQLite's name.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}
