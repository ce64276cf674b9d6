package mcpserver_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
)

// names are the arguments of tools that name tasks.
var names = []string{"task", "parent", "child", "parents", "created"}

// TestG31_EveryToolRefusesTheStranger calls every tool of a worker with the
// example of its own schema, in which each place for a task names a stranger's,
// a forged one or no id at all: nothing is told and nothing comes of it.
func TestG31_EveryToolRefusesTheStranger(t *testing.T) {
	h := newHouse(t)
	stranger := must(h.CreateTask(bg, "default", client.TaskCreate{Title: "known to nobody else", Assignee: "builder"}))(t).ID
	w := h.claim(h.add("its own").ID)
	mine := w.does("create", args{"title": "card", "assignee": "tester"})["task"]
	before := must(h.Events(bg, "default", client.EventQuery{Last: true, Limit: 1}))(t).Items[0].ID
	tried := 0
	for _, tool := range mcpserver.Tools(mcpserver.Worker) {
		for _, name := range names {
			schema := tool.Input.Properties[name]
			if schema == nil {
				continue
			}
			for _, id := range []string{stranger, "t_00000000", "t_", "' OR 1=1 --", "../../etc/passwd", "t_00000000\n", strings.Repeat("t", 40)} {
				tried++
				var a args
				ok(t, json.Unmarshal([]byte(tool.Example), &a))
				delete(a, "artifacts")
				for _, other := range []string{"parent", "child", "parents"} {
					if a[other] != nil {
						a[other] = mine
					}
				}
				a[name] = id
				texts, failed := w.call(tool.Name, a)
				var out struct{ Error mcpserver.Refusal }
				if err := json.Unmarshal([]byte(texts[0]), &out); err != nil || !failed || out.Error.Suggestion == "" {
					t.Errorf("%s %s=%q: %v", tool.Name, name, id, texts)
				}
				if code := kanban.Code(out.Error.Code); id == stranger && name != "created" && code != kanban.Unauthorized ||
					!slices.Contains([]kanban.Code{kanban.Unauthorized, kanban.NotFound, kanban.Invalid}, code) {
					t.Errorf("%s %s=%q: %+v", tool.Name, name, id, out.Error)
				}
				if strings.Contains(strings.Join(texts, ""), "known to nobody else") {
					t.Errorf("%s %s=%q tells: %v", tool.Name, name, id, texts)
				}
			}
		}
	}
	if tried < 50 {
		t.Errorf("only %d calls were tried", tried)
	}
	for _, e := range must(h.Events(bg, "default", client.EventQuery{After: before}))(t).Items {
		if e.Kind != "completion_blocked_hallucination" { // a refused completion is on record
			t.Errorf("something came of it: %+v", e)
		}
	}
}

// TestG31_OversizedFields: each text that is longer than its schema says is
// refused before anything happens.
func TestG31_OversizedFields(t *testing.T) {
	h := newHouse(t)
	w := h.claim(h.add("its own").ID)
	before := must(h.Events(bg, "default", client.EventQuery{Last: true, Limit: 1}))(t).Items[0].ID
	tried := 0
	for _, tool := range mcpserver.Tools(mcpserver.Worker) {
		for name, p := range tool.Input.Properties {
			var a args
			ok(t, json.Unmarshal([]byte(tool.Example), &a))
			switch {
			case p.MaxLength != nil:
				a[name] = strings.Repeat("x", *p.MaxLength+1)
			case p.MaxItems != nil && p.Items.MaxLength != nil:
				a[name] = []string{strings.Repeat("x", *p.Items.MaxLength+1)}
				w.refused(kanban.Invalid, tool.Name, a, name)
				a[name] = slices.Repeat([]string{"x"}, *p.MaxItems+1)
			case p.Type == "string" && p.Enum == nil, p.Type == "array":
				t.Errorf("%s.%s has no limit", tool.Name, name)
				continue
			case name == "metadata":
				a[name] = args{"x": strings.Repeat("x", 65<<10)}
				delete(a, "artifacts")
			default:
				continue
			}
			tried++
			w.refused(kanban.Invalid, tool.Name, a)
		}
	}
	if after := must(h.Events(bg, "default", client.EventQuery{Last: true, Limit: 1}))(t).Items[0].ID; tried < 20 || after != before {
		t.Errorf("%d fields were tried, %d events came of it", tried, after-before)
	}
}

// TestG31_PathTricksInArtifacts: what is handed on lies in the workspace.
func TestG31_PathTricksInArtifacts(t *testing.T) {
	h := newHouse(t)
	ok(t, os.WriteFile(filepath.Join(h.dir, "secret"), []byte("secret"), 0o600))
	w := h.claim(h.add("its own").ID)
	ok(t, os.Symlink(filepath.Join(h.dir, "secret"), filepath.Join(w.place, "link")))
	ok(t, os.Symlink(h.dir, filepath.Join(w.place, "up")))
	ok(t, os.Mkdir(filepath.Join(w.place, "dir"), 0o700))
	for _, path := range []string{
		"../secret", "dir/../../secret", filepath.Join(h.dir, "secret"), "link", "up/secret", "dir", "/dev/zero", "/proc/self/environ", "gone", "a\x00b", "~/.ssh/id_rsa", "file:///etc/passwd",
	} {
		for _, tool := range []string{"complete", "review", "block"} {
			a := args{"summary": "done", "artifacts": []string{path}}
			if tool == "block" {
				a = args{"question": "why?", "artifacts": []string{path}}
			}
			w.refused(kanban.Invalid, tool, a)
		}
	}
	if d := must(h.Task(bg, "default", w.task))(t); d.Status != "running" || len(d.Artifacts) > 0 {
		t.Errorf("it is %s with %d artifacts", d.Status, len(d.Artifacts))
	}
	w.refused(kanban.Invalid, "artifacts", args{"sha256": "../../secret"})
	w.refused(kanban.NotFound, "artifacts", args{"sha256": strings.Repeat("0", 64)})
}

// TestG31_AFloodEnds: a run that creates without end is told to stop, and can
// still end itself.
func TestG31_AFloodEnds(t *testing.T) {
	h := newHouse(t)
	h.children = 10
	w := h.claim(h.add("its own").ID)
	for i := range 10 {
		w.does("create", args{"title": fmt.Sprint(i)})
	}
	for range 50 {
		if r := w.refused(kanban.Exhausted, "create", args{"title": "one more"}, "10", "max_children"); r.Retryable {
			t.Error("it is told to try again")
		}
	}
	w.does("complete", args{"summary": "enough"})
}
