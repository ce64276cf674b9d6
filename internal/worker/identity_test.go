//go:build linux || darwin

package worker

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
)

func TestSelfIsAlive(t *testing.T) {
	t.Parallel()
	me, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	if me.PID != os.Getpid() || me.Boot == "" || me.Start == 0 || !me.Alive() {
		t.Errorf("got %+v, alive %v", me, me.Alive())
	}
}

func TestG12_ProcessWithTheSamePidIsNotSignalled(t *testing.T) {
	t.Parallel()
	id := startSleep(t)
	for name, other := range map[string]Identity{
		"recycled pid":      {Boot: id.Boot, PIDNS: id.PIDNS, PID: id.PID, Start: id.Start - 1},
		"earlier boot":      {Boot: "other", PIDNS: id.PIDNS, PID: id.PID, Start: id.Start},
		"another namespace": {Boot: id.Boot, PIDNS: id.PIDNS + 1, PID: id.PID, Start: id.Start},
	} {
		if other.Alive() {
			t.Errorf("%s: alive", name)
		}
		if err := signalOne(other, syscall.SIGKILL); !errors.Is(err, ErrGone) {
			t.Errorf("%s: signalled, %v", name, err)
		}
	}
	if !id.Alive() {
		t.Error("the process was ended by a signal for another one")
	}
}

func TestProcessDoneAndSignal(t *testing.T) {
	t.Parallel()
	id := startSleep(t)
	p, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	select {
	case <-p.Done():
		t.Fatal("done before its end")
	default:
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	wait(t, p.Done(), "a killed process")
	if id.Alive() {
		t.Error("alive after its end, maybe as a zombie")
	}
	if _, err := Identify(id.PID); !errors.Is(err, ErrGone) {
		t.Errorf("identify: %v", err)
	}
	if _, err := Open(id); !errors.Is(err, ErrGone) {
		t.Errorf("open: %v", err)
	}
}

func TestClosedProcessIsNotDone(t *testing.T) {
	t.Parallel()
	id := startSleep(t)
	p, err := Open(id)
	if err != nil {
		t.Fatal(err)
	}
	done := p.Done()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(0); err == nil || errors.Is(err, ErrGone) {
		t.Errorf("signal through a closed handle: %v", err)
	}
	select {
	case <-done:
		t.Error("a handle that was closed says that the process ended")
	default:
	}
}

// startSleep starts a process that is left a zombie until the test is over.
func startSleep(t *testing.T) Identity {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	id, err := Identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	return id
}
