package worker

import (
	"os"
	"syscall"
)

const openFDs = "/dev/fd" // folder of the caller's descriptors

// becomeReaper does nothing: there are no subreapers here, so what daemonises
// is found by its session or its environment, as strays.
func becomeReaper() error { return nil }

// strays are processes of a run that are not below its supervisor.
func (t table) strays(runDir string) []process {
	found, err := t.ofRun(runDir)
	if err != nil {
		return nil
	}
	return found
}

func (l *life) anyStray() bool {
	t, err := snapshot()
	return err != nil || len(t.strays(l.order.RunDir)) > 0
}

// inSession reports whether p is in the session that worker led.
func (t table) inSession(p process, worker Identity) bool {
	leader, recycled := t[worker.PID]
	if recycled && leader.start != worker.Start {
		return false
	}
	return worker.PID != 0 && p.session == worker.PID && p.start >= worker.Start
}

// into is for systems with cgroups.
func into(*syscall.SysProcAttr, *os.File) {}
