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

// TestG10_EveryChangeOfATaskIsAsItWasSeen: with If-Match, one that has changed since
// is left alone, whatever is asked for.
func TestG10_EveryChangeOfATaskIsAsItWasSeen(t *testing.T) {
	h := newHome(t)
	h.gateway = &gateway{}
	c := h.client()
	one, parent := add(t, c, "one"), add(t, c, "its parent")
	claim := must(c.Claim(t.Context(), "default", one.ID, client.ClaimRequest{}))(t)
	one = must(c.Task(t.Context(), "default", one.ID))(t).Task
	lease := fmt.Sprintf(`"run":%d,"token":%q`, claim.Run, claim.Token)
	// requests that get as far as the task
	reaching := map[string]string{
		"review-task": `{"summary":"x",` + lease + "}", "move-task": `{"to":"blocked","reason":"x"}`,
		"raise-budget-task": `{"tokens":1000}`, "reject-task": `{"reason":"x"}`, "answer-task": `{"reason":"x"}`,
	}
	var api contract
	ok(t, json.Unmarshal(fetch(t, h.handler(), "/api/v1/openapi.json").Body.Bytes(), &api))
	fill := strings.NewReplacer("{board}", "default", "{id}", one.ID, "{parent}", parent.ID)
	change := func(method, path, body, version string) client.Error {
		r := httptest.NewRequest(method, fill.Replace(path), strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("If-Match", version)
		w := httptest.NewRecorder()
		h.handler().ServeHTTP(w, r)
		var e client.Error
		_ = json.Unmarshal(w.Body.Bytes(), &e) // an answer is no refusal
		return e
	}
	tried := 0
	for path, methods := range api.Paths {
		for method, op := range methods {
			if method == "get" || !strings.Contains(path, "/tasks/{id}") || op.OperationID == "exit-task" { // which tells what has happened
				continue
			}
			tried++
			body := "{}"
			if op.RequestBody != nil {
				raw, err := json.Marshal(api.sample(op.RequestBody.Content["application/json"].Schema))
				ok(t, err)
				body = string(raw)
			}
			if say, known := reaching[op.OperationID]; known {
				body = say
			}
			e := change(strings.ToUpper(method), path, body, `"999"`)
			if e.Code != string(kanban.Conflict) || !strings.Contains(e.Message, "has changed since you read it") {
				t.Errorf("%s: %+v", op.OperationID, e)
			}
		}
	}
	if tried < 25 {
		t.Errorf("only %d changes of a task", tried)
	}
	if now := must(c.Task(t.Context(), "default", one.ID))(t); now.Version != one.Version || len(now.Comments) != 0 {
		t.Errorf("it has changed: %+v", now)
	}
	for _, wrong := range []string{`"x"`, `"0"`, `W/"1"`} {
		if e := change(http.MethodPost, "/api/v1/boards/default/tasks/{id}/archive", "", wrong); e.Code != string(kanban.Invalid) || e.Hint == "" {
			t.Errorf("If-Match: %s: %+v", wrong, e)
		}
	}
	if e := change(http.MethodPost, "/api/v1/boards/default/archive", "", `"1"`); e.Code != string(kanban.Invalid) || e.Hint == "" {
		t.Errorf("of a board: %+v", e)
	}
}
