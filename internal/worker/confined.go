//go:build linux || darwin

package worker

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/walls"
)

const (
	statusFD  = 4                // on which Confine tells how far it came
	wallsTime = 30 * time.Second // to put them up, on a machine that is busy
)

// confined starts argv behind the run's walls. An error means that argv was
// never started, whatever was started around it has ended.
func (l *life) confined(argv []string, out int) (pid int, err error) {
	command, err := l.order.Walls.Wrap(argv, statusFD)
	if err != nil {
		return 0, err
	}
	status, theirs, err := statusPair()
	if err != nil {
		return 0, err
	}
	defer status.Close()
	pid, err = l.fork(command[0], command, out, theirs.Fd())
	theirs.Close()
	if pid == 0 {
		return 0, explainSpawn(err, command[0], l.order.Dir)
	}
	if err = l.heard(status); err == nil {
		return pid, nil
	}
	if id, gone := Identify(pid); gone == nil {
		_ = signalOne(id, syscall.SIGKILL) // it may be ending by itself
	}
	l.await(pid)
	return 0, err
}

// heard waits until the walls are up and the program behind them runs.
func (l *life) heard(status *net.UnixConn) error {
	if err := status.SetReadDeadline(time.Now().Add(wallsTime)); err != nil {
		return err
	}
	if l.order.Proxy != nil {
		if err := l.serveOutlet(status); err != nil {
			return err
		}
	}
	return heardConfined(status, "")
}

// heardConfined reads to the end: then the worker runs, if nothing but the mark
// was said. begun is what was read already.
func heardConfined(status io.Reader, begun string) error {
	said, err := io.ReadAll(io.LimitReader(status, 4<<10))
	switch text := begun + string(said); {
	case err != nil:
		return fmt.Errorf("the walls were not up after %s: %w", wallsTime, err)
	case text == string(walls.Confined):
		return nil
	case text != "":
		return errors.New(strings.TrimLeft(text, "+-"))
	}
	return errNoWalls
}

// errNoWalls is for bubblewrap, which says why among the output.
var errNoWalls = errors.New("the walls could not be put up")

// isFront reports whether p is one of the processes of bubblewrap that stand for worker and hook: a
// signal that asks would end them, and with them at once what they stand for.
func (l *life) isFront(p process) bool {
	return l.order.Walls != nil && l.order.Walls.Mode == walls.Bwrap && (p.pid == l.worker || p.pid == l.hook)
}
