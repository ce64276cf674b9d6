//go:build linux || darwin

package worker

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// runLog is the output of a run: two generations, path and path.1, each at
// most half of the limit. It never fails its writers, for a full disk must not
// stop a worker: what cannot be kept is dropped and told by lost.
type runLog struct {
	path string
	half int64 // 0 = no limit

	mu      sync.Mutex
	file    *os.File
	size    int64
	start   int64 // offset of the file's first byte in all of the output
	dropped int64
	cause   error // of the first drop
	within  bool  // a line has begun and not ended
	notes   []byte
}

func newRunLog(path string, limit int64) *runLog {
	l := &runLog{path: path}
	if limit > 0 {
		l.half = max(limit/2, 1)
	}
	return l
}

func (l *runLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if end := bytes.IndexByte(p, '\n') + 1; end > 0 && len(l.notes) > 0 {
		l.keep(p[:end])
		l.keepNotes()
		l.keep(p[end:])
	} else {
		l.keep(p)
	}
	return len(p), nil
}

// note adds a line of Andon's own as soon as no other line is begun: one of an
// agent's is read by a program.
func (l *runLog) note(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(append(l.notes, line...), '\n')
	if !l.within {
		l.keepNotes()
	}
}

func (l *runLog) keepNotes() {
	notes := l.notes
	l.notes = nil
	l.keep(notes)
}

func (l *runLog) keep(p []byte) {
	for rest := p; len(rest) > 0; {
		n, err := l.some(rest)
		if err != nil {
			l.dropped += int64(len(rest) - n)
			if l.cause == nil {
				l.cause = err
			}
			break
		}
		rest = rest[n:]
	}
	if len(p) > 0 {
		l.within = p[len(p)-1] != '\n'
	}
}

// lastLine is what was said last, up to a line or so.
func (l *runLog) lastLine() string {
	text, err := os.ReadFile(l.path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(text[max(0, len(text)-1000):]), "?")), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}

// some writes as much of p as the current generation takes, whole lines if it can.
func (l *runLog) some(p []byte) (int, error) {
	if err := l.open(); err != nil {
		return 0, err
	}
	if room := l.half - l.size; l.half > 0 && int64(len(p)) > room {
		p = p[:max(room, 0)]
		if end := bytes.LastIndexByte(p, '\n'); end >= 0 {
			p = p[:end+1]
		} else if l.size > 0 {
			p = nil
		}
	}
	if len(p) == 0 {
		return 0, l.rotate()
	}
	n, err := l.file.Write(p)
	l.size += int64(n)
	return n, err
}

// open makes sure of a file; it tries anew after a failure.
func (l *runLog) open() error {
	if l.file != nil {
		return nil
	}
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return err
	}
	l.file, l.size = f, info.Size()
	if l.start == 0 { // another supervisor may have rotated it before
		if mark, err := read[generationEnd](filepath.Dir(l.path), endFile); err == nil && mark.Inode != inode(info) {
			l.start = mark.End
		}
	}
	return nil
}

// rotate makes the current generation the old one. Before that it notes where
// it ends, so that readers keep their offsets.
func (l *runLog) rotate() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	end := l.start + l.size
	if err := write(filepath.Dir(l.path), endFile, generationEnd{Inode: inode(info), End: end}, false); err != nil {
		return err
	}
	if err := os.Rename(l.path, l.path+".1"); err != nil {
		return err
	}
	l.start = end
	err = l.file.Close()
	l.file = nil
	return err
}

// lost ends the log and tells what was dropped, if anything was.
func (l *runLog) lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.notes) > 0 { // a line was begun and never ended
		l.keep([]byte{'\n'})
		l.keepNotes()
	}
	if l.dropped == 0 {
		return nil
	}
	return fmt.Errorf("%d bytes of output were not kept: %w", l.dropped, l.cause)
}

// tail keeps the last bytes of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailSize = 2048 // bytes

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, p[max(0, len(p)-tailSize):]...)
	t.kept = t.kept[max(0, len(t.kept)-tailSize):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(bytes.ToValidUTF8(t.kept, nil)))
}
