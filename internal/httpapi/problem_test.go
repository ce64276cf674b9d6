package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

func send(t *testing.T, h http.Handler, method, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w
}

// TestProblem: every refusal has the one form, whoever made it: the domain, the
// schema, the router or a defect.
func TestProblem(t *testing.T) {
	h := newHome(t)
	task := add(t, h.client(), "a task").ID
	const tasks = "/api/v1/boards/default/tasks"
	var all bytes.Buffer
	for _, c := range []struct {
		name, method, path, body string
		before                   func()
	}{
		{name: "invalid", method: "POST", path: tasks, body: `{"title":" "}`},
		{name: "not found", method: "GET", path: "/api/v1/boards/nowhere"},
		{name: "conflict", method: "POST", path: tasks + "/" + task + "/approve"},
		{name: "stale", method: "POST", path: tasks + "/" + task + "/heartbeat", body: `{"run":77,"token":"x"}`},
		{name: "unavailable", method: "POST", path: "/api/v1/dispatch"},
		{name: "a field that is missing", method: "POST", path: tasks, body: `{}`},
		{name: "a field that is unknown", method: "POST", path: tasks, body: `{"title":"x","colour":"red"}`},
		{name: "a field of another type", method: "POST", path: tasks, body: `{"title":7}`},
		{name: "no JSON", method: "POST", path: tasks, body: `title=x`},
		{name: "no UTF-8", method: "POST", path: tasks, body: "{\"title\":\"\xff\"}"},
		{name: "half a character", method: "POST", path: tasks, body: `{"title":"\ud800"}`},
		{name: "no id", method: "DELETE", path: tasks + "/%20"},
		{name: "an unknown parameter", method: "GET", path: tasks + "?colour=red"},
		{name: "too large", method: "POST", path: tasks, body: `{"title":"x","body":"` + strings.Repeat("x", 1<<20) + `"}`},
		{name: "no such route", method: "GET", path: "/api/v2"},
		{name: "no such method", method: "PATCH", path: "/api/v1/boards"},
		{name: "a wait too long", method: "GET", path: "/api/v1/boards/default/events?wait=1h"},
		{name: "a panic", method: "GET", path: "/api/v1/config", before: func() { h.options.Config = nil }},
		{name: "unauthorized", method: "GET", path: "/api/v1/boards", before: func() {
			h.refused = kanban.Errorf(kanban.Unauthorized, "nobody knows you").Hint("andon login")
		}},
	} {
		if c.before != nil {
			c.before()
		}
		w := send(t, h.handler(), c.method, c.path, c.body)
		if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
			t.Errorf("%s: content type %s", c.name, got)
		}
		var e client.Error
		if err := json.Unmarshal(w.Body.Bytes(), &e); err != nil || e.Status != w.Code || e.Hint == "" {
			t.Errorf("%s: status %d, error %v, problem %+v", c.name, w.Code, err, e)
		}
		all.WriteString("# " + c.name + "\n" + strings.ReplaceAll(w.Body.String(), task, "TASK") + "\n")
	}
	golden(t, "problem.golden", all.Bytes())
}

// TestCodes: each code of the domain has its status, and says whether to try
// again.
func TestCodes(t *testing.T) {
	for code, want := range map[kanban.Code]struct {
		status    int
		retryable bool
	}{
		kanban.Invalid: {422, false}, kanban.NotFound: {404, false}, kanban.Conflict: {409, false}, kanban.Stale: {409, false},
		kanban.Gated: {409, false}, kanban.Exhausted: {429, true}, kanban.Unauthorized: {403, false}, kanban.Unavailable: {503, true},
		kanban.Internal: {500, false},
	} {
		h := newHome(t)
		h.refused = kanban.Errorf(code, "no").In(kanban.Blocked).Hint("elsewhere")
		_, err := h.client().Boards(t.Context(), false)
		e := refusal(t, err, code)
		if e.Status != want.status || e.Retryable != want.retryable || e.State != "blocked" || e.Hint != "elsewhere" || e.Message != "no" {
			t.Errorf("%s: %+v", code, e)
		}
	}
}

// TestUnforeseen: what nobody foresaw is logged, what was foreseen is not.
func TestUnforeseen(t *testing.T) {
	h := newHome(t)
	var log bytes.Buffer
	h.options.Log = slog.New(slog.NewTextHandler(&log, nil))
	_, err := h.client().Board(t.Context(), "nowhere")
	refusal(t, err, kanban.NotFound)
	if log.Len() > 0 {
		t.Errorf("logged a plain refusal: %s", &log)
	}
	h.unmakable = errors.New("the disk is on fire")
	task := add(t, h.client(), "x").ID
	_, err = h.client().Claim(t.Context(), "default", task, client.ClaimRequest{})
	refusal(t, err, kanban.Internal)
	if !strings.Contains(log.String(), "the disk is on fire") {
		t.Errorf("log %q", &log)
	}
	if now := must(h.client().Task(t.Context(), "default", task))(t); now.Status != "ready" {
		t.Errorf("a task whose workspace cannot be made is %s", now.Status)
	}
}

// TestG32_NoPathLeadsElsewhere: a path with a segment that names nothing is a
// path of nothing, and no way to what stands before it.
func TestG32_NoPathLeadsElsewhere(t *testing.T) {
	h := newHome(t)
	must(h.client().CreateBoard(t.Context(), client.BoardCreate{Slug: "ops"}))(t)
	for _, path := range []string{
		"/boards/ops/tasks/..", "/boards/ops/tasks/.", "/boards/x/../ops", "//boards/ops", "/boards//ops", "/boards/ops/tasks/../", "/../v1/boards/ops",
		"/tokens/..%2Fboards%2Fops", "/tokens/%2e%2e/boards/ops", "/boards/%2e%2e", "/boards/ops/tasks/%2e%2e",
	} {
		got := send(t, h.handler(), http.MethodDelete, "/api/v1"+path, "")
		var e client.Error
		if err := json.Unmarshal(got.Body.Bytes(), &e); err != nil || got.Code < 400 || e.Hint == "" {
			t.Errorf("%s: %d %v %s", path, got.Code, got.Header(), got.Body)
		}
	}
	if all := must(h.client().Boards(t.Context(), true))(t); len(all) != 2 || all[1].Archived {
		t.Errorf("boards %+v", all)
	}
}
