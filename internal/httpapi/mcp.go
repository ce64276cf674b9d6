package httpapi

import (
	"context"
	"net/http"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// Caller is who asks over another protocol than this API's.
type Caller struct {
	kanban.Actor
	Lease  client.Lease   // of a worker that showed its run's credential; zero otherwise
	Board  string         // that it asks for, "" = none in particular
	Client *client.Client // the API, asked as this caller
}

type callerKey struct{}

// CallerOf is who makes a request below Options.MCP.
func CallerOf(r *http.Request) Caller {
	c, _ := r.Context().Value(callerKey{}).(Caller)
	return c
}

// alike serves next with the caller in its context, who is found out as for
// every route.
func (s *server) alike(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := s.asked(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		if shown, err := parseBearer(r.Header.Get("Authorization")); err == nil && c.Kind == kanban.Worker {
			c.Lease = client.Lease{Run: shown.run, Token: shown.token}
		}
		api := s.recovered(s.identified(s.mux))
		as := c.Actor
		c.Client = client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			api.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), actorKey{}, as)))
		})), "http://andon", client.Options{})
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, c)))
	})
}

// asked is who makes a request and what its address asks for.
//
// Errors: invalid, not_found, unauthorized.
func (s *server) asked(r *http.Request) (Caller, error) {
	c := Caller{Actor: actor(r.Context())}
	query := r.URL.Query()
	for name, values := range query {
		if name != "role" && name != "board" || len(values) > 1 {
			return c, kanban.Errorf(kanban.Invalid, "the address has %s, which is not understood", kanban.Quote(name)).
				Hint("?role=orchestrator&board=SLUG, or nothing; each once")
		}
	}
	switch role := query.Get("role"); {
	case role == "", role == workerRole && c.Kind == kanban.Worker:
	case role == workerRole:
		return c, kanban.Errorf(kanban.Invalid, "there is no run here to be the worker of").
			Hint("show a run's credential: Authorization: Bearer BOARD.RUN.TOKEN")
	case role != client.Orchestrator:
		return c, kanban.Errorf(kanban.Invalid, "there is no role %s", kanban.Quote(role)).Hint("worker or orchestrator")
	case c.Kind == kanban.Human: // a run stays its worker
		c.Agent = true
		if r.Header.Get(headerAs) == "" {
			c.Name = client.Orchestrator + " by " + c.Name
		}
	}
	c.Board = query.Get("board")
	if c.Board == "" {
		return c, nil
	}
	_, err := s.board(r.Context(), c.Board)
	return c, err
}

const workerRole = "worker"
