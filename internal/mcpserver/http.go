package mcpserver

import (
	"net/http"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// maxBody bounds one request over HTTP, in bytes.
const maxBody = maxLine

// Handler serves the protocol over streamable HTTP, without sessions: each
// request is answered for whoever makes it, by the server that options tells.
func Handler(options func(*http.Request) Options) http.Handler {
	return mcp.NewStreamableHTTPHandler(
		func(r *http.Request) *mcp.Server { return New(options(r)) },
		&mcp.StreamableHTTPOptions{Stateless: true, JSONResponse: true, MaxRequestBodyBytes: maxBody},
	)
}
