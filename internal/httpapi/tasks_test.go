package httpapi_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestOperationID: a change that is sent twice under one id is made once, and
// answered alike.
func TestOperationID(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), client.WithOperation(t.Context(), "op-1")
	first := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "once"}))(t)
	again := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "once"}))(t)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("the second answer differs:\n%s", diff)
	}
	if page := must(c.Tasks(ctx, "default", client.TaskQuery{}))(t); len(page.Items) != 1 {
		t.Errorf("%d tasks", len(page.Items))
	}
	_, err := c.DeleteTask(ctx, "default", first.ID, false)
	refusal(t, err, kanban.Conflict)

	ctx = client.WithOperation(t.Context(), "op-2")
	must(c.DeleteTask(ctx, "default", first.ID, false))(t)
	if gone := must(c.DeleteTask(ctx, "default", first.ID, false))(t); gone.ID != first.ID {
		t.Errorf("the second deletion answers %+v", gone)
	}
}

// TestClaimIsAnsweredAgain: a claim whose answer got lost is not lost.
func TestClaimIsAnsweredAgain(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), client.WithOperation(t.Context(), "op-1")
	task := add(t, c, "mine").ID
	first := must(c.Claim(ctx, "default", task, client.ClaimRequest{}))(t)
	again := must(c.Claim(ctx, "default", task, client.ClaimRequest{}))(t)
	if again.Run != first.Run {
		t.Errorf("run %d, then run %d", first.Run, again.Run)
	}
	lease := client.Lease{Run: again.Run, Token: again.Token}
	must(c.Heartbeat(t.Context(), "default", task, client.HeartbeatRequest{Lease: lease}))(t)
}

// TestIdempotencyKey of a task: one open task has it; the answer says so.
func TestIdempotencyKey(t *testing.T) {
	h := newHome(t)
	body := `{"title":"nightly","idempotency_key":"2026-11-23"}`
	const tasks = "/api/v1/boards/default/tasks"
	if w := send(t, h.handler(), http.MethodPost, tasks, body); w.Code != http.StatusCreated {
		t.Errorf("first: %d %s", w.Code, w.Body)
	}
	if w := send(t, h.handler(), http.MethodPost, tasks, body); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `"created":false`) {
		t.Errorf("second: %d %s", w.Code, w.Body)
	}
}

// TestVersion: an edit of what has changed meanwhile is refused.
func TestVersion(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task := add(t, c, "one")
	if tag := fetch(t, h.handler(), "/api/v1/boards/default/tasks/"+task.ID).Header().Get("ETag"); tag == "" {
		t.Error("a task has no ETag")
	}
	two, three := "two", "three"
	edited := must(c.EditTask(t.Context(), "default", task.ID, client.TaskEdit{Title: &two}, task.Version))(t)
	_, err := c.EditTask(t.Context(), "default", task.ID, client.TaskEdit{Title: &three}, task.Version)
	refusal(t, err, kanban.Conflict)
	must(c.EditTask(t.Context(), "default", task.ID, client.TaskEdit{Title: &three}, edited.Version))(t)
}

// TestEditWorkspace: what is not named of a workspace stays.
func TestEditWorkspace(t *testing.T) {
	h := newHome(t)
	c := h.client()
	worktree, repo, branch, limit := "worktree", "/src/repo", "fix/login", "90m"
	task := add(t, c, "x").ID
	must(c.EditTask(t.Context(), "default", task, client.TaskEdit{WorkspaceKind: &worktree, Repo: &repo}, 0))(t)
	got := must(c.EditTask(t.Context(), "default", task, client.TaskEdit{Branch: &branch, MaxRuntime: &limit}, 0))(t)
	if got.WorkspaceKind != worktree || got.Repo != repo || got.Branch != branch || got.MaxRuntime != "1h30m0s" {
		t.Errorf("edited %+v", got)
	}
}

// TestPrefix: the start of an id stands for the task, everywhere, as long as it
// is the start of one only.
func TestPrefix(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	task := add(t, c, "x").ID
	for _, name := range []string{task, task[:6], task[2:8], strings.ToUpper(task)} {
		if got := must(c.Task(ctx, " Default ", name))(t); got.ID != task {
			t.Errorf("%s stands for %s", name, got.ID)
		}
		must(c.Events(ctx, "default", client.EventQuery{Task: name}))(t)
		must(c.Diagnostics(ctx, "default", name))(t)
		must(c.Subscriptions(ctx, "default", name))(t)
		if page := must(c.Tasks(ctx, "default", client.TaskQuery{IDs: []string{name}}))(t); len(page.Items) != 1 {
			t.Errorf("%s lists %d tasks", name, len(page.Items))
		}
	}
	if child := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "y", Parents: []string{task[:6]}}))(t); child.Status != "todo" {
		t.Errorf("a child by prefix is %s", child.Status)
	}
	_, err := c.Task(ctx, "default", "t_zz")
	refusal(t, err, kanban.NotFound)
	_, err = c.Task(ctx, "default", "t_")
	refusal(t, err, kanban.Invalid)
}

// TestPages: a list comes in pages, each task once.
func TestPages(t *testing.T) {
	h := newHome(t)
	c := h.client()
	for _, title := range []string{"one", "two", "three"} {
		add(t, c, title)
	}
	var titles []string
	q := client.TaskQuery{Sort: "created", Limit: 2}
	for {
		page := must(c.Tasks(t.Context(), "default", q))(t)
		for _, task := range page.Items {
			titles = append(titles, task.Title)
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"one", "two", "three"}, titles); diff != "" {
		t.Errorf("titles (-want +got):\n%s", diff)
	}
}

// TestWithoutGateway: the board works; what only a gateway can do says so.
func TestWithoutGateway(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	if got := must(c.Gateway(ctx))(t); got.Running || got.Home != "the home" {
		t.Errorf("gateway %+v", got)
	}
	for name, err := range map[string]error{
		"nudge": c.Nudge(ctx), "reload": c.Reload(ctx), "stop": c.StopGateway(ctx, false),
		"plan": func() error { _, err := c.Plan(ctx, ""); return err }(),
		"pull": func() error { _, err := c.Pull(ctx, client.PullRequest{Scope: "all", Stop: true}); return err }(),
	} {
		if e := refusal(t, err, kanban.Unavailable); e.Hint != "andon gateway start" {
			t.Errorf("%s: hint %q", name, e.Hint)
		}
	}
	if holds := must(c.Holds(ctx))(t); len(holds) != 0 {
		t.Errorf("a refused pull holds %+v", holds)
	}
	must(c.Pull(ctx, client.PullRequest{Scope: "all"}))(t)
}

// TestEmptyLists are [] in JSON, never null.
func TestEmptyLists(t *testing.T) {
	h := newHome(t)
	add(t, h.client(), "x")
	for _, path := range []string{"tasks?status=done", "events?after=99", "subscriptions", "deliveries", "diagnostics"} {
		if body := fetch(t, h.handler(), "/api/v1/boards/default/"+path).Body.String(); !strings.Contains(body, `"items":[]`) {
			t.Errorf("%s: %s", path, body)
		}
	}
}

// TestTTL: what is no duration is refused with an example.
func TestTTL(t *testing.T) {
	h := newHome(t)
	task := add(t, h.client(), "x").ID
	_, err := h.client().Claim(t.Context(), "default", task, client.ClaimRequest{TTL: "soon"})
	if e := refusal(t, err, kanban.Invalid); !strings.Contains(e.Hint, "15m") {
		t.Errorf("hint %q", e.Hint)
	}
	claim := must(h.client().Claim(t.Context(), "default", task, client.ClaimRequest{TTL: "1h"}))(t)
	if left := time.Until(claim.ExpiresAt); left < 59*time.Minute {
		t.Errorf("the lease holds %s", left)
	}
}

// TestNothingNamesNoTask: a blank id is invalid wherever a task is named, also if
// there is only one.
func TestNothingNamesNoTask(t *testing.T) {
	h := newHome(t)
	c := h.client()
	only := add(t, c, "the only one")
	for _, blank := range []string{"", " ", "t_", " T_ "} {
		for _, action := range []string{"delete", "archive"} {
			got := must(c.Bulk(t.Context(), "default", client.BulkRequest{Action: action, IDs: []string{blank}}))(t).Results[0]
			if got.OK || got.Problem == nil || got.Problem.Code != "invalid" {
				t.Errorf("%s %q: %+v", action, blank, got)
			}
		}
		for _, r := range [][2]string{
			{http.MethodPost, "/tasks\x00" + `{"title":"x","parents":["` + blank + `"]}`},
			{http.MethodDelete, "/tasks/" + url.PathEscape(orT(blank))},
			{http.MethodPost, "/tasks/" + url.PathEscape(orT(blank)) + "/archive"},
			{http.MethodPut, "/tasks/" + only.ID + "/parents/" + url.PathEscape(orT(blank))},
			{http.MethodGet, "/tasks?id=" + url.QueryEscape(orT(blank))},
			{http.MethodGet, "/graph?root=" + url.QueryEscape(orT(blank))},
			{http.MethodGet, "/events?task=" + url.QueryEscape(orT(blank))},
			{http.MethodPost, "/subscriptions\x00" + `{"sink":"ops","task":"` + orT(blank) + `"}`},
		} {
			path, body, _ := strings.Cut(r[1], "\x00")
			if w := send(t, h.handler(), r[0], "/api/v1/boards/default"+path, body); w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s %s: %d %s", r[0], path, w.Code, w.Body)
			}
		}
	}
	if left := must(c.Tasks(t.Context(), "default", client.TaskQuery{}))(t).Items; len(left) != 1 || left[0].Version != only.Version {
		t.Errorf("left are %+v", left)
	}
}

// orT is a blank id where none at all would be another request.
func orT(blank string) string {
	if blank == "" {
		return "t_"
	}
	return blank
}
