package worker

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Process is a handle (pidfd) on one process: what it signals and watches can
// never be a later process with the same pid.
type Process struct {
	id    Identity
	pidfd *os.File
	watch sync.Once
	done  chan struct{}
}

// Open takes a handle on the process that id names. The error wraps ErrGone if
// it has ended. Close the handle.
func Open(id Identity) (*Process, error) {
	fd, err := unix.PidfdOpen(id.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil, gone(id.PID)
	}
	if err != nil {
		return nil, fmt.Errorf("open process %d: %w", id.PID, err)
	}
	// Non-blocking makes the runtime poll it.
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(fmt.Errorf("open process %d: %w", id.PID, err), unix.Close(fd))
	}
	p := &Process{id: id, pidfd: os.NewFile(uintptr(fd), "pidfd"), done: make(chan struct{})}
	// From here on the handle belongs to one process: is it the right one?
	if err := id.verify(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Signal sends sig to the process; the error wraps ErrGone if it has ended.
func (p *Process) Signal(sig syscall.Signal) error {
	raw, err := p.pidfd.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Control(func(fd uintptr) { sent = unix.PidfdSendSignal(int(fd), sig, nil, 0) }); err != nil {
		return os.ErrClosed
	}
	if errors.Is(sent, unix.ESRCH) {
		return gone(p.id.PID)
	}
	if sent != nil {
		return fmt.Errorf("send %s to process %d: %w", unix.SignalName(sig), p.id.PID, sent)
	}
	return nil
}

// Done is closed when the process has ended, all its threads included. It is
// never closed once Close was called first.
func (p *Process) Done() <-chan struct{} {
	p.watch.Do(func() {
		raw, err := p.pidfd.SyscallConn()
		if err != nil {
			return
		}
		go func() {
			if raw.Read(ended) == nil {
				close(p.done)
			}
		}()
	})
	return p.done
}

// ended is asked by the runtime each time the pidfd becomes readable.
func ended(fd uintptr) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(poll, 0)
	return err == nil && n == 1 && poll[0].Revents&unix.POLLIN != 0
}

// Close gives the handle back; the process goes on.
func (p *Process) Close() error { return p.pidfd.Close() }
