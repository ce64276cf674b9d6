package dispatch_test

import (
	"context"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// TestG14_RateLimitCoolsTheAccount: exit status 75 costs no attempt and holds
// all lanes of the account, but no other; when it is over, work goes on by
// itself.
func TestG14_RateLimitCoolsTheAccount(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "[ $ANDON_ATTEMPT = 2 ] || exit 75", "b": "true", "c": "true"}, func(c *config.Config) {
		c.Accounts = map[string]config.Account{"max": {}}
		c.Dispatch.Backoff = config.Backoff{Initial: 2 * time.Second, Max: 2 * time.Second}
		for _, lane := range []string{"a", "b"} {
			edit(c, lane, func(l *config.Lane) { l.Account = "max" })
		}
	})
	limited := h.open().add("a")
	h.await("the limit", func() bool {
		return len(h.runs(limited)) == 1 && h.task(limited).LiveRun == 0 && h.task(limited).CurrentRun == 0
	})
	held, free := h.add("b"), h.add("c")
	if why := h.gates("default", held); !strings.Contains(why, "cooldown: account:max cools down") {
		t.Errorf("the other lane of the account waits for %q", why)
	}
	h.is(free, kanban.Done)
	h.is(limited, kanban.Done)
	h.is(held, kanban.Done)
	if cooled := h.runs(held)[0].StartedAt; cooled.Before(h.runs(limited)[0].EndedAt.Add(time.Second)) {
		t.Error("the account was not held for its cool-down")
	}
	same(t, "outcomes", h.outcomes(limited), kanban.RateLimited, kanban.Completed)
}

// TestG18_NothingStartsWhile: what keeps the whole home from starting work is
// named on each task, and work goes on by itself or by a nudge when it is over.
func TestG18_NothingStartsWhile(t *testing.T) {
	cases := map[string]struct {
		close, open func(*house)
		gate        string
	}{
		"the cord is pulled": {
			func(h *house) { fail(h.t, h.boards.Pull(context.Background(), ann, "all", "a fire", time.Now())) },
			func(h *house) { fail(h.t, h.boards.Resume(context.Background(), ann, "all")) },
			"paused: ann pulled the cord (all): a fire",
		},
		"the lane is held": {
			func(h *house) { fail(h.t, h.boards.Pull(context.Background(), ann, "lane:a", "a fire", time.Now())) },
			func(h *house) { fail(h.t, h.boards.Resume(context.Background(), ann, "lane:a")) },
			"paused: ann pulled the cord (lane:a): a fire",
		},
		"the disk is full": {
			func(h *house) { h.change(func(c *config.Config) { c.Dispatch.MinFree = math.MaxInt64 }) },
			func(h *house) { h.change(func(c *config.Config) { c.Dispatch.MinFree = 0 }) },
			"disk: only ",
		},
		"another gateway serves the home": {
			func(h *house) { why := "theirs lives"; h.refused.Store(&why); h.d.Nudge() },
			func(h *house) { h.refused.Store(nil); h.d.Nudge() },
			"dispatcher: theirs lives",
		},
		"its lane is gone": {
			func(h *house) { h.change(func(c *config.Config) { c.Lanes = nil }) },
			func(h *house) { h.change(func(c *config.Config) { c.Lanes = h.lanes }) },
			`lane: there is no lane "a" here`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, map[string]string{"a": "true"}).open()
			h.is(h.add("a"), kanban.Done)
			c.close(h)
			h.await("the gate", func() bool {
				return h.d.Situation("default").Closed != nil || strings.HasPrefix(c.gate, "paused") || strings.HasPrefix(c.gate, "lane")
			})
			id := h.add("a")
			if why := h.gates("default", id); !strings.HasPrefix(why, c.gate) {
				t.Errorf("it waits for %q, want %q", why, c.gate)
			}
			if plan, _, err := h.d.Plan(context.Background(), ""); err != nil || len(plan) > 0 {
				t.Errorf("the plan is to start %v, %v", plan, err)
			}
			c.open(h)
			h.is(id, kanban.Done)
		})
	}
}

// TestPullWithStop: when a pull is answered nothing runs in its scope that is
// not being ended, and it cost nothing.
func TestPullWithStop(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "read forever <$GATES/gate", "b": "read forever <$GATES/gate"}).open().tidy()
	h.fifo("gate")
	var ids []string
	for range 3 {
		ids = append(ids, h.add("a"))
	}
	other := h.add("b")
	h.await("the other lane to run", func() bool { return h.task(other).Status == kanban.Running })
	fail(t, h.boards.Pull(context.Background(), ann, "lane:a", "a fire", time.Now()))
	if _, err := h.d.StopRuns(context.Background(), "lane:a"); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if task := h.task(id); task.Status != kanban.Ready || task.Failures != 0 {
			t.Errorf("%s is %s after %d failures", id, task.Status, task.Failures)
		}
	}
	if h.task(other).Status != kanban.Running {
		t.Error("the other lane was stopped, too")
	}
}

// TestDrain: what runs goes on, nothing starts, and the end is told.
func TestDrain(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "echo $$ >$TELL; read go <$GATES/gate"}, func(c *config.Config) { c.Dispatch.MaxParallel = 1 })
	tell, gate := h.hear(), h.fifo("gate")
	running := h.open().add("a")
	tell.process()
	idle := h.d.Drain()
	waiting := h.add("a")
	select {
	case <-idle:
		t.Fatal("idle while a worker runs")
	default:
	}
	gate.say("go")
	<-idle
	h.is(running, kanban.Done)
	if why := h.gates("default", waiting); why != "dispatcher: the gateway drains" {
		t.Errorf("the waiting task waits for %q", why)
	}
}

// TestBoardThatLatches: the others go on, its tasks are explained, its runs are
// ended when it is well again, and nobody runs in circles meanwhile.
func TestBoardThatLatches(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "echo $$ >$TELL; read go <$GATES/gate", "b": "true"})
	tell, gate := h.hear(), h.fifo("gate")
	h.open()
	h.newBoard("frail")
	running := h.addTo("frail", board.NewTask{Assignee: "a"})
	tell.process()
	waiting := h.addTo("frail", board.NewTask{Assignee: "b", Held: true})
	h.homes.fall("frail")
	for range 5 {
		h.is(h.add("b"), kanban.Done)
	}
	h.homes.heal()
	frail := h.board("frail")
	h.homes.fall("frail")
	if e, err := frail.Explain(context.Background(), waiting); err != nil || !strings.Contains(e.Gates[len(e.Gates)-1].Reason, "latched") {
		t.Errorf("the gates are %+v, %v", e.Gates, err)
	}
	h.homes.heal()
	gate.say("go")
	h.await("the run to end", func() bool {
		task, err := frail.Task(context.Background(), running)
		return err == nil && task.Status == kanban.Done && task.LiveRun == 0
	})
}

// TestABusyBoardDelaysNoOther: while another program holds a board, tasks of the
// others start; its own start once it is free.
func TestABusyBoardDelaysNoOther(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"}).open()
	h.newBoard("held")
	due := h.addTo("held", board.NewTask{Assignee: "a", NotBefore: h.clock().Add(time.Hour)})
	another, err := sqlite.OpenHome(h.paths.Home, sqlite.Options{})
	fail(t, err)
	defer another.Close()
	s, err := another.Open(context.Background(), "held")
	fail(t, err)
	holding, release := make(chan struct{}), make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	defer let()
	go func() {
		_ = s.Update(context.Background(), func(store.Tx) error { close(holding); <-release; return nil })
	}()
	<-holding

	h.ahead.Store(int64(2 * time.Hour)) // what is due has to be written
	h.d.Nudge()
	began := time.Now()
	for range 2 {
		h.is(h.add("a"), kanban.Done)
	}
	if took := time.Since(began); took > 9*time.Second { // SQLite waits for ten
		t.Errorf("tasks of another board took %v", took)
	}
	let()
	h.await("the board that was held", func() bool {
		task, err := h.board("held").Task(context.Background(), due)
		return err == nil && task.Status == kanban.Done
	})
}

// TestG18_TakenOver: a board that this dispatcher cannot work on says so on its
// tasks; whoever owns it next goes on.
func TestG18_TakenOver(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"}).open()
	_, err := h.board("default").Own(context.Background())
	fail(t, err)
	id := h.add("a")
	h.await("the reason", func() bool { return strings.Contains(h.gates("default", id), "another gateway owns this board") })
	h.open().is(id, kanban.Done)
}

// TestFairBetweenBoards: with room for one, boards with work take turns,
// whatever the priorities on one of them.
func TestFairBetweenBoards(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "echo $ANDON_BOARD >$TELL"}, func(c *config.Config) { c.Dispatch.MaxParallel = 1 })
	tell := h.hear()
	h.open()
	h.newBoard("other")
	fail(t, h.boards.Pull(context.Background(), ann, "all", "until all is there", time.Now()))
	for range 4 {
		h.addTo("default", board.NewTask{Assignee: "a", Priority: 100})
		h.addTo("other", board.NewTask{Assignee: "a"})
	}
	fail(t, h.boards.Resume(context.Background(), ann, "all"))
	var turns []string
	for range 8 {
		turns = append(turns, tell.line())
	}
	for i := range 5 { // a board that was not read again in time lets another go twice, and no more
		if turns[i] == turns[i+1] && turns[i] == turns[i+2] {
			t.Fatalf("the turns were %v", turns)
		}
	}
}

// TestUrgentFirst: with room for one, the most urgent task of all lanes is next.
func TestUrgentFirst(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "echo $ANDON_TASK >$TELL", "b": "echo $ANDON_TASK >$TELL"}, func(c *config.Config) { c.Dispatch.MaxParallel = 1 })
	tell := h.hear()
	h.open()
	fail(t, h.boards.Pull(context.Background(), ann, "all", "until all is there", time.Now()))
	low := h.addTo("default", board.NewTask{Assignee: "a", Priority: 1})
	high := h.addTo("default", board.NewTask{Assignee: "b", Priority: 3})
	middle := h.addTo("default", board.NewTask{Assignee: "a", Priority: 2})
	fail(t, h.boards.Resume(context.Background(), ann, "all"))
	same(t, "order", []string{tell.line(), tell.line(), tell.line()}, high, middle, low)
	h.is(low, kanban.Done)
}

// TestG23_Sleep: a lease that ran out while the machine slept gets the time that
// its worker had no chance to use; one that runs out awake is over.
func TestG23_Sleep(t *testing.T) {
	h := newHouse(t, nil).open()
	id := h.add("terminal")
	_, err := h.board("default").Claim(context.Background(), ann, id, time.Minute, nil)
	fail(t, err)
	h.ahead.Add(int64(time.Hour)) // longer than the lease of a minute
	h.d.Nudge()
	h.await("a new lease", func() bool { return h.task(id).ClaimEnds.After(h.clock()) })
	if got := h.task(id).Status; got != kanban.Running {
		t.Errorf("the claim of a sleeping worker is %s", got)
	}
}

// TestLeaseRunsOut: a claim without a heartbeat ends at its time, not at the
// next commit.
func TestLeaseRunsOut(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"}).open()
	h.is(h.add("a"), kanban.Done) // the first look at the board, which renews all leases, is over
	id := h.add("terminal")
	_, err := h.board("default").Claim(context.Background(), ann, id, 100*time.Millisecond, nil)
	fail(t, err)
	h.is(id, kanban.Ready)
	same(t, "outcomes", h.outcomes(id), kanban.Lost)
}
