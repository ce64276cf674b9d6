package dispatch_test

import (
	"context"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// ask claims as a person at a terminal does.
func (h *house) ask(a dispatch.Ask) (dispatch.Given, error) {
	a.By = ann
	return h.d.Claim(context.Background(), "default", a)
}

func (h *house) given(a dispatch.Ask) dispatch.Given {
	h.t.Helper()
	g, err := h.ask(a)
	fail(h.t, err)
	return g
}

// asking asks in the background. What comes is zero if nothing was given.
func (h *house) asking(a dispatch.Ask) <-chan dispatch.Given {
	got := make(chan dispatch.Given, 1)
	go func() {
		g, err := h.ask(a)
		if err != nil {
			h.t.Error(err)
		}
		got <- g
	}()
	return got
}

func lease(g dispatch.Given) kanban.Lease {
	return kanban.Lease{Task: g.Task.ID, Run: g.Run.ID, Token: g.Token}
}

func (h *house) exited(g dispatch.Given, e worker.Exit, output string) {
	h.t.Helper()
	e.Reason, e.Started, e.Ended = worker.Exited, time.Now(), time.Now()
	fail(h.t, h.d.Exited(context.Background(), h.board("default"), lease(g), e, output))
}

// refused asserts that a claim is refused with a code and a reason.
func refused(t *testing.T, err error, code kanban.Code, reason string) {
	t.Helper()
	if kanban.CodeOf(err) != code || !strings.Contains(err.Error(), reason) {
		t.Errorf("got %v (%s), want %s about %q", err, kanban.CodeOf(err), code, reason)
	}
}

// A claim by hand takes a place below the caps of lane, account and home, as any
// run does, and gives it back at its end.
func TestG16_ClaimsByHandCount(t *testing.T) {
	lane := func(c *config.Config, change func(*config.Lane)) {
		l := c.Lanes["a"]
		change(&l)
		c.Lanes = maps.Clone(c.Lanes) // the one in force is read meanwhile
		c.Lanes["a"] = l
	}
	limit := map[string]func(*config.Config){
		"cap: lane a 1/1": func(c *config.Config) { lane(c, func(l *config.Lane) { l.MaxParallel = 1 }) },
		"cap: home 1/1":   func(c *config.Config) { c.Dispatch.MaxParallel = 1 },
		"cap: account claude 1/1": func(c *config.Config) {
			c.Accounts = map[string]config.Account{"claude": {MaxParallel: 1}}
			lane(c, func(l *config.Lane) { l.Account = "claude" })
		},
	}
	for gate, change := range limit {
		t.Run(gate, func(t *testing.T) {
			h := newHouse(t, map[string]string{"a": "true"}, change)
			fail(t, h.boards.Pull(context.Background(), ann, "lane:b", "so that the hand is first", time.Now()))
			h.open()
			byHand := h.add("ci")
			if !strings.Contains(gate, "home") { // a lane of its own has only that one to fill
				h.change(func(c *config.Config) { lane(c, func(l *config.Lane) { l.Preset = config.PresetExternal }) })
				byHand = h.add("a")
			}
			g := h.given(dispatch.Ask{Task: byHand})
			h.change(func(c *config.Config) { lane(c, func(l *config.Lane) { l.Preset = config.PresetCommand }) })
			waits := h.add("a")
			h.await("the gate", func() bool { return strings.Contains(h.gates("default", waits), gate) })
			_, err := h.ask(dispatch.Ask{Lane: "a"})
			refused(t, err, kanban.Exhausted, gate)
			if got := h.task(waits).Status; got != kanban.Ready {
				t.Fatalf("beside the claim it is %s", got)
			}
			h.exited(g, worker.Exit{}, "green")
			h.is(byHand, kanban.Done)
			h.is(waits, kanban.Done)
		})
	}
}

// However many ask at once, no more get a task than the cap allows.
func TestG16_ManyAsksPassNoCap(t *testing.T) {
	h := newHouse(t, nil, func(c *config.Config) {
		c.Lanes["ci"] = config.Lane{Name: "ci", Preset: config.PresetExternal, MaxParallel: 2, DoneWhen: config.DoneOnExit}
	}).open()
	for range 8 {
		h.add("ci")
	}
	var asks sync.WaitGroup
	answers := make(chan error, 8)
	for range 8 {
		asks.Go(func() {
			_, err := h.ask(dispatch.Ask{Lane: "ci"})
			answers <- err
		})
	}
	asks.Wait()
	got := 0
	for range 8 {
		if err := <-answers; err == nil {
			got++
		} else {
			refused(t, err, kanban.Exhausted, "cap: lane ci 2/2")
		}
	}
	if n, _ := h.d.Running(); got != 2 || n != 2 {
		t.Errorf("%d were given, %d run", got, n)
	}
}

// The cord keeps claims by hand, too; who waits gets the task when it is let go.
func TestG16_TheCordKeepsClaimsByHand(t *testing.T) {
	h := newHouse(t, nil).open()
	id := h.add("ci")
	fail(t, h.boards.Pull(context.Background(), ann, "lane:ci", "bad day", time.Now()))
	for _, a := range []dispatch.Ask{{Task: id}, {Lane: "ci"}} {
		if _, err := h.ask(a); err == nil {
			t.Fatalf("%+v got a task", a)
		} else {
			refused(t, err, kanban.Gated, "bad day")
		}
	}
	got := h.asking(dispatch.Ask{Lane: "ci", Wait: patience})
	fail(t, h.boards.Resume(context.Background(), ann, "lane:ci"))
	if g := <-got; g.Task.ID != id {
		t.Errorf("got %s", g.Task.ID)
	}
}

// Who asked first is served first, the moment there is a task, before the gateway
// starts a worker of its own.
func TestAsksAreServedInTurn(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"}).open()
	first := h.asking(dispatch.Ask{Lane: "a", Wait: patience})
	h.await("the first to ask", func() bool { return h.d.Asking() == 1 })
	second := h.asking(dispatch.Ask{Lane: "a", Wait: patience})
	h.await("the second to ask", func() bool { return h.d.Asking() == 2 })
	one, two := h.add("a"), h.add("a")
	if a, b := <-first, <-second; a.Task.ID != one || b.Task.ID != two {
		t.Errorf("the first got %s, the second %s; want %s and %s", a.Task.ID, b.Task.ID, one, two)
	}
}

// Who goes away while waiting claims nothing, and who waited long enough is told
// what kept the task.
func TestAsksEnd(t *testing.T) {
	h := newHouse(t, nil).open()
	_, err := h.ask(dispatch.Ask{Lane: "ci", Wait: time.Millisecond})
	refused(t, err, kanban.Gated, "lane ci has no task")
	ctx, leave := context.WithCancel(context.Background())
	gone := make(chan error)
	go func() {
		_, err := h.d.Claim(ctx, "default", dispatch.Ask{By: ann, Lane: "ci", Wait: patience})
		gone <- err
	}()
	h.await("it to ask", func() bool { return h.d.Asking() == 1 })
	leave()
	if err := <-gone; err == nil {
		t.Error("who went away got a task")
	}
	id := h.add("ci")
	if g := h.given(dispatch.Ask{Lane: "ci"}); g.Task.ID != id || g.Run.Attempt != 1 {
		t.Errorf("the next got %s, attempt %d", g.Task.ID, g.Run.Attempt)
	}
}

// Who asks again because the answer got lost gets the same run under a new token,
// and it is watched once.
func TestG10_AClaimAskedForTwiceIsOne(t *testing.T) {
	h := newHouse(t, nil).open()
	id := h.add("ci")
	ctx := board.WithOperation(context.Background(), "the same", "")
	first, err := h.d.Claim(ctx, "default", dispatch.Ask{By: ann, Task: id})
	fail(t, err)
	second, err := h.d.Claim(ctx, "default", dispatch.Ask{By: ann, Task: id})
	fail(t, err)
	if n, _ := h.d.Running(); second.Run.ID != first.Run.ID || second.Token == first.Token || n != 1 {
		t.Errorf("runs %d and %d, %d are watched", first.Run.ID, second.Run.ID, n)
	}
	h.exited(second, worker.Exit{}, "")
	h.is(id, kanban.Done)
}

// Only a human claims for a worker: a run does not take the tasks of others.
func TestG31_ARunClaimsNothing(t *testing.T) {
	h := newHouse(t, nil).open()
	id := h.add("ci")
	own := h.given(dispatch.Ask{Task: h.add("other")})
	by := kanban.Actor{Kind: kanban.Worker, Name: "other", Board: "default", Task: own.Task.ID, Run: own.Run.ID}
	for _, a := range []dispatch.Ask{{By: by, Task: id}, {By: by, Lane: "ci"}} {
		_, err := h.d.Claim(context.Background(), "default", a)
		refused(t, err, kanban.Unauthorized, "claim")
	}
}

// The exit of a worker that somebody else started counts as that of any other.
func TestExitsOfGuests(t *testing.T) {
	for name, c := range map[string]struct {
		exit   worker.Exit
		output string
		status kanban.Status
		want   kanban.Outcome
	}{
		"done":      {worker.Exit{}, "building\n12 tests green\n", kanban.Done, kanban.Completed},
		"failed":    {worker.Exit{Code: 3}, "boom", kanban.Ready, kanban.Crashed},
		"killed":    {worker.Exit{Code: -1, Signal: "SIGSEGV"}, "", kanban.Ready, kanban.Crashed},
		"try later": {worker.Exit{Code: 75}, "429", kanban.Ready, kanban.RateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil).open()
			id := h.add("ci")
			g := h.given(dispatch.Ask{Lane: "ci"})
			h.exited(g, c.exit, c.output)
			same(t, "outcomes", h.outcomes(id), c.want)
			if got := h.task(id).Status; got != c.status {
				t.Errorf("it is %s, want %s", got, c.status)
			}
			if r := h.runs(id)[0]; c.want == kanban.Completed && r.Summary != "12 tests green" {
				t.Errorf("the summary is %q", r.Summary)
			}
			forged := lease(g)
			forged.Token = "forged"
			err := h.d.Exited(context.Background(), h.board("default"), forged, worker.Exit{}, "")
			refused(t, err, kanban.Stale, "not the token")
		})
	}
}

// tended is a guest of this machine: a front, and a worker with the run's marks.
type tended struct {
	dispatch.Given
	front, worker *exec.Cmd
}

// tend starts both. The worker is a shell script that finds the run's
// environment.
func (h *house) tend(lane, script string) *tended {
	h.t.Helper()
	front := exec.Command("sleep", "600")
	fail(h.t, front.Start())
	id, err := worker.Identify(front.Process.Pid)
	fail(h.t, err)
	go func() { _ = front.Wait() }()
	h.t.Cleanup(func() { _ = front.Process.Kill() })
	g := h.given(dispatch.Ask{Lane: lane, Tended: true, Front: id, TTL: time.Hour})
	cmd := exec.Command("sh", "-c", script)
	cmd.Env, cmd.Dir = append(os.Environ(), g.Order.Env...), g.Order.Dir
	cmd.Env = append(cmd.Env, "PATH="+os.Getenv("PATH"), "TELL="+h.paths.Home+"/tell")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	fail(h.t, cmd.Start())
	go func() { _ = cmd.Wait() }()
	h.t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }) // and what the script waits for
	return &tended{g, front, cmd}
}

const stubborn = `trap "" TERM; echo $$ >$TELL; while :; do sleep 600 & wait; done`

// Killing what started a worker ends the run at once: its worker is gone before
// the task can be claimed again, and no attempt is spent. So it is with a lease
// that ran out, and after a restart of the gateway.
func TestG12_NoSecondWorkerBesideAGuests(t *testing.T) {
	for name, end := range map[string]func(*house, *tended){
		"front killed": func(h *house, g *tended) { fail(h.t, g.front.Process.Kill()) },
		"front killed while no gateway ran": func(h *house, g *tended) {
			h.close()
			fail(h.t, g.front.Process.Kill())
			h.open()
		},
		"front suspended, lease over": func(h *house, g *tended) {
			fail(h.t, g.front.Process.Signal(syscall.SIGSTOP))
			_, err := h.board("default").Fail(context.Background(), g.Run.ID, board.Ending{Outcome: kanban.Lost, Error: "its lease ran out"})
			fail(h.t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, nil)
			tell := h.hear()
			h.open()
			id := h.add("ci")
			g := h.tend("ci", stubborn)
			pid := tell.process()
			end(h, g)
			next := h.given(dispatch.Ask{Lane: "ci", Wait: patience})
			if _, err := worker.Open(pid); err == nil {
				t.Error("the first worker lives beside the next claim")
			}
			if next.Task.ID != id || next.Run.Attempt != 2 || next.Task.Failures != 0 {
				t.Errorf("next is attempt %d of %s with %d failures", next.Run.Attempt, next.Task.ID, next.Task.Failures)
			}
			same(t, "outcomes", h.outcomes(id), kanban.Lost, "")
		})
	}
}

// A process of a guest's worker is that run for the gateway, and no human.
func TestG15_AGuestsWorkerIsNoHuman(t *testing.T) {
	h := newHouse(t, nil)
	tell := h.hear()
	h.open()
	id := h.add("ci")
	h.tend("ci", "echo $$ >$TELL; sleep 600")
	a, isRun, err := h.d.RunOf(context.Background(), tell.process().PID)
	fail(t, err)
	if !isRun || a.Kind != kanban.Worker || a.Task != id {
		t.Errorf("it is %+v, a run: %v", a, isRun)
	}
}

// A drained gateway does not wait for the terminals of people.
func TestDrainDoesNotWaitForGuests(t *testing.T) {
	h := newHouse(t, nil).open()
	h.add("ci")
	h.given(dispatch.Ask{Lane: "ci"})
	<-h.d.Drain()
	h.add("ci")
	_, err := h.ask(dispatch.Ask{Lane: "ci"})
	refused(t, err, kanban.Gated, "drains")
}
