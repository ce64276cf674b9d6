package board_test

import (
	"context"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// verb is one use case that changes a board, on a task in the status from.
type verb struct {
	from kanban.Status
	do   verbFunc
}

type verbFunc func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, other string) (any, error)

// anything hides the type of an answer.
func anything[T any](v T, err error) (any, error) { return v, err }

// verbs are all use cases that an actor may try; TestVerbsAreComplete says so.
var verbs = map[string]verb{
	"Create": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, _ kanban.Lease, _ string) (any, error) {
		return anything(h.Create(ctx, a, board.NewTask{Title: "another"}))
	}},
	"CreateGraph": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, _ kanban.Lease, _ string) (any, error) {
		return anything(h.CreateGraph(ctx, a, []board.GraphTask{{Key: "one", NewTask: board.NewTask{Title: "another"}}}))
	}},
	"AskPlan": {kanban.Triage, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.AskPlan(ctx, a, l.Task, kanban.Specify, true))
	}},
	"ApprovePlan": {kanban.Triage, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.ApprovePlan(ctx, a, l.Task))
	}},
	"RejectPlan": {kanban.Triage, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.RejectPlan(ctx, a, l.Task, "no"))
	}},
	"Edit": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		title := "edited"
		return anything(h.Edit(ctx, a, l.Task, board.Edit{Title: &title}))
	}},
	"Move": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Move(ctx, a, l.Task, kanban.Archived, "", ""))
	}},
	"RaiseBudget": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.RaiseBudget(ctx, a, l.Task, usd(1)))
	}},
	"Assign": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Assign(ctx, a, l.Task, board.Assignment{Lane: "tester", Reclaim: true}))
	}},
	"Link": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, other string) (any, error) {
		return anything(h.Link(ctx, a, other, l.Task, ""))
	}},
	"Unlink": {kanban.Todo, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, other string) (any, error) {
		return anything(h.Unlink(ctx, a, other, l.Task))
	}},
	"Comment": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Comment(ctx, a, l.Task, "hello"))
	}},
	"Claim": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		c, err := h.Claim(ctx, a, l.Task, 0, nil)
		return [2]any{c.Task, c.Run.ID}, err
	}},
	"Complete": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Complete(ctx, a, l, kanban.Handoff{Summary: "done", Artifacts: []string{"out.txt"}}))
	}},
	"Review": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Review(ctx, a, l, kanban.Handoff{Summary: "look", Artifacts: []string{"out.txt"}}))
	}},
	"Block": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Block(ctx, a, l, kanban.NeedsInput, "may I?", kanban.Handoff{Artifacts: []string{"out.txt"}}))
	}},
	"Schedule": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Schedule(ctx, a, l, h.now.Add(time.Hour), "later"))
	}},
	"Unblock": {kanban.Blocked, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Unblock(ctx, a, l.Task, "go on"))
	}},
	"Answer": {kanban.Blocked, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Answer(ctx, a, l.Task, "yes"))
	}},
	"Approve": {kanban.Review, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Approve(ctx, a, l.Task, "well done", ""))
	}},
	"Reject": {kanban.Review, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Reject(ctx, a, l.Task, "the tests fail"))
	}},
	"Promote": {kanban.Todo, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Promote(ctx, a, l.Task, true, "now"))
	}},
	"Reclaim": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Reclaim(ctx, a, l.Task, ""))
	}},
	"Retry": {kanban.Blocked, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Retry(ctx, a, l.Task, "", ""))
	}},
	"Stop": {kanban.Running, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Stop(ctx, a, l.Task, ""))
	}},
	"Cancel": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Cancel(ctx, a, l.Task, ""))
	}},
	"Archive": {kanban.Done, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Archive(ctx, a, l.Task))
	}},
	"Unarchive": {kanban.Archived, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Unarchive(ctx, a, l.Task))
	}},
	"Reopen": {kanban.Done, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Reopen(ctx, a, l.Task, "not yet"))
	}},
	"Delete": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Delete(ctx, a, l.Task, true))
	}},
	"Subscribe": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		sub, created, err := h.Subscribe(ctx, a, store.Subscription{Task: l.Task, Sink: "ops"})
		return [2]any{sub, created}, err
	}},
	"ChangeKinds": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, _ kanban.Lease, _ string) (any, error) {
		s, _, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "changed"})
		if err != nil {
			return nil, err
		}
		return anything(h.ChangeKinds(ctx, a, s.ID, []kanban.EventKind{kanban.EvCompleted}))
	}},
	"Mute": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Mute(ctx, a, store.Destination{Sink: "ops"}, store.Mute{Task: l.Task}))
	}},
	"Unmute": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		if _, err := h.Mute(bg, a, store.Destination{Sink: "ops"}, store.Mute{Task: l.Task}); err != nil {
			return nil, err
		}
		return nil, h.Unmute(ctx, a, store.Destination{Sink: "ops"}, l.Task)
	}},
	"Replay": {kanban.Ready, func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		s, _, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "replayed"})
		if err != nil {
			return nil, err
		}
		return anything(h.Replay(ctx, a, board.Replay{Event: 1, Subscription: s.ID}))
	}},
}

// TestOperationIsDoneOnce: a request that is sent again, because its answer got
// lost, is answered as before and changes nothing; its id means nothing else.
func TestOperationIsDoneOnce(t *testing.T) {
	for name, v := range verbs {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			task := h.as(t, v.from)
			other := h.parentOr(t, task, h.add(t, "the other one"))
			ctx, lease := board.WithOperation(bg, "op-1", ""), kanban.Lease{Task: task.ID}
			first := must(v.do(ctx, h, ann, lease, other.ID))(t)
			after, commits, kept := h.all(t), len(h.work.commits), len(h.work.kept)

			h.pass(time.Minute)
			again := must(v.do(ctx, h, ann, lease, other.ID))(t)
			same(t, "answer", again, first)
			same(t, "board", h.all(t), after)
			same(t, "work that was kept", [2]int{len(h.work.commits), len(h.work.kept)}, [2]int{commits, kept})

			_, err := h.Comment(ctx, ann, other.ID, "with the same id")
			refused(t, err, kanban.Conflict, "already used")
		})
	}
}

// TestOperationNamesItsTask: an id that was used for one task does not stand for
// the same verb on another.
func TestOperationNamesItsTask(t *testing.T) {
	h := newHouse(t)
	ctx := board.WithOperation(bg, "op-1", "")
	one, two := h.add(t, "one"), h.add(t, "two")
	must(h.Cancel(ctx, ann, one.ID, ""))(t)
	_, err := h.Cancel(ctx, ann, two.ID, "")
	refused(t, err, kanban.Conflict, "already used")
	status(t, h, two.ID, kanban.Ready)
}

// TestOperationIsARequest: an id that was used for one request does not stand for
// the same verb of the same task in another. What an older version answered has no
// request, and is answered again.
func TestOperationIsARequest(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "one")
	asked := func(request string) context.Context { return board.WithOperation(bg, "op-1", request) }
	first := must(h.Comment(asked(""), ann, task.ID, "hello"))(t)
	same(t, "answer after an upgrade", must(h.Comment(asked("a"), ann, task.ID, "hello"))(t), first)

	asked = func(request string) context.Context { return board.WithOperation(bg, "op-2", request) }
	moved := must(h.Move(asked("a"), ann, task.ID, kanban.Blocked, "wait", ""))(t)
	same(t, "answer", must(h.Move(asked("a"), ann, task.ID, kanban.Blocked, "wait", ""))(t), moved)
	_, err := h.Move(asked("b"), ann, task.ID, kanban.Ready, "", "")
	refused(t, err, kanban.Conflict, "already used")
	ok(t, h.Begin(board.WithOperation(bg, "op-3", "a")))
	ok(t, h.Begin(board.WithOperation(bg, "op-3", "a")))
	refused(t, h.Begin(board.WithOperation(bg, "op-3", "b")), kanban.Conflict, "already used")
}

// TestOperationThatFailedIsTriedAgain: only what was done is remembered.
func TestOperationThatFailedIsTriedAgain(t *testing.T) {
	h := newHouse(t)
	ctx, task := board.WithOperation(bg, "op-1", ""), h.as(t, kanban.Done)
	_, err := h.Unblock(ctx, ann, task.ID, "")
	refused(t, err, kanban.Conflict)
	must(h.Reopen(bg, ann, task.ID, ""))(t)
	must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, "", "wait", kanban.Handoff{}))(t)
	must(h.Unblock(ctx, ann, task.ID, ""))(t)
}

// TestOperationOfARequestThatStopsManyRuns: the cord ends every run under the
// id of the one request that pulled it.
func TestOperationOfARequestThatStopsManyRuns(t *testing.T) {
	h := newHouse(t)
	ctx := board.WithOperation(bg, "pull-1", "")
	for range 2 {
		w := h.start(t, h.add(t, "work"))
		must(h.Fail(ctx, w.run.ID, board.Ending{Outcome: kanban.Stopped}))(t)
		status(t, h, w.Task, kanban.Ready)
	}
}

// TestRetriedCompleteAfterTheTaskMovedOn: the answer is the first one although a
// new run is at work, whose files are left alone.
func TestRetriedCompleteAfterTheTaskMovedOn(t *testing.T) {
	h := newHouse(t)
	ctx, task := board.WithOperation(bg, "op-1", ""), h.add(t, "twice")
	say := kanban.Handoff{Summary: "done", Artifacts: []string{"out.txt"}, Cards: []string{h.add(t, "card", after(task)).ID}}
	w := h.start(t, task)
	first := must(h.Complete(ctx, ann, kanban.Lease{Task: task.ID}, say))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	must(h.Reopen(bg, ann, task.ID, ""))(t)
	h.start(t, task)
	same(t, "answer", must(h.Complete(ctx, ann, kanban.Lease{Task: task.ID}, say))(t), first)
	same(t, "commits", h.work.commits, []string{task.ID})
	status(t, h, task.ID, kanban.Running)
}

// TestClaimWhoseAnswerGotLost: the token is kept nowhere, so the claim is told
// with a new one, and the first is worth nothing.
func TestClaimWhoseAnswerGotLost(t *testing.T) {
	h := newHouse(t)
	ctx, task := board.WithOperation(bg, "op-1", ""), h.add(t, "by hand")
	lost := must(h.Claim(ctx, ann, task.ID, time.Hour, nil))(t)
	again := must(h.Claim(ctx, ann, task.ID, time.Hour, nil))(t)
	if again.Run.ID != lost.Run.ID || again.Token == "" || again.Token == lost.Token {
		t.Fatalf("run %d, token %q; then run %d, token %q", lost.Run.ID, lost.Token, again.Run.ID, again.Token)
	}
	_, err := h.Heartbeat(bg, handOf(lost).lease, "")
	refused(t, err, kanban.Stale, "token")
	must(h.Heartbeat(bg, handOf(again).lease, ""))(t)

	must(h.Reclaim(bg, ann, task.ID, ""))(t)
	_, err = h.Claim(ctx, ann, task.ID, time.Hour, nil)
	refused(t, err, kanban.Stale, "reclaimed")
}
