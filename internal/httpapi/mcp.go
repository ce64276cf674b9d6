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
		c := Caller{Actor: actor(r.Context())}
		if role := r.URL.Query().Get("role"); c.Kind == kanban.Human && role == client.Orchestrator {
			c.Agent = true
			if r.Header.Get(headerAs) == "" {
				c.Name = client.Orchestrator + " by " + c.Name
			}
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
