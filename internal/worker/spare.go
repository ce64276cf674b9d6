//go:build linux || darwin

package worker

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Spare is a supervisor without an order. Its identity can be recorded before
// it is told to start anything.
type Spare struct {
	id      Identity
	process *Process
	orders  *os.File
	ready   chan struct{} // closed when it hears signals
	started chan struct{} // closed when worker.json is written
	ended   chan struct{} // closed when it has ended and was reaped
	settle  func()        // tells the pool that the spare is used up
	once    sync.Once
}

const (
	spareSuffix = ".lock"
	handover    = 5 * time.Second // a spare that takes longer is not used
)

// launch starts a supervisor with a lock that lives and dies with it: the
// descriptor is locked here, inherited, and closed here.
func (p *Pool) launch() (*Spare, error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(p.Dir, rand.Text()+spareSuffix)
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), os.Remove(path))
	}
	s, err := p.fork(path, lock)
	if err != nil {
		return nil, errors.Join(err, os.Remove(path))
	}
	s.settle = p.refill
	return s, nil
}

func (p *Pool) fork(path string, lock *os.File) (*Spare, error) {
	theirs, orders, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	ready, readyTheirs, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, orders.Close())
	}
	defer readyTheirs.Close()
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	// Nothing of the gateway's environment: its worker could read it there.
	cmd.Env = []string{spareVar + "=" + path, "GOMAXPROCS=1", "GOGC=25"}
	cmd.ExtraFiles = []*os.File{theirs, lock, readyTheirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start a supervisor: %w", err), orders.Close(), ready.Close())
	}
	s := &Spare{orders: orders, ready: make(chan struct{}), started: make(chan struct{}), ended: make(chan struct{})}
	err = s.identify(cmd.Process.Pid)
	go func() {
		_ = cmd.Wait()
		close(s.ended)
	}()
	go s.hear(ready)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start a supervisor: %w", err), orders.Close())
	}
	return s, nil
}

// identify is called before anybody waits for the child, whose pid can thus
// belong to nobody else.
func (s *Spare) identify(pid int) (err error) {
	if s.id, err = Identify(pid); err != nil {
		return err
	}
	s.process, err = Open(s.id)
	return err
}

func (s *Spare) hear(ready *os.File) {
	defer ready.Close()
	for _, reached := range []chan struct{}{s.ready, s.started} {
		if n, _ := ready.Read(make([]byte, 1)); n == 0 {
			return
		}
		close(reached)
	}
}

func (s *Spare) awaitReady() error {
	patience := time.NewTimer(handover)
	defer patience.Stop()
	select {
	case <-s.ready:
		return nil
	case <-s.ended:
		return fmt.Errorf("the supervisor ended before it had an order: %w", gone(s.id.PID))
	case <-patience.C:
		return fmt.Errorf("supervisor %d is not ready after %s", s.id.PID, handover)
	}
}

func (s *Spare) alive() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

// Identity of the supervisor, to be recorded before Start.
func (s *Spare) Identity() Identity { return s.id }

// Start gives the order and "go". After an error nothing was and will be
// started. Without one, Begun tells whether the supervisor took the order up:
// it may be killed before.
func (s *Spare) Start(o Order) (*Handle, error) {
	var handle *Handle
	err := errors.New("this spare was used before")
	s.once.Do(func() {
		if err = s.tell(o); err == nil {
			handle = newHandle(o.RunDir, s.process)
			handle.started = s.started
		}
		s.used()
		if err != nil {
			err = errors.Join(err, s.process.Close())
		}
	})
	return handle, err
}

func (s *Spare) tell(o Order) error {
	if !filepath.IsAbs(o.RunDir) || !filepath.IsAbs(o.Dir) {
		return fmt.Errorf("order needs absolute folders, got %q and %q", o.RunDir, o.Dir)
	}
	line, err := json.Marshal(o)
	if err != nil {
		return err
	}
	if err := s.awaitReady(); err != nil {
		return err
	}
	if err := s.orders.SetWriteDeadline(time.Now().Add(handover)); err != nil {
		return err
	}
	_, err = s.orders.Write(append(line, "\n"+goLine...))
	return err
}

// Discard ends a spare that is not needed: it was never started. It does
// nothing after Start.
func (s *Spare) Discard() {
	s.once.Do(func() {
		s.used()
		_ = s.process.Close()
	})
}

// dismiss discards a spare and sees to it that it is gone.
func (s *Spare) dismiss() {
	s.Discard()
	select {
	case <-s.ended:
	case <-time.After(handover):
		_ = signalOne(s.id, syscall.SIGKILL)
	}
}

// used closes the pipe: end of file before "go" ends the spare.
func (s *Spare) used() {
	_ = s.orders.Close()
	s.settle()
}
