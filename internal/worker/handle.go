//go:build linux || darwin

package worker

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Handle watches the supervisor of a run, whether this process started it or
// adopts it. It owns nothing: the run goes on without it.
type Handle struct {
	supervisor *Process
	started    chan struct{} // nil if an earlier gateway started it
	done       chan struct{}
	closing    sync.Once
	closed     chan struct{}
}

// Adopt takes a handle on a supervisor that an earlier gateway started. The
// error wraps ErrGone if it has ended: ReadExit tells how, and without an exit
// KillTree must clear what it left.
func Adopt(runDir string, supervisor Identity) (*Handle, error) {
	p, err := Open(supervisor)
	if err != nil {
		return nil, err
	}
	return newHandle(runDir, p), nil
}

func newHandle(runDir string, supervisor *Process) *Handle {
	h := &Handle{supervisor: supervisor, done: make(chan struct{}), closed: make(chan struct{})}
	go h.watch(filepath.Join(runDir, lockFile))
	return h
}

func (h *Handle) watch(lock string) {
	select {
	case <-h.supervisor.Done():
		// A child on its way to exec may hold the lock for a moment longer.
		// Without a lock file the run was never begun.
		_ = share(lock, 0)
		close(h.done)
	case <-h.closed:
	}
	_ = h.supervisor.Close()
}

// Started is closed when the worker runs and ReadStarted tells which process it
// is. It is nil after Adopt.
func (h *Handle) Started() <-chan struct{} { return h.started }

// Done is closed when the supervisor is gone and its lock is free. If it was
// not killed, ReadExit has the result and the whole tree is gone.
func (h *Handle) Done() <-chan struct{} { return h.done }

// Finish tells the supervisor that the run has ended in the database: the tree
// may linger for Order.StopGrace, then it gets TERM, and KILL as long again
// but at most 5 s later. The error wraps ErrGone if the supervisor has ended.
func (h *Handle) Finish() error { return h.signal(syscall.SIGUSR1) }

// Stop ends the tree: TERM at once, KILL after Order.StopGrace. The error
// wraps ErrGone if the supervisor has ended.
func (h *Handle) Stop() error { return h.signal(syscall.SIGTERM) }

// Kill ends the supervisor itself, for one that does not obey. It leaves no
// exit, and the tree to KillTree.
func (h *Handle) Kill() error { return h.signal(syscall.SIGKILL) }

func (h *Handle) signal(sig syscall.Signal) error {
	err := h.supervisor.Signal(sig)
	if errors.Is(err, os.ErrClosed) {
		return gone(h.supervisor.id.PID)
	}
	return err
}

// Close stops watching and leaves the run as it is. Done is not closed by it.
func (h *Handle) Close() { h.closing.Do(func() { close(h.closed) }) }
