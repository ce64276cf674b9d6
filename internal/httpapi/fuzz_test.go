package httpapi_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
)

// FuzzAPI: whatever is asked of whichever route, the answer is a success or a
// refusal with code and hint, never a defect; and the board can be read after.
func FuzzAPI(f *testing.F) {
	methods := []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}
	for path, known := range described(f) {
		for _, method := range known {
			m := byte(slices.Index(methods, strings.ToUpper(method)))
			f.Add(m, path, "", "", "")
			if m == 0 || m == 4 { // no route of these has a body
				continue
			}
			for _, body := range bodies {
				f.Add(m, path, "", body, "")
			}
		}
	}
	for _, query := range queries {
		f.Add(byte(0), "/api/v1/boards/{board}/tasks", query, "", "")
		f.Add(byte(0), "/api/v1/boards/{board}/events", query, "", "")
		f.Add(byte(0), "/api/v1/boards/{board}/runs/{run}/log", query, "", "")
	}
	f.Add(byte(1), "/api/v1/boards/{board}/tasks", "", `{"title":"x"}`, "an operation\x00")
	f.Add(byte(0), "/api/v1/boards/../../etc/tasks", "", "", "")
	f.Add(byte(0), "/api/v1/boards/{board}/tasks/t_", "", "", "")
	f.Fuzz(func(t *testing.T, method byte, path, query, body, operation string) {
		h := newHome(t)
		h.gateway = &gateway{}
		api := h.handler()
		c := client.New(client.Handler(api), "http://andon", client.Options{})
		task := add(t, c, "a task").ID
		claim := must(c.Claim(t.Context(), "default", task, client.ClaimRequest{}))(t)
		fill := strings.NewReplacer("{board}", "default", "{id}", task, "{parent}", task, "{run}", strconv.FormatInt(claim.Run, 10), "{token}", claim.Token)

		// A stream ends with its reader.
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, methods[int(method)%len(methods)], "/", strings.NewReader(fill.Replace(body)))
		r.URL.Path, r.URL.RawQuery = fill.Replace(path), fill.Replace(query)
		r.Header.Set("Idempotency-Key", operation)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		wantAnswer(t, w)

		page := must(c.Tasks(t.Context(), "default", client.TaskQuery{Archived: true, Full: true, Gates: true}))(t)
		for _, left := range page.Items {
			must(c.Task(t.Context(), "default", left.ID))(t)
			must(c.Context(t.Context(), "default", left.ID))(t)
		}
	})
}

// bodies are what a route may find in a request; most are wrong for most.
var bodies = []string{
	"{", "null",
	`{"title":"x","assignee":"builder","parents":["{id}"],"priority":-9223372036854775808,"max_runtime":"1h","skills":[]}`,
	`{"run":{run},"token":"{token}","summary":"done","metadata":{"a":[1]},"artifacts":["../x"]}`,
	`{"run":{run},"token":"{token}","reason":"which?","kind":"needs_input"}`,
	`{"run":1,"token":"forged","note":"x"}`,
	`{"reason":"\u0000","text":"\ud800","body":" ","until":"9999-12-31T23:59:59Z","ttl":"-1s"}`,
	`{"slug":"../x","name":"` + "\xff" + `","sink":"ops","kinds":["done"],"scope":"lane:builder","assignee":"a/b"}`,
}

var queries = []string{
	"status=ready&status=nope", "cursor=e30", "cursor=%ff", "limit=0", "limit=1001", "limit=-1", "sort=title&cursor=eyJzIjoidGl0bGUifQ",
	"text=%25_%5C", "id=t_&id=", "after=-1", "after=99999999999999999999", "kind=created", "offset=-9223372036854775808", "tail=1e9", "no=such",
}

// described are the methods of each path, from the description of the API.
func described(f *testing.F) map[string][]string {
	raw, err := os.ReadFile("openapi.golden.json")
	var api struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err == nil {
		err = json.Unmarshal(raw, &api)
	}
	if err != nil {
		f.Fatal(err)
	}
	all := map[string][]string{}
	for path, methods := range api.Paths {
		all[path] = slices.Collect(maps.Keys(methods))
	}
	return all
}

// wantAnswer wants an answer that says what it is.
func wantAnswer(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	kind := w.Header().Get("Content-Type")
	if w.Code < 400 {
		if strings.HasPrefix(kind, "application/json") && !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%d with no JSON: %s", w.Code, w.Body)
		}
		return
	}
	var problem struct{ Code, Hint, Detail string }
	if err := json.Unmarshal(w.Body.Bytes(), &problem); err != nil || !strings.HasPrefix(kind, "application/problem+json") {
		t.Fatalf("%d %s is no problem: %s", w.Code, kind, w.Body)
	}
	if problem.Code == "" || problem.Code == "internal" || problem.Hint == "" {
		t.Fatalf("%d: %s", w.Code, w.Body)
	}
	if w.Body.Len() > 16<<10 {
		t.Fatalf("%d bytes of refusal", w.Body.Len())
	}
}
