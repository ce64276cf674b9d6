//go:build linux || darwin

package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/worker"
)

// job is one task that is worked on.
type job struct {
	*Options
	c       *client.Client
	board   string
	claim   client.Claim
	signals *signals
	front   *worker.Front

	began time.Time
	asked bool  // the command was told to end
	lost  error // why the lease is gone
	exit  client.Exit
}

// signals are those that end a command.
type signals struct{ c chan os.Signal }

func listen() *signals {
	s := &signals{make(chan os.Signal, 4)}
	signal.Notify(s.c, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	return s
}

func (s *signals) stop() { signal.Stop(s.c) }

// run works, leaves no process behind, and tells how it ended.
func (j *job) run(ctx context.Context) error {
	o := j.claim.Order
	j.front = worker.NewFront(o.Folder, o.LogLimit)
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	over := j.hold(working)
	if err := j.hooks(o.Before); err != nil {
		j.exit = client.Exit{Reason: worker.SpawnFailed, Error: err.Error()}
	} else {
		j.command(ctx, over)
	}
	if j.exit.Reason != worker.SpawnFailed {
		if err := j.hooks(o.After); err != nil {
			j.Warn("%v", err)
		}
	}
	j.clear(ctx, min(seconds(o.StopGrace), lastGrace))
	cancel()
	if err := j.front.End(worker.Exit{
		Reason: j.exit.Reason, Code: j.exit.Code, Signal: j.exit.Signal, Error: j.exit.Error, Started: j.began, Ended: time.Now(),
	}); err != nil {
		j.Warn("how the command ended cannot be kept: %v", err)
	}
	j.exit.Output = j.front.Tail()
	ended, err := j.report(ctx, j.exit)
	return j.tell(j.exit, ended, j.lost, err)
}

const lastGrace = 5 * time.Second // for what outlives the command

// clear ends what is left of the run's processes. What resists is left to the
// gateway, which hands the task to nobody before it is gone.
func (j *job) clear(ctx context.Context, grace time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, grace+10*time.Second)
	defer cancel()
	if err := worker.KillTree(ctx, j.claim.Order.Folder, grace); err != nil {
		j.Warn("%v", err)
	}
}

// command runs the command to its end.
func (j *job) command(ctx context.Context, over <-chan notice) {
	cmd, copied, err := j.start(j.Command)
	if err != nil {
		j.exit = client.Exit{Reason: worker.SpawnFailed, Error: err.Error()}
		j.Warn("%v", err)
		return
	}
	j.began = time.Now()
	if err := j.front.Started(cmd.Process.Pid); err != nil {
		j.Warn("%v", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // its state says how
		close(ended)
	}()
	j.await(ctx, cmd, ended, over)
	j.exit.Code, j.exit.Signal = result(cmd.ProcessState)
	if j.exit.Reason == "" {
		j.exit.Reason = worker.Exited
	}
	if j.interactive() && j.asked && j.exit.Reason == worker.Exited && (j.exit.Signal == "SIGINT" || j.exit.Code == signalled+int(syscall.SIGINT)) {
		j.exit.Reason = worker.Stopped
	}
	j.clear(ctx, min(seconds(j.claim.Order.StopGrace), lastGrace))
	copied()
}

// await stays with the command until its main process has ended.
func (j *job) await(ctx context.Context, cmd *exec.Cmd, ended <-chan struct{}, over <-chan notice) {
	grace := seconds(j.claim.Order.StopGrace)
	late := timer(seconds(j.claim.Order.Timeout))
	var kill <-chan time.Time
	for {
		select {
		case <-ended:
			return
		case s := <-j.signals.c:
			switch {
			case j.interactive() && (s == syscall.SIGINT || s == syscall.SIGQUIT):
				j.asked = true // the terminal sent it to the command, too, which may go on
			case j.asked:
				go j.clear(ctx, 0)
			default:
				j.asked, j.exit.Reason = true, worker.Stopped
				j.send(cmd, s.(syscall.Signal))
				kill = time.After(grace)
			}
		case n := <-over:
			if n.byWorker {
				kill = time.After(grace) // it has said its word and may end by itself
				break
			}
			j.lost, j.exit.Reason = n.err, worker.Stopped
			j.Progress("The lease of %s is lost; the command is stopped", j.claim.Task.ID)
			go j.clear(ctx, grace)
		case <-late:
			j.exit.Reason = worker.TimedOut
			go j.clear(ctx, grace)
		case <-kill:
			go j.clear(ctx, grace)
		}
	}
}

// start starts a command in the workspace, with the marks of the run. copied
// returns when its output was.
func (j *job) start(argv []string) (cmd *exec.Cmd, copied func(), err error) {
	tree, err := j.front.Tree()
	if err != nil {
		return nil, nil, err
	}
	defer tree.Close()
	env := environ(os.Environ(), j.claim.Order.Env)
	path, err := worker.LookPath(argv[0], env)
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.Command(path, argv[1:]...)
	cmd.Args[0], cmd.Env, cmd.Dir = argv[0], env, j.claim.Order.Dir
	cmd.Stdin, cmd.Stdout, cmd.Stderr = j.In, j.Out, j.Err
	cmd.ExtraFiles = []*os.File{tree}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: !j.interactive()}
	copied = func() {}
	var given func()
	if !j.Terminal.Out {
		if given, copied, err = j.record(cmd); err != nil {
			return nil, nil, err
		}
		defer given()
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, explain(err, argv[0], j.claim.Order.Dir)
	}
	return cmd, copied, nil
}

// interactive reports whether the command has the terminal: then it stays in its
// group, as a shell's foreground job.
func (j *job) interactive() bool { return j.Terminal.In }

// record copies the command's output to the run's log, too. A terminal's is not:
// programs look whether it is one.
func (j *job) record(cmd *exec.Cmd) (given, copied func(), err error) {
	var theirs, ours []*os.File
	done := make(chan struct{})
	for _, to := range []struct {
		w   io.Writer
		set *io.Writer
	}{{j.Out, &cmd.Stdout}, {j.Err, &cmd.Stderr}} {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, nil, err
		}
		theirs, ours = append(theirs, w), append(ours, r)
		*to.set = w
		go func() {
			_, _ = io.Copy(io.MultiWriter(j.front.Log(), to.w), r)
			done <- struct{}{}
		}()
	}
	given = func() {
		for _, f := range theirs {
			_ = f.Close()
		}
	}
	copied = func() {
		for _, r := range ours {
			_ = r.SetReadDeadline(time.Now().Add(time.Second)) // something that hid may hold the other end
		}
		for range ours {
			<-done
		}
	}
	return given, copied, nil
}

// hooks runs the lane's commands around the worker, up to the first failure.
func (j *job) hooks(all [][]string) error {
	for _, argv := range all {
		cmd, copied, err := j.start(argv)
		if err == nil {
			limit := time.AfterFunc(seconds(j.claim.Order.HookTimeout), func() { j.send(cmd, syscall.SIGKILL) })
			err = cmd.Wait()
			limit.Stop()
			copied()
		}
		if err != nil {
			return fmt.Errorf("hook %s: %w", strings.Join(argv, " "), err)
		}
	}
	return nil
}

// send passes a signal on to the command, and what it started in its group.
func (j *job) send(cmd *exec.Cmd, s syscall.Signal) {
	pid := cmd.Process.Pid
	if !j.interactive() {
		pid = -pid
	}
	if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
		j.Warn("the command cannot be signalled: %v", err)
	}
}

// environ is the caller's environment under the run's; PATH begins with the
// run's.
func environ(own, order []string) []string {
	env := own
	for _, kv := range order {
		if path, ok := strings.CutPrefix(kv, "PATH="); ok {
			kv = "PATH=" + path + string(filepath.ListSeparator) + os.Getenv("PATH")
		}
		env = append(env, kv) // of several the last counts
	}
	return env
}

// explain names what a system error leaves open.
func explain(err error, name, dir string) error {
	if strings.HasPrefix(name, ".") && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w: the command starts in the workspace, %s", err, dir)
	}
	return err
}

func result(s *os.ProcessState) (code int, name string) {
	status, ok := s.Sys().(syscall.WaitStatus)
	if ok && status.Signaled() {
		return -1, unix.SignalName(status.Signal())
	}
	return s.ExitCode(), ""
}

func signalNumber(name string) int { return int(unix.SignalNum(name)) }

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// timer is nil for no time at all.
func timer(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return time.After(d)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// boardOf is the board of a claim.
func boardOf(o *client.Order, selected string) string {
	for _, kv := range o.Env {
		if slug, ok := strings.CutPrefix(kv, "ANDON_BOARD="); ok {
			return slug
		}
	}
	return selected
}
