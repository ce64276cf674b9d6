package board_test

import (
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
)

// TestG14_EveryFailureSpendsAnAttempt: after max_attempts of them the task is
// blocked, and its log tells each once.
func TestG14_EveryFailureSpendsAnAttempt(t *testing.T) {
	for outcome, event := range map[kanban.Outcome]kanban.EventKind{
		kanban.SpawnFailed: kanban.EvSpawnFailed, kanban.Crashed: kanban.EvCrashed,
		kanban.TimedOut: kanban.EvTimedOut, kanban.Stalled: kanban.EvStalled,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "deploy", func(n *board.NewTask) { n.MaxAttempts = 3 })
			for range 3 {
				h.pass(time.Hour)
				h.end(t, h.start(t, task), outcome, "key not set")
			}
			same(t, "runs", h.outcomes(t, task.ID), []kanban.Outcome{outcome, outcome, kanban.GaveUp})
			same(t, "events", without(h.kinds(t, task.ID), kanban.EvReprioritized), []kanban.EventKind{
				kanban.EvCreated, kanban.EvClaimed, event, kanban.EvClaimed, event, kanban.EvClaimed, kanban.EvGaveUp, kanban.EvBlocked,
			})
			got := status(t, h, task.ID, kanban.Blocked)
			if got.BlockKind != kanban.BreakerOpen || got.Failures != 3 || got.BlockReason != "key not set" {
				t.Errorf("kind %q, %d failures, reason %q", got.BlockKind, got.Failures, got.BlockReason)
			}
		})
	}
}

func without(kinds []kanban.EventKind, noise kanban.EventKind) []kanban.EventKind {
	var out []kanban.EventKind
	for _, k := range kinds {
		if k != noise {
			out = append(out, k)
		}
	}
	return out
}

// TestG14_BreakerHolds: nothing that the dispatcher does, and no time, opens it;
// a human does, and the task has all its attempts again.
func TestG14_BreakerHolds(t *testing.T) {
	h := newHouse(t)
	task := h.broken(t)
	before := h.all(t)
	for range 10 {
		h.pass(24 * time.Hour)
		must(h.Wake(bg))(t)
		ok(t, h.Reconcile(bg))
		must(h.Expire(bg, h.now, func(kanban.Run) bool { return false }))(t)
		h.next(t, "builder")
		must(h.Explain(bg, task.ID))(t)
		must(h.Fail(bg, 1, board.Ending{Outcome: kanban.Lost}))(t)
	}
	same(t, "board", h.all(t), before)

	got := must(h.Unblock(bg, ann, task.ID, "the key is set now"))(t)
	if got.Status != kanban.Ready || got.Failures != 0 || got.BlockKind != "" || got.LastError != "" {
		t.Errorf("after unblock: %+v", got)
	}
	h.start(t, got)
}

// broken is a task whose breaker is open.
func (h *house) broken(t tb) kanban.Task {
	t.Helper()
	task := h.add(t, "deploy", func(n *board.NewTask) { n.MaxAttempts = 1 })
	return h.end(t, h.start(t, task), kanban.Crashed, "exit status 3")
}

// TestG14_AnotherLaneIsAFreshStart: failures of one lane do not count against
// another, whoever is blocked for them goes on there.
func TestG14_AnotherLaneIsAFreshStart(t *testing.T) {
	h := newHouse(t)
	task := h.broken(t)
	must(h.Assign(bg, ann, task.ID, board.Assignment{}))(t)
	status(t, h, task.ID, kanban.Blocked)
	got := must(h.Assign(bg, ann, task.ID, board.Assignment{Lane: "tester"}))(t).Task
	if got.Status != kanban.Ready || got.Failures != 0 {
		t.Errorf("%s with %d failures", got.Status, got.Failures)
	}

	// A question of a worker is no matter of lanes.
	asks := h.as(t, kanban.Blocked)
	must(h.Assign(bg, ann, asks.ID, board.Assignment{Lane: "tester"}))(t)
	status(t, h, asks.ID, kanban.Blocked)
}

// TestG14_ProtocolViolationBlocksAtOnce, since another attempt of the same
// worker would end the same way.
func TestG14_ProtocolViolationBlocksAtOnce(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "quiet", func(n *board.NewTask) { n.MaxAttempts = 5 })
	h.end(t, h.start(t, task), kanban.ProtocolViolation, "it said nothing")
	got := status(t, h, task.ID, kanban.Blocked)
	same(t, "kind", got.BlockKind, kanban.BreakerOpen)
	same(t, "runs", h.outcomes(t, task.ID), []kanban.Outcome{kanban.ProtocolViolation})
}

// TestG14_CooldownIsBounded: a task that is told to come later, again and again
// or for too long, is left to a human; whoever lets it go on gives it all its
// time again.
func TestG14_CooldownIsBounded(t *testing.T) {
	h := newHouse(t)
	h.settings.Retry.MaxCooldown = 3 * time.Hour
	task := h.add(t, "limited")
	limited := func(wait time.Duration) kanban.Task {
		r := h.start(t, task)
		must(h.Fail(bg, r.lease.Run, board.Ending{Outcome: kanban.RateLimited, Error: "429", Until: h.now.Add(wait), Started: true}))(t)
		ok(t, h.Settle(bg, r.lease.Run, ""))
		return must(h.Task(bg, task.ID))(t)
	}
	for range 2 {
		if got := limited(time.Hour); got.Status != kanban.Ready || got.Failures != 0 {
			t.Fatalf("%s with %d failures", got.Status, got.Failures)
		}
		h.pass(time.Hour)
	}
	got := limited(61 * time.Minute)
	if got.Status != kanban.Blocked || got.BlockKind != kanban.BreakerOpen || !strings.Contains(got.BlockReason, "wait 3h1m0s in all, more than max_cooldown (3h0m0s): 429") {
		t.Fatalf("%s (%s): %s", got.Status, got.BlockKind, got.BlockReason)
	}
	must(h.Unblock(bg, ann, task.ID, ""))(t)
	if got := limited(3 * time.Hour); got.Status != kanban.Ready {
		t.Fatalf("after a human: %s", got.Status)
	}
	h.pass(3 * time.Hour)
	if got := limited(time.Second); got.Status != kanban.Blocked {
		t.Fatalf("and again too long: %s", got.Status)
	}
}

// TestG14_LossesCostNothingAndEnd: what was no fault of the worker spends no
// attempt, and still not for ever.
func TestG14_LossesCostNothingAndEnd(t *testing.T) {
	for _, outcome := range []kanban.Outcome{kanban.Lost, kanban.Stopped, kanban.RateLimited, kanban.Reclaimed} {
		t.Run(string(outcome), func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "unlucky")
			for range policy.MaxLosses - 1 {
				h.pass(2 * time.Hour)
				got := h.end(t, h.start(t, task), outcome, "the host went away")
				if got.Status != kanban.Ready || got.Failures != 0 {
					t.Fatalf("%s with %d failures", got.Status, got.Failures)
				}
			}
			h.pass(2 * time.Hour)
			got := h.end(t, h.start(t, task), outcome, "the host went away")
			if got.Status != kanban.Blocked || got.BlockKind != kanban.BreakerOpen {
				t.Errorf("%s, kind %q", got.Status, got.BlockKind)
			}
		})
	}
}

// TestG14_BackoffIsStored: the task waits longer after each failure, and says
// until when; a human may end the waiting.
func TestG14_BackoffIsStored(t *testing.T) {
	h := newHouse(t)
	h.settings.Retry.MaxAttempts = 10
	task := h.add(t, "flaky")
	for _, d := range []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second} {
		got := h.end(t, h.start(t, task), kanban.Crashed, "exit status 1")
		if wait := got.NotBefore.Sub(h.now); wait < d/2 || wait > d {
			t.Errorf("it waits %s, want between %s and %s", wait, d/2, d)
		}
		if c := h.next(t, "builder"); c.Run.ID != 0 {
			t.Fatal("it was started while it waits")
		}
		same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateBackoff})
		same(t, "next wake", must(h.Wake(bg))(t), got.NotBefore)
		h.now = got.NotBefore
	}
	h.end(t, h.start(t, task), kanban.Crashed, "exit status 1")
	must(h.Retry(bg, ann, task.ID, "", ""))(t)
	h.start(t, task)
}

// TestG14_BackoffOutlastsAParent: a task that waits for a parent meanwhile does
// not start the sooner for it.
func TestG14_BackoffOutlastsAParent(t *testing.T) {
	for name, link := range map[string]func(t *testing.T, h *house, w hand) kanban.Task{
		"linked while it ran": func(t *testing.T, h *house, w hand) kanban.Task {
			parent := h.add(t, "parent")
			must(h.Link(bg, ann, parent.ID, w.Task, ""))(t)
			h.end(t, w, kanban.Crashed, "exit status 1")
			return parent
		},
		"linked after it failed": func(t *testing.T, h *house, w hand) kanban.Task {
			h.end(t, w, kanban.Crashed, "exit status 1")
			parent := h.add(t, "parent")
			must(h.Link(bg, ann, parent.ID, w.Task, ""))(t)
			return parent
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			w := h.start(t, h.add(t, "child"))
			parent := link(t, h, w)
			waits := status(t, h, w.Task, kanban.Todo)
			same(t, "gates", h.gates(t, w.Task), []kanban.GateKind{kanban.GateBackoff, kanban.GateDependency})
			must(h.Complete(bg, ann, kanban.Lease{Task: parent.ID}, kanban.Handoff{}))(t)
			got := status(t, h, w.Task, kanban.Ready)
			same(t, "not before", got.NotBefore, waits.NotBefore)
			same(t, "gates", h.gates(t, w.Task), []kanban.GateKind{kanban.GateBackoff})
			h.now = got.NotBefore
			h.start(t, got)
		})
	}
}

// TestG14_RateLimitUntil: a time that the limit names counts if it is later.
func TestG14_RateLimitUntil(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "limited"))
	until := h.now.Add(3 * time.Hour)
	got := must(h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.RateLimited, Until: until}))(t)
	same(t, "not before", got.NotBefore, until)
}

// TestG14_ReviewRoundsEnd: a task that is sent back again and again waits for
// a human to say how it should go on.
func TestG14_ReviewRoundsEnd(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "never good enough")
	rounds := 0
	for must(h.Task(bg, task.ID))(t).Status == kanban.Ready {
		w := h.start(t, task)
		must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{Summary: "again"}))(t)
		ok(t, h.Settle(bg, w.run.ID, ""))
		must(h.Reject(bg, ann, task.ID, "no"))(t)
		rounds++
	}
	same(t, "rounds", rounds, 10)
	same(t, "kind", status(t, h, task.ID, kanban.Blocked).BlockKind, kanban.Operator)
	must(h.Unblock(bg, ann, task.ID, "like this: ..."))(t)
	same(t, "rounds after the answer", must(h.Task(bg, task.ID))(t).ReviewRounds, 0)
}

// TestFailKnowsWhatIsOver: an ending that comes late, or of a task that is gone,
// changes nothing and is no error.
func TestFailKnowsWhatIsOver(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "work"))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
	before := h.all(t)
	must(h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.Crashed}))(t)
	same(t, "board", h.all(t), before)
	must(h.Fail(bg, 99, board.Ending{Outcome: kanban.Crashed}))(t)
	ok(t, h.Settle(bg, 99, ""))
	_, err := h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.Completed})
	refused(t, err, kanban.Internal)
}

func TestFailKeepsWhatIsKnownOfTheEnd(t *testing.T) {
	h := newHouse(t)
	w, code := h.start(t, h.add(t, "work")), 137
	must(h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.Crashed, Error: "killed", ExitCode: &code, Signal: "SIGKILL", Started: true}))(t)
	ok(t, h.Settle(bg, w.run.ID, "refs/andon/x/1"))
	ok(t, h.Settle(bg, w.run.ID, "")) // a gateway that starts anew settles again
	r := must(h.Run(bg, w.run.ID))(t)
	if r.ExitCode == nil || *r.ExitCode != 137 || r.Signal != "SIGKILL" || !r.Started || r.Error != "killed" || r.Snapshot != "refs/andon/x/1" || r.Live {
		t.Errorf("run: %+v", r)
	}
	if r.ClaimLock != "" || !r.ClaimEnds.IsZero() {
		t.Errorf("an ended run still holds the claim %s until %s", r.ClaimLock, r.ClaimEnds)
	}
}
