package mcpserver

import (
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// maxBody bounds one request over HTTP, in bytes.
const maxBody = maxLine

// For is how a caller of the API is served: a run as its worker, who acts for a
// human as an orchestrator of a board ("" = the selected one), anybody else
// without a tool. lease is what a worker showed; api is asked as that caller.
func For(a kanban.Actor, lease client.Lease, api *client.Client, board string) Options {
	o := Options{Client: api, Board: board}
	if board == "" {
		o.Board = client.Selected
	}
	switch {
	case a.Kind == kanban.Worker:
		o.Role, o.Board = Worker, a.Board
		o.Run = Run{Task: a.Task, ID: a.Run, Token: lease.Token}
	case a.Agent:
		o.Role = Orchestrator
	}
	return o
}

// Handler serves the protocol over streamable HTTP, without sessions: each
// request is answered for whoever makes it, by the server that options tells.
func Handler(options func(*http.Request) Options) http.Handler {
	return mcp.NewStreamableHTTPHandler(
		func(r *http.Request) *mcp.Server { return New(options(r)) },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody},
	)
}
