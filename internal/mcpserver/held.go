package mcpserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/modelcontextprotocol/go-sdk/mcp"
)

// held is an answer of the SDK, which over HTTP tells some refusals in plain text
// and others with the names of its types. It is sent with all refusals in the
// form and the words of standard input.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if h.status == 0 {
		h.status = status
	}
}

func (h *held) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	return h.body.Write(p)
}

// send writes the answer to a message.
func (h *held) send(w http.ResponseWriter, m jsonrpc.Message) {
	h.WriteHeader(http.StatusOK)
	if f := h.refusal(m); f != nil {
		h.header.Del("Content-Length")
		deny(w, h.status, f)
		return
	}
	w.WriteHeader(h.status)
	_, _ = w.Write(h.body.Bytes())
}

// refusal is what a held refusal says, nil if it is none.
func (h *held) refusal(m jsonrpc.Message) *fault {
	method, id := asked(m)
	var e *jsonrpc.Error
	if plain := strings.HasPrefix(h.header.Get("Content-Type"), "text/plain"); plain && h.status >= http.StatusBadRequest {
		e = &jsonrpc.Error{Code: jsonrpc.CodeInvalidRequest, Message: strings.TrimSpace(h.body.String())}
		if strings.HasPrefix(e.Message, "JSON RPC not handled") {
			e.Code = jsonrpc.CodeMethodNotFound
		}
	} else {
		var answer struct {
			Error *jsonrpc.Error `json:"error"`
		}
		if json.Unmarshal(h.body.Bytes(), &answer) != nil || answer.Error == nil {
			return nil
		}
		e = answer.Error
	}
	if odd := misfit(m); odd != nil {
		return &fault{id, jsonrpc.CodeInvalidParams, worded(method, odd).Error()}
	}
	if e.Code == jsonrpc.CodeMethodNotFound {
		return &fault{id, e.Code, worded(method, e).Error()}
	}
	return &fault{id, e.Code, e.Message}
}

// asked is the method and the id of a request.
func asked(m jsonrpc.Message) (method string, id any) {
	if r, ok := m.(*jsonrpc.Request); ok {
		return r.Method, r.ID.Raw()
	}
	return "", nil
}

// misfit is why the params of a request do not fit its method, nil if they do.
func misfit(m jsonrpc.Message) error {
	r, ok := m.(*jsonrpc.Request)
	if !ok || r.Params == nil {
		return nil
	}
	switch r.Method {
	case "initialize":
		return json.Unmarshal(r.Params, &mcp.InitializeParams{})
	case "tools/list":
		return json.Unmarshal(r.Params, &mcp.ListToolsParams{})
	case "tools/call":
		return json.Unmarshal(r.Params, &mcp.CallToolParamsRaw{})
	}
	return nil
}
