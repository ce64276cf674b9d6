//go:build linux || darwin

package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/proxy"
	"github.com/andon-dev/andon/internal/store/sqlite/guard"
	"github.com/andon-dev/andon/internal/walls"
)

// life is a run as its supervisor sees it. One goroutine does everything but
// the copying of output.
type life struct {
	order Order
	log   *runLog
	lock  *os.File // held, never used
	null  *os.File
	in    *os.File // of the worker that is being started; nil = null
	tree  *os.File
	ready *os.File // tells the gateway how far it is
	proxy *proxy.Proxy

	child, stop, finish <-chan os.Signal

	// When what is due; zero = not planned.
	timer                         *time.Timer
	deadline, term, kill, hookEnd time.Time

	asked   bool // the tree got TERM
	killing bool // what is found of the tree is killed
	worker  int  // pid of the worker
	hook    int  // pid of the running hook
	spared  int  // pid of the running hook, if it is one after the worker's end

	exit Exit
}

const lastGrace = 5 * time.Second // the longest time between TERM and KILL where nobody waits for the end

// run is the life of a run from "go" to the proof that its tree is gone.
func (l *life) run() {
	l.exit.Code = -1
	var output *capture
	err := l.hold()
	if err == nil {
		err = l.before()
	}
	if err == nil && !l.ending() {
		if len(l.order.Checks) > 0 {
			l.check()
		} else {
			output, err = l.start()
		}
	}
	if l.ending() {
		l.because(Stopped)
	}
	if err != nil && l.because(SpawnFailed) {
		l.exit.Error = err.Error()
	}
	if l.exit.Started.IsZero() {
		l.exit.Ended = time.Now()
		l.plan(0)
	}
	l.await(everything)
	if output != nil {
		l.note(output.finish())
	}
	l.note(l.log.lost())
}

// guardWait is how long another process may have the database to itself.
const guardWait = 10 * time.Second

// hold guards the database that the worker writes itself, to the end of this
// process: after it, nothing of the worker is left.
func (l *life) hold() error {
	if l.order.Guard == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), guardWait)
	defer cancel()
	if _, err := guard.Hold(ctx, l.order.Guard); err != nil {
		return fmt.Errorf("the board cannot be guarded against what its worker does to it: %w", err)
	}
	return nil
}

// before runs the hooks that prepare the worker's start, up to the first failure.
func (l *life) before() error {
	for _, argv := range l.order.Before {
		if l.ending() {
			return nil
		}
		if err := l.runHook(argv, false); err != nil {
			return err
		}
	}
	return nil
}

// start starts the worker and stays with it until its main process and the
// hooks after it have ended. An error means that it was never started.
func (l *life) start() (*capture, error) {
	output, out, err := newCapture(l.log)
	if err != nil {
		return nil, err
	}
	pid, err := l.spawnWorker(out)
	_ = syscall.Close(out)
	if errors.Is(err, errNoWalls) {
		l.note(output.settle())
		err = fmt.Errorf("%w: %s", err, l.log.lastLine())
	}
	if err != nil {
		return output, err
	}
	l.worker, l.exit.Started = pid, time.Now()
	l.note(l.publish(pid))
	if l.order.Timeout > 0 {
		l.deadline = l.exit.Started.Add(l.order.Timeout)
		l.arm()
	}
	status := l.await(pid)
	l.exit.Ended, l.deadline = time.Now(), time.Time{}
	l.exit.Code, l.exit.Signal = result(status)
	if l.order.Group != "" && walls.RanOutOfMemory(l.order.Group) {
		l.note(output.settle())
		fmt.Fprintln(l.log, "andon: the run used more memory than its lane allows")
	}
	l.because(Exited)
	if l.asked {
		l.signal(syscall.SIGTERM) // for what it forked while it was asked
	}
	l.plan(l.order.StopGrace)
	l.note(output.settle()) // hooks come after it in the log, too
	for _, argv := range l.order.After {
		l.note(l.runHook(argv, true))
	}
	return output, nil
}

// publish writes worker.json. The worker cannot be gone from the table: only
// this goroutine reaps.
func (l *life) publish(pid int) error {
	p, err := lookup(pid)
	if err != nil {
		return err
	}
	id, err := p.identity()
	if err != nil {
		return err
	}
	if err := write(l.order.RunDir, startedFile, Started{Worker: id, At: l.exit.Started}, false); err != nil {
		return err
	}
	_ = l.tell() // a gateway that has gone reads worker.json
	return nil
}

func result(status syscall.WaitStatus) (code int, sig string) {
	if status.Signaled() {
		return -1, unix.SignalName(status.Signal())
	}
	return status.ExitStatus(), ""
}

// because sets the reason of the end; the first one counts.
func (l *life) because(reason string) bool {
	first := l.exit.Reason == ""
	if first {
		l.exit.Reason = reason
	}
	return first
}

func (l *life) note(err error) {
	if err != nil && !slices.Contains(l.exit.Notes, err.Error()) {
		l.exit.Notes = append(l.exit.Notes, err.Error())
	}
}

// plan ends the tree: TERM after the linger, KILL some grace later. What was
// planned for an earlier time stays.
func (l *life) plan(linger time.Duration) {
	grace := l.order.StopGrace
	if l.exit.Reason != Stopped && l.exit.Reason != TimedOut {
		grace = min(grace, lastGrace)
	}
	term := time.Now().Add(linger)
	if !l.asked {
		l.term = earlier(l.term, term)
	}
	if !l.killing {
		l.kill = earlier(l.kill, term.Add(grace))
	}
	l.arm()
}

func (l *life) ending() bool { return l.killing || !l.kill.IsZero() }

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// everything is what await waits for to prove that nothing of the tree is left.
const everything = 0

// await returns when child pid has ended; meanwhile it obeys signals and
// deadlines.
func (l *life) await(pid int) syscall.WaitStatus {
	for {
		status, over := l.reap(pid)
		if over {
			return status
		}
		if l.killing {
			l.signal(syscall.SIGKILL) // also what a process forked just before it was killed
		}
		l.next()
	}
}

// reap collects every child that has ended; nothing else in this process waits
// for one. No child left is the proof that the tree is gone: the children of
// whatever ended have become ours.
func (l *life) reap(pid int) (status syscall.WaitStatus, over bool) {
	for {
		var s syscall.WaitStatus
		child, err := syscall.Wait4(-1, &s, syscall.WNOHANG, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil: // ECHILD
			return status, over || !l.anyStray()
		case child == 0:
			return status, over
		case child == pid:
			status, over = s, true
		}
	}
}

// next waits for one event.
func (l *life) next() {
	select {
	case <-l.child:
	case <-l.stop:
		l.because(Stopped)
		l.plan(0)
	case <-l.finish:
		l.deadline = time.Time{}
		l.plan(l.order.StopGrace)
	case <-l.timer.C:
		l.due(time.Now())
	}
}

// due does what its time has come for.
func (l *life) due(now time.Time) {
	if passed(&l.deadline, now) {
		l.because(TimedOut)
		l.plan(0)
	}
	if passed(&l.hookEnd, now) {
		l.endHook()
	}
	if passed(&l.term, now) {
		l.asked = true
		outlived := l.signal(syscall.SIGTERM)
		if l.exit.Reason == Exited && len(outlived) > 0 {
			l.note(fmt.Errorf("outlived the worker and was ended: %s", names(outlived)))
		}
	}
	if passed(&l.kill, now) {
		l.killing = true
		l.kill = now.Add(time.Second) // look again, whatever happens
	}
	l.arm()
}

func passed(t *time.Time, now time.Time) bool {
	if t.IsZero() || now.Before(*t) {
		return false
	}
	*t = time.Time{}
	return true
}

func (l *life) arm() {
	var next time.Time
	for _, t := range []time.Time{l.deadline, l.hookEnd, l.term, l.kill} {
		if !t.IsZero() {
			next = earlier(next, t)
		}
	}
	if next.IsZero() {
		l.timer.Stop()
		return
	}
	l.timer.Reset(time.Until(next))
}

// signal sends sig to the tree, and returns whom it found there.
func (l *life) signal(sig syscall.Signal) []process {
	t, err := snapshot()
	if err != nil {
		l.note(err)
		return nil
	}
	found := append(t.below(l.spared, os.Getpid()), t.strays(l.order.RunDir)...)
	if sig != syscall.SIGKILL {
		found = slices.DeleteFunc(found, l.isFront)
	}
	l.note(signalAll(found, sig))
	return found
}
