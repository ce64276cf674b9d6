package dispatch_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// TestEndings: what a worker does, and what its run is then.
func TestEndings(t *testing.T) {
	reported := func(l *config.Lane) { l.DoneWhen = config.DoneOnReported }
	cases := []struct {
		name, script string
		lane         func(*config.Lane)
		outcome      kanban.Outcome
		status       kanban.Status
		says         string // summary or error of the run
	}{
		{"exit 0", "echo all good", nil, kanban.Completed, kanban.Done, "all good"},
		{"result file", `echo '{"status":"done","summary":"as told"}' >$ANDON_RESULT`, nil, kanban.Completed, kanban.Done, "as told"},
		{"asks", `echo '{"status":"blocked","kind":"needs_input","reason":"which?"}' >$ANDON_RESULT`, nil, kanban.BlockedOut, kanban.Blocked, "which?"},
		{"for review", `echo '{"status":"review","summary":"look"}' >$ANDON_RESULT`, nil, kanban.Submitted, kanban.Review, "look"},
		{"fails", "echo why; exit 3", nil, kanban.GaveUp, kanban.Blocked, "exit status 3: why"},
		{"is killed", "kill -9 $$", nil, kanban.GaveUp, kanban.Blocked, "killed by SIGKILL"},
		{"killed while it wrote", `printf '{"status":' >$ANDON_RESULT; kill -9 $$`, nil, kanban.GaveUp, kanban.Blocked, "killed by SIGKILL"},
		{"nonsense", `echo '{"status":"fine"}' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `status "fine"`},
		{"no status", `echo '{"summary":"fine"}' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `names no status, which is done, blocked or review; for example {"status":"done"`},
		{"a number for a text", `echo '{"status":"done","summary":5}' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `the result file: "summary" holds a number where a text belongs; for example {"status":"done"`},
		{"a list", `echo '["done"]' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `the result file: it is a list where an object belongs`},
		{"a word", `echo done >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `the result file: it is no JSON`},
		{"an odd kind", `echo '{"status":"blocked","kind":"odd"}' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, `"odd"; one of needs_input`},
		{"forged token", `echo '{"status":"done","token":"x"}' >$ANDON_RESULT`, nil, kanban.ProtocolViolation, kanban.Blocked, "the token is not that of run"},
		{"silent", "echo hm", reported, kanban.ProtocolViolation, kanban.Blocked, "neither complete nor block nor review: hm"},
		{"silent agent", "echo hm", func(l *config.Lane) { reported(l); l.OnSilentExit = config.SilentReviews }, kanban.Submitted, kanban.Review, "hm"},
		{"no such command", "", func(l *config.Lane) { l.Command = []string{"no-such-program"} }, kanban.GaveUp, kanban.Blocked, "not found"},
		{"hook fails", "", func(l *config.Lane) { l.Hooks.BeforeRun = []string{"false"} }, kanban.GaveUp, kanban.Blocked, "hook false"},
		{"too long", "read forever <$GATES/gate", func(l *config.Lane) { l.RunTimeout = 50 * time.Millisecond }, kanban.GaveUp, kanban.Blocked, "longer than 50ms"},
		{"stalls", "read forever <$GATES/gate", func(l *config.Lane) { l.StallTimeout = 50 * time.Millisecond }, kanban.GaveUp, kanban.Blocked, "neither output nor heartbeat"},
	}
	scripts := map[string]string{}
	for _, c := range cases {
		scripts[laneOf(c.name)] = c.script
	}
	h := newHouse(t, scripts, func(conf *config.Config) {
		conf.Dispatch.MaxAttempts = 1
		for _, c := range cases {
			if c.lane != nil {
				edit(conf, laneOf(c.name), c.lane)
			}
		}
	})
	h.fifo("gate")
	h.open()
	tasks := map[string]string{}
	for _, c := range cases {
		tasks[c.name] = h.add(laneOf(c.name))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			h.is(tasks[c.name], c.status)
			same(t, "outcomes", h.outcomes(tasks[c.name]), c.outcome)
			run := h.runs(tasks[c.name])[0]
			if said := run.Summary + run.Error + h.task(tasks[c.name]).BlockReason; !strings.Contains(said, c.says) {
				t.Errorf("it says %q, not %q", said, c.says)
			}
		})
	}
}

func laneOf(name string) string { return strings.ReplaceAll(name, " ", "-") }

// TestStallSparesWhoSpeaks: output and heartbeats are signs of life.
func TestStallSparesWhoSpeaks(t *testing.T) {
	const limit = time.Second
	h := newHouse(t, map[string]string{"a": `echo $$ >$TELL; for i in 1 2 3 4 5 6; do read -r go <$GATES/gate; echo $i; done`},
		func(c *config.Config) { edit(c, "a", func(l *config.Lane) { l.StallTimeout = limit }) })
	tell, gate := h.hear(), h.fifo("gate")
	id := h.open().add("a")
	tell.process()
	tick := time.NewTicker(limit / 4)
	defer tick.Stop()
	for range 6 {
		<-tick.C
		gate.say("go")
	}
	h.is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Completed)
}

// TestG13_ExitBeforeStall: a worker that ended by itself did so, though what it
// left is silent for too long.
func TestG13_ExitBeforeStall(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `(trap "" TERM; read forever <$GATES/gate) & echo done`}, func(c *config.Config) {
		c.Dispatch.StopGrace = 2 * time.Second
		edit(c, "a", func(l *config.Lane) { l.StallTimeout = 400 * time.Millisecond })
	})
	h.fifo("gate")
	id := h.open().add("a")
	h.is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Completed)
}

// TestEventsInOrder: a worker that ends at once is still started first.
func TestEventsInOrder(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"})
	id := h.open().add("a")
	h.is(id, kanban.Done)
	same(t, "events", h.kinds(id), kanban.EvCreated, kanban.EvClaimed, kanban.EvSpawned, kanban.EvCompleted)
}

// TestAfterCreateIsOwed: a hook for new workspaces that failed is run again
// with the next attempt, and not once it succeeded.
func TestAfterCreateIsOwed(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `cat made; [ $ANDON_ATTEMPT = 3 ]`}, func(c *config.Config) {
		c.Dispatch.MaxAttempts = 3
		edit(c, "a", func(l *config.Lane) {
			l.Hooks.AfterCreate = []string{"sh", "-c", `echo $ANDON_ATTEMPT >>made; [ $ANDON_ATTEMPT = 2 ]`}
		})
	})
	id := h.open().add("a")
	h.is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.SpawnFailed, kanban.Crashed, kanban.Completed)
	made, err := os.ReadFile(filepath.Join(h.runs(id)[2].Workspace, "made"))
	fail(t, err)
	if string(made) != "1\n2\n" {
		t.Errorf("the hook ran in attempts %q, want 1 and 2", made)
	}
}

// TestG12_EndsReachTheProcesses: whoever ends a run, in whichever way, its
// processes end, in the hooks before the worker as well.
func TestG12_EndsReachTheProcesses(t *testing.T) {
	stuck := "echo $$ >$TELL; read forever <$GATES/gate"
	inAHook := func(l *config.Lane) { l.Hooks.BeforeRun = []string{"sh", "-c", stuck} }
	ctx := context.Background()
	type end func(*board.Board, kanban.Lease) error
	stop := func(b *board.Board, l kanban.Lease) error { _, err := b.Stop(ctx, ann, l.Task, ""); return err }
	move := func(to kanban.Status) end {
		return func(b *board.Board, l kanban.Lease) error { _, err := b.Move(ctx, ann, l.Task, to, "", ""); return err }
	}
	for name, c := range map[string]struct {
		lane func(*config.Lane)
		end  end
	}{
		"stop":           {nil, stop},
		"stop in a hook": {inAHook, stop},
		"cancel":         {nil, func(b *board.Board, l kanban.Lease) error { _, err := b.Cancel(ctx, ann, l.Task, ""); return err }},
		"delete":         {nil, func(b *board.Board, l kanban.Lease) error { _, err := b.Delete(ctx, ann, l.Task, true); return err }},
		"archive":        {nil, func(b *board.Board, l kanban.Lease) error { _, err := b.Archive(ctx, ann, l.Task); return err }},
		"complete": {nil, func(b *board.Board, l kanban.Lease) error {
			_, err := b.Complete(ctx, ann, l, kanban.Handoff{})
			return err
		}},
		"block": {nil, func(b *board.Board, l kanban.Lease) error {
			_, err := b.Block(ctx, ann, l, "", "which database?", kanban.Handoff{})
			return err
		}},
		"schedule": {nil, func(b *board.Board, l kanban.Lease) error {
			_, err := b.Schedule(ctx, ann, l, time.Now().Add(24*time.Hour), "")
			return err
		}},
		"reassign": {nil, func(b *board.Board, l kanban.Lease) error {
			_, err := b.Assign(ctx, ann, l.Task, board.Assignment{Lane: "nobodys", Reclaim: true})
			return err
		}},
		"moved to blocked":  {nil, move(kanban.Blocked)},
		"moved to done":     {nil, move(kanban.Done)},
		"moved to review":   {nil, move(kanban.Review)},
		"moved to archived": {nil, move(kanban.Archived)},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, map[string]string{"a": stuck}, func(conf *config.Config) {
				if c.lane != nil {
					edit(conf, "a", c.lane)
				}
			})
			tell := h.hear()
			h.fifo("gate")
			id := h.open().add("a")
			worker := tell.process()
			fail(t, c.end(h.board("default"), kanban.Lease{Task: id}))
			h.await("the end of the run", func() bool { n, _ := h.d.Running(); return n == 0 })
			if worker.Alive() {
				t.Error("its process lives on")
			}
			live, err := h.board("default").LiveRuns(ctx)
			fail(t, err)
			if len(live) > 0 {
				t.Errorf("these runs are alive: %+v", live)
			}
		})
	}
}

// TestRowsThatVanish: a run whose rows another program removed or closed is
// ended, and does not come back.
func TestRowsThatVanish(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "echo $$ >$TELL; read forever <$GATES/gate"})
	tell := h.hear()
	h.fifo("gate")
	id := h.open().add("a")
	pid := tell.process()
	fail(t, h.board("default").Store().Update(context.Background(), func(tx store.Tx) error { return tx.DeleteTask(id) }))
	h.await("the end of the run", func() bool { n, _ := h.d.Running(); return n == 0 })
	if pid.Alive() {
		t.Error("its process lives on")
	}
}
