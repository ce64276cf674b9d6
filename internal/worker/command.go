//go:build linux || darwin

package worker

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"time"
)

// check runs the checks, up to the first that fails.
func (l *life) check() {
	l.exit.Started = time.Now()
	for _, argv := range l.order.Checks {
		if l.ending() {
			break
		}
		fmt.Fprintf(l.log, "andon: verifying: %s\n", strings.Join(argv, " "))
		c := l.command(argv, false)
		l.exit.Checks = append(l.exit.Checks, c)
		if l.exit.Code = c.Code; !c.Passed() {
			break
		}
	}
	l.exit.Ended = time.Now()
	if !l.ending() {
		l.because(Exited)
	}
	l.plan(0)
}

// runHook runs one hook to its end. After the worker's end a hook is spared
// when the rest of the tree is ended.
func (l *life) runHook(argv []string, after bool) error {
	c := l.command(argv, after)
	if c.Passed() {
		return nil
	}
	name, how := strings.Join(argv, " "), c.Fault()
	if c.Error != "" {
		return fmt.Errorf("hook %s: %s", name, how)
	}
	if c.Said != "" {
		how += ": " + c.Said
	}
	return fmt.Errorf("hook %s %s", name, how)
}

// command runs a hook or a check.
func (l *life) command(argv []string, after bool) Check {
	var said tail
	c := Check{Argv: argv, Code: -1}
	output, out, err := newCapture(io.MultiWriter(l.log, &said))
	if err != nil {
		c.Error = err.Error()
		return c
	}
	pid, err := l.spawn(argv, out)
	_ = syscall.Close(out)
	if err != nil {
		l.note(output.finish())
		if errors.Is(err, errNoWalls) {
			err = fmt.Errorf("%w: %s", err, said.String())
		}
		c.Error = err.Error()
		return c
	}
	l.hook = pid
	if after {
		l.spared = pid
	}
	if l.order.HookTimeout > 0 {
		l.hookEnd = time.Now().Add(l.order.HookTimeout)
		l.arm()
	}
	status := l.await(pid)
	c.Late = l.order.HookTimeout > 0 && l.hookEnd.IsZero()
	l.hook, l.spared, l.hookEnd = 0, 0, time.Time{}
	l.note(output.finish())
	c.Code, c.Signal = result(status)
	c.Said = said.String()
	return c
}

// endHook kills a hook that took too long, and what it started.
func (l *life) endHook() {
	t, err := snapshot()
	if err != nil {
		l.note(err)
		return
	}
	l.note(signalAll(append(t.below(0, l.hook), t[l.hook]), syscall.SIGKILL))
}
