package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) planRoutes() {
	action(s, "specify", "Ask the planner for a text that a worker can start from", s.askPlan(kanban.Specify))
	action(s, "decompose", "Ask the planner for children that do the work", s.askPlan(kanban.Decompose))
	planRoute(s, http.MethodGet, "", "show-plan", "Show the plan of a task", func(ctx context.Context, t target) (board.Planning, error) {
		return t.board.Planning(ctx, t.id)
	})
	planRoute(s, http.MethodPost, "/approve", "approve-plan", "Apply the plan that is proposed", func(ctx context.Context, t target) (board.Planning, error) {
		return t.board.ApprovePlan(ctx, t.by, t.id)
	})
	route(s, http.MethodPost, taskPath+"/plan/reject", "reject-plan", "Drop the plan that is proposed",
		func(ctx context.Context, in *actionInput[client.Reason]) (*message[client.Planning], error) {
			t, err := s.target(ctx, in.TaskPath)
			if err != nil {
				return nil, err
			}
			var r client.Reason
			set(&r, in.Body)
			p, err := t.board.RejectPlan(ctx, t.by, t.id, r.Reason)
			return answer(wirePlanning(p), err)
		})
}

// askPlan only writes the wish down: the planner is a part of the gateway, and
// no request waits for a model.
func (s *server) askPlan(kind kanban.PlanKind) func(context.Context, target, client.PlanRequest) (client.Planning, error) {
	return func(ctx context.Context, t target, r client.PlanRequest) (client.Planning, error) {
		if s.o.Control == nil {
			return client.Planning{}, kanban.Errorf(kanban.Unavailable, "no gateway runs for this home, and it is what plans").Hint("andon gateway start")
		}
		p, err := t.board.AskPlan(ctx, t.by, t.id, kind, r.Approve)
		return wirePlanning(p), err
	}
}

// planRoute registers what takes no body.
func planRoute(s *server, method, path, id, summary string, do func(context.Context, target) (board.Planning, error)) {
	route(s, method, taskPath+"/plan"+path, id, summary, func(ctx context.Context, in *TaskPath) (*message[client.Planning], error) {
		t, err := s.target(ctx, *in)
		if err != nil {
			return nil, err
		}
		p, err := do(ctx, t)
		return answer(wirePlanning(p), err)
	})
}

func wirePlanning(p board.Planning) client.Planning {
	w := client.Planning{
		TaskID: p.Task.ID, State: string(p.State), Kind: string(p.Kind), Status: string(p.Task.Status), By: p.By, Approve: p.Approve,
		Planner: p.Mind, At: when(p.At), Event: p.Event, Reason: p.Reason, RetryAt: when(p.RetryAt),
		Rationale: p.Plan.Rationale, Title: p.Plan.Title, Body: p.Plan.Body, Assignee: p.Plan.Assignee,
		Tasks: []client.PlannedTask{}, ChildIDs: []string{},
	}
	for _, c := range p.Plan.Children {
		w.Tasks = append(w.Tasks, client.PlannedTask{
			Key: c.Key, ID: p.IDs[c.Key], Title: c.Title, Body: c.Body, Assignee: c.Assignee, Parents: list(c.Parents),
		})
		if id := p.IDs[c.Key]; id != "" {
			w.ChildIDs = append(w.ChildIDs, id)
		}
	}
	return w
}
