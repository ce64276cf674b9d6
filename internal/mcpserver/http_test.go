package mcpserver_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
)

const listTools = `{"jsonrpc":"2.0","id":2,"method":"tools/list"}`

// post is a request to /mcp with an address and a credential, "" = ann's.
func (h *house) post(query, bearer, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/mcp"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/json, text/event-stream")
	if bearer != "" {
		r.Header.Set("Authorization", bearer)
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

// TestG31_OddAddresses: who asks for a role, a board or a run that there is not
// hears that at once, in the API's words.
func TestG31_OddAddresses(t *testing.T) {
	h := newHouse(t)
	_ = must(h.CreateBoard(bg, client.BoardCreate{Slug: "other"}))(t)
	w := h.claim(h.add("task").ID)
	run := "Bearer " + client.Bearer("default", w.lease)
	for _, c := range []struct {
		query, bearer string
		status        int
		code          string
	}{
		{"", "", 200, ""},
		{"?role=orchestrator", "", 200, ""},
		{"?role=orchestrator&board=Default", "", 200, ""},
		{"?role=worker&board=default", run, 200, ""},
		{"?role=king", "", 422, "invalid"},
		{"?role=king", run, 422, "invalid"},
		{"?role=worker", "", 422, "invalid"},
		{"?role=orchestrator&role=worker", "", 422, "invalid"},
		{"?rolle=orchestrator", "", 422, "invalid"},
		{"?board=nope", "", 404, "not_found"},
		{"?board=../x", "", 422, "invalid"},
		{"?board=other", run, 403, "unauthorized"},
		{"", "Basic YTpi", 401, "unauthorized"},
		{"", "Bearer", 401, "unauthorized"},
		{"", "Bearer sk-123", 401, "unauthorized"},
		{"", "Bearer a.b.c.d", 401, "unauthorized"},
		{"", "Bearer nope.1.x", 401, "unauthorized"},
	} {
		got := h.post(c.query, c.bearer, listTools)
		var p client.Error
		_ = json.Unmarshal(got.Body.Bytes(), &p) // what is none has no code
		if got.Code != c.status || p.Code != c.code || c.code != "" && p.Hint == "" {
			t.Errorf("%s %.12s: %d %.300s", c.query, c.bearer, got.Code, got.Body)
		}
	}
}

// What is no message is told so as on standard input.
func TestStrangerOverHTTP(t *testing.T) {
	h := newHouse(t)
	for body, want := range map[string]struct {
		status, code int
	}{
		"":           {400, -32700},
		"garbage":    {400, -32700},
		"null":       {400, -32600},
		"[]":         {400, -32600},
		`"x"`:        {400, -32600},
		`{"id":1.5}`: {400, -32600},
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":[]}`: {400, -32602},
		strings.Repeat(" ", 5<<20):                                   {413, -32600},

		`{"jsonrpc":"2.0","id":2,"method":"tools/steal"}`:                                     {400, -32601},
		`{"jsonrpc":"2.0","id":2,"method":"tools/call"}`:                                      {400, -32600},
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":5}}`:                  {200, -32602},
		`{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"no"}}`:               {200, -32602},
		`{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{"cursor":7}}`:                {200, -32602},
		`{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":7}}`:       {200, -32602},
		`{"jsonrpc":"2.0","id":2,"method":"notifications/initialized"}`:                       {400, -32600},
		`{"jsonrpc":"2.0","id":"two","method":"` + strings.Repeat("x", 5000) + `\u001b[31m"}`: {400, -32601},
	} {
		got := h.post("?role=orchestrator", "", body)
		var m message
		if err := json.Unmarshal(got.Body.Bytes(), &m); err != nil || got.Code != want.status || m.Error == nil || m.Error.Code != want.code {
			t.Errorf("%.60q: %d %.300s", body, got.Code, got.Body)
			continue
		}
		inWords(t, m.Error.Message)
		if asked := want.code == -32601; asked && (m.ID == nil || !strings.Contains(m.Error.Message, "tools/list") || len(m.Error.Message) > 300) {
			t.Errorf("%.60q is told %+v", body, m)
		}
	}
}

// What is no POST of JSON is told so in the same form.
func TestOddRequestsOverHTTP(t *testing.T) {
	h := newHouse(t)
	for name, c := range map[string]struct {
		method, accept, content string
		status                  int
	}{
		"a stream":        {http.MethodGet, "text/event-stream", "", 405},
		"an end":          {http.MethodDelete, "", "", 405},
		"no content type": {http.MethodPost, "application/json, text/event-stream", "", 415},
		"one answer only": {http.MethodPost, "application/json", "application/json", 400},
	} {
		r := httptest.NewRequest(c.method, "/mcp", strings.NewReader(listTools))
		r.Header.Set("Accept", c.accept)
		r.Header.Set("Content-Type", c.content)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		var m message
		if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil || w.Code != c.status || m.Error == nil || m.Error.Code != -32600 ||
			w.Header().Get("Content-Type") != "application/json" || c.status == 405 && w.Header().Get("Allow") != http.MethodPost {
			t.Errorf("%s: %d %v %s", name, w.Code, w.Header(), w.Body)
		}
	}
}
