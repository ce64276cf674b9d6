package worker

import (
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Process is a handle on one process. There is no pidfd here: the identity is
// checked just before each signal, and looked at again to see the end.
type Process struct {
	id     Identity
	watch  sync.Once
	done   chan struct{}
	closed chan struct{}
	close  sync.Once
}

// Open takes a handle on the process that id names. The error wraps ErrGone if
// it has ended. Close the handle.
func Open(id Identity) (*Process, error) {
	if err := id.verify(); err != nil {
		return nil, err
	}
	return &Process{id: id, done: make(chan struct{}), closed: make(chan struct{})}, nil
}

// Signal sends sig to the process; the error wraps ErrGone if it has ended.
func (p *Process) Signal(sig syscall.Signal) error {
	if err := p.id.verify(); err != nil {
		return err
	}
	err := syscall.Kill(p.id.PID, sig)
	if errors.Is(err, unix.ESRCH) {
		return gone(p.id.PID)
	}
	if err != nil {
		return fmt.Errorf("send %s to process %d: %w", unix.SignalName(sig), p.id.PID, err)
	}
	return nil
}

// Done is closed when the process has ended. It is never closed once Close was
// called first.
func (p *Process) Done() <-chan struct{} {
	p.watch.Do(func() { go p.await() })
	return p.done
}

// await looks again and again: an EVFILT_PROC filter is by pid, and would have
// to be checked in the same way.
func (p *Process) await() {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for p.id.Alive() {
		select {
		case <-p.closed:
			return
		case <-tick.C:
		}
	}
	close(p.done)
}

// Close gives the handle back; the process goes on.
func (p *Process) Close() error {
	p.close.Do(func() { close(p.closed) })
	return nil
}
