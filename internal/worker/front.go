//go:build linux || darwin

package worker

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Front is the folder of a run whose worker is started by a program that is no
// supervisor, such as `andon run` in a terminal. It leaves there what a
// supervisor would: the file that marks the tree, the output, and how the worker
// ended. It holds no lock, so that KillTree may clear the run while the front
// lives: it may have been suspended.
type Front struct {
	dir string
	log *runLog
}

// NewFront takes up the run in a folder.
func NewFront(runDir string, logLimit int64) *Front {
	return &Front{dir: runDir, log: newRunLog(filepath.Join(runDir, LogFile), logLimit)}
}

// Tree opens the file whose descriptor marks the processes of the run that
// inherit it. It is the caller's to close as soon as they have it: until then it
// marks the caller, too.
func (f *Front) Tree() (*os.File, error) {
	return os.OpenFile(filepath.Join(f.dir, treeFile), os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
}

// Log takes the worker's output. It never fails.
func (f *Front) Log() io.Writer { return f.log }

// Tail is the end of what Log took.
func (f *Front) Tail() string {
	raw, err := os.ReadFile(filepath.Join(f.dir, LogFile))
	if err != nil {
		return ""
	}
	return string(raw[max(0, len(raw)-tailSize):])
}

// Started notes the main process of the run.
func (f *Front) Started(pid int) error {
	id, err := Identify(pid)
	if errors.Is(err, ErrGone) {
		return nil // it was quick; its exit tells more
	}
	if err != nil {
		return err
	}
	return write(f.dir, startedFile, Started{Worker: id, At: time.Now()}, false)
}

// End notes how the worker ended, once nothing of its tree is left.
func (f *Front) End(e Exit) error {
	if lost := f.log.lost(); lost != nil {
		e.Notes = append(e.Notes, lost.Error())
	}
	return write(f.dir, exitFile, e, true)
}
