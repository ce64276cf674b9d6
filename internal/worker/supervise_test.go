//go:build linux

package worker

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestG13_TrueStatusIsRecorded(t *testing.T) {
	t.Parallel()
	notExecutable := filepath.Join(t.TempDir(), "plain")
	noInterpreter := filepath.Join(t.TempDir(), "script")
	for path, text := range map[string]string{notExecutable: "text", noInterpreter: "#!/no/such/shell\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(noInterpreter, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		argv  []string
		dir   string
		want  Exit
		error string
	}{
		"success":        {argv: []string{"true"}, want: Exit{Reason: Exited}},
		"failure":        {argv: []string{"sh", "-c", "exit 75"}, want: Exit{Reason: Exited, Code: 75}},
		"signal":         {argv: []string{"sh", "-c", "kill -SEGV $$"}, want: Exit{Reason: Exited, Code: -1, Signal: "SIGSEGV"}},
		"no command":     {argv: nil, want: Exit{Reason: SpawnFailed, Code: -1}, error: "no command given"},
		"unknown":        {argv: []string{"no-such-command"}, want: Exit{Reason: SpawnFailed, Code: -1}, error: "no-such-command: command not found in PATH="},
		"no file":        {argv: []string{"./work.sh"}, want: Exit{Reason: SpawnFailed, Code: -1}, error: "/work.sh: no such file"},
		"no program":     {argv: []string{notExecutable}, want: Exit{Reason: SpawnFailed, Code: -1}, error: "plain: not executable"},
		"no interpreter": {argv: []string{noInterpreter}, want: Exit{Reason: SpawnFailed, Code: -1}, error: "the interpreter named in its first line"},
		"no folder":      {argv: []string{"true"}, dir: "/no/such/folder", want: Exit{Reason: SpawnFailed, Code: -1}, error: "working directory: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, "")
			r.order.Argv = test.argv
			if test.dir != "" {
				r.order.Dir = test.dir
			}
			got := r.start().end()
			if !strings.Contains(got.Error, test.error) || (test.error == "") != (got.Error == "") {
				t.Errorf("error %q does not say %q", got.Error, test.error)
			}
			got.Error = ""
			if diff := cmp.Diff(test.want, got, ignoreTimes); diff != "" {
				t.Error(diff)
			}
			if got.Ended.IsZero() || got.Started.IsZero() != (test.want.Reason == SpawnFailed) {
				t.Errorf("started %v, ended %v", got.Started, got.Ended)
			}
		})
	}
}

func TestWorkerFindsItsEnvironmentAndFolder(t *testing.T) {
	t.Parallel()
	r := newRun(t, "env; pwd; cat; echo error >&2")
	r.order.Env = append(r.order.Env, "ANDON_TASK=t_1")
	r.start().end()
	want := []string{"ANDON_TASK=t_1\n", r.order.Dir + "\n", "error\n"}
	for _, line := range want {
		if !strings.Contains(r.log(), line) {
			t.Errorf("no %q in the log:\n%s", line, r.log())
		}
	}
	if strings.Contains(r.log(), spareVar) || strings.Contains(r.log(), "GOMAXPROCS") {
		t.Errorf("the supervisor's own environment reached the worker:\n%s", r.log())
	}
}

func TestG12_WorkerInheritsNothingButTheTreeMark(t *testing.T) {
	t.Parallel()
	// Something that a careless part of the gateway, or what started it, left inheritable.
	leak, err := syscall.Open("/dev/zero", syscall.O_RDONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Close(leak)
	r := newRun(t, `find /proc/$$/fd -type l -printf '%f %l\n'; true`)
	r.start().end()

	var got []string
	for line := range strings.Lines(r.log()) {
		kind, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		got = append(got, kind)
	}
	want := []string{"0 /dev/null", "1 pipe", "2 pipe", "3 " + filepath.Join(r.dir, treeFile)}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWorkerReadsItsStandardInput(t *testing.T) {
	t.Parallel()
	r := newRun(t, "cat")
	r.order.Stdin = filepath.Join(r.dir, "prompt.md")
	if err := os.WriteFile(r.order.Stdin, []byte("hello from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if exit := r.start().end(); exit.Reason != Exited || r.log() != "hello from a file\n" {
		t.Errorf("%+v, log %q", exit, r.log())
	}
	missing := newRun(t, "cat")
	missing.order.Stdin = filepath.Join(missing.dir, "missing")
	if exit := missing.start().end(); exit.Reason != SpawnFailed || !strings.Contains(exit.Error, "standard input") {
		t.Errorf("%+v", exit)
	}
}

func TestSupervisorKeepsWorkersSignalsAtTheirDefaults(t *testing.T) {
	t.Parallel()
	r := newRun(t, "kill -HUP $$; echo survived")
	if got := r.start().end(); got.Signal != "SIGHUP" {
		t.Errorf("got %+v", got)
	}
}

func TestG12_NothingIsLeftWhenTheExitIsWritten(t *testing.T) {
	t.Parallel()
	r := newRun(t, `
		trap '' TERM
		env -i setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- 3>&- &' >$TELL
		sleep 1000 & echo $! >$TELL
		exit 3`)
	r.start()
	daemon, child := r.hearPID(), r.hearPID()
	exit := r.end()
	if exit.Reason != Exited || exit.Code != 3 {
		t.Errorf("got %+v", exit)
	}
	for _, id := range []Identity{daemon, child} {
		if id.Alive() {
			t.Errorf("process %v outlived its run", id)
		}
	}
	if !strings.Contains(strings.Join(exit.Notes, "\n"), "outlived the worker and was ended: ") {
		t.Errorf("notes %q do not name who was left", exit.Notes)
	}
}

func TestG12_DeadlineEndsWhoIgnoresTERM(t *testing.T) {
	t.Parallel()
	r := newRun(t, `trap '' TERM; echo $$ >$TELL; while :; do sleep 1000; done`)
	r.order.Timeout = 100 * time.Millisecond
	r.start()
	worker := r.hearPID()
	got := r.end()
	want := Exit{Reason: TimedOut, Code: -1, Signal: "SIGKILL"}
	if diff := cmp.Diff(want, got, ignoreTimes); diff != "" {
		t.Error(diff)
	}
	if worker.Alive() {
		t.Error("the worker lives")
	}
	if took := got.Ended.Sub(got.Started); took < r.order.Timeout+r.order.StopGrace {
		t.Errorf("killed after %s, before its grace was over", took)
	}
}

func TestStopAsksFirst(t *testing.T) {
	t.Parallel()
	r := newRun(t, `trap 'echo bye; exit 7' TERM; exec 9<>$GO; echo ready >$TELL; read line <&9`)
	r.order.Env = append(r.order.Env, "GO="+newFifo(t))
	r.order.StopGrace = time.Hour // it is not needed
	r.start()
	r.hear()
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Exit{Reason: Stopped, Code: 7}, r.end(), ignoreTimes); diff != "" {
		t.Error(diff)
	}
	if r.log() != "bye\n" {
		t.Errorf("log %q", r.log())
	}
}

func TestFinishLetsTheTreeLingerThenEndsIt(t *testing.T) {
	t.Parallel()
	t.Run("in time", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, `echo ready >$TELL; read line <$GO; exit 0`)
		gate := newFifo(t)
		r.order.Env = append(r.order.Env, "GO="+gate)
		r.order.StopGrace = time.Hour
		r.start()
		r.hear()
		if err := r.Finish(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Exit{Reason: Exited}, r.end(), ignoreTimes); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("too late", func(t *testing.T) {
		t.Parallel()
		r := newRun(t, `trap '' TERM; echo ready >$TELL; while :; do sleep 1000; done`).start()
		r.hear()
		if err := r.Finish(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Exit{Reason: Exited, Code: -1, Signal: "SIGKILL"}, r.end(), ignoreTimes); diff != "" {
			t.Error(diff)
		}
	})
}

// However early the run's end is told, it is heard.
func TestG12_EndRightAfterGo(t *testing.T) {
	t.Parallel()
	for range 10 {
		r := newRun(t, "sleep 1000")
		r.order.StopGrace = time.Millisecond
		r.start()
		if err := r.Finish(); err != nil {
			t.Fatal(err)
		}
		wait(t, r.Done(), "the end of a run that was over at once")
	}
}

func TestOutputHeldOpenByOthersDoesNotHang(t *testing.T) {
	t.Parallel()
	r := newRun(t, `echo $$ >$TELL; echo last words; read line <$GO`)
	gate := newFifo(t)
	r.order.Env = append(r.order.Env, "GO="+gate)
	r.start()
	worker := r.hearPID()
	// A process outside of the tree takes the write end, as through a socket.
	out, err := os.OpenFile("/proc/"+pidText(worker)+"/fd/1", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	if got := r.end(); got.Code != 0 || r.log() != "last words\n" {
		t.Errorf("got %+v, log %q", got, r.log())
	}
}

func TestFullDiskKillsNoWorker(t *testing.T) {
	t.Parallel()
	r := newRun(t, "echo one; echo two; exit 5")
	if err := os.Symlink("/dev/full", filepath.Join(r.dir, LogFile)); err != nil {
		t.Fatal(err)
	}
	got := r.start().end()
	if got.Reason != Exited || got.Code != 5 {
		t.Errorf("got %+v", got)
	}
	if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, "8 bytes of output were not kept: ") {
		t.Errorf("notes %q do not tell what was lost", notes)
	}
}

func TestEndThatCannotBeWrittenIsNotInvented(t *testing.T) {
	t.Parallel()
	r := newRun(t, "true")
	if err := os.MkdirAll(filepath.Join(r.dir, exitFile), 0o700); err != nil {
		t.Fatal(err)
	}
	r.start()
	wait(t, r.Done(), "the end of the run")
	if exit, err := ReadExit(r.dir); err == nil {
		t.Errorf("got %+v", exit)
	}
	if left, err := filepath.Glob(filepath.Join(r.dir, "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left %q, %v", left, err)
	}
}

func TestG13_StartedNamesTheWorker(t *testing.T) {
	t.Parallel()
	r := newRun(t, `echo $$ >$TELL; sleep 1000`)
	if _, err := ReadStarted(r.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the start: %v", err)
	}
	r.start()
	worker := r.hearPID()
	if err := r.Stop(); err != nil {
		t.Fatal(err)
	}
	exit := r.end()
	got, err := ReadStarted(r.dir)
	if err != nil || got.Worker != worker || !got.At.Equal(exit.Started) {
		t.Errorf("got %+v, %v; want %v at %v", got, err, worker, exit.Started)
	}
}

func TestG13_GatewayMayDieAfterGo(t *testing.T) {
	t.Parallel()
	r := newRun(t, `echo ready >$TELL; read line <$GO; exit 4`)
	gate := newFifo(t)
	r.order.Env = append(r.order.Env, "GO="+gate)
	r.start() // the pipe of the order is closed by now
	r.hear()
	r.Close()

	if locked, err := Locked(r.dir); err != nil || !locked {
		t.Fatalf("locked %v, %v while the supervisor lives", locked, err)
	}
	adopted, err := Adopt(r.dir, r.sup)
	if err != nil {
		t.Fatal(err)
	}
	r.Handle = adopted
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Exit{Reason: Exited, Code: 4}, r.end(), ignoreTimes); diff != "" {
		t.Error(diff)
	}
	if locked, err := Locked(r.dir); err != nil || locked {
		t.Errorf("locked %v, %v after the end", locked, err)
	}
	if _, err := Adopt(r.dir, r.sup); !errors.Is(err, ErrGone) {
		t.Errorf("adopting what is over: %v", err)
	}
}

func TestG12_EndOfFileBeforeGoStartsNothing(t *testing.T) {
	t.Parallel()
	pool := newTestPool(t, 0)
	spare, err := pool.Take(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := spare.awaitReady(); err != nil {
		t.Fatal(err)
	}
	spare.Discard()
	wait(t, spare.ended, "the end of a spare that nobody wants")
	left, err := os.ReadDir(pool.Dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
	r := newRun(t, "true")
	if _, err := spare.Start(r.order); err == nil {
		t.Error("a discarded spare took an order")
	}
	if begun, err := Begun(r.dir); err != nil || begun {
		t.Errorf("begun %v, %v", begun, err)
	}
}

func TestG12_HalfAnOrderStartsNothing(t *testing.T) {
	t.Parallel()
	r := newRun(t, "echo started >$TELL")
	for _, text := range []string{"{", "{}\n", "{}\ng", "{}\nstop\n"} {
		spare, err := newTestPool(t, 0).Take(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := spare.orders.WriteString(strings.Replace(text, "{}", `{"RunDir":"`+r.dir+`","Argv":["true"]}`, 1)); err != nil {
			t.Fatal(err)
		}
		spare.Discard()
		wait(t, spare.ended, "the end of the spare")
	}
	if begun, err := Begun(r.dir); err != nil || begun {
		t.Errorf("begun %v, %v", begun, err)
	}
}
