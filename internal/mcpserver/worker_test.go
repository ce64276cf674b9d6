package mcpserver_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
)

// A worker does a whole task with nothing but its tools.
func TestWorkerDoesATask(t *testing.T) {
	h := newHouse(t)
	parent := h.add("find the cause")
	first := h.claim(parent.ID)
	ok(t, os.WriteFile(filepath.Join(first.place, "cause.md"), []byte("the clock"), 0o600))
	child := h.add("fix it", parent.ID)
	first.does("complete", args{"summary": "it is the clock", "metadata": args{"file": "clock.go"}, "artifacts": []string{"cause.md"}})

	w := h.claim(child.ID)
	texts, failed := w.call("show", nil)
	if failed || len(texts) != 2 || !strings.Contains(texts[0], `"current":true`) {
		t.Fatalf("show: %v", texts)
	}
	for _, want := range []string{"fix it", "> it is the clock", "clock.go", "Artifact: cause.md"} {
		if !strings.Contains(texts[1], want) {
			t.Errorf("the assignment does not say %q:\n%s", want, texts[1])
		}
	}
	listed := w.does("artifacts", args{"task": parent.ID})["items"].([]any)[0].(map[string]any)
	if texts, _ := w.call("artifacts", args{"task": parent.ID, "sha256": listed["sha256"]}); len(texts) != 2 || texts[1] != "the clock" {
		t.Errorf("artifact: %v", texts)
	}
	if beat := w.does("heartbeat", args{"note": "half way"}); beat["lease_ends"] == nil {
		t.Errorf("heartbeat: %v", beat)
	}
	w.does("comment", args{"body": "the test was wrong, too"})
	made := w.does("create", args{"title": "document it", "assignee": "tester", "parents": []string{child.ID}})
	other := w.does("create", args{"title": "announce it", "assignee": "tester", "triage": true})
	w.does("link", args{"parent": made["task"], "child": other["task"]})
	end := w.does("complete", args{"summary": "fixed", "created": []any{made["task"], other["task"]}})
	if end["status"] != "done" {
		t.Errorf("complete: %v", end)
	}
	if got := must(h.Task(bg, "default", made["task"].(string)))(t); got.Status != "ready" || got.Origin != child.ID {
		t.Errorf("created: %+v", got.Task)
	}
	// What comes too late is told so, with what happened.
	if r := w.refused(kanban.Stale, "comment", args{"body": "one more thing"}, "completed"); r.CurrentState != "done" || r.Retryable {
		t.Errorf("too late: %+v", r)
	}
}

// A question reaches people with its options, and programs as a list.
func TestWorkerAsks(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("choose").ID)
	w.does("block", args{"question": "Which database?", "options": []string{"SQLite", "PostgreSQL"}})
	got := must(h.Task(bg, "default", w.task))(t)
	if got.Status != "blocked" || got.BlockKind != "needs_input" || got.BlockReason != "Which database? 1) SQLite 2) PostgreSQL" ||
		string(got.Runs[0].Metadata) != `{"options":["SQLite","PostgreSQL"]}` {
		t.Errorf("%+v, metadata %s", got.Task, got.Runs[0].Metadata)
	}
	must(h.Answer(bg, "default", w.task, "SQLite"))(t)
	again := h.claim(w.task)
	if texts, _ := again.call("show", args{"detail": "brief"}); !strings.Contains(texts[1], "> SQLite") {
		t.Errorf("the answer is not in the assignment:\n%s", texts[1])
	}
	again.does("review", args{"summary": "built on SQLite"})
	if got := must(h.Explain(bg, "default", w.task))(t); got.Status != "review" {
		t.Errorf("status %s", got.Status)
	}
}

// TestG11_EveryToolIsFenced: a run that lost its task changes nothing with any
// tool, and is told so.
func TestG11_EveryToolIsFenced(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("taken away").ID)
	card := w.does("create", args{"title": "card", "assignee": "tester", "triage": true})["task"]
	must(h.Reclaim(bg, "default", w.task, "another one"))(t)
	next := h.claim(w.task)
	before := must(h.Events(bg, "default", client.EventQuery{Limit: 1, Last: true}))(t).Items[0].ID
	for tool, a := range map[string]args{
		"heartbeat": {"note": "still here"}, "complete": {"summary": "done"}, "review": {"summary": "done"}, "block": {"question": "why?"},
		"comment": {"body": "hello"}, "create": {"title": "more"}, "link": {"parent": w.task, "child": card},
	} {
		w.refused(kanban.Stale, tool, a, "reclaimed")
	}
	// A forged run or token is no better, whoever shows it.
	forged := h.resume(w.task, client.Lease{Run: next.lease.Run, Token: strings.Repeat("0", 32)}, "")
	forged.refused(kanban.Unauthorized, "complete", args{"summary": "done"})
	if after := must(h.Events(bg, "default", client.EventQuery{Limit: 1, Last: true}))(t).Items[0].ID; after != before {
		t.Errorf("%d events came of it", after-before)
	}
	next.does("complete", args{"summary": "by who has it"})
}

// Every tool says what is wrong with its arguments, and every example is right.
func TestArgumentsAreChecked(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("task").ID)
	w.refused(kanban.Invalid, "show", args{"detail": "all"}, "brief", "task, detail")
	w.refused(kanban.Invalid, "create", args{"body": "no title"}, "title")
	w.refused(kanban.Invalid, "complete", args{"summary": ""}, "summary")
	if r := w.refused(kanban.Invalid, "complete", args{"summary": strings.Repeat("x", 32_001)}, "summary: ", "more than 32000"); len(r.Message) > 400 {
		t.Errorf("it says it all again: %s", r.Message)
	}
	w.refused(kanban.Invalid, "block", args{"question": "?", "options": make([]string, 9)}, "options")
	w.refused(kanban.Invalid, "heartbeat", args{"nota": "bene"}, "nota")
	w.refused(kanban.Invalid, "comment", args{"body": 7}, `body: 7 has type "integer", want "string"`)
	w.refused(kanban.Invalid, "create", args{"title": "x", "parents": []any{5}}, `parents[]: 5 has type "integer", want "string"`)
	w.refused(kanban.Invalid, "verdict", args{"verdict": "fine"}, "approve")
	w.refused(kanban.Conflict, "verdict", args{"verdict": "approve"}, "not the review")
	w.refused(kanban.Invalid, "artifacts", args{"sha256": "x", "offset": -1}, "offset")

	// What models get wrong and cannot be misread is forgiven.
	made := w.does("create", args{"title": "x", "assignee": "tester", "parents": w.task, "priority": "3", "triage": "true", "skills": `["go"]`, "body": nil})
	got := must(h.Task(bg, "default", made["task"].(string)))(t)
	if got.Priority != 3 || got.Status != "triage" || len(got.Parents) != 1 || !slices.Equal(got.Skills, []string{"go"}) {
		t.Errorf("created %+v", got)
	}
	w.does("complete", args{"summary": "done", "metadata": `{"tests": 3}`})
	if d := must(h.Task(bg, "default", w.task))(t); string(d.Runs[0].Metadata) != `{"tests":3}` {
		t.Errorf("metadata %s", d.Runs[0].Metadata)
	}
}

// Whoever has no role sees no tool.
func TestNoRoleNoTools(t *testing.T) {
	h := newHouse(t)
	a := h.agent(mcpserver.Options{Client: h.Client, Board: "default"})
	if got := must(a.ListTools(bg, nil))(t).Tools; len(got) != 0 {
		t.Errorf("%d tools", len(got))
	}
	if _, err := mcpserver.ParseRole("admin"); kanban.CodeOf(err) != kanban.Invalid {
		t.Errorf("role admin: %v", err)
	}
}

// What a run creates works on the same repository, unless it says otherwise.
func TestChildrenWorkOnTheSameRepository(t *testing.T) {
	h := newHouse(t)
	own := must(h.CreateTask(bg, "default", client.TaskCreate{Title: "x", Assignee: "builder", WorkspaceKind: "worktree", Repo: "/srv/r"}))(t).ID
	w := h.claim(own)
	for _, c := range []struct {
		args       args
		kind, repo string
	}{
		{args{"title": "a"}, "worktree", "/srv/r"},
		{args{"title": "b", "workspace": "scratch"}, "scratch", ""},
		{args{"title": "c", "workspace": "clone"}, "clone", "/srv/r"},
	} {
		got := must(h.Task(bg, "default", w.does("create", c.args)["task"].(string)))(t)
		if got.WorkspaceKind != c.kind || got.Repo != c.repo {
			t.Errorf("%v: a %s of %q", c.args, got.WorkspaceKind, got.Repo)
		}
	}
	w.refused(kanban.Unauthorized, "create", args{"title": "d", "workspace": "worktree", "repo": "/srv/another"})
}
