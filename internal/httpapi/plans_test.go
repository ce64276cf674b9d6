package httpapi_test

import (
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// tourPlans stands in for the planner, which answers between the calls.
func tourPlans(t *testing.T, h *home, c *client.Client) {
	ctx := t.Context()
	idea := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "a brief", Triage: true}))(t)
	asked := must(c.Specify(ctx, "default", idea.ID, client.PlanRequest{}))(t)
	if asked.State != "asked" || asked.Kind != "specify" || asked.By != "ann" || asked.Tasks == nil {
		t.Errorf("asked %+v", asked)
	}
	b := must(h.boards.Board(ctx, "default"))(t)
	propose := func(plan kanban.Plan) {
		t.Helper()
		must(b.Propose(ctx, must(b.Planning(ctx, idea.ID))(t), "m", plan))(t)
	}
	propose(kanban.Plan{Title: "Write a brief"})
	if p := must(c.Planning(ctx, "default", idea.ID))(t); p.State != "proposed" || p.Title != "Write a brief" || p.Planner != "m" {
		t.Errorf("proposed %+v", p)
	}
	if p := must(c.RejectPlan(ctx, "default", idea.ID, "too short"))(t); p.State != "rejected" || p.Reason != "too short" {
		t.Errorf("rejected %+v", p)
	}
	must(c.Decompose(ctx, "default", idea.ID, client.PlanRequest{}))(t)
	propose(kanban.Plan{Children: []kanban.PlannedTask{{Key: "a", Title: "A", Assignee: "builder"}}})
	p := must(c.ApprovePlan(ctx, "default", idea.ID))(t)
	if p.State != "applied" || len(p.ChildIDs) != 1 || p.Tasks[0].ID != p.ChildIDs[0] || p.Status != "todo" {
		t.Errorf("applied %+v", p)
	}
}

// TestPlansNeedAGateway: without one a wish would be heard by nobody.
func TestPlansNeedAGateway(t *testing.T) {
	h := newHome(t)
	c := client.New(client.Handler(h.handler()), "http://andon", client.Options{})
	idea := must(c.CreateTask(t.Context(), "default", client.TaskCreate{Title: "x", Triage: true}))(t)
	_, err := c.Decompose(t.Context(), "default", idea.ID, client.PlanRequest{})
	refusal(t, err, kanban.Unavailable)
	if p := must(c.Planning(t.Context(), "default", idea.ID))(t); p.State != "none" {
		t.Errorf("something was written: %+v", p)
	}
}

// TestG15_AWorkerPlansNothing: through the API as within.
func TestG15_AWorkerPlansNothing(t *testing.T) {
	h := newHome(t)
	h.gateway = &gateway{}
	c := client.New(client.Handler(h.handler()), "http://andon", client.Options{})
	ctx := t.Context()
	own := add(t, c, "own")
	claim := must(c.Claim(ctx, "default", own.ID, client.ClaimRequest{}))(t)
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "builder", Board: "default", Task: own.ID, Run: claim.Run}
	idea := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "mine", Triage: true}))(t)
	for name, call := range map[string]func() (client.Planning, error){
		"ask": func() (client.Planning, error) {
			return c.Decompose(ctx, "default", idea.ID, client.PlanRequest{Approve: true})
		},
		"approve": func() (client.Planning, error) { return c.ApprovePlan(ctx, "default", idea.ID) },
		"reject":  func() (client.Planning, error) { return c.RejectPlan(ctx, "default", idea.ID, "") },
	} {
		_, err := call()
		if refusal(t, err, kanban.Unauthorized); t.Failed() {
			t.Errorf("%s", name)
		}
	}
	h.actor = ann
	if p := must(c.Planning(ctx, "default", idea.ID))(t); p.State != string(board.PlanNone) {
		t.Errorf("it is %+v", p)
	}
}
