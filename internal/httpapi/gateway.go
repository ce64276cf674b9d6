package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) gatewayRoutes() {
	route(s, http.MethodGet, "/gateway", "gateway-status", "Tell how the gateway is", s.gatewayStatus)
	route(s, http.MethodPost, "/gateway/reload", "reload-gateway", "Read andon.yaml again", told(s, "reload", Control.Reload))
	route(s, http.MethodPost, "/gateway/stop", "stop-gateway", "End the gateway; its workers go on", told(s, "stop the gateway", stop(false)))
	route(s, http.MethodPost, "/gateway/drain", "drain-gateway", "End the gateway when its runs have ended", told(s, "drain the gateway", stop(true)))
	route(s, http.MethodGet, "/dispatch", "plan-dispatch", "Tell what would be started now", s.plan)
	route(s, http.MethodPost, "/dispatch", "dispatch", "Make the dispatcher look again", told(s, "dispatch", nudge))
}

func stop(drain bool) func(Control) error {
	return func(c Control) error {
		c.Stop(drain)
		return nil
	}
}

func nudge(c Control) error {
	c.Nudge()
	return nil
}

// control is the gateway, if this is one.
func (s *server) control() (Control, error) {
	if s.o.Control == nil {
		return nil, kanban.Errorf(kanban.Unavailable, "no gateway is running in %s", s.o.Home).Hint("andon gateway start")
	}
	return s.o.Control, nil
}

// told is a command of a human to the gateway.
func told(s *server, verb string, do func(Control) error) func(context.Context, *nothing) (*nothing, error) {
	return func(ctx context.Context, _ *nothing) (*nothing, error) {
		if _, err := human(ctx, verb); err != nil {
			return nil, err
		}
		c, err := s.control()
		if err != nil {
			return nil, err
		}
		return done(do(c))
	}
}

func (s *server) gatewayStatus(ctx context.Context, _ *nothing) (*message[client.Gateway], error) {
	w := client.Gateway{Home: s.o.Home, Version: s.o.Version, Reason: "no gateway is running"}
	if s.o.Control != nil {
		w = s.o.Control.Status(ctx)
	}
	holds, err := s.o.Boards.Holds(ctx)
	if err == nil {
		err = s.o.Boards.Latched()
	}
	if err != nil {
		w.Problem, w.Hint = problem(err)
	}
	boards, err := s.listBoards(ctx, &listBoardsInput{})
	if err != nil {
		return nil, err
	}
	w.Holds, w.Boards = each(holds, wireHold), boards.Body.Items
	if w.Lanes == nil {
		w.Lanes = map[string]int{}
	}
	return answer(w, nil)
}

type planInput struct {
	Board string `query:"board" doc:"only this board"`
}

func (s *server) plan(ctx context.Context, in *planInput) (*message[client.Plan], error) {
	if _, err := human(ctx, "dispatch"); err != nil {
		return nil, err
	}
	c, err := s.control()
	if err != nil {
		return nil, err
	}
	slug := ""
	if in.Board != "" {
		b, err := s.board(ctx, in.Board)
		if err != nil {
			return nil, err
		}
		slug = b.Slug()
	}
	plan, err := c.Plan(ctx, slug)
	plan.Start, plan.Wait = list(plan.Start), list(plan.Wait)
	return answer(plan, err)
}
