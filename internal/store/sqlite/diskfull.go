package sqlite

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// fileSystem is the name under which SQLite knows ours.
const fileSystem = "andon"

func init() { vfs.Register(fileSystem, roomVFS{vfs.Find("").(vfs.VFSFilename)}) }

// roomVFS is the driver's file system, except that a latched database takes no
// more bytes, and that it tells a full disk from a broken one. The driver
// reports both as an I/O error, and the system's own error is gone by the time
// that a statement returns.
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
	Fd() uintptr
	Stat() (os.FileInfo, error)
}

func (v roomVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFSFilename.OpenFilename(name, flags)
	file, ok := f.(osFile)
	if err != nil || !ok {
		return f, out, noRoom(err)
	}
	room := &roomFile{osFile: file}
	if flags&(vfs.OPEN_WAL|vfs.OPEN_MAIN_JOURNAL) != 0 {
		room.main = roomOf(name.DatabaseFile())
	}
	return room, out, nil
}

type roomFile struct {
	osFile
	latch *latch    // of the database; nil = none
	main  *roomFile // of a WAL: the database, whose latch counts
}

// roomOf finds our file below what the driver wraps around it.
func roomOf(f any) *roomFile {
	for {
		switch file := f.(type) {
		case *roomFile:
			return file
		case vfs.FileUnwrap:
			f = file.Unwrap()
		default:
			return nil
		}
	}
}

// fuse is the latch that this file is under, or nil.
func (f *roomFile) fuse() *latch {
	if f.main != nil {
		return f.main.fuse()
	}
	return f.latch
}

// change makes one change to the file unless the database is latched: a commit
// or checkpoint that is under way when the latch falls ends there. It latches
// if the change fails, since SQLite keeps the errors of its own checkpoints to
// itself, and what a failed sync has lost no later one will tell of.
func (f *roomFile) change(do func() error) error {
	l := f.fuse()
	if l == nil {
		return noRoom(do())
	}
	if why := l.err(); why != nil {
		return vfs.SystemError(why, sqlite3.IOERR_WRITE)
	}
	err := do()
	if err != nil && !isNoRoom(err) {
		l.set("%w", err)
	}
	return noRoom(err)
}

func (f *roomFile) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.osFile.ReadAt(p, off)
	if l := f.fuse(); l != nil && err != nil && !errors.Is(err, io.EOF) {
		l.set("%w", err)
	}
	return n, err
}

func (f *roomFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.change(func() error {
		n, err = f.osFile.WriteAt(p, off)
		return err
	})
	return n, err
}

func (f *roomFile) Truncate(size int64) error {
	return f.change(func() error { return f.osFile.Truncate(size) })
}

func (f *roomFile) SizeHint(size int64) error {
	return f.change(func() error { return f.osFile.SizeHint(size) })
}

func (f *roomFile) Sync(flags vfs.SyncFlag) error {
	return f.change(func() error { return f.osFile.Sync(flags) })
}

// noRoom gives the system's "no space" and "over quota" SQLite's name.
func noRoom(err error) error {
	if isNoRoom(err) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}

func isNoRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}
