package jsonfile

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// File is a state that several goroutines and processes share.
type File[T any] struct {
	path string

	mu      sync.Mutex
	cached  *T
	version version
}

// version tells one state of the file from the next.
type version struct {
	inode uint64
	mtime time.Time
	size  int64
}

// New returns the file at a path. Nothing is read or made.
func New[T any](path string) *File[T] { return &File[T]{path: path} }

// Path is where the file stands.
func (f *File[T]) Path() string { return f.path }

// Read returns what the file holds now, the zero T if there is none. Whoever
// gets it must not change it.
func (f *File[T]) Read() (*T, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.load()
}

func (f *File[T]) load() (*T, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.cached, f.version = nil, version{}
		return new(T), nil
	}
	if err != nil {
		return nil, err
	}
	now := version{mtime: info.ModTime(), size: info.Size()}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		now.inode = s.Ino
	}
	if f.cached != nil && f.version == now {
		return f.cached, nil
	}
	raw, err := os.ReadFile(f.path)
	if err != nil {
		return nil, err
	}
	state := new(T)
	if err := json.Unmarshal(raw, state); err != nil {
		return nil, DamagedError{err}
	}
	f.cached, f.version = state, now
	return state, nil
}

// Change replaces the file by what do makes of it. Other processes that do the
// same wait. An error of do changes nothing.
func (f *File[T]) Change(do func(*T) error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	release, err := f.lock()
	if err != nil {
		return WriteError{err}
	}
	defer release()
	f.cached = nil
	state, err := f.load()
	if err != nil {
		return err
	}
	f.cached = nil // a change that fails leaves nothing in memory
	if err := do(state); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	if err := Replace(f.path, append(raw, '\n')); err != nil {
		return WriteError{err}
	}
	return nil
}

// lock keeps other processes from changing the file.
func (f *File[T]) lock() (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(f.path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() { lock.Close() }, nil
}

// SetAside moves a damaged file out of its place, over what was moved there before,
// and returns where to: "" if it is not damaged.
func (f *File[T]) SetAside() (to string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	release, err := f.lock()
	if err != nil {
		return "", WriteError{err}
	}
	defer release()
	if _, err := f.load(); err == nil {
		return "", nil
	} else if _, damaged := errors.AsType[DamagedError](err); !damaged {
		return "", err
	}
	to = f.path + Aside
	if err := os.Rename(f.path, to); err != nil {
		return "", WriteError{err}
	}
	return to, nil
}

// Aside is what SetAside writes behind a file's name.
const Aside = ".damaged"

// DamagedError is a file that holds no such state.
type DamagedError struct{ error }

// Unwrap gives what is wrong with it.
func (e DamagedError) Unwrap() error { return e.error }

// WriteError is a change that could not be written; nothing was changed.
type WriteError struct{ error }

// Unwrap gives what went wrong.
func (e WriteError) Unwrap() error { return e.error }

// Replace writes a file that only its owner can read, whole or not at all. It is
// durable when it returns.
func Replace(path string, raw []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(raw)
	if err := errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
