package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// tourCards leaves nothing behind.
func tourCards(t *testing.T, c *client.Client) {
	ctx := t.Context()
	m := must(c.Meta(ctx))(t)
	if len(m.Statuses) != 9 || m.Statuses[3].Name != "ready" || m.Statuses[3].Words == "" || m.Name != "ann" || m.Kind != "human" ||
		!slices.Contains(m.May, "move-task") || m.Limits["title"] != 500 {
		t.Errorf("meta %+v", m)
	}
	task := add(t, c, "a card")
	page := must(c.Cards(ctx, "default", client.CardQuery{Statuses: []string{"ready"}, Lane: "Builder", Text: "CARD"}))(t)
	if len(page.Items) != 1 || page.Counts["ready"] != 1 || page.LatestEvent == 0 {
		t.Fatalf("page %+v", page)
	}
	if want := []string{"scheduled", "blocked", "done", "archived"}; !slices.Equal(page.Items[0].Moves, want) {
		t.Errorf("moves %v, want %v", page.Items[0].Moves, want)
	}
	moved := must(c.Move(ctx, "default", task.ID, client.MoveRequest{To: "blocked", Reason: "not today"}))(t)
	if moved.Status != "blocked" || moved.Reason != "not today" || moved.Undo == nil || moved.Undo.To != "ready" {
		t.Errorf("moved %+v", moved)
	}
	if back := must(c.Move(ctx, "default", task.ID, *moved.Undo))(t); back.Status != "ready" {
		t.Errorf("back %+v", back)
	}
	for f, err := range c.Stream(ctx, "default", client.StreamQuery{After: page.LatestEvent}) {
		if e := cardEvent(t, f); err != nil || e.Event.Kind != "blocked" || e.Card.Status != "ready" {
			t.Errorf("streamed %+v, %v", e, err)
		}
		break
	}
	after := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "after it", Parents: []string{task.ID}}))(t)
	g := must(c.Graph(ctx, "default", client.GraphQuery{Root: task.ID}))(t)
	if len(g.Items) != 2 || len(g.Links) != 1 || g.Links[0].Child != after.ID || g.LatestEvent == 0 {
		t.Errorf("graph %+v", g)
	}
	for _, r := range must(c.Bulk(ctx, "default", client.BulkRequest{Action: "delete", IDs: []string{task.ID, after.ID}}))(t).Results {
		if !r.OK {
			t.Errorf("deleted %+v", r)
		}
	}
}

// TestCards: a page has what is drawn, whatever the tasks are to one another.
func TestCards(t *testing.T) {
	h := newHome(t)
	h.options.LastLine = func(string, int64) (string, time.Time) { return "3 of 7 tests", time.Unix(9, 0).UTC() }
	c, ctx := h.client(), t.Context()
	plan := add(t, c, "plan").ID
	build := must(c.CreateTask(ctx, "default", client.TaskCreate{Title: "build", Parents: []string{plan}}))(t).ID
	must(c.AddComment(ctx, "default", build, "hm"))(t)
	must(c.Claim(ctx, "default", plan, client.ClaimRequest{}))(t)
	page := must(c.Cards(ctx, "default", client.CardQuery{Sort: "created"}))(t)
	if len(page.Items) != 2 {
		t.Fatalf("cards %+v", page)
	}
	parent, child := page.Items[0], page.Items[1]
	if parent.Run == nil || parent.Run.LastLine != "3 of 7 tests" || parent.Run.LastOutputAt == nil || parent.Attempts != 1 || !parent.Since.Equal(parent.Run.StartedAt) {
		t.Errorf("running %+v %+v", parent, parent.Run)
	}
	if diff := cmp.Diff(&client.Progress{Total: 1}, parent.Children); diff != "" {
		t.Error(diff)
	}
	if child.Parents != 1 || child.Comments != 1 || child.Children != nil || len(child.Gates) != 2 || child.Gates[0].Kind != "dependency" {
		t.Errorf("waiting %+v", child)
	}
	// What the page says of gates is what explain says.
	if diff := cmp.Diff(must(c.Explain(ctx, "default", build))(t).Gates, child.Gates); diff != "" {
		t.Error(diff)
	}
	must(c.Complete(ctx, "default", plan, client.Handoff{Summary: "planned"}))(t)
	must(c.Archive(ctx, "default", plan))(t)
	page = must(c.Cards(ctx, "default", client.CardQuery{}))(t)
	if len(page.Items) != 1 || page.Counts["archived"] != 0 {
		t.Errorf("archived ones are in sight: %+v", page)
	}
	page = must(c.Cards(ctx, "default", client.CardQuery{Statuses: []string{"archived"}}))(t)
	if len(page.Items) != 1 || page.Counts["archived"] != 1 || page.Items[0].Children.Done != 0 || page.Items[0].Reason != "done" {
		t.Errorf("archived ones: %+v", page)
	}
	page = must(c.Cards(ctx, "default", client.CardQuery{Parent: plan, Limit: 1}))(t)
	if len(page.Items) != 1 || page.Items[0].ID != build || page.Counts["ready"] != 1 {
		t.Errorf("children: %+v", page)
	}
	page = must(c.Cards(ctx, "default", client.CardQuery{IDs: []string{plan, build}}))(t)
	if len(page.Items) != 2 {
		t.Errorf("by id: %+v", page)
	}
	_, err := c.Cards(ctx, "default", client.CardQuery{Statuses: []string{"lost"}})
	refusal(t, err, kanban.Invalid)
}

// TestCardsUnchanged: who has the answer already is told so, until something is
// different.
func TestCardsUnchanged(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task := add(t, c, "as it was").ID
	get := func(tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "/api/v1/boards/default/cards", nil)
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		h.handler().ServeHTTP(w, r)
		return w
	}
	first := get("")
	tag := first.Header().Get("ETag")
	if first.Code != http.StatusOK || len(tag) < 10 {
		t.Fatalf("%d, ETag %q", first.Code, tag)
	}
	if again := get(tag); again.Code != http.StatusNotModified || again.Body.Len() != 0 || again.Header().Get("ETag") != tag {
		t.Errorf("again: %d %s", again.Code, again.Body)
	}
	must(c.AddComment(t.Context(), "default", task, "news"))(t)
	if now := get(tag); now.Code != http.StatusOK || now.Header().Get("ETag") == tag {
		t.Errorf("after a change: %d", now.Code)
	}
}

// TestMove: only along the table, only as seen, and once under one id.
func TestMove(t *testing.T) {
	h := newHome(t)
	c, ctx := h.client(), t.Context()
	task := add(t, c, "to and fro")
	move := func(ctx context.Context, r client.MoveRequest) (client.Moved, error) {
		return c.Move(ctx, "default", task.ID, r)
	}
	_, err := move(ctx, client.MoveRequest{To: "review"})
	if e := refusal(t, err, kanban.Conflict); !strings.Contains(e.Hint, "scheduled, blocked, done, archived") || e.State != "ready" {
		t.Errorf("refused with %+v", e)
	}
	_, err = move(ctx, client.MoveRequest{To: "finished"})
	refusal(t, err, kanban.Invalid)
	_, err = move(ctx, client.MoveRequest{To: "done", Version: task.Version + 7})
	refusal(t, err, kanban.Conflict)

	once := client.WithOperation(ctx, "op-1")
	first := must(move(once, client.MoveRequest{To: "done", Summary: "by hand", Version: task.Version}))(t)
	again := must(move(once, client.MoveRequest{To: "done", Summary: "by hand", Version: task.Version}))(t)
	if first.Status != "done" || first.Undo == nil || first.Undo.To != "ready" {
		t.Errorf("moved %+v", first)
	}
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("first and again:\n%s", diff)
	}

	// Also when it is elsewhere by then, or gone.
	elsewhere := add(t, c, "elsewhere")
	for _, later := range []func(){
		func() {},
		func() { must(c.Move(ctx, "default", elsewhere.ID, client.MoveRequest{To: "archived"}))(t) },
		func() { must(c.DeleteTask(ctx, "default", elsewhere.ID, false))(t) },
	} {
		later()
		told := must(c.Move(client.WithOperation(ctx, "op-2"), "default", elsewhere.ID, client.MoveRequest{To: "blocked"}))(t)
		if told.Status != "blocked" || told.Undo == nil || told.Undo.To != "ready" || told.Undo.Version != told.Version {
			t.Errorf("told %+v", told)
		}
	}

	// What was submitted is sent back with a reason only, and that is for good.
	must(move(ctx, client.MoveRequest{To: "ready"}))(t)
	must(c.Claim(ctx, "default", task.ID, client.ClaimRequest{}))(t)
	must(move(ctx, client.MoveRequest{To: "review", Summary: "look"}))(t)
	_, err = move(ctx, client.MoveRequest{To: "ready"})
	refusal(t, err, kanban.Invalid)
	if sent := must(move(ctx, client.MoveRequest{To: "ready", Reason: "no tests"}))(t); sent.Status != "ready" || sent.Undo != nil {
		t.Errorf("sent back: %+v", sent)
	}
	if raw := send(t, h.handler(), http.MethodPost, "/api/v1/boards/default/tasks/"+task.ID+"/move", `{"to":"archived"}`); !json.Valid(raw.Body.Bytes()) || raw.Header().Get("ETag") == "" {
		t.Errorf("%d %v %s", raw.Code, raw.Header(), raw.Body)
	}
}

// TestG31_CardsOfAWorker: it sees its own, and moves nothing.
func TestG31_CardsOfAWorker(t *testing.T) {
	w := newWard(t)
	page := must(w.worker.Cards(t.Context(), "default", client.CardQuery{}))(t)
	if len(page.Items) != 1 || page.Items[0].ID != w.own || len(page.Items[0].Moves) != 0 || len(page.Counts) != 1 {
		t.Errorf("it sees %+v", page)
	}
	_, err := w.worker.Move(t.Context(), "default", w.own, client.MoveRequest{To: "done"})
	refusal(t, err, kanban.Unauthorized)
	if m := must(w.worker.Meta(t.Context()))(t); m.Kind != "worker" || slices.Contains(m.May, "move-task") {
		t.Errorf("meta %+v", m)
	}
}
