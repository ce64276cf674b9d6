package mcpserver_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
)

func (h *house) orchestrator() *agent {
	h.t.Helper()
	c := h.as(client.Options{Role: client.Orchestrator, As: client.Orchestrator})
	return h.agent(mcpserver.Options{Client: c, Board: "default", Role: mcpserver.Orchestrator, Version: "test"})
}

// An orchestrator plans, waits and finds out, with nothing but its tools.
func TestOrchestratorPlans(t *testing.T) {
	h := newHouse(t)
	o := h.orchestrator()
	if l := o.does("lanes", nil)["items"].([]any); len(l) != 2 || l[0].(map[string]any)["description"] != "builds" {
		t.Errorf("lanes %v", l)
	}
	plan := o.does("create_graph", args{"tasks": []args{
		{"key": "docs", "title": "document", "assignee": "tester", "parents": []string{"api"}},
		{"key": "api", "title": "write", "assignee": "builder", "priority": 5},
	}})["tasks"].(map[string]any)
	id := func(key string) string { return plan[key].(map[string]any)["task"].(string) }
	if got := must(h.Task(bg, "default", id("api")))(t); got.CreatedBy != "orchestrator by ann" || got.Status != "ready" {
		t.Errorf("created %+v", got.Task)
	}
	why := o.does("explain", args{"task": id("docs")})
	if g := why["gates"].([]any); len(g) != 1 || g[0].(map[string]any)["kind"] != "dependency" {
		t.Errorf("explain: %v", why)
	}
	o.does("comment", args{"task": id("api"), "body": "keep it small"})
	o.does("reassign", args{"task": id("docs"), "assignee": "builder"})
	extra := o.does("create", args{"title": "announce", "assignee": "tester"})["task"].(string)
	o.does("link", args{"parent": id("docs"), "child": extra})

	w := h.claim(id("api"))
	w.does("complete", args{"summary": "written"})
	if got := o.does("wait", args{"tasks": []string{id("api")}}); got["reached"] != true {
		t.Errorf("wait: %v", got)
	}
	if texts, _ := o.call("show", args{"task": id("api")}); !strings.Contains(texts[0], `"summary":"written"`) || !strings.Contains(texts[0], "keep it small") {
		t.Errorf("show: %v", texts)
	}
	o.refused(kanban.NotFound, "wait", args{"tasks": []string{"t_00000000"}})
	o.refused(kanban.Conflict, "create_graph", args{"tasks": []args{{"key": "a", "title": "a", "parents": []string{"a"}}}}, "cycle")
}

// Waiting ends with the commit that brings what is waited for.
func TestOrchestratorWaits(t *testing.T) {
	h := newHouse(t)
	o := h.orchestrator()
	task := h.add("task")
	w := h.claim(task.ID)
	if got := o.does("wait", args{"tasks": []string{task.ID}, "timeout_seconds": 1}); got["reached"] != false {
		t.Errorf("too early: %v", got)
	}
	answered := make(chan map[string]any)
	go func() { answered <- o.does("wait", args{"tasks": []string{task.ID}, "timeout_seconds": 50}) }()
	w.does("block", args{"question": "which?"})
	select {
	case got := <-answered:
		first := got["tasks"].([]any)[0].(map[string]any)
		if got["reached"] != true || first["status"] != "blocked" || !strings.Contains(first["waits"].(string), "which?") {
			t.Errorf("wait: %v", got)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it waits on")
	}
}

// TestG15_AnOrchestratorOpensNoGateOfHumans, whatever the person it acts for may.
func TestG15_AnOrchestratorOpensNoGateOfHumans(t *testing.T) {
	h := newHouse(t)
	o := h.orchestrator()
	asks, waits := h.add("asks").ID, h.add("waits").ID
	h.claim(asks).does("block", args{"question": "may I?"})
	h.claim(waits).does("block", args{"question": "the registry is down", "kind": "transient"})
	o.refused(kanban.Unauthorized, "unblock", args{"task": asks}, "needs_input", "user")
	if got := o.does("unblock", args{"task": waits, "comment": "it is back"}); got["status"] != "ready" {
		t.Errorf("unblock: %v", got)
	}
	// What is no tool is refused by the API, too, to whoever says that it acts for another.
	c := h.as(client.Options{Role: client.Orchestrator})
	for name, try := range map[string]func() error{
		"answer": func() error { _, err := c.Answer(bg, "default", asks, "yes"); return err },
		"retry":  func() error { _, err := c.Retry(bg, "default", asks, ""); return err },
		"cancel": func() error { _, err := c.Cancel(bg, "default", asks, ""); return err },
		"force":  func() error { _, err := c.Promote(bg, "default", asks, client.PromoteRequest{Force: true}); return err },
		"resume": func() error { return c.Resume(bg, "all") },
	} {
		if err := try(); codeOf(err) != kanban.Unauthorized {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := must(h.Explain(bg, "default", asks))(t); got.Status != "blocked" {
		t.Errorf("it is %s", got.Status)
	}
}

// Pages follow one another, and none is larger than a model can take.
func TestListsHavePages(t *testing.T) {
	h := newHouse(t)
	o := h.orchestrator()
	for i := range 120 {
		h.add(fmt.Sprintf("task %03d %s", i, strings.Repeat("x", 400)))
	}
	seen, cursor, pages := map[string]bool{}, "", 0
	for {
		texts, failed := o.call("list", args{"cursor": cursor})
		if failed || len(texts[0]) > 20_000 {
			t.Fatalf("%d bytes: %.200s", len(texts[0]), texts[0])
		}
		page := o.does("list", args{"cursor": cursor})
		for _, e := range page["items"].([]any) {
			seen[e.(map[string]any)["id"].(string)] = true
		}
		pages++
		if cursor = page["next"].(string); cursor == "" {
			break
		}
	}
	if len(seen) != 120 || pages != 3 {
		t.Errorf("%d tasks on %d pages", len(seen), pages)
	}
	if found := o.does("search", args{"text": "TASK 007"})["items"].([]any); len(found) != 1 {
		t.Errorf("found %v", found)
	}
	o.refused(kanban.Invalid, "list", args{"status": []string{"lost"}})
	o.refused(kanban.Invalid, "list", args{"limit": 201}, "limit")
	o.refused(kanban.Invalid, "create_graph", args{"tasks": []any{args{"key": "a", "title": 5}}}, `tasks[].title: 5 has type "integer", want "string"`)
	o.refused(kanban.Invalid, "list", args{"cursor": "made up"})
}

// Over HTTP the same tools are served for whoever asks: a run by its credential,
// an orchestrator by its wish, anybody else none.
func TestOverHTTP(t *testing.T) {
	h := newHouse(t)
	server := httptest.NewServer(h.handler)
	defer server.Close()
	connect := func(query, bearer string) (*agent, error) {
		transport := &mcp.StreamableClientTransport{Endpoint: server.URL + "/mcp" + query, HTTPClient: &http.Client{Transport: shows(bearer)}, DisableStandaloneSSE: true}
		session, err := mcp.NewClient(&mcp.Implementation{Name: "test", Version: "1"}, nil).Connect(bg, transport, nil)
		return &agent{session, t}, err
	}
	task := h.add("task").ID
	c := must(h.Claim(bg, "default", task, client.ClaimRequest{}))(t)
	lease := client.Lease{Run: c.Run, Token: c.Token}

	o := must(connect("?role=orchestrator", ""))(t)
	if got := o.does("show", args{"task": task}); got["status"] != "running" {
		t.Errorf("show: %v", got)
	}
	if got := must(must(connect("", ""))(t).ListTools(bg, nil))(t).Tools; len(got) != 0 {
		t.Errorf("%d tools without a role", len(got))
	}
	if _, err := connect("", "default.1.wrong"); err == nil || !strings.Contains(err.Error(), "Unauthorized") {
		t.Errorf("with a wrong credential: %v", err)
	}
	w := must(connect("?role=orchestrator", client.Bearer("default", lease)))(t) // a run is a run
	if tools := must(w.ListTools(bg, nil))(t).Tools; len(tools) != len(mcpserver.Tools(mcpserver.Worker)) {
		t.Errorf("a run has %d tools", len(tools))
	}
	w.does("create", args{"title": "child", "assignee": "tester"})
	w.refused(kanban.Unauthorized, "show", args{"task": h.add("a stranger").ID})
	w.does("complete", args{"summary": "done"})
	_, err := w.CallTool(bg, &mcp.CallToolParams{Name: "show"})
	if err == nil || !strings.Contains(err.Error(), "Unauthorized") {
		t.Errorf("after its end: %v", err)
	}
}

// shows is a transport that shows a credential.
type shows string

func (s shows) RoundTrip(r *http.Request) (*http.Response, error) {
	if s != "" {
		r.Header.Set("Authorization", "Bearer "+string(s))
	}
	return http.DefaultTransport.RoundTrip(r)
}
