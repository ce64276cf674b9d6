package gateway_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/gateway"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// waits is a lane whose workers tell their pid and wait for a word.
const waits = `
lanes:
  a: {command: [sh, -c, "echo $$ >$TELL; read word <$GATE; exit $word"], done_when: exit, env: {TELL: HOME/tell, GATE: HOME/gate}}
`

// TestG13_KilledGateway: after kill -9 of the gateway a worker that lives is
// adopted, one that ended meanwhile has its true status, and none ran twice.
func TestG13_KilledGateway(t *testing.T) {
	h := newHouse(t, waits)
	tell, gate := h.fifo("tell"), h.fifo("gate")
	first := h.add("a")
	tell.process()
	h.until(first, "spawned")
	supervisor := h.supervisorOf(first)
	h.kill()
	gate.say("7")
	<-supervisor.Done()

	h.start()
	h.until(first, "gave_up")
	if runs := h.runsOf(first); len(runs) != 1 || runs[0].ExitCode == nil || *runs[0].ExitCode != 7 {
		t.Errorf("the runs of the first are %+v", runs)
	}
	second := h.add("a")
	pid := tell.process()
	h.kill()
	h.start()
	if !pid.Alive() {
		t.Fatal("the worker ended with its gateway")
	}
	gate.say("0")
	same(t, "events", h.until(second, "completed"), "created", "claimed", "spawned", "completed")
}

// supervisorOf opens the process that supervises the only run of a task.
func (h *house) supervisorOf(id string) *worker.Process {
	h.t.Helper()
	if runtime.GOOS != "linux" {
		h.t.Skip("reads /proc")
	}
	run := h.runsOf(id)[0]
	pid, err := worker.Identify(run.WorkerPID)
	fail(h.t, err)
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid.PID), "stat"))
	fail(h.t, err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+2:]))
	ppid, err := strconv.Atoi(fields[1])
	fail(h.t, err)
	parent, err := worker.Identify(ppid)
	fail(h.t, err)
	p, err := worker.Open(parent)
	fail(h.t, err)
	h.t.Cleanup(func() { p.Close() })
	return p
}

// TestStop: the gateway answers, ends, and leaves its worker to the next one.
func TestStop(t *testing.T) {
	h := newHouse(t, waits)
	tell, gate := h.fifo("tell"), h.fifo("gate")
	id := h.add("a")
	pid := tell.process()
	fail(t, h.StopGateway(t.Context(), false))
	h.wait()
	if _, err := os.Stat(h.paths.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Error("the socket is left:", err)
	}
	if _, held, err := gateway.Owner(h.paths.Home); held || err != nil {
		t.Errorf("the lock is left: %v, %v", held, err)
	}
	if !pid.Alive() {
		t.Error("the worker ended with its gateway")
	}
	h.start()
	gate.say("0")
	h.until(id, "completed")
	fail(t, h.cmd.Process.Signal(syscall.SIGTERM))
	h.wait()
}

// TestDrain: the gateway starts nothing more and ends with its last run.
func TestDrain(t *testing.T) {
	h := newHouse(t, waits)
	tell, gate := h.fifo("tell"), h.fifo("gate")
	running := h.add("a")
	tell.process()
	fail(t, h.StopGateway(t.Context(), true))
	waiting := h.add("a")
	if g, err := h.Gateway(t.Context()); err != nil || !g.Draining || g.Dispatching || g.Runs != 1 {
		t.Errorf("the gateway is %+v, %v", g, err)
	}
	gate.say("0")
	h.wait()
	h.start()
	h.until(running, "completed")
	tell.process()
	gate.say("0")
	h.until(waiting, "completed")
}

// TestStoppedWhileItStarts: whoever stops it then is told of no failure, and the
// home is free for the next one.
func TestStoppedWhileItStarts(t *testing.T) {
	home := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for range 2 {
		fail(t, gateway.Run(ctx, gateway.Options{Home: home, Log: slog.New(slog.DiscardHandler), Version: "test"}))
	}
}

// TestOneGateway: a second one is refused and told of the first; who asks for
// the owner is told its pid.
func TestOneGateway(t *testing.T) {
	h := newHouse(t, "")
	err := gateway.Run(t.Context(), gateway.Options{Home: h.paths.Home})
	if kanban.CodeOf(err) != kanban.Conflict || !strings.Contains(err.Error(), "pid "+strconv.Itoa(h.cmd.Process.Pid)) {
		t.Errorf("a second gateway gets %v", err)
	}
	if pid, held, err := gateway.Owner(h.paths.Home); pid != h.cmd.Process.Pid || !held || err != nil {
		t.Errorf("the owner is %d, %v, %v", pid, held, err)
	}
	info, err := os.Stat(h.paths.Socket)
	fail(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the socket has mode %v", info.Mode())
	}
	g, err := h.Gateway(t.Context())
	fail(t, err)
	if !g.Running || !g.Dispatching || len(g.Boards) != 1 || g.Boards[0].Slug != "default" {
		t.Errorf("the status is %+v", g)
	}
}

// TestReload: a lane that is added starts what waits for it, a broken file
// leaves the last good one in force and is told, and a lane that is removed lets
// its runs finish as they started.
func TestReload(t *testing.T) {
	h := newHouse(t, "")
	tell, gate := h.fifo("tell"), h.fifo("gate")
	id := h.add("a")
	h.configure(waits) // the file is watched
	tell.process()

	h.configure("lanes: {a: {comand: [x]}}")
	if err := h.Reload(t.Context()); err == nil {
		t.Error("a broken file is in force")
	}
	if g, err := h.Gateway(t.Context()); err != nil || !strings.Contains(g.ConfigError, "comand") {
		t.Errorf("the config error is %q, %v", g.ConfigError, err)
	}
	fail(t, os.WriteFile(h.paths.Config, nil, 0o600))
	if err := h.Reload(t.Context()); err == nil {
		t.Error("an emptied file is in force")
	}
	h.configure("")
	fail(t, h.Reload(t.Context()))
	if g, err := h.Gateway(t.Context()); err != nil || g.ConfigError != "" {
		t.Errorf("the config error is %q, %v", g.ConfigError, err)
	}
	queued, err := h.Explain(t.Context(), "default", h.add("a"))
	fail(t, err)
	if len(queued.Gates) != 1 || queued.Gates[0].Kind != "lane" {
		t.Errorf("what waits for the removed lane has the gates %+v", queued.Gates)
	}
	gate.say("0")
	h.until(id, "completed")
}

// TestEventsInOrder: a worker that completes its task with its first breath was
// started before that, in the log as well.
func TestEventsInOrder(t *testing.T) {
	h := newHouse(t, `lanes: {a: {command: [SELF, complete], done_when: reported}}`)
	var ids []string
	for range 20 {
		ids = append(ids, h.add("a"))
	}
	for _, id := range ids {
		same(t, "events", h.until(id, "completed"), "created", "claimed", "spawned", "completed")
	}
}

// TestG15_WorkersAreNoHumans: a worker that clears its environment and detaches
// is refused what humans do, by its own gateway and by one of another home.
func TestG15_WorkersAreNoHumans(t *testing.T) {
	own := newHouse(t, "")
	tell := own.fifo("tell")
	other := newHouse(t, "")
	for name, h := range map[string]*house{"own home": own, "other home": other} {
		t.Run(name, func(t *testing.T) {
			asking := h.addTo("default", client.TaskCreate{Held: true})
			own.configure(`
lanes:
  a:
    command: [env, -i, setsid, -w, SELF, unblock, "unix:` + h.paths.Socket + `", ` + asking + `, HOME/tell]
    done_when: exit
`)
			fail(t, own.Reload(t.Context()))
			own.add("a")
			if said := tell.line(); !strings.Contains(said, "not for a worker") && !strings.Contains(said, "only by") &&
				!strings.Contains(said, "may not be done by a worker") && !strings.Contains(said, "run of another home") {
				t.Errorf("it was answered %q", said)
			}
			got, err := h.Task(t.Context(), "default", asking)
			fail(t, err)
			if got.Status != "blocked" {
				t.Errorf("the gate is %s", got.Status)
			}
		})
	}
}

// TestRetention: what retention removes is kept first, hooks that fail keep it in
// place, and folders of boards that are gone go.
func TestRetention(t *testing.T) {
	const lane = `
retention: {scratch: 7d, logs: 30d}
lanes:
  a: {command: ["true"], done_when: exit, hooks: {before_remove: [sh, -c, "HOOK"]}}
`
	h := newHouse(t, strings.Replace(lane, "HOOK", "exit 1", 1))
	repo := repository(t)
	id := h.addTo("default", client.TaskCreate{Assignee: "a", WorkspaceKind: "worktree", Repo: repo})
	h.until(id, "completed")
	_, err := h.CreateBoard(t.Context(), client.BoardCreate{Slug: "brief"})
	fail(t, err)
	h.untilOn("brief", h.addTo("brief", client.TaskCreate{Assignee: "a"}), "completed")
	fail(t, h.StopGateway(t.Context(), true))
	h.wait()
	tree := h.later(nil).workspaceOf(id)
	fail(t, os.WriteFile(filepath.Join(tree, "by hand"), []byte("later"), 0o600))

	early := h.later(nil)
	fail(t, early.ArchiveBoard(t.Context(), "brief"))
	fail(t, early.DeleteBoard(t.Context(), "brief"))
	if report, err := early.GC(t.Context(), "default", false); err != nil || !reflect.DeepEqual(report, client.GCReport{}) {
		t.Errorf("before its time it removes %+v, %v", report, err)
	}
	month := func() time.Time { return time.Now().Add(31 * 24 * time.Hour) }
	if _, err := h.later(month).GC(t.Context(), "default", false); err == nil || !strings.Contains(err.Error(), "before_remove failed") {
		t.Errorf("the hook that failed is told as %v", err)
	}
	if _, err := os.Stat(tree); err != nil {
		t.Error("the workspace did not stay:", err)
	}
	if left, err := os.ReadDir(h.paths.Runs); err != nil || len(left) > 0 {
		t.Errorf("these folders of runs are left: %v, %v", left, err)
	}

	h.configure(strings.Replace(lane, "HOOK", "echo $ANDON_TASK $ANDON_WORKSPACE >HOME/hook", 1))
	report, err := h.later(month).GC(t.Context(), "default", false)
	fail(t, err)
	if report.Workspaces != 1 {
		t.Errorf("the report is %+v", report)
	}
	if _, err := os.Stat(tree); !errors.Is(err, os.ErrNotExist) {
		t.Error("the workspace stayed:", err)
	}
	said, err := os.ReadFile(filepath.Join(h.paths.Home, "hook"))
	fail(t, err)
	if string(said) != id+" "+tree+"\n" {
		t.Errorf("the hook was told %q", said)
	}
	if kept := git(t, repo, "show", "refs/andon/"+id+"/0:by hand"); kept != "later" {
		t.Errorf("what was there is kept as %q", kept)
	}
}

// direct is the home without a gateway, at some time.
type direct struct {
	*client.Client
	t *testing.T
}

func (h *house) later(clock func() time.Time) direct {
	h.t.Helper()
	api, closer, err := gateway.Direct(h.t.Context(), gateway.Options{Home: h.paths.Home, Clock: clock})
	fail(h.t, err)
	h.t.Cleanup(func() { closer.Close() })
	return direct{client.New(client.Handler(api), "http://andon", client.Options{}), h.t}
}

func (d direct) workspaceOf(id string) string {
	d.t.Helper()
	runs, err := d.Runs(d.t.Context(), "default", id)
	fail(d.t, err)
	return runs[0].Workspace
}

func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	git(t, dir, "init", "-q")
	git(t, dir, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "--allow-empty", "-m", "first")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).Output()
	fail(t, err)
	return string(out)
}
