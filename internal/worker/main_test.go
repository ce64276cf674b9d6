//go:build linux || darwin

package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/andon-dev/andon/internal/walls"
)

// The test binary is its own supervisor, and the program of some workers.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(Supervise())
		case "confine":
			os.Exit(walls.Confine(os.Args[2:]))
		case "inside":
			dir, ok := InsideRun()
			_ = os.WriteFile(os.Args[2], fmt.Appendln(nil, ok, dir), 0o600)
			os.Exit(0)
		}
	}
	os.Exit(m.Run())
}

var ignoreTimes = cmpopts.IgnoreFields(Exit{}, "Started", "Ended")

const patience = 30 * time.Second // before a test that hangs says where

func newTestPool(t *testing.T, size int) *Pool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(PoolOptions{Command: []string{self, "supervise"}, Dir: filepath.Join(t.TempDir(), "spares"), Size: size})
	t.Cleanup(p.Close)
	return p
}

// testRun is a run with real processes, and a pipe on which they can tell the
// test how far they are.
type testRun struct {
	*Handle
	t     *testing.T
	dir   string
	sup   Identity
	said  *bufio.Reader
	order Order
	spare *Spare
}

// newRun prepares a run of a shell script. $TELL is the path of its pipe.
func newRun(t *testing.T, script string) *testRun {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "runs", "r_1")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	tell := newFifo(t)
	f, err := os.OpenFile(tell, os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if err := f.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &testRun{t: t, dir: dir, said: bufio.NewReader(f), order: Order{
		RunDir:    dir,
		Argv:      []string{"sh", "-c", script},
		Env:       []string{"PATH=" + os.Getenv("PATH"), "TELL=" + tell, ContextVar + "=" + filepath.Join(dir, contextFile)},
		Dir:       t.TempDir(),
		StopGrace: 200 * time.Millisecond,
		LogLimit:  1 << 20,
	}}
}

func (r *testRun) start() *testRun {
	r.t.Helper()
	r.take()
	return r.begin()
}

// take takes the supervisor of the run, and begin gives it the order.
func (r *testRun) take() {
	r.t.Helper()
	var err error
	if r.spare, err = newTestPool(r.t, 0).Take(context.Background()); err != nil {
		r.t.Fatal(err)
	}
	r.sup = r.spare.Identity()
}

func (r *testRun) begin() *testRun {
	r.t.Helper()
	var err error
	if r.Handle, err = r.spare.Start(r.order); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() {
		if err := r.Stop(); err != nil && !errors.Is(err, ErrGone) {
			r.t.Error(err)
		}
		wait(r.t, r.Done(), "the end of the run")
		if err := KillTree(context.Background(), r.dir, 0); err != nil {
			r.t.Error(err)
		}
	})
	return r
}

func wait(t *testing.T, done <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("waited %s for %s", patience, what)
	}
}

// end waits for the end of the run and returns how it ended.
func (r *testRun) end() Exit {
	r.t.Helper()
	wait(r.t, r.Done(), "the end of the run")
	exit, err := ReadExit(r.dir)
	if err != nil {
		r.t.Fatal(err)
	}
	return exit
}

// hear returns the next line that the run wrote to $TELL.
func (r *testRun) hear() string {
	r.t.Helper()
	line, err := r.said.ReadString('\n')
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

// hearPID identifies the process whose pid the run wrote to $TELL.
func (r *testRun) hearPID() Identity {
	r.t.Helper()
	pid, err := strconv.Atoi(r.hear())
	if err != nil {
		r.t.Fatal(err)
	}
	id, err := Identify(pid)
	if err != nil {
		r.t.Fatal(err)
	}
	return id
}

// killSupervisor is SIGKILL, the end that cannot be prepared for.
func (r *testRun) killSupervisor() {
	r.t.Helper()
	if err := r.Kill(); err != nil {
		r.t.Fatal(err)
	}
	wait(r.t, r.Done(), "the end of the supervisor")
}

func (r *testRun) log() string {
	r.t.Helper()
	text, err := os.ReadFile(filepath.Join(r.dir, LogFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.t.Fatal(err)
	}
	return string(text)
}

func pidText(id Identity) string { return strconv.Itoa(id.PID) }

func newFifo(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
