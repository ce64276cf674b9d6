package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/gateway"
	"github.com/andon-dev/andon/internal/worker"
)

// The test binary is the gateway, its supervisors, and some of their workers.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(worker.Supervise())
		case "gateway":
			os.Exit(serve(os.Args[2]))
		case "complete":
			os.Exit(complete())
		case "unblock":
			os.Exit(unblock(os.Args[2], os.Args[3], os.Args[4]))
		}
	}
	os.Exit(m.Run())
}

func serve(home string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	if err := gateway.Run(ctx, gateway.Options{Home: home, Log: log, Version: "test"}); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		return 1
	}
	return 0
}

// complete is a worker that reports its end as soon as it runs.
func complete() int {
	c, err := client.Dial(os.Getenv("ANDON_SERVER"), client.Options{})
	if err != nil {
		return 3
	}
	run, _ := strconv.ParseInt(os.Getenv("ANDON_RUN_ID"), 10, 64)
	h := client.Handoff{Lease: client.Lease{Run: run, Token: os.Getenv("ANDON_TOKEN")}, Summary: "at once"}
	if _, err := c.Complete(context.Background(), os.Getenv("ANDON_BOARD"), os.Getenv("ANDON_TASK"), h); err != nil {
		fmt.Println(err)
		return 4
	}
	return 0
}

// unblock is a worker that tries to open a human's gate, and tells what it was
// answered.
func unblock(server, task, tell string) int {
	c, err := client.Dial(server, client.Options{})
	if err == nil {
		_, err = c.Unblock(context.Background(), "default", task, "")
	}
	f, openErr := os.OpenFile(tell, os.O_WRONLY, 0)
	if openErr != nil {
		return 3
	}
	defer f.Close()
	fmt.Fprintln(f, err)
	return 0
}

const patience = 30 * time.Second // before a test that hangs says where

// house is a home with a real gateway in a process of its own.
type house struct {
	*client.Client
	t     *testing.T
	paths config.Paths
	self  string
	cmd   *exec.Cmd
	ready *net.UnixConn
}

// newHouse makes a home with this andon.yaml, in which SELF stands for this
// program and HOME for the home, and starts its gateway.
func newHouse(t *testing.T, yaml string) *house {
	t.Helper()
	home := t.TempDir()
	paths, err := config.PathsOf(home, func(string) string { return "/tmp" })
	fail(t, err)
	self, err := os.Executable()
	fail(t, err)
	h := &house{t: t, paths: paths, self: self}
	fail(t, os.MkdirAll(paths.Dir, 0o700))
	h.configure(yaml)
	h.Client, err = client.Dial("unix:"+paths.Socket, client.Options{})
	fail(t, err)
	h.ready, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(home, "notify"), Net: "unixgram"})
	fail(t, err)
	t.Cleanup(func() { h.ready.Close() })
	h.start()
	t.Cleanup(h.end)
	return h
}

// base is what all homes of these tests have in common.
const base = `
dispatch: {stop_grace: 200ms, min_free: 0, backoff: {initial: 10ms, max: 20ms}, max_attempts: 1}
`

func (h *house) configure(yaml string) {
	h.t.Helper()
	yaml = strings.NewReplacer("SELF", h.self, "HOME", h.paths.Home).Replace(base + yaml)
	fail(h.t, os.WriteFile(h.paths.Config+".new", []byte(yaml), 0o600))
	fail(h.t, os.Rename(h.paths.Config+".new", h.paths.Config))
}

// start starts the gateway and returns when it says that it is ready.
func (h *house) start() {
	h.t.Helper()
	h.cmd = exec.Command(h.self, "gateway", h.paths.Home)
	h.cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+filepath.Join(h.paths.Home, "notify"))
	h.cmd.Stderr = testLog{h.t}
	fail(h.t, h.cmd.Start())
	fail(h.t, h.ready.SetReadDeadline(time.Now().Add(patience)))
	for word := make([]byte, 100); ; {
		n, err := h.ready.Read(word)
		fail(h.t, err)
		if string(word[:n]) == "READY=1" {
			return
		}
	}
}

// wait returns when the gateway has ended as it should.
func (h *house) wait() {
	h.t.Helper()
	if err := h.cmd.Wait(); err != nil {
		h.t.Error("the gateway ended badly:", err)
	}
	h.cmd = nil
}

// kill is SIGKILL, the end that cannot be prepared for.
func (h *house) kill() {
	h.t.Helper()
	fail(h.t, h.cmd.Process.Kill())
	_ = h.cmd.Wait()
	h.cmd = nil
}

// end leaves no process behind.
func (h *house) end() {
	if h.cmd == nil {
		h.start()
	}
	ctx := context.Background()
	if _, err := h.Pull(ctx, client.PullRequest{Scope: "all", Reason: "the test is over", Stop: true}); err != nil {
		h.t.Error(err)
	}
	if err := h.StopGateway(ctx, true); err != nil {
		h.t.Error(err)
	}
	h.wait()
}

func (h *house) add(lane string) string {
	h.t.Helper()
	return h.addTo("default", client.TaskCreate{Assignee: lane})
}

func (h *house) addTo(board string, n client.TaskCreate) string {
	h.t.Helper()
	n.Title = "a task"
	made, err := h.CreateTask(h.t.Context(), board, n)
	fail(h.t, err)
	return made.ID
}

// until returns what happened to a task of the default board, up to an event.
func (h *house) until(id, kind string) []string {
	h.t.Helper()
	return h.untilOn("default", id, kind)
}

func (h *house) untilOn(board, id, kind string) (kinds []string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	for e, err := range h.FollowEvents(ctx, board, client.EventQuery{Task: id}) {
		fail(h.t, err)
		if kinds = append(kinds, e.Kind); e.Kind == kind {
			return kinds
		}
	}
	h.t.Fatalf("%s: no %s after %v", id, kind, kinds)
	return nil
}

func (h *house) runsOf(id string) []client.Run {
	h.t.Helper()
	runs, err := h.Runs(h.t.Context(), "default", id)
	fail(h.t, err)
	return runs
}

// pipe is what a test and its workers tell each other.
type pipe struct {
	t *testing.T
	f *os.File
	r *bufio.Reader
}

// fifo makes a pipe in the home.
func (h *house) fifo(name string) *pipe {
	h.t.Helper()
	path := filepath.Join(h.paths.Home, name)
	fail(h.t, syscall.Mkfifo(path, 0o600))
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	fail(h.t, err)
	h.t.Cleanup(func() { f.Close() })
	return &pipe{h.t, f, bufio.NewReader(f)}
}

func (p *pipe) line() string {
	p.t.Helper()
	fail(p.t, p.f.SetReadDeadline(time.Now().Add(patience)))
	line, err := p.r.ReadString('\n')
	fail(p.t, err)
	return strings.TrimSpace(line)
}

func (p *pipe) say(line string) {
	p.t.Helper()
	_, err := p.f.WriteString(line + "\n")
	fail(p.t, err)
}

func (p *pipe) process() worker.Identity {
	p.t.Helper()
	pid, err := strconv.Atoi(p.line())
	fail(p.t, err)
	id, err := worker.Identify(pid)
	fail(p.t, err)
	return id
}

func fail(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// testLog shows the gateway's log with the test that it belongs to.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}
