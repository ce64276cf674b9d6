package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

const secret = "known to nobody else" // in all texts of what a worker must not see

// ward is a home with a worker, that knows only its run's credential, and a
// stranger's task beside its own.
type ward struct {
	*home
	worker        *client.Client
	lease         client.Lease
	own, stranger string
	strangersRun  int64
	strangersFile string // sha256
}

func newWard(t *testing.T) *ward {
	t.Helper()
	h := newHome(t)
	h.gateway = &gateway{}
	c, ctx := h.client(), t.Context()
	w := &ward{home: h}
	made := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: secret, Body: secret, Assignee: "builder", IdempotencyKey: "taken"}))(t)
	w.stranger = made.ID
	must(c.AddComment(ctx, "default", w.stranger, secret))(t)
	claim := must(c.Claim(ctx, "default", w.stranger, client.ClaimRequest{}))(t)
	write(t, claim.Workspace, "secret.txt", secret)
	must(c.Complete(ctx, "default", w.stranger, client.Handoff{Summary: secret, Artifacts: []string{"secret.txt"}}))(t)
	w.strangersRun, w.strangersFile = claim.Run, must(c.Task(ctx, "default", w.stranger))(t).Artifacts[0].SHA256
	h.logs[claim.Run] = newRunLog()
	h.logs[claim.Run].write(secret)
	w.own = add(t, c, "its own").ID
	claim = must(c.Claim(ctx, "default", w.own, client.ClaimRequest{}))(t)
	w.lease = client.Lease{Run: claim.Run, Token: claim.Token}
	w.worker = client.New(client.Handler(h.handler()), "http://andon", client.Options{Bearer: client.Bearer("default", w.lease)})
	return w
}

// ask sends a request with the worker's credential.
func (w *ward) ask(method, path, body string) *httptest.ResponseRecorder {
	ctx, gone := context.WithCancel(context.Background())
	if strings.HasSuffix(path, "/stream") {
		gone() // else it never ends
	}
	defer gone()
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+client.Bearer("default", w.lease))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	out := httptest.NewRecorder()
	w.handler().ServeHTTP(out, r)
	return out
}

// spared are the operations that answer a worker although the request names a
// stranger nowhere: what comes back is in its own sight.
var spared = strings.Fields("list-boards show-board current-board list-lanes list-tasks list-cards meta stream-board list-events create-task create-graph")

// TestG31_EveryRouteRefusesTheStranger asks every route, as the contract lists
// them, about a task that is not the worker's: each is refused, and no answer
// tells anything of it.
func TestG31_EveryRouteRefusesTheStranger(t *testing.T) {
	w := newWard(t)
	before := must(w.client().Events(t.Context(), "default", client.EventQuery{Last: true, Limit: 1}))(t).Items[0].ID
	var api contract
	ok(t, json.Unmarshal(w.ask(http.MethodGet, "/api/v1/openapi.json", "").Body.Bytes(), &api))
	fill := strings.NewReplacer("{board}", "default", "{id}", w.stranger, "{run}", fmt.Sprint(w.strangersRun), "{parent}", w.stranger,
		"{sha256}", w.strangersFile, "{subscription}", "1", "{delivery}", "1", "{scope}", "all", "{name}", "socket")
	asked := 0
	for path, methods := range api.Paths {
		for method, op := range methods {
			t.Run(op.OperationID, func(t *testing.T) {
				asked++
				body := ""
				if op.RequestBody != nil {
					content := op.RequestBody.Content["application/json"]
					raw, err := json.Marshal(api.sample(content.Schema))
					ok(t, err)
					body = string(raw)
				}
				got := w.ask(strings.ToUpper(method), fill.Replace(path), body)
				if strings.Contains(got.Body.String(), secret) || strings.Contains(got.Body.String(), w.stranger) && got.Code < 300 {
					t.Errorf("%d, and it tells: %s", got.Code, got.Body)
				}
				var e client.Error
				_ = json.Unmarshal(got.Body.Bytes(), &e) // no refusal is none
				if e.Code != string(kanban.Unauthorized) && !slices.Contains(spared, op.OperationID) {
					t.Errorf("%s %s: %d %s", method, path, got.Code, got.Body)
				}
			})
		}
	}
	if asked < 60 {
		t.Errorf("the contract lists only %d operations", asked)
	}
	for _, e := range must(w.client().Events(t.Context(), "default", client.EventQuery{After: before}))(t).Items {
		if e.Task == w.stranger {
			t.Errorf("something came of it: %+v", e)
		}
	}
}

// TestG31_NoWayAround: a stranger is not reached over something that is the
// worker's either.
func TestG31_NoWayAround(t *testing.T) {
	w := newWard(t)
	ctx, c, me := t.Context(), w.client(), w.worker
	child := must(me.CreateTask(ctx, "default", client.TaskCreate{Title: "child"}))(t).ID
	past := add(t, c, "an ordinary one").ID
	for name, try := range map[string]struct {
		code kanban.Code
		do   func() error
	}{
		"a parent of its child": {kanban.Unauthorized, func() error { _, err := me.Link(ctx, "default", w.stranger, child); return err }},
		"a parent of its own":   {kanban.Unauthorized, func() error { _, err := me.Link(ctx, "default", w.stranger, w.own); return err }},
		"a child of its own":    {kanban.Unauthorized, func() error { _, err := me.Link(ctx, "default", w.own, w.stranger); return err }},
		"a parent from the start": {kanban.Unauthorized, func() error {
			_, err := me.CreateTask(ctx, "default", client.TaskCreate{Title: "x", Parents: []string{w.stranger}})
			return err
		}},
		"by its key": {kanban.Conflict, func() error {
			_, err := me.CreateTask(ctx, "default", client.TaskCreate{Title: "x", IdempotencyKey: "taken"})
			return err
		}},
		"its events": {kanban.Unauthorized, func() error {
			_, err := me.Events(ctx, "default", client.EventQuery{Task: w.stranger})
			return err
		}},
		"by the start of ids": {kanban.Invalid, func() error { _, err := me.Task(ctx, "default", "t_"); return err }},
		"its file under the own task": {kanban.NotFound, func() error {
			_, _, err := me.Artifact(ctx, "default", w.own, w.strangersFile)
			return err
		}},
		"as a card of its own": {kanban.Invalid, func() error {
			_, err := me.Complete(ctx, "default", w.own, client.Handoff{Lease: w.lease, Summary: "done", Created: []string{w.stranger}})
			return err
		}},
		"another's lease": {kanban.Unauthorized, func() error {
			_, err := me.Complete(ctx, "default", w.own, client.Handoff{Lease: client.Lease{Run: w.strangersRun, Token: w.lease.Token}})
			return err
		}},
		"in its place": {kanban.Unauthorized, func() error {
			_, err := me.CreateTask(ctx, "default", client.TaskCreate{Title: "x", WorkspaceKind: "dir", WorkspacePath: "/etc"})
			return err
		}},
		"out of its own place": {kanban.Unauthorized, func() error {
			place := must(c.Task(ctx, "default", w.own))(t).WorkspacePath
			_, err := me.CreateTask(ctx, "default", client.TaskCreate{Title: "x", WorkspaceKind: "dir", WorkspacePath: place + "/../" + w.stranger})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if e := refusal(t, try.do(), try.code); strings.Contains(e.Message+e.Hint, secret) || strings.Contains(e.Message+e.Hint, past) {
				t.Errorf("it tells: %s (%s)", e.Message, e.Hint)
			}
		})
	}
	for what, all := range map[string][]client.Task{
		"all":       must(me.Tasks(ctx, "default", client.TaskQuery{}))(t).Items,
		"by id":     must(me.Tasks(ctx, "default", client.TaskQuery{IDs: []string{w.stranger, w.own, child}}))(t).Items,
		"by status": must(me.Tasks(ctx, "default", client.TaskQuery{Statuses: []string{"done"}}))(t).Items,
		"by text":   must(me.Tasks(ctx, "default", client.TaskQuery{Text: "known", Full: true}))(t).Items,
	} {
		for _, task := range all {
			if task.ID != w.own && task.ID != child {
				t.Errorf("listed %s: %+v", what, task)
			}
		}
	}
	for _, e := range must(me.Events(ctx, "default", client.EventQuery{}))(t).Items {
		if e.Task != w.own && e.Task != child {
			t.Errorf("hears of %+v", e)
		}
	}
}

// TestG31_WhatAWorkerSees: its own task, parents, and what it and those below it
// created.
func TestG31_WhatAWorkerSees(t *testing.T) {
	w := newWard(t)
	ctx, c := t.Context(), w.client()
	parent := add(t, c, "parent").ID
	must(c.Link(ctx, "default", parent, w.own))(t)
	child := must(w.worker.CreateTask(ctx, "default", client.TaskCreate{Title: "child", Assignee: "builder"}))(t).ID
	claim := must(c.Claim(ctx, "default", child, client.ClaimRequest{}))(t)
	below := client.New(client.Handler(w.handler()), "http://andon", client.Options{Bearer: client.Bearer("default", client.Lease{Run: claim.Run, Token: claim.Token})})
	grandchild := must(below.CreateTask(ctx, "default", client.TaskCreate{Title: "grandchild"}))(t).ID
	for _, id := range []string{w.own, parent, child, grandchild} {
		must(w.worker.Task(ctx, "default", id))(t)
		must(w.worker.Context(ctx, "default", id))(t)
		must(w.worker.Events(ctx, "default", client.EventQuery{Task: id}))(t)
	}
	if all := must(w.worker.Tasks(ctx, "default", client.TaskQuery{}))(t).Items; len(all) != 4 {
		t.Errorf("it lists %d tasks", len(all))
	}
	// What is below sees no further up than its parents.
	for _, id := range []string{w.own, parent, w.stranger} {
		_, err := below.Task(ctx, "default", id)
		refusal(t, err, kanban.Unauthorized)
	}
}

// TestG31_AThousandChildren: a run may create so many tasks and no more, however
// it asks.
func TestG31_AThousandChildren(t *testing.T) {
	w := newWard(t)
	ctx := t.Context()
	made := 0
	for i := range 1000 {
		_, err := w.worker.CreateTask(ctx, "default", client.TaskCreate{Title: fmt.Sprintf("child %d", i)})
		if err == nil {
			made++
			continue
		}
		if e := refusal(t, err, kanban.Exhausted); !strings.Contains(e.Hint, "max_children") {
			t.Errorf("hint %q", e.Hint)
		}
	}
	if made != maxChildren {
		t.Errorf("%d children were made", made)
	}
	must(w.worker.Complete(ctx, "default", w.own, client.Handoff{Lease: w.lease, Summary: "enough"}))(t)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	ok(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
}
