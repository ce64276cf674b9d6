package mcpserver

import (
	"bytes"
	"io"
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
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
	sdk := mcp.NewStreamableHTTPHandler(
		func(r *http.Request) *mcp.Server { return New(options(r)) },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody},
	)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			deny(w, http.StatusMethodNotAllowed, faultf(nil, jsonrpc.CodeInvalidRequest, "messages are sent by POST, each with its answer: there is no session and no stream"))
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			deny(w, http.StatusRequestEntityTooLarge, faultf(nil, jsonrpc.CodeInvalidRequest, "the message cannot be read: %s", err))
			return
		}
		m, f := decode(body)
		if f != nil {
			deny(w, http.StatusBadRequest, f)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		out := &held{header: w.Header()}
		sdk.ServeHTTP(out, r)
		out.send(w, m)
	})
}

// deny answers what is no message. A caller that is gone misses nothing.
func deny(w http.ResponseWriter, status int, f *fault) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if text, err := f.answer(); err == nil {
		_, _ = w.Write(text)
	}
}
