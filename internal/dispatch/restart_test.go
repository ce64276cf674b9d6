package dispatch_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// TestG13_LiveRunIsAdopted: the next dispatcher takes up a worker that lives,
// and judges it by the terms of its start, even if its lane has gone meanwhile.
func TestG13_LiveRunIsAdopted(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `echo $$ >$TELL; read go <$GATES/gate; echo made it`})
	tell, gate := h.hear(), h.fifo("gate")
	id := h.open().add("a")
	first := tell.process()
	h.await("the start to be on record", func() bool { return h.runs(id)[0].Started })
	h.close()

	h.open()
	h.change(func(c *config.Config) { c.Lanes = nil })
	if n, _ := h.d.Running(); n != 1 {
		t.Errorf("%d runs are adopted, want 1", n)
	}
	gate.say("go")
	h.is(id, kanban.Done)
	runs := h.runs(id)
	same(t, "outcomes", h.outcomes(id), kanban.Completed)
	if runs[0].Summary != "made it" || runs[0].WorkerPID != 0 && runs[0].WorkerPID != first.PID {
		t.Errorf("the run is %+v", runs[0])
	}
	same(t, "events", h.kinds(id), kanban.EvCreated, kanban.EvClaimed, kanban.EvSpawned, kanban.EvCompleted)
}

// TestG13_ExitDuringAbsence: a worker that ended while nobody watched has its
// true status.
func TestG13_ExitDuringAbsence(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `echo $$ >$TELL; read go <$GATES/gate; exit 7`}, func(c *config.Config) { c.Dispatch.MaxAttempts = 1 })
	tell, gate := h.hear(), h.fifo("gate")
	id := h.open().add("a")
	tell.process()
	supervisor := h.runs(id)[0].Supervisor
	h.close()
	p, err := worker.Open(worker.Identity(supervisor))
	fail(t, err)
	defer p.Close()
	gate.say("go")
	<-p.Done()

	h.open().is(id, kanban.Blocked)
	if runs := h.runs(id); len(runs) != 1 || runs[0].ExitCode == nil || *runs[0].ExitCode != 7 || runs[0].Outcome != kanban.GaveUp {
		t.Errorf("the runs are %+v", runs)
	}
}

// TestG13_NeverStarted: a run whose gateway ended before "go" costs nothing, and
// its task runs.
func TestG13_NeverStarted(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"})
	id := h.claimedBy(dead(t))
	h.open().is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Lost, kanban.Completed)
	if task := h.task(id); task.Failures != 0 {
		t.Errorf("it cost %d attempts", task.Failures)
	}
}

// TestG13_FolderOfAnother: what a run of the same number left, on a board that
// was made again, says nothing of this one.
func TestG13_FolderOfAnother(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"})
	id := h.claimedBy(dead(t))
	dir := filepath.Join(h.paths.Runs, "default.1")
	fail(t, os.MkdirAll(dir, 0o700))
	for name, text := range map[string]string{
		"lock": "", "terms.json": `{"supervisor":{"pid":1}}`, "result.json": `{"status":"blocked","kind":"needs_input","reason":"old","token":"x"}`,
		"exit.json": `{"reason":"exited","code":9,"started":"2026-01-01T00:00:00Z"}`,
	} {
		fail(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	h.open().is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Lost, kanban.Completed)
}

// TestG12_RebootTouchesNobody: after a restart of the machine a run is lost at
// once; the process that has its number now, and what looks like it, is left
// alone.
func TestG12_RebootTouchesNobody(t *testing.T) {
	h := newHouse(t, map[string]string{"a": "true"})
	dir := filepath.Join(h.paths.Runs, "default.1")
	fail(t, os.MkdirAll(dir, 0o700))
	fail(t, os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600))
	bystander := exec.Command("cat")
	bystander.Env = []string{worker.ContextVar + "=" + filepath.Join(dir, "context.md")}
	in, err := bystander.StdinPipe()
	fail(t, err)
	fail(t, bystander.Start())
	self, err := worker.Self()
	fail(t, err)
	self.Boot, self.PID = "an earlier boot", bystander.Process.Pid

	id := h.claimedBy(self)
	h.open().is(id, kanban.Done)
	if got := h.runs(id)[0]; got.Outcome != kanban.Lost || got.Error != "the machine was restarted" {
		t.Errorf("the run ended as %s: %s", got.Outcome, got.Error)
	}
	fail(t, in.Close())
	if err := bystander.Wait(); err != nil {
		t.Error("the bystander was not left alone:", err)
	}
}

// TestG16_OrphansOfUnreadableBoardCount: so does what a killed supervisor left
// there.
func TestG16_OrphansOfUnreadableBoardCount(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `echo $$ >$TELL; read go <$GATES/gate`}, func(c *config.Config) { c.Dispatch.MaxParallel = 1 })
	tell, gate := h.hear(), h.fifo("gate")
	h.open()
	frail := h.newBoard("frail")
	h.addTo("frail", board.NewTask{Assignee: "a"})
	orphan := tell.process()
	live, err := frail.LiveRuns(context.Background())
	fail(t, err)
	h.close()
	kill(t, worker.Identity(live[0].Supervisor))

	h.homes.fall("frail")
	h.open()
	next := h.add("a")
	h.await("the cap to be named", func() bool { return h.gates("default", next) == "cap: cap: home 1/1" })
	h.homes.heal()
	h.d.Nudge()
	if p := tell.process(); orphan.Alive() {
		t.Errorf("%v starts while %v lives", p, orphan)
	}
	fail(t, h.boards.Pull(context.Background(), ann, "all", "the test is over", time.Now()))
	for range 2 {
		gate.say("go")
	}
}

// claimedBy makes a task with a run that a dispatcher before us claimed.
func (h *house) claimedBy(supervisor worker.Identity) string {
	h.t.Helper()
	id := h.add("a")
	b := h.board("default")
	epoch, err := b.Own(context.Background())
	fail(h.t, err)
	c, ok, err := b.ClaimNext(context.Background(), board.Offer{Lane: "a", Epoch: epoch, Supervisor: kanban.Process(supervisor)})
	fail(h.t, err)
	if !ok || c.Run.ID != 1 {
		h.t.Fatalf("claimed %+v", c.Run)
	}
	return id
}

// dead is a process that was.
func dead(t *testing.T) worker.Identity {
	t.Helper()
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	fail(t, err)
	fail(t, cmd.Start())
	id, err := worker.Identify(cmd.Process.Pid)
	fail(t, err)
	fail(t, in.Close())
	fail(t, cmd.Wait())
	return id
}

// TestG12_OrphansEndFirst: when a supervisor was killed, the next worker starts
// only after what the first one left is gone.
func TestG12_OrphansEndFirst(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `
		if [ $ANDON_ATTEMPT = 2 ]; then
			echo second >$TELL
			exit 0
		fi
		setsid sh -c 'trap "" TERM; echo $$ >$TELL; read go <$GATES/gate' &
		wait`})
	tell := h.hear()
	h.fifo("gate")
	id := h.open().add("a")
	first := tell.process()
	kill(t, worker.Identity(h.runs(id)[0].Supervisor))
	if tell.line(); first.Alive() {
		t.Error("the first worker lives when the second starts")
	}
	h.is(id, kanban.Done)
	same(t, "outcomes", h.outcomes(id), kanban.Lost, kanban.Completed)
}

// TestG16_UnreadableBoardCounts: after a restart, workers of a board that cannot
// be read still count against the home's cap.
func TestG16_UnreadableBoardCounts(t *testing.T) {
	h := newHouse(t, map[string]string{"a": `echo $$ >$TELL; read go <$GATES/gate`}, func(c *config.Config) { c.Dispatch.MaxParallel = 1 })
	tell, gate := h.hear(), h.fifo("gate")
	h.open()
	h.newBoard("frail")
	h.addTo("frail", board.NewTask{Assignee: "a"})
	pid := tell.process()
	h.close()

	h.homes.fall("frail")
	h.open()
	next := h.add("a")
	h.await("the cap to be named", func() bool { return h.gates("default", next) == "cap: cap: home 1/1" })
	if run, ok, err := h.d.RunOf(context.Background(), pid.PID); err == nil || ok || run.Kind == kanban.Human {
		t.Errorf("its worker is %+v, %v, %v: want a refusal while its board cannot be asked", run, ok, err)
	}
	h.homes.heal()
	h.d.Nudge()
	gate.say("go")
	if p := tell.process(); p == pid {
		t.Error("the second worker is the first")
	}
	gate.say("go")
	h.is(next, kanban.Done)
}
