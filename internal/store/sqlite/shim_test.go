package sqlite

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3/vfs"
)

// call is one call that SQLite makes of the file system. Those of the -shm
// cannot be seen: the driver keeps them to itself.
type call struct {
	op   string
	path string
	p    []byte // written, or read
	off  int64  // of p; the size, of truncate
}

// shim passes the calls about files below dir on to the system's files. before
// is asked first, and its error is the call's; after may change what was read.
// Calls come one at a time.
type shim struct {
	vfs.VFSFilename
	dir    string
	mu     sync.Mutex
	before func(call) error
	after  func(call)
}

// register makes the shim known under a name, below our own layer.
func (s *shim) register(t *testing.T, name string) string {
	t.Helper()
	s.VFSFilename = vfs.Find("").(vfs.VFSFilename)
	vfs.Register(name, roomVFS{s})
	t.Cleanup(func() { vfs.Unregister(name) })
	return name
}

// do makes a call, unless before refuses it.
func (s *shim) do(c call, real func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(c.path, s.dir) {
		return real()
	}
	if s.before != nil {
		if err := s.before(c); err != nil {
			return err
		}
	}
	err := real()
	if s.after != nil && (err == nil || err == io.EOF) {
		s.after(c)
	}
	return err
}

func (s *shim) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (f vfs.File, out vfs.OpenFlag, err error) {
	err = s.do(call{op: "open", path: name.String()}, func() error {
		f, out, err = s.VFSFilename.OpenFilename(name, flags)
		return err
	})
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, out, err
	}
	return &shimFile{f.(osFile), s, name.String()}, out, nil
}

func (s *shim) Delete(path string, syncDir bool) error {
	return s.do(call{op: "delete", path: path}, func() error { return s.VFSFilename.Delete(path, syncDir) })
}

func (s *shim) Access(path string, flags vfs.AccessFlag) (ok bool, err error) {
	err = s.do(call{op: "access", path: path}, func() error {
		ok, err = s.VFSFilename.Access(path, flags)
		return err
	})
	return ok, err
}

type shimFile struct {
	osFile
	s    *shim
	path string
}

func (f *shimFile) ReadAt(p []byte, off int64) (n int, err error) {
	err = f.s.do(call{"read", f.path, p, off}, func() error {
		n, err = f.osFile.ReadAt(p, off)
		return err
	})
	return n, err
}

func (f *shimFile) WriteAt(p []byte, off int64) (n int, err error) {
	err = f.s.do(call{"write", f.path, p, off}, func() error {
		n, err = f.osFile.WriteAt(p, off)
		return err
	})
	return n, err
}

func (f *shimFile) Truncate(size int64) error {
	return f.s.do(call{"truncate", f.path, nil, size}, func() error { return f.osFile.Truncate(size) })
}

func (f *shimFile) Sync(flags vfs.SyncFlag) error {
	return f.s.do(call{op: "sync", path: f.path}, func() error { return f.osFile.Sync(flags) })
}

func (f *shimFile) Size() (size int64, err error) {
	err = f.s.do(call{op: "size", path: f.path}, func() error {
		size, err = f.osFile.Size()
		return err
	})
	return size, err
}

func (f *shimFile) Lock(level vfs.LockLevel) error {
	return f.s.do(call{op: "lock", path: f.path}, func() error { return f.osFile.Lock(level) })
}

// copyFiles copies a database that is at rest, WAL included.
func copyFiles(t *testing.T, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(from + suffix)
		if os.IsNotExist(err) {
			continue
		}
		must(t, err)
		must(t, os.MkdirAll(filepath.Dir(to), 0o700))
		must(t, os.WriteFile(to+suffix, content, 0o600))
	}
}
