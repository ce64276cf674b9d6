package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func reviewedBy(lane string) func(*board.NewTask) {
	return func(n *board.NewTask) { n.Reviewer = lane }
}

// submit lets a worker hand in what a lane reviews, and returns the review task.
func (h *house) submit(t *testing.T, task kanban.Task) (author hand, review kanban.Task) {
	t.Helper()
	author = h.start(t, task)
	got := h.handIn(t, author, kanban.Handoff{Summary: "built"})
	same(t, "status", got.Status, kanban.Review)
	ok(t, h.Settle(bg, author.run.ID, ""))
	return author, must(h.Task(bg, h.asked(t, task.ID)))(t)
}

// asked is the review that was asked for last.
func (h *house) asked(t *testing.T, id string) string {
	t.Helper()
	last := ""
	for _, e := range h.events(t, id) {
		if review, _ := e.Payload["review_task"].(string); review != "" {
			last = review
		}
	}
	return last
}

func TestReviewByALane(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", reviewedBy("tester"), inTree, func(n *board.NewTask) { n.Labels = []string{"bug"} })
	child := h.add(t, "child", after(task))
	author, review := h.submit(t, task)
	if review.Status != kanban.Ready || review.Assignee != "tester" || review.Reviews != task.ID || !review.Labelled(task.Labels) || review.Revision != fmt.Sprintf("rev%d", author.run.ID) {
		t.Errorf("the review is %+v", review)
	}
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateReview})
	if text := must(h.Context(bg, review.ID))(t); !strings.Contains(text, "andon approve "+task.ID) || !strings.Contains(text, "> built") {
		t.Errorf("the reviewer reads\n%s", text)
	}
	reviewer := h.start(t, review)
	done := must(h.Approve(bg, reviewer.Actor, task.ID, "well done", ""))(t)
	same(t, "status", done.Status, kanban.Done)
	status(t, h, child.ID, kanban.Ready)
	h.handIn(t, reviewer, kanban.Handoff{})
	status(t, h, review.ID, kanban.Done)
	status(t, h, task.ID, kanban.Done)
}

// G15: a verdict is a human's, or that of the run of the review that was asked
// for; never that of the author, of what it created, or of another review.
func TestG15_NobodyElseGivesAVerdict(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", reviewedBy("tester"))
	author := h.start(t, task)
	made := must(h.Create(bg, author.Actor, board.NewTask{Title: "help", Assignee: "builder"}))(t).Task
	h.handIn(t, author, kanban.Handoff{})
	ok(t, h.Settle(bg, author.run.ID, ""))
	helper := h.start(t, made)
	other := h.add(t, "other", reviewedBy("tester"))
	_, foreign := h.submit(t, other)
	stranger := h.start(t, foreign)
	review := must(h.Task(bg, h.asked(t, task.ID)))(t)
	stale := handOf(board.Claimed{Task: review, Run: kanban.Run{ID: stranger.run.ID}})
	before := h.all(t)
	for name, a := range map[string]kanban.Actor{
		"the author": author.Actor, "a task of the author": helper.Actor, "another review": stranger.Actor,
		"another run of the review": stale.Actor, "the dispatcher": kanban.System,
	} {
		_, err := h.Approve(bg, a, task.ID, "", "")
		if kanban.CodeOf(err) != kanban.Unauthorized {
			t.Errorf("%s approves: %v", name, err)
		}
		_, err = h.Reject(bg, a, task.ID, "no")
		if kanban.CodeOf(err) != kanban.Unauthorized {
			t.Errorf("%s rejects: %v", name, err)
		}
	}
	same(t, "board", h.all(t), before)
}

// A verdict is about one revision: what was handed in anew, or a branch that has
// moved, is not approved by it.
func TestG15_ApprovalIsBoundToTheRevision(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", reviewedBy("tester"), inTree)
	_, review := h.submit(t, task)
	first := h.start(t, review)
	_, err := h.Approve(bg, ann, task.ID, "", "another")
	refused(t, err, kanban.Conflict, "revision another")
	h.work.moved = "elsewhere"
	_, err = h.Approve(bg, first.Actor, task.ID, "", "")
	refused(t, err, kanban.Conflict, "was handed in")
	_, err = h.Approve(bg, ann, task.ID, "", "")
	refused(t, err, kanban.Conflict, "was handed in")
	h.work.moved = ""

	must(h.Reject(bg, ann, task.ID, "not yet"))(t)
	h.submit(t, task)
	for name, judge := range map[string]func() error{
		"approve": func() error { _, err := h.Approve(bg, first.Actor, task.ID, "", ""); return err },
		"reject":  func() error { _, err := h.Reject(bg, first.Actor, task.ID, "no"); return err },
	} {
		if err := judge(); kanban.CodeOf(err) != kanban.Unauthorized { // its run was stopped
			t.Errorf("a former review may still %s: %v", name, err)
		}
	}
	status(t, h, task.ID, kanban.Review)
}

// Changes requested are a new run that reads them, max_rounds times; the next time
// a human says how it goes on.
func TestG14_ChangesRequestedUpToMaxRounds(t *testing.T) {
	for name, c := range map[string]struct {
		lane   board.Lane
		own    int // max_rounds of the task
		rounds int
	}{
		"the task's, once":        {board.Lane{Reviewer: "tester"}, 1, 1},
		"the task's, twice":       {board.Lane{Reviewer: "tester", MaxRounds: 5}, 2, 2},
		"the lane's":              {board.Lane{Reviewer: "tester", MaxRounds: 2}, 0, 2},
		"a lane's, by default":    {board.Lane{Reviewer: "tester"}, 0, 3},
		"a human's":               {board.Lane{Reviewer: kanban.ReviewedByHuman, MaxRounds: 2}, 0, 2},
		"a human's, by default":   {board.Lane{Reviewer: kanban.ReviewedByHuman}, 0, 9},
		"nobody's, asked for":     {board.Lane{}, 0, 9},
		"nobody's, of the task's": {board.Lane{}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.settings.Lanes["builder"] = c.lane
			task := h.add(t, "build", func(n *board.NewTask) { n.MaxRounds = c.own })
			for again := range 2 { // what a human lets go on has all its rounds
				for round := range c.rounds + 1 {
					w := h.start(t, task)
					must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
					ok(t, h.Settle(bg, w.run.ID, ""))
					if review := h.asked(t, task.ID); review != "" {
						same(t, "the reviewer reads how it goes on", strings.Contains(must(h.Task(bg, review))(t).Body, "used up"), round == c.rounds)
					}
					finding := fmt.Sprintf("finding %d of %d", round, again)
					must(h.Reject(bg, ann, task.ID, finding))(t)
					if text := must(h.Context(bg, task.ID))(t); !strings.Contains(text, "> "+finding) {
						t.Errorf("the next run reads\n%s", text)
					}
					if round < c.rounds {
						status(t, h, task.ID, kanban.Ready)
					}
				}
				got := status(t, h, task.ID, kanban.Blocked)
				same(t, "reason", got.BlockReason, fmt.Sprintf("sent back from review too often: max_rounds is %d", c.rounds))
				same(t, "failures", got.Failures, 0)
				must(h.Unblock(bg, ann, task.ID, ""))(t)
			}
		})
	}
}

// No lane reviews its own work: it is refused where it is said, and what says so
// already is left to a human.
func TestG15_NoLaneReviewsItsOwnWork(t *testing.T) {
	h := newHouse(t)
	_, err := h.Create(bg, ann, board.NewTask{Title: "build", Assignee: "builder", Reviewer: "builder"})
	refused(t, err, kanban.Invalid, "its own work")
	task := h.add(t, "build", reviewedBy("tester"))
	own := "builder"
	_, err = h.Edit(bg, ann, task.ID, board.Edit{Reviewer: &own})
	refused(t, err, kanban.Invalid, "its own work")
	_, err = h.Assign(bg, ann, task.ID, board.Assignment{Lane: "tester"})
	refused(t, err, kanban.Invalid, "its own work")
	_, review := h.submit(t, task)
	_, err = h.Assign(bg, ann, review.ID, board.Assignment{Lane: "builder"})
	refused(t, err, kanban.Invalid, "may not do that itself")

	h.settings.Lanes["builder"] = board.Lane{Reviewer: "builder"} // another program wrote it
	other := h.add(t, "other")
	w := h.start(t, other)
	h.handIn(t, w, kanban.Handoff{})
	ok(t, h.Settle(bg, w.run.ID, ""))
	status(t, h, other.ID, kanban.Review)
	same(t, "gates", h.gates(t, other.ID), []kanban.GateKind{kanban.GateHuman})
}

// A review that ends without a verdict leaves the question to a human.
func TestAReviewWithoutAVerdict(t *testing.T) {
	for name, end := range map[string]func(h *house, t *testing.T, reviewer hand){
		"done":      func(h *house, t *testing.T, w hand) { h.handIn(t, w, kanban.Handoff{}) },
		"gave up":   func(h *house, t *testing.T, w hand) { h.end(t, w, kanban.ProtocolViolation, "") },
		"cancelled": func(h *house, t *testing.T, w hand) { must(h.Cancel(bg, ann, w.Task, ""))(t) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "build", reviewedBy("tester"))
			_, review := h.submit(t, task)
			end(h, t, h.start(t, review))
			status(t, h, task.ID, kanban.Review)
			same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateHuman})
			must(h.Approve(bg, ann, task.ID, "", ""))(t)
		})
	}
}

// A human is quicker than the lane: nobody reviews what is decided, or left to
// another one, and a review that runs is stopped at no cost.
func TestG15_ADecidedReviewIsPutAway(t *testing.T) {
	edit := func(reviewer string) func(h *house, id string) error {
		return func(h *house, id string) error {
			_, err := h.Edit(bg, ann, id, board.Edit{Reviewer: &reviewer})
			return err
		}
	}
	for name, decide := range map[string]func(h *house, id string) error{
		"archive":         func(h *house, id string) error { _, err := h.Archive(bg, ann, id); return err },
		"delete":          func(h *house, id string) error { _, err := h.Delete(bg, ann, id, false); return err },
		"left to a human": edit(kanban.ReviewedByHuman),
		"left to a lane":  edit("other"),
		"given to a lane without a reviewer": func(h *house, id string) error {
			_, err := h.Assign(bg, ann, id, board.Assignment{Lane: "plain", LaneReview: true})
			return err
		},
		"approve": func(h *house, id string) error { _, err := h.Approve(bg, ann, id, "", ""); return err },
		"reject":  func(h *house, id string) error { _, err := h.Reject(bg, ann, id, "no"); return err },
		"cancel":  func(h *house, id string) error { _, err := h.Cancel(bg, ann, id, ""); return err },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "build", reviewedBy("tester"))
			_, review := h.submit(t, task)
			ok(t, decide(h, task.ID))
			same(t, "closed", status(t, h, review.ID, kanban.Archived).Closed, kanban.NotNeeded)

			task = h.add(t, "build", reviewedBy("tester"))
			_, review = h.submit(t, task)
			w := h.start(t, review)
			ok(t, decide(h, task.ID))
			away := status(t, h, review.ID, kanban.Archived)
			same(t, "its processes count until they are gone", away.LiveRun, w.run.ID)
			same(t, "outcomes", h.outcomes(t, review.ID), []kanban.Outcome{kanban.CancelledOut})
			_, err := h.Approve(bg, w.Actor, task.ID, "", "")
			if code := kanban.CodeOf(err); code != kanban.Unauthorized && code != kanban.NotFound {
				t.Errorf("the verdict of a review that was put away: %v", err)
			}

			ok(t, h.Settle(bg, w.run.ID, ""))

			task = h.add(t, "build", reviewedBy("tester"))
			_, review = h.submit(t, task)
			h.end(t, h.start(t, review), kanban.ProtocolViolation, "")
			ok(t, decide(h, task.ID))
			status(t, h, review.ID, kanban.Archived)
		})
	}
}

// A verdict that is left to another one is that one's: a lane is asked anew about
// what was handed in, and whoever is named already goes on.
func TestG15_AReviewIsLeftToAnother(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "build", reviewedBy("tester"), inTree)
	_, review := h.submit(t, task)
	edit := func(reviewer string) { must(h.Edit(bg, ann, task.ID, board.Edit{Reviewer: &reviewer}))(t) }
	edit("tester")
	same(t, "asked", h.asked(t, task.ID), review.ID)
	status(t, h, review.ID, kanban.Ready)
	edit("other")
	second := must(h.Task(bg, h.asked(t, task.ID)))(t)
	same(t, "lane", second.Assignee, "other")
	same(t, "revision", second.Revision, review.Revision)
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateReview})
	edit(kanban.ReviewedByHuman)
	status(t, h, second.ID, kanban.Archived)
	same(t, "gates", h.gates(t, task.ID), []kanban.GateKind{kanban.GateHuman})
	edit("tester")
	third := must(h.Task(bg, h.asked(t, task.ID)))(t)
	must(h.Approve(bg, h.start(t, third).Actor, task.ID, "", ""))(t)
	status(t, h, task.ID, kanban.Done)
}

// A lane's own rule applies after the verification, and a worker's child is no
// way around it.
func TestReviewAfterVerification(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Verify: makeTest, Reviewer: kanban.ReviewedByHuman, MaxRounds: 1}
	w := h.start(t, h.add(t, "build"))
	child := must(h.Create(bg, w.Actor, board.NewTask{Title: "child", Assignee: "builder"}))(t).Task
	_, err := h.Create(bg, w.Actor, board.NewTask{Title: "child", Assignee: "builder", Reviewer: "tester"})
	refused(t, err, kanban.Unauthorized)
	for _, id := range []string{w.Task, child.ID} {
		if id == child.ID {
			w = h.start(t, child)
		}
		same(t, "handed in", h.handIn(t, w, kanban.Handoff{}).Status, kanban.Running)
		same(t, "verified", must(h.Verified(bg, w.run.ID))(t).Status, kanban.Review)
		ok(t, h.Settle(bg, w.run.ID, ""))
	}
	must(h.Reject(bg, ann, child.ID, "no"))(t)
	h.pass(time.Hour)
	w = h.start(t, child)
	h.handIn(t, w, kanban.Handoff{})
	must(h.Verified(bg, w.run.ID))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	must(h.Reject(bg, ann, child.ID, "no"))(t)
	status(t, h, child.ID, kanban.Blocked)
}
