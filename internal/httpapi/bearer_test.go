package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// show asks for a task with an Authorization header.
func show(t *testing.T, h *home, authorization, id string) (*httptest.ResponseRecorder, client.Error) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/api/v1/boards/default/tasks/"+id, nil)
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	h.handler().ServeHTTP(w, r)
	var e client.Error
	ok(t, json.Unmarshal(w.Body.Bytes(), &e))
	return w, e
}

// TestG31_TheCredentialOfARun makes its bearer that run, and nobody else.
func TestG31_TheCredentialOfARun(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task, other := add(t, c, "its own"), add(t, c, "another")
	claim := must(c.Claim(t.Context(), "default", task.ID, client.ClaimRequest{}))(t)
	second := must(c.Claim(t.Context(), "default", other.ID, client.ClaimRequest{}))(t)
	lease := client.Lease{Run: claim.Run, Token: claim.Token}
	bearer := func(b string) *client.Client {
		return client.New(client.Handler(h.handler()), "http://andon", client.Options{Bearer: b, As: "root"})
	}
	for _, board := range []string{"default", " DEFAULT ", ""} {
		said := must(bearer(client.Bearer(board, lease)).AddComment(t.Context(), "default", task.ID, "hello"))(t)
		if said.Author != "builder" {
			t.Errorf("with board %q the author is %q", board, said.Author)
		}
		_, err := bearer(client.Bearer(board, lease)).Cancel(t.Context(), "default", other.ID, "")
		refusal(t, err, kanban.Unauthorized)
	}
	for name, header := range map[string]string{
		"another run's token": fmt.Sprintf("Bearer default.%d.%s", claim.Run, second.Token),
		"no such run":         "Bearer default.4711." + claim.Token,
		"no such board":       fmt.Sprintf("Bearer nowhere.%d.%s", claim.Run, claim.Token),
		"a path for a board":  fmt.Sprintf("Bearer ../x.%d.%s", claim.Run, claim.Token),
		"no run":              "Bearer " + claim.Token,
		"run zero":            "Bearer default.0." + claim.Token,
		"no token":            fmt.Sprintf("Bearer default.%d.", claim.Run),
		"nothing":             "Bearer",
		"another scheme":      fmt.Sprintf("Basic default.%d.%s", claim.Run, claim.Token),
		"too long":            fmt.Sprintf("Bearer default.%d.%s", claim.Run, strings.Repeat("a", 1000)),
	} {
		w, e := show(t, h, header, task.ID)
		if w.Code != http.StatusUnauthorized || e.Code != string(kanban.Unauthorized) || w.Header().Get("WWW-Authenticate") == "" || e.Hint == "" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if strings.Contains(w.Body.String(), claim.Token) || strings.Contains(w.Body.String(), second.Token) {
			t.Errorf("%s: the refusal repeats a token: %s", name, w.Body)
		}
	}

	// Inside a run's tree nobody is another run, whatever it shows.
	h.actor = kanban.Actor{Kind: kanban.Worker, Name: "tester", Board: "default", Task: other.ID, Run: second.Run}
	said := must(bearer(client.Bearer("default", lease)).AddComment(t.Context(), "default", other.ID, "hello"))(t)
	if said.Author != "tester" {
		t.Errorf("inside another run the author is %q", said.Author)
	}
}

// TestG31_ACredentialEndsWithItsRun, but the end itself is answered again: its
// first answer may have been lost.
func TestG31_ACredentialEndsWithItsRun(t *testing.T) {
	h := newHome(t)
	c := h.client()
	task := add(t, c, "its own")
	claim := must(c.Claim(t.Context(), "default", task.ID, client.ClaimRequest{}))(t)
	lease := client.Lease{Run: claim.Run, Token: claim.Token}
	run := client.New(client.Handler(h.handler()), "http://andon", client.Options{Bearer: client.Bearer("default", lease)})
	ctx := client.WithOperation(t.Context(), "the end")
	for range 2 {
		if got := must(run.Complete(ctx, "default", task.ID, client.Handoff{Lease: lease, Summary: "done"}))(t); got.Status != "done" {
			t.Errorf("status %s", got.Status)
		}
	}
	_, err := run.AddComment(t.Context(), "default", task.ID, "one more thing")
	if e := refusal(t, err, kanban.Stale); e.Status != http.StatusUnauthorized || e.State != "done" || !strings.Contains(e.Message, "completed") {
		t.Errorf("%+v", e)
	}
	w, _ := show(t, h, "Bearer "+client.Bearer("default", lease), task.ID)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("an ended run reads: %d", w.Code)
	}
	must(c.DeleteTask(t.Context(), "default", task.ID, false))(t)
	if _, e := show(t, h, "Bearer "+client.Bearer("default", lease), task.ID); e.Code != string(kanban.Unauthorized) {
		t.Errorf("a run that is gone with its task: %+v", e)
	}
}
