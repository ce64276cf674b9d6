package file

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/andon-dev/andon/internal/notify"
)

// Sink appends to its file or, if a subscription names a target, to another
// file in the same folder. It is safe for concurrent use.
type Sink struct {
	path string

	mu sync.Mutex
}

// New returns a sink that writes to an absolute path; nothing is opened yet.
func New(path string) *Sink { return &Sink{path: path} }

// Send implements notify.Sink. It returns once the line is on disk.
//
// Errors: permanent if the target is not an absolute path in the sink's folder,
// or not a regular file. Who may subscribe may not therefore write anywhere.
func (s *Sink) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, s.append(m)
}

func (s *Sink) append(m notify.Message) error {
	if !filepath.IsAbs(s.path) {
		return notify.Permanent(errors.New("the path of the sink is not absolute"))
	}
	dir, name, err := place(s.path, m.Target)
	if err != nil {
		return notify.Permanent(err)
	}
	line, err := json.Marshal(m)
	if err != nil {
		return notify.Permanent(fmt.Errorf("the message cannot be written as JSON: %w", err))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return appendLine(dir, name, append(line, '\n'))
}

// CheckTarget tells whether a subscription to a sink with this path may name a
// target.
func CheckTarget(path, target string) error {
	_, _, err := place(path, target)
	return err
}

// place is the folder of the sink, and the file in it.
func place(path, target string) (dir, name string, err error) {
	dir, name = filepath.Split(filepath.Clean(path))
	if target == "" {
		return dir, name, nil
	}
	if !filepath.IsAbs(target) {
		return "", "", errors.New("the target is not an absolute path")
	}
	name, err = filepath.Rel(dir, target)
	if err != nil || !filepath.IsLocal(name) {
		return "", "", fmt.Errorf("the target is outside %s, the folder of the sink", dir)
	}
	return dir, name, nil
}

// appendLine goes through the folder's descriptor: no link leads out of it.
func appendLine(dir, name string, line []byte) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	_, err = root.Stat(name)
	created := errors.Is(err, fs.ErrNotExist)
	// Read-write, because a pipe opened for writing alone waits for a reader.
	f, err := root.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return notify.Permanent(errors.New("the target is not a regular file"))
	}
	if torn, err := endsTorn(f, info.Size()); err != nil {
		return err
	} else if torn {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(line); err != nil {
		return err
	}
	if err := f.Sync(); err != nil || !created {
		return err
	}
	return syncDir(root, filepath.Dir(name))
}

// endsTorn reports whether the last line was cut off by a full disk or a crash:
// the next one must not be glued to it.
func endsTorn(f *os.File, size int64) (bool, error) {
	if size == 0 {
		return false, nil
	}
	last := make([]byte, 1)
	_, err := f.ReadAt(last, size-1)
	return err == nil && last[0] != '\n', err
}

func syncDir(root *os.Root, name string) error {
	d, err := root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
