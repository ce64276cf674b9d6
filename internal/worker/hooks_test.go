//go:build linux || darwin

package worker

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func sh(script string) []string { return []string{"sh", "-c", script} }

func TestHooksRunAroundTheWorker(t *testing.T) {
	t.Parallel()
	r := newRun(t, "echo worker")
	r.order.Before = [][]string{sh("echo first"), sh("echo second; pwd >where")}
	r.order.After = [][]string{sh("echo after")}
	if diff := cmp.Diff(Exit{Reason: Exited}, r.start().end(), ignoreTimes); diff != "" {
		t.Error(diff)
	}
	if want := "first\nsecond\nworker\nafter\n"; r.log() != want {
		t.Errorf("log %q, want %q", r.log(), want)
	}
	if got, err := os.ReadFile(filepath.Join(r.order.Dir, "where")); err != nil || string(got) != r.order.Dir+"\n" {
		t.Errorf("hook ran in %q, %v", got, err)
	}
}

func TestFailedHookKeepsTheWorkerFromStarting(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		hook []string
		want string
	}{
		"status":  {sh("sleep 1000 & echo no network >&2; exit 3"), "failed with exit status 3: no network"},
		"signal":  {sh("kill -KILL $$"), "was ended by SIGKILL"},
		"missing": {[]string{"no-such-hook"}, "command not found"},
		"time":    {sh("echo slow; sleep 1000"), "took too long and was killed: slow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, "echo started")
			r.order.Before = [][]string{test.hook, sh("echo next hook")}
			r.order.After = [][]string{sh("echo after")}
			r.order.HookTimeout = 500 * time.Millisecond
			got := r.start().end()
			if got.Reason != SpawnFailed || got.Code != -1 || !got.Started.IsZero() {
				t.Errorf("got %+v", got)
			}
			if !strings.Contains(got.Error, "hook "+test.hook[0]) || !strings.Contains(got.Error, test.want) {
				t.Errorf("error %q does not say %q", got.Error, test.want)
			}
			if strings.Contains(r.log(), "started") || strings.Contains(r.log(), "next hook") || strings.Contains(r.log(), "after") {
				t.Errorf("log %q", r.log())
			}
		})
	}
}

func TestFailedHookAfterTheWorkerIsNoted(t *testing.T) {
	t.Parallel()
	r := newRun(t, "exit 0")
	r.order.After = [][]string{sh("echo broken; exit 1"), sh("echo next")}
	got := r.start().end()
	if got.Reason != Exited || got.Code != 0 || len(got.Notes) != 1 || !strings.HasSuffix(got.Notes[0], "failed with exit status 1: broken") {
		t.Errorf("got %+v", got)
	}
	if r.log() != "broken\nnext\n" {
		t.Errorf("log %q", r.log())
	}
}

func TestHookAfterTheWorkerIsSparedWhenTheTreeIsEnded(t *testing.T) {
	t.Parallel()
	r := newRun(t, `trap '' TERM; sleep 1000 & echo $! >$TELL; exit 0`)
	r.order.StopGrace = 20 * time.Millisecond
	// It ends only once the worker's child was killed.
	r.order.After = [][]string{sh(`read line <$GO; echo after`)}
	gate := newFifo(t)
	r.order.Env = append(r.order.Env, "GO="+gate)
	r.start()
	child := r.hearPID()
	p, err := Open(child)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	wait(t, p.Done(), "the end of what outlived the worker")
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	if got := r.end(); got.Reason != Exited || r.log() != "after\n" {
		t.Errorf("got %+v, log %q", got, r.log())
	}
}

func TestStopDuringAHookStartsNoWorker(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*testRun) error{
		"stop":   func(r *testRun) error { return r.Stop() },
		"finish": func(r *testRun) error { return r.Finish() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, "echo started")
			r.order.Before = [][]string{sh("echo ready >$TELL; sleep 1000"), sh("echo next")}
			r.start()
			r.hear()
			if err := end(r); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(Exit{Reason: Stopped, Code: -1}, r.end(), ignoreTimes); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(r.log(), "started") || strings.Contains(r.log(), "next") {
				t.Errorf("log %q", r.log())
			}
		})
	}
}
