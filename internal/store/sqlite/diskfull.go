package sqlite

import (
	"errors"
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

// latched is asked before every byte: a commit or checkpoint that is under way
// when the latch falls ends there.
func (f *roomFile) latched() error {
	if f.main != nil {
		return f.main.latched()
	}
	if f.latch == nil || f.latch.err() == nil {
		return nil
	}
	return vfs.SystemError(f.latch.err(), sqlite3.IOERR_WRITE)
}

func (f *roomFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.latched(); err != nil {
		return 0, err
	}
	n, err := f.osFile.WriteAt(p, off)
	return n, noRoom(err)
}

func (f *roomFile) Truncate(size int64) error {
	if err := f.latched(); err != nil {
		return err
	}
	return noRoom(f.osFile.Truncate(size))
}

func (f *roomFile) SizeHint(size int64) error {
	if err := f.latched(); err != nil {
		return err
	}
	return noRoom(f.osFile.SizeHint(size))
}

func (f *roomFile) Sync(flags vfs.SyncFlag) error { return noRoom(f.osFile.Sync(flags)) }

// noRoom gives the system's "no space" and "over quota" SQLite's name.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return vfs.SystemError(err, sqlite3.FULL)
	}
	return err
}
