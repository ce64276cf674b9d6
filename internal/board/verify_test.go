package board_test

import (
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

var makeTest = [][]string{{"make", "test"}}

func verified(n *board.NewTask) { n.Verify = makeTest }

// handIn lets a worker say that its task is done.
func (h *house) handIn(t tb, w hand, say kanban.Handoff) kanban.Task {
	t.Helper()
	return must(h.Complete(bg, w.Actor, w.lease, say))(t)
}

func TestG14_VerifyHoldsACompletion(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build", verified, inTree))
	child := h.add(t, "child", after(must(h.Task(bg, w.Task))(t)))
	got := h.handIn(t, w, kanban.Handoff{Summary: "built", Artifacts: []string{"report"}})
	same(t, "status", got.Status, kanban.Running)
	status(t, h, child.ID, kanban.Todo)
	run := must(h.Run(bg, w.run.ID))(t)
	if len(run.Pending) == 0 || !run.Open() || run.Revision == "" {
		t.Errorf("run %+v", run)
	}
	same(t, "commands", must(h.Fix(bg, w.run.ID))(t), makeTest)
	done := must(h.Verified(bg, w.run.ID))(t)
	same(t, "status", done.Status, kanban.Done)
	same(t, "revision", done.Revision, run.Revision)
	status(t, h, child.ID, kanban.Ready)
	run = must(h.Run(bg, w.run.ID))(t)
	if run.Outcome != kanban.Completed || run.Summary != "built" || run.Pending != nil {
		t.Errorf("run %+v", run)
	}
	same(t, "artifacts", len(must(h.Show(bg, w.Task))(t).Artifacts), 1)
}

// G12: the task of a claim that nobody watches is nobody's while the processes
// live that verify it.
func TestG12_WhatVerifiesKeepsTheNextRunWaiting(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "by hand", verified)
	c := must(h.Claim(bg, ann, task.ID, time.Hour, nil))(t)
	must(h.Complete(bg, ann, kanban.Lease{Task: task.ID, Run: c.Run.ID, Token: c.Token}, kanban.Handoff{}))(t)
	must(h.Fix(bg, c.Run.ID))(t)
	got := must(h.Stop(bg, ann, task.ID, ""))(t)
	same(t, "run whose processes live", got.LiveRun, c.Run.ID)
	ok(t, h.Settle(bg, c.Run.ID, ""))
	same(t, "run whose processes live", must(h.Task(bg, task.ID))(t).LiveRun, int64(0))
}

// G14: what a worker leaves to a reviewer is verified as a completion is, and is in
// review after that although nobody reviews the lane.
func TestG14_WhatIsLeftToAReviewerIsVerifiedFirst(t *testing.T) {
	for _, reviewer := range []string{"", "tester", kanban.ReviewedByHuman} {
		h := newHouse(t)
		w := h.start(t, h.add(t, "build", verified, reviewedBy(reviewer), inTree))
		got := must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{Summary: "look", Artifacts: []string{"report"}}))(t)
		same(t, "handed in", got.Status, kanban.Running)
		same(t, "asked", h.asked(t, w.Task), "")
		must(h.Fix(bg, w.run.ID))(t)
		same(t, "verified", must(h.Verified(bg, w.run.ID))(t).Status, kanban.Review)
		same(t, "a lane was asked", h.asked(t, w.Task) != "", reviewer == "tester")
		run := must(h.Run(bg, w.run.ID))(t)
		if run.Outcome != kanban.Submitted || run.Summary != "look" || run.Pending != nil {
			t.Errorf("run %+v", run)
		}
		same(t, "artifacts", len(must(h.Show(bg, w.Task))(t).Artifacts), 1)
	}
}

// What a human puts into review is looked at by people; nothing verifies it.
func TestAHumansReviewIsAHumansAct(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build", verified))
	same(t, "status", must(h.Review(bg, ann, kanban.Lease{Task: w.Task}, kanban.Handoff{}))(t).Status, kanban.Review)
	w = h.start(t, h.add(t, "with the token of the run", verified))
	same(t, "status", must(h.Review(bg, ann, w.lease, kanban.Handoff{}))(t).Status, kanban.Running)
}

// G11: once it has handed in, a run has no second word, and nobody completes it
// but its verification.
func TestG11_WhoHasHandedInSaysNoMore(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build", verified))
	h.handIn(t, w, kanban.Handoff{})
	before := h.all(t)
	for name, say := range map[string]func() error{
		"complete": func() error { _, err := h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}); return err },
		"review":   func() error { _, err := h.Review(bg, w.Actor, w.lease, kanban.Handoff{}); return err },
		"block":    func() error { _, err := h.Block(bg, w.Actor, w.lease, "", "wait", kanban.Handoff{}); return err },
		"schedule": func() error { _, err := h.Schedule(bg, w.Actor, w.lease, time.Time{}, ""); return err },
		"by the dispatcher": func() error {
			_, err := h.Complete(bg, kanban.System, kanban.Lease{Task: w.Task, Run: w.run.ID}, kanban.Handoff{})
			return err
		},
	} {
		err := say()
		if refused(t, err, kanban.Conflict, "is being verified"); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	same(t, "board", h.all(t), before)
}

// G14: a failed verification costs an attempt, is told to the next one, and the
// last one opens the breaker.
func TestG14_AFailedVerificationCostsAnAttempt(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", verified)
	w := h.start(t, task)
	h.handIn(t, w, kanban.Handoff{Summary: "I think it works"})
	got := h.end(t, w, kanban.VerifyFailed, "verification: make test failed with exit status 2\nFAIL TestLogin")
	if got.Status != kanban.Ready || got.Failures != 1 || got.NotBefore.IsZero() {
		t.Errorf("after the first failure: %+v", got)
	}
	text := must(h.Context(bg, task.ID))(t)
	for _, want := range []string{"verify_failed", "> I think it works", "> FAIL TestLogin"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in\n%s", want, text)
		}
	}
	h.pass(time.Hour)
	w = h.start(t, task)
	h.handIn(t, w, kanban.Handoff{})
	got = h.end(t, w, kanban.VerifyFailed, "again")
	same(t, "status", got.Status, kanban.Blocked)
	same(t, "kind", got.BlockKind, kanban.BreakerOpen)
}

// Whoever may end a running task may end one that is being verified; nothing of
// the handoff counts then.
func TestAHumanEndsAVerification(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(h *house, id string) error
		want kanban.Status
	}{
		"stop":    {func(h *house, id string) error { _, err := h.Stop(bg, ann, id, ""); return err }, kanban.Blocked},
		"reclaim": {func(h *house, id string) error { _, err := h.Reclaim(bg, ann, id, ""); return err }, kanban.Ready},
		"cancel":  {func(h *house, id string) error { _, err := h.Cancel(bg, ann, id, ""); return err }, kanban.Archived},
		"complete": {func(h *house, id string) error {
			_, err := h.Complete(bg, ann, kanban.Lease{Task: id}, kanban.Handoff{})
			return err
		}, kanban.Done},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			w := h.start(t, h.add(t, "build", verified))
			h.handIn(t, w, kanban.Handoff{})
			ok(t, c.do(h, w.Task))
			status(t, h, w.Task, c.want)
			_, err := h.Verified(bg, w.run.ID)
			refused(t, err, kanban.Stale)
			status(t, h, w.Task, c.want)
		})
	}
}

// What is verified is what is handed on: a branch that moved meanwhile, or a
// file that vanished, is no completion.
func TestVerifiedIsAboutWhatWasHandedIn(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "build", verified, inTree))
	h.handIn(t, w, kanban.Handoff{})
	h.work.moved = "elsewhere"
	_, err := h.Verified(bg, w.run.ID)
	refused(t, err, kanban.Conflict, "was handed in")
	status(t, h, w.Task, kanban.Running)
}

func TestWhatVerifies(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Verify: [][]string{{"make", "lint"}}}
	w := h.start(t, h.add(t, "boss", func(n *board.NewTask) { n.Verify = [][]string{} }))
	add := func(a kanban.Actor, n board.NewTask) kanban.Task {
		t.Helper()
		n.Title, n.Assignee = "task", "builder"
		return must(h.Create(bg, a, n))(t).Task
	}
	for name, c := range map[string]struct {
		task kanban.Task
		want bool
	}{
		"the lane's":                 {add(ann, board.NewTask{}), true},
		"none, says a human":         {add(ann, board.NewTask{Verify: [][]string{}}), false},
		"none, says a worker":        {add(w.Actor, board.NewTask{Verify: [][]string{}}), true},
		"others, says a human":       {add(ann, board.NewTask{Verify: makeTest}), true},
		"a worker's beside the lane": {add(w.Actor, board.NewTask{Verify: [][]string{{"true"}}}), true},
	} {
		if got := must(h.Verifies(bg, c.task.ID))(t); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	own := add(w.Actor, board.NewTask{Verify: [][]string{{"true"}}})
	same(t, "a worker's", own.Verify, [][]string{{"make", "lint"}, {"true"}})
	none := [][]string(nil)
	_, err := h.Edit(bg, w.Actor, own.ID, board.Edit{Verify: &none})
	refused(t, err, kanban.Unauthorized)
	for _, bad := range [][][]string{{{}}, {{""}}, {{"a\x00"}}, make([][]string, 21), {{strings.Repeat("a", 9000)}}} {
		_, err := h.Create(bg, ann, board.NewTask{Title: "x", Verify: bad})
		refused(t, err, kanban.Invalid)
	}
}
