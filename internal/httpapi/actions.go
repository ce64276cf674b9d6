package httpapi

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) actionRoutes() {
	action(s, "claim", "Give a ready task to a worker that Andon does not start", s.claim)
	action(s, "exit", "Tell how the worker of a claimed task ended", s.exit)
	route(s, http.MethodPost, boardPath+"/claims", "claim-next", "Give the next task of a lane to a worker that Andon does not start, or wait for one", s.claimNext)
	action(s, "heartbeat", "Say that a worker lives", heartbeat)
	action(s, "complete", "End a task as done", handoff((*board.Board).Complete))
	action(s, "review", "End a run and ask a human for a verdict", handoff((*board.Board).Review))
	action(s, "block", "End a run and leave the task to a human", block)
	action(s, "schedule", "Park a task until a time", schedule)
	action(s, "promote", "Make a task ready", promote)
	action(s, "assign", "Give a task to a lane", assign)
	action(s, "raise-budget", "Let a task's runs use more", raiseBudget)
	action(s, "unblock", "Open a human's gate", worded((*board.Board).Unblock))
	action(s, "answer", "Answer a question and unblock its task", worded((*board.Board).Answer))
	action(s, "approve", "Accept what was submitted for review", approve)
	action(s, "reject", "Send submitted work back", worded((*board.Board).Reject))
	action(s, "retry", "Give a task another run", retry)
	action(s, "reclaim", "End a run without cost, for another", worded((*board.Board).Reclaim))
	action(s, "stop", "End a run without cost and hold the task", worded((*board.Board).Stop))
	action(s, "cancel", "End a task for good", worded((*board.Board).Cancel))
	action(s, "reopen", "Make a done task run again", worded((*board.Board).Reopen))
	wordless(s, "archive", "Take a task out of sight", (*board.Board).Archive)
	wordless(s, "unarchive", "Bring a task back", (*board.Board).Unarchive)
}

// actionInput is the request of a verb. All of its fields may be left out.
type actionInput[B any] struct {
	TaskPath
	Body *B
}

// action registers a verb that moves a task.
func action[B, T any](s *server, verb, summary string, do func(context.Context, target, B) (T, error)) {
	route(s, http.MethodPost, taskPath+"/"+verb, verb+"-task", summary, func(ctx context.Context, in *actionInput[B]) (*message[T], error) {
		t, err := s.target(ctx, in.TaskPath)
		if err != nil {
			return nil, err
		}
		var body B
		set(&body, in.Body)
		return answer(do(ctx, t, body))
	})
}

// worded is a verb that takes a text: a reason, an answer or a comment.
func worded(do func(b *board.Board, ctx context.Context, a kanban.Actor, id, text string) (kanban.Task, error)) func(context.Context, target, client.Reason) (client.Task, error) {
	return func(ctx context.Context, t target, r client.Reason) (client.Task, error) {
		moved, err := do(t.board, ctx, t.by, t.id, r.Reason)
		return wireTask(moved), err
	}
}

func retry(ctx context.Context, t target, r client.RetryRequest) (client.Task, error) {
	moved, err := t.board.Retry(ctx, t.by, t.id, r.Reason, r.From)
	return wireTask(moved), err
}

// wordless registers a verb that takes no body.
func wordless(s *server, verb, summary string, do func(b *board.Board, ctx context.Context, a kanban.Actor, id string) (kanban.Task, error)) {
	route(s, http.MethodPost, taskPath+"/"+verb, verb+"-task", summary, func(ctx context.Context, in *TaskPath) (*message[client.Task], error) {
		t, err := s.target(ctx, *in)
		if err != nil {
			return nil, err
		}
		moved, err := do(t.board, ctx, t.by, t.id)
		return answer(wireTask(moved), err)
	})
}

func (t target) lease(l client.Lease) kanban.Lease {
	return kanban.Lease{Task: t.id, Run: l.Run, Token: l.Token}
}

// object is a JSON object that a caller may leave out, or set to null.
func object(raw json.RawMessage) json.RawMessage {
	if string(raw) == "null" {
		return nil
	}
	return raw
}

// handoff is a verb with which a run ends and leaves something.
func handoff(do func(b *board.Board, ctx context.Context, a kanban.Actor, l kanban.Lease, h kanban.Handoff) (kanban.Task, error)) func(context.Context, target, client.Handoff) (client.Task, error) {
	return func(ctx context.Context, t target, w client.Handoff) (client.Task, error) {
		h := kanban.Handoff{Summary: w.Summary, Result: w.Result, Metadata: object(w.Metadata), Artifacts: w.Artifacts, Cards: w.Created}
		ended, err := do(t.board, ctx, t.by, t.lease(w.Lease), h)
		return wireTask(ended), err
	}
}

// heartbeat notes the usage first, so that a worker which has used too much hears
// of it.
func heartbeat(ctx context.Context, t target, r client.HeartbeatRequest) (client.HeartbeatReply, error) {
	if r.Usage != nil {
		used, err := readUsage(*r.Usage)
		if err == nil {
			_, err = t.board.Used(ctx, t.lease(r.Lease), used)
		}
		if err != nil {
			return client.HeartbeatReply{}, err
		}
	}
	ends, err := t.board.Heartbeat(ctx, t.lease(r.Lease), r.Note)
	return client.HeartbeatReply{ExpiresAt: ends}, err
}

func raiseBudget(ctx context.Context, t target, more client.Budget) (client.Task, error) {
	b, err := readBudget(more)
	if err != nil {
		return client.Task{}, err
	}
	raised, err := t.board.RaiseBudget(ctx, t.by, t.id, b)
	return wireTask(raised), err
}

func block(ctx context.Context, t target, r client.BlockRequest) (client.Task, error) {
	kind, err := kanban.ParseBlockKind(r.Kind)
	if err != nil {
		return client.Task{}, err
	}
	h := kanban.Handoff{Metadata: object(r.Metadata), Artifacts: r.Artifacts}
	held, err := t.board.Block(ctx, t.by, t.lease(r.Lease), kind, r.Reason, h)
	return wireTask(held), err
}

func approve(ctx context.Context, t target, r client.ApproveRequest) (client.Task, error) {
	done, err := t.board.Approve(ctx, t.by, t.id, r.Reason, r.Revision)
	return wireTask(done), err
}

func schedule(ctx context.Context, t target, r client.ScheduleRequest) (client.Task, error) {
	parked, err := t.board.Schedule(ctx, t.by, t.lease(r.Lease), since(r.Until), r.Reason)
	return wireTask(parked), err
}

func promote(ctx context.Context, t target, r client.PromoteRequest) (client.Task, error) {
	ready, err := t.board.Promote(ctx, t.by, t.id, r.Force, r.Reason)
	return wireTask(ready), err
}

func assign(ctx context.Context, t target, r client.AssignRequest) (client.TaskCreated, error) {
	c, err := t.board.Assign(ctx, t.by, t.id, board.Assignment{
		Lane: r.Assignee, Reclaim: r.Reclaim, Reason: r.Reason, LaneVerify: r.LaneVerify, LaneReview: r.LaneReview,
	})
	return wireCreated(c), err
}
