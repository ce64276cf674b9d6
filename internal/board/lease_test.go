package board_test

import (
	"context"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// writes are all that a worker can do with its lease.
var writes = map[string]func(h *house, w hand) error{
	"complete": func(h *house, w hand) error {
		_, err := h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done", Cards: []string{"t_00000000"}})
		return err
	},
	"review": func(h *house, w hand) error {
		_, err := h.Review(bg, w.Actor, w.lease, kanban.Handoff{})
		return err
	},
	"block": func(h *house, w hand) error {
		_, err := h.Block(bg, w.Actor, w.lease, "", "may I?", kanban.Handoff{})
		return err
	},
	"schedule": func(h *house, w hand) error {
		_, err := h.Schedule(bg, w.Actor, w.lease, time.Time{}, "")
		return err
	},
	"heartbeat": func(h *house, w hand) error { _, err := h.Heartbeat(bg, w.lease, "still here"); return err },
	"create": func(h *house, w hand) error {
		_, err := h.Create(bg, w.Actor, board.NewTask{Title: "more"})
		return err
	},
	"comment": func(h *house, w hand) error { _, err := h.Comment(bg, w.Actor, w.Task, "hello"); return err },
	"link":    func(h *house, w hand) error { _, err := h.Link(bg, w.Actor, "t_00000000", w.Task, ""); return err },
	"promote": func(h *house, w hand) error { _, err := h.Promote(bg, w.Actor, w.Task, false, ""); return err },
}

// TestG11_StaleWorkerIsToldWhatHappened: whatever ended its run, a worker's
// write changes nothing, and says what came instead.
func TestG11_StaleWorkerIsToldWhatHappened(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(t *testing.T, h *house, w hand)
		told    []string
	}{
		"a human reclaimed it": {func(t *testing.T, h *house, w hand) {
			must(h.Reclaim(bg, ann, w.Task, "it loops"))(t)
		}, []string{"reclaimed", "it loops", "is ready"}},
		"another run works on it": {func(t *testing.T, h *house, w hand) {
			h.end(t, w, kanban.Crashed, "exit status 1")
			h.pass(time.Hour)
			h.next(t, "builder")
		}, []string{"crashed", "exit status 1", "worked on by run 2"}},
		"it timed out": {func(t *testing.T, h *house, w hand) {
			h.end(t, w, kanban.TimedOut, "it ran longer than 1h")
		}, []string{"timed_out", "longer than 1h"}},
		"a human stopped it": {func(t *testing.T, h *house, w hand) {
			must(h.Stop(bg, ann, w.Task, "wrong branch"))(t)
		}, []string{"stopped", "wrong branch", "is blocked"}},
		"a human completed it": {func(t *testing.T, h *house, w hand) {
			must(h.Complete(bg, ann, kanban.Lease{Task: w.Task}, kanban.Handoff{}))(t)
		}, []string{"completed", "is done"}},
		"it was given to another lane": {func(t *testing.T, h *house, w hand) {
			must(h.Assign(bg, ann, w.Task, board.Assignment{Lane: "tester", Reclaim: true}))(t)
		}, []string{"reclaimed", "is ready"}},
		"another program took it away": {func(t *testing.T, h *house, w hand) {
			h.foreign(t, w.Task, func(task *kanban.Task) { task.Status, task.CurrentRun = kanban.Ready, 0 })
		}, []string{"taken away by another program", "is ready"}},
		"it was cancelled": {func(t *testing.T, h *house, w hand) {
			must(h.Cancel(bg, ann, w.Task, "no longer wanted"))(t)
		}, []string{"cancelled", "is archived"}},
		"it was deleted, its processes live": {func(t *testing.T, h *house, w hand) {
			must(h.Delete(bg, ann, w.Task, true))(t)
		}, []string{"deleted"}},
	} {
		t.Run(name, func(t *testing.T) {
			for verb, write := range writes {
				t.Run(verb, func(t *testing.T) {
					h := newHouse(t)
					w := h.start(t, h.add(t, "work"))
					c.happens(t, h, w)
					before := h.all(t)
					refused(t, write(h, w), kanban.Stale, c.told...)
					same(t, "board", h.all(t), before)
				})
			}
		})
	}
}

func TestG11_WorkerOfADeletedTask(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	must(h.Delete(bg, ann, w.Task, true))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	for _, verb := range []string{"complete", "review", "block", "schedule", "heartbeat", "create"} {
		t.Run(verb, func(t *testing.T) { refused(t, writes[verb](h, w), kanban.Stale) })
	}
}

// TestG11_OnlyTheTokenOpens: a run is ended by its own token, not by what others
// can read or guess.
func TestG11_OnlyTheTokenOpens(t *testing.T) {
	h := newHouse(t)
	w, other := h.start(t, h.add(t, "work")), h.start(t, h.add(t, "other"))
	for name, c := range map[string]struct {
		lease kanban.Lease
		code  kanban.Code
	}{
		"none":                   {kanban.Lease{Task: w.Task, Run: w.run.ID}, kanban.Stale},
		"a guess":                {kanban.Lease{Task: w.Task, Run: w.run.ID, Token: "00"}, kanban.Stale},
		"the published lock":     {kanban.Lease{Task: w.Task, Run: w.run.ID, Token: w.run.ClaimLock}, kanban.Stale},
		"another run's":          {kanban.Lease{Task: w.Task, Run: w.run.ID, Token: other.lease.Token}, kanban.Stale},
		"of another run":         {other.lease, kanban.Unauthorized},
		"a run that never was":   {kanban.Lease{Task: w.Task, Run: 99, Token: w.lease.Token}, kanban.Unauthorized},
		"of another task's run":  {kanban.Lease{Task: other.Task, Run: w.run.ID, Token: w.lease.Token}, kanban.Stale},
		"a task that never was":  {kanban.Lease{Task: "t_00000000", Run: w.run.ID, Token: w.lease.Token}, kanban.Stale},
		"with no run's number":   {kanban.Lease{Task: w.Task, Token: w.lease.Token}, kanban.Stale},
		"hash instead of secret": {kanban.Lease{Task: w.Task, Run: w.run.ID, Token: w.run.TokenHash}, kanban.Stale},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Complete(bg, w.Actor, c.lease, kanban.Handoff{})
			refused(t, err, c.code)
		})
	}
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
}

// TestReferenceWorkerEndsItsRunByItsLock: a claim of the reference system has no
// token; its workers carry the lock.
func TestReferenceWorkerEndsItsRunByItsLock(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	h.foreignRun(t, w.run.ID, func(r *kanban.Run) { r.TokenHash, r.ClaimLock = "", "host:1" })
	w.lease.Token = "host:1"
	must(h.Heartbeat(bg, w.lease, ""))(t)
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
}

func TestHeartbeatExtendsTheLease(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	h.pass(10 * time.Minute)
	events := len(h.events(t, w.Task))
	same(t, "end of the lease", must(h.Heartbeat(bg, w.lease, ""))(t), h.now.Add(15*time.Minute))
	run := must(h.Run(bg, w.run.ID))(t)
	same(t, "liveness", run.Heartbeat, h.now)
	same(t, "progress", run.Progress, t0)
	same(t, "events of a bare heartbeat", len(h.events(t, w.Task)), events)

	must(h.Heartbeat(bg, w.lease, "halfway"))(t)
	same(t, "progress after a note", must(h.Run(bg, w.run.ID))(t).Progress, h.now)
	same(t, "events of a note", len(h.events(t, w.Task)), events+1)
}

// TestHeartbeatNeverShortensALease that somebody claimed for longer.
func TestHeartbeatNeverShortensALease(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "by hand")
	c := must(h.Claim(bg, ann, task.ID, 8*time.Hour, nil))(t)
	same(t, "end of the lease", must(h.Heartbeat(bg, handOf(c).lease, ""))(t), t0.Add(8*time.Hour))
}

// TestExtendLeavesOtherRunsAlone: a late extension of a run that has ended, or
// was taken away, renews nothing.
func TestExtendLeavesOtherRunsAlone(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	h.end(t, w, kanban.Crashed, "x")
	h.pass(time.Hour)
	h.next(t, "builder")
	before := must(h.Task(bg, w.Task))(t)
	ok(t, h.Extend(bg, w.run.ID, h.now))
	same(t, "task", must(h.Task(bg, w.Task))(t), before)

	h.foreign(t, w.Task, func(task *kanban.Task) { task.Status, task.CurrentRun = kanban.Ready, 0 })
	before = must(h.Task(bg, w.Task))(t)
	ok(t, h.Extend(bg, 2, h.now))
	same(t, "task", must(h.Task(bg, w.Task))(t), before)
}

// foreignRun changes a run behind Andon's back.
func (h *house) foreignRun(t tb, id int64, change func(*kanban.Run)) {
	t.Helper()
	ok(t, h.store.Update(context.Background(), foreignly(id, change)))
}
