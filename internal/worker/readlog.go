//go:build linux || darwin

package worker

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// generationEnd says at which offset of a run's output a file ends that is, or
// is about to be, the old generation.
type generationEnd struct {
	Inode uint64 `json:"inode"`
	End   int64  `json:"end"`
}

func inode(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Ino
	}
	return 0
}

// Log reads a run's output over its two generations, while it is written.
// Offsets count from the first byte that the run ever wrote.
type Log struct{ dir string }

// OpenLog returns the log of a run. It need not exist yet.
func OpenLog(runDir string) *Log { return &Log{dir: runDir} }

// view is one look at both generations.
type view struct {
	old, current         *os.File // nil if there is none
	oldStart, start, end int64
}

func (v *view) close() {
	for _, f := range []*os.File{v.old, v.current} {
		if f != nil {
			_ = f.Close()
		}
	}
}

var errRotating = errors.New("the log was rotated meanwhile")

// look opens both generations; if they are rotated just then it looks again.
func (l *Log) look() (*view, error) {
	for range 100 {
		v, err := l.lookOnce()
		if !errors.Is(err, errRotating) {
			return v, err
		}
		v.close()
	}
	return nil, fmt.Errorf("%s: %w", l.dir, errRotating)
}

func (l *Log) lookOnce() (v *view, err error) {
	v = &view{}
	mark, err := read[generationEnd](l.dir, endFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return v, err
	}
	var oldSize, size int64
	var oldInode, currentInode uint64
	if v.old, oldSize, oldInode, err = openGeneration(filepath.Join(l.dir, OldLogFile)); err != nil {
		return v, err
	}
	if v.current, size, currentInode, err = openGeneration(filepath.Join(l.dir, LogFile)); err != nil {
		return v, err
	}
	switch {
	case mark.Inode != 0 && mark.Inode == oldInode:
		v.start = mark.End
	case mark.Inode != 0 && mark.Inode == currentInode:
		v.start = mark.End - size // full, about to become the old one
	case mark.Inode != 0 || v.old != nil:
		return v, errRotating
	}
	v.oldStart, v.end = v.start-oldSize, v.start+size
	if v.start < oldSize || v.end < v.start {
		return v, fmt.Errorf("%s says %d, which cannot be", filepath.Join(l.dir, endFile), mark.End)
	}
	return v, nil
}

func openGeneration(path string) (*os.File, int64, uint64, error) {
	f, err := OpenRegular(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, 0, nil
	}
	if err != nil {
		return nil, 0, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, 0, 0, err
	}
	return f, info.Size(), inode(info), nil
}

// Bounds are the offsets of the oldest kept byte and of the present end.
func (l *Log) Bounds() (start, end int64, err error) {
	v, err := l.look()
	if err != nil {
		return 0, 0, err
	}
	defer v.close()
	return v.oldStart, v.end, nil
}

// ReadAt reads from an offset within Bounds.
func (l *Log) ReadAt(p []byte, at int64) (n int, err error) {
	v, err := l.look()
	if err != nil {
		return 0, err
	}
	defer v.close()
	if at < v.oldStart {
		return 0, fmt.Errorf("offset %d is no longer kept: %w", at, fs.ErrNotExist)
	}
	if at < v.start {
		part := p[:min(int64(len(p)), v.start-at)]
		if n, err = v.old.ReadAt(part, at-v.oldStart); err != nil || n == len(p) {
			return n, err
		}
		at += int64(n)
	}
	if v.current == nil {
		return n, io.EOF
	}
	m, err := v.current.ReadAt(p[n:], at-v.start)
	return n + m, err
}

// Close is a no-op: nothing is kept open between looks.
func (l *Log) Close() error { return nil }
