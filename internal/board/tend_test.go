package board_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func TestWake(t *testing.T) {
	h := newHouse(t)
	soon := h.add(t, "soon", func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Minute) })
	later := h.add(t, "later", func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Hour) })
	parked := h.add(t, "parked")
	must(h.Schedule(bg, ann, kanban.Lease{Task: parked.ID}, time.Time{}, "some day"))(t)
	same(t, "next", must(h.Wake(bg))(t), t0.Add(time.Minute))
	status(t, h, soon.ID, kanban.Scheduled)

	h.now = t0.Add(time.Minute)
	same(t, "next", must(h.Wake(bg))(t), t0.Add(time.Hour))
	same(t, "events", h.kinds(t, soon.ID), []kanban.EventKind{kanban.EvCreated, kanban.EvWoken})
	if got := status(t, h, soon.ID, kanban.Ready); !got.NotBefore.IsZero() {
		t.Errorf("it still waits until %s", got.NotBefore)
	}
	h.pass(1000 * time.Hour)
	same(t, "next", must(h.Wake(bg))(t), time.Time{})
	status(t, h, later.ID, kanban.Ready)
	status(t, h, parked.ID, kanban.Scheduled)
	must(h.Unblock(bg, ann, parked.ID, ""))(t)
	status(t, h, parked.ID, kanban.Ready)
}

// TestWakeOfMany: more than one transaction takes are due at once.
func TestWakeOfMany(t *testing.T) {
	h := newHouse(t)
	for range 250 {
		h.add(t, "x", func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Minute) })
	}
	h.pass(time.Hour)
	must(h.Wake(bg))(t)
	same(t, "ready", must(h.Stats(bg))(t).ByStatus[kanban.Ready], 250)
}

// TestWorkerParksItsOwn until a time; the run ends without cost.
func TestWorkerParksItsOwn(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "poll the build"))
	got := must(h.Schedule(bg, w.Actor, w.lease, h.now.Add(time.Hour), "the build takes an hour"))(t)
	same(t, "failures", got.Failures, 0)
	r := must(h.Run(bg, w.run.ID))(t)
	if r.Outcome != kanban.ScheduledOut || r.Summary != "the build takes an hour" {
		t.Errorf("run: %+v", r)
	}
}

// TestExpire: nobody watches the processes of a claim made by hand, so its lease
// decides; runs with a supervisor are never judged by time.
func TestExpire(t *testing.T) {
	h := newHouse(t)
	watched := h.start(t, h.add(t, "watched"))
	byHand := must(h.Claim(bg, ann, h.add(t, "by hand").ID, time.Minute, nil))(t)
	alive := func(kanban.Run) bool { t.Error("asked about a claim of ours"); return false }
	same(t, "next", must(h.Expire(bg, h.now, alive))(t), t0.Add(time.Minute))
	h.pass(time.Hour)
	same(t, "next", must(h.Expire(bg, h.now, alive))(t), time.Time{})
	status(t, h, watched.Task, kanban.Running)
	got := status(t, h, byHand.Task.ID, kanban.Ready)
	same(t, "failures", got.Failures, 0)
	same(t, "losses", got.Losses, 1)
	_, err := h.Heartbeat(bg, handOf(byHand).lease, "")
	refused(t, err, kanban.Stale, "lost", "lease ran out")
}

// TestExpireOfTheReferencesClaims: lost once its worker is gone, else when the
// lease ends.
func TestExpireOfTheReferencesClaims(t *testing.T) {
	h := newHouse(t)
	c := must(h.Claim(bg, ann, h.add(t, "theirs").ID, time.Hour, nil))(t)
	h.foreignRun(t, c.Run.ID, func(r *kanban.Run) { r.TokenHash = "" })
	must(h.Expire(bg, h.now, func(kanban.Run) bool { return true }))(t)
	status(t, h, c.Task.ID, kanban.Running)
	must(h.Expire(bg, h.now, func(kanban.Run) bool { return false }))(t)
	status(t, h, c.Task.ID, kanban.Ready)
}

// TestReconcilePromotesWhatOthersReleased, more than one batch of it.
func TestReconcilePromotesWhatOthersReleased(t *testing.T) {
	h := newHouse(t)
	parent := h.add(t, "parent", func(n *board.NewTask) { n.Triage = true })
	for range 450 {
		h.add(t, "child", after(parent))
	}
	h.foreign(t, parent.ID, func(p *kanban.Task) { p.Status = kanban.Done })
	ok(t, h.Reconcile(bg))
	same(t, "ready", must(h.Stats(bg))(t).ByStatus[kanban.Ready], 450)
}

// TestG10_WhatAnotherProgramLeftOpen: a run is closed before the next opens, a
// task made ready too early waits for its parents, and for the processes of the
// run that was taken away.
func TestG10_WhatAnotherProgramLeftOpen(t *testing.T) {
	t.Run("an open run", func(t *testing.T) {
		h := newHouse(t)
		byHand := must(h.Claim(bg, ann, h.add(t, "x").ID, time.Hour, nil))(t)
		h.foreign(t, byHand.Task.ID, func(task *kanban.Task) { task.Status = kanban.Ready })
		h.start(t, must(h.Task(bg, byHand.Task.ID))(t))
		same(t, "runs", h.outcomes(t, byHand.Task.ID), []kanban.Outcome{kanban.Reclaimed, ""})
	})
	t.Run("live processes", func(t *testing.T) {
		h := newHouse(t)
		w := h.start(t, h.add(t, "x"))
		h.foreign(t, w.Task, func(task *kanban.Task) { task.Status, task.CurrentRun = kanban.Ready, 0 })
		if c := h.next(t, "builder"); c.Run.ID != 0 {
			t.Fatal("a second worker was started beside the first")
		}
		same(t, "gates", h.gates(t, w.Task), []kanban.GateKind{kanban.GateTree})
		ok(t, h.Settle(bg, w.run.ID, ""))
		h.start(t, must(h.Task(bg, w.Task))(t))
	})
	t.Run("live processes, claimed by hand", func(t *testing.T) {
		h := newHouse(t)
		w := h.start(t, h.add(t, "x"))
		h.foreign(t, w.Task, func(task *kanban.Task) { task.Status, task.CurrentRun = kanban.Ready, 0 })
		_, err := h.Claim(bg, ann, w.Task, 0, nil)
		refused(t, err, kanban.Gated, "processes of run 1")
	})
	t.Run("a parent", func(t *testing.T) {
		h := newHouse(t)
		task := h.as(t, kanban.Todo)
		h.foreign(t, task.ID, func(task *kanban.Task) { task.Status = kanban.Ready })
		if c := h.next(t, "builder"); c.Run.ID != 0 {
			t.Fatal("it was started without its parent")
		}
		status(t, h, task.ID, kanban.Todo)
	})
	t.Run("a run of a deleted task", func(t *testing.T) {
		h := newHouse(t)
		h.settings.BoardCap = 1
		w := h.start(t, h.add(t, "x"))
		ok(t, h.store.Update(bg, func(tx store.Tx) error {
			run, err := tx.Run(w.run.ID)
			if err != nil {
				return err
			}
			if err := tx.DeleteTask(w.Task); err != nil {
				return err
			}
			run.Live = true
			_, err = tx.InsertRun(run) // its rows stay when only the task's is deleted
			return err
		}))
		orphan := must(h.LiveRuns(bg))(t)[0]
		must(h.Fail(bg, orphan.ID, board.Ending{Outcome: kanban.Lost}))(t)
		ok(t, h.Settle(bg, orphan.ID, ""))
		h.start(t, h.add(t, "y"))
	})
}

// TestG16_CapsHoldInTheClaim: board and tenant caps count what is alive, also
// after its run has ended.
func TestG16_CapsHoldInTheClaim(t *testing.T) {
	h := newHouse(t)
	h.settings.BoardCap, h.settings.TenantCap = 3, map[string]int{"acme": 1}
	acme := func(n *board.NewTask) { n.Tenant = "acme" }
	first := h.start(t, h.add(t, "a1", acme))
	second := h.add(t, "a2", acme, priority(9))
	other := h.add(t, "b1")
	same(t, "next", h.next(t, "builder").Task.ID, other.ID)
	_, err := h.Claim(bg, ann, second.ID, 0, nil)
	refused(t, err, kanban.Exhausted)

	must(h.Complete(bg, first.Actor, first.lease, kanban.Handoff{}))(t)
	_, err = h.Claim(bg, ann, second.ID, 0, nil)
	refused(t, err, kanban.Exhausted)
	ok(t, h.Settle(bg, first.run.ID, ""))
	same(t, "next", h.next(t, "builder").Task.ID, second.ID)
	h.start(t, h.add(t, "b2"))
	h.add(t, "b3")
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Error("a fourth run on a board for three")
	}
	same(t, "lane", must(h.NextLane(bg, []string{"builder"}, nil, nil))(t), "")
}

// TestNextIsTheMostUrgent: by priority, then age, over all lanes asked.
func TestNextIsTheMostUrgent(t *testing.T) {
	h := newHouse(t)
	h.add(t, "old")
	h.pass(time.Minute)
	h.add(t, "young", func(n *board.NewTask) { n.Assignee = "tester" })
	same(t, "lane", must(h.NextLane(bg, []string{"tester", "builder"}, nil, nil))(t), "builder")
	h.add(t, "urgent", func(n *board.NewTask) { n.Assignee, n.Priority = "tester", 1 })
	same(t, "lane", must(h.NextLane(bg, []string{"tester", "builder"}, nil, nil))(t), "tester")
	same(t, "task", h.next(t, "tester").Task.Title, "urgent")
	same(t, "lane", must(h.NextLane(bg, []string{"nobody"}, nil, nil))(t), "")
}

// TestG10_FormerDispatcherClaimsNothing: whoever owned the board before is told
// that it no longer does.
func TestG10_FormerDispatcherClaimsNothing(t *testing.T) {
	h := newHouse(t)
	h.add(t, "x")
	must(h.Own(bg))(t)
	_, _, err := h.ClaimNext(bg, board.Offer{Lane: "builder", Epoch: h.epoch})
	refused(t, err, kanban.Stale, "another gateway")
}

// TestClaimRecordsItsOwner: supervisor, place and limits stand in the row before
// the worker starts.
func TestClaimRecordsItsOwner(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{MaxRuntime: time.Hour}
	w := h.start(t, h.add(t, "x"))
	ok(t, h.Spawned(bg, w.run.ID, 4712, "c0ffee"))
	r := must(h.Run(bg, w.run.ID))(t)
	if r.Supervisor.PID != 4711 || !r.Live || !r.Started || r.WorkerPID != 4712 || r.Base != "c0ffee" || r.MaxRuntime != time.Hour || r.Attempt != 1 ||
		r.Workspace != "/places/"+w.Task {
		t.Errorf("run: %+v", r)
	}
	if r.TokenHash == w.lease.Token || len(w.lease.Token) != 32 {
		t.Errorf("token %q, kept as %q", w.lease.Token, r.TokenHash)
	}
	if got := must(h.Task(bg, w.Task))(t); got.CurrentRun != r.ID || got.ClaimLock != r.ClaimLock || got.WorkerPID != 4712 || got.StartedAt != t0 {
		t.Errorf("task: %+v", got)
	}
	same(t, "events", without(h.kinds(t, w.Task), kanban.EvReprioritized), []kanban.EventKind{kanban.EvCreated, kanban.EvClaimed, kanban.EvSpawned})

	// The next claim has nothing of this one.
	must(h.Heartbeat(bg, w.lease, ""))(t)
	h.end(t, w, kanban.Crashed, "x")
	h.pass(time.Hour)
	w = h.start(t, must(h.Task(bg, w.Task))(t))
	if got := must(h.Task(bg, w.Task))(t); got.WorkerPID != 0 || !got.Heartbeat.IsZero() || got.StartedAt != t0 || w.run.Attempt != 2 {
		t.Errorf("attempt %d: %+v", w.run.Attempt, got)
	}
}

func TestPrune(t *testing.T) {
	h := newHouse(t)
	open, done := h.add(t, "open"), h.as(t, kanban.Done)
	h.pass(48 * time.Hour)
	day := board.Retention{Events: 24 * time.Hour, Operations: 24 * time.Hour, Deliveries: 24 * time.Hour}
	same(t, "pruned", must(h.Prune(bg, day))(t).Events, 2)
	same(t, "events of the open task", len(h.events(t, open.ID)), 1)
	same(t, "events of the done task", len(h.events(t, done.ID)), 0)
}
