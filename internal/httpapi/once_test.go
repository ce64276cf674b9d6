package httpapi_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/andon-dev/andon/client"
)

// What is no change of a task is told what is to be so; the second time it is.
var (
	// otherwise are changes that have no second effect, but are answered
	// otherwise: a token is shown once, and what is gone is not found.
	otherwise = strings.Fields(`claim-task create-board archive-board restore-board delete-board unsubscribe unmute resume
		import-board create-token revoke-token approve-guest remove-guest`)
	// keyless say how something that is no task is to be; the exit of a run has
	// happened, and says which run's it is.
	keyless = strings.Fields("edit-board switch-board reopen-board reopen-home edit-config exit-task connect-chat edit-guest gc repair test-lanes")
	// untried are changes of the gateway, and those that may be made twice: a claim
	// of whatever is next, a copy of a board, a look at one, a cord pulled again, a login,
	// a message that says only that it is one.
	untried = strings.Fields("claim-next dispatch reload-gateway drain-gateway stop-gateway make-backup check-backup restore-backup pull create-login end-session test-sink")
)

// TestOnce sends every change twice under one key: the second time has no effect
// and the same answer. To somebody else the key means something else.
func TestOnce(t *testing.T) {
	h := newHome(t)
	h.gateway = &gateway{}
	r := &repeater{next: h.handler(), t: t, operations: operations(t, h.handler()), tried: map[string]bool{}}
	tour(t, h, client.New(client.Handler(r), "http://andon", client.Options{}))
	for _, op := range r.operations {
		if op.method != http.MethodGet && !r.tried[op.id] && !slices.Contains(untried, op.id) {
			t.Errorf("%s was not tried", op.id)
		}
	}
}

// TestOnceIsForTheSame: whatever differs in what is asked under a key, it is a
// conflict that changes nothing and tells nothing of what was asked before.
func TestOnceIsForTheSame(t *testing.T) {
	for name, c := range map[string]struct{ method, path, first, then string }{
		"another text of a new task": {"POST", "/tasks", `{"title":"secret","body":"A"}`, `{"title":"secret","body":"B"}`},
		"another new task":           {"POST", "/tasks", `{"title":"secret"}`, `{"title":"open"}`},
		"another remark":             {"POST", "/tasks/{id}/comments", `{"body":"secret"}`, `{"body":"B"}`},
		"another edit":               {"PATCH", "/tasks/{id}", `{"priority":3}`, `{"priority":4}`},
		"another move":               {"POST", "/tasks/{id}/move", `{"to":"blocked","reason":"secret"}`, `{"to":"ready"}`},
		"another move of many":       {"POST", "/bulk", `{"action":"priority","priority":5,"ids":["{id}"]}`, `{"action":"priority","priority":6,"ids":["{id}"]}`},
		"a move of others":           {"POST", "/bulk", `{"action":"archive","ids":["{id}"]}`, `{"action":"archive","ids":["{other}"]}`},
		"another reason":             {"POST", "/tasks/{id}/block", `{"reason":"secret"}`, `{"reason":"hm"}`},
		"another switch":             {"DELETE", "/tasks/{id}", "", "?stop=true"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			api := h.handler()
			ids := strings.NewReplacer("{id}", add(t, h.client(), "one").ID, "{other}", add(t, h.client(), "two").ID)
			send := func(body string) *httptest.ResponseRecorder {
				path := "/api/v1/boards/default" + c.path
				if strings.HasPrefix(body, "?") {
					path, body = path+body, ""
				}
				r := httptest.NewRequest(c.method, ids.Replace(path), strings.NewReader(ids.Replace(body)))
				r.Header.Set("Idempotency-Key", "k")
				w := httptest.NewRecorder()
				api.ServeHTTP(w, r)
				return w
			}
			if w := send(c.first); w.Code >= 300 {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
			before := (&repeater{next: api, t: t}).state()
			w := send(c.then)
			if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "already used") || strings.Contains(w.Body.String(), "secret") {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if after := (&repeater{next: api, t: t}).state(); after != before {
				t.Errorf("it changed %s", differing(before, after))
			}
		})
	}
}

// TestOnceInAnyOrder: the same request is the same, however its keys are ordered
// and its task is named.
func TestOnceInAnyOrder(t *testing.T) {
	h := newHome(t)
	api, task := h.handler(), add(t, h.client(), "one").ID
	for _, c := range [][2]string{{task, `{"priority":3,"title":"so"}`}, {task[2:8], ` {"title":"so", "priority":3}`}} {
		r := httptest.NewRequest(http.MethodPatch, "/api/v1/boards/Default/tasks/"+c[0], strings.NewReader(c[1]))
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		if api.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", c, w.Code, w.Body)
		}
	}
}

// repeater sends each change that succeeds once more, and passes that answer on,
// as if the first one had been lost.
type repeater struct {
	next       http.Handler
	t          *testing.T
	operations []operation
	one        sync.Mutex
	tried      map[string]bool
}

func (r *repeater) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	id := r.operation(req)
	if req.Method == http.MethodGet || slices.Contains(untried, id) {
		r.next.ServeHTTP(w, req)
		return
	}
	r.one.Lock()
	defer r.one.Unlock()
	body, err := io.ReadAll(req.Body)
	ok(r.t, err)
	got := r.send(req, body)
	if got.Code < 300 {
		r.tried[id] = true
		before := r.state()
		again := r.send(req, body)
		if after := r.state(); after != before {
			r.t.Errorf("%s was done twice: %s", id, differing(before, after))
		}
		if !slices.Contains(otherwise, id) && (got.Code != again.Code || !bytes.Equal(got.Body.Bytes(), again.Body.Bytes())) {
			r.t.Errorf("%s was answered %d %s, then %d %s", id, got.Code, got.Body, again.Code, again.Body)
		}
		if another := r.sendAs("another", req, body); another.Code != http.StatusConflict && !slices.Contains(otherwise, id) && !slices.Contains(keyless, id) {
			r.t.Errorf("%s is answered to another caller under the same key: %d %s", id, another.Code, another.Body)
		}
		if again.Code < 300 && id != "create-board" {
			got = again
		}
	}
	maps.Copy(w.Header(), got.Header())
	w.WriteHeader(got.Code)
	_, _ = w.Write(got.Body.Bytes())
}

func (r *repeater) send(req *http.Request, body []byte) *httptest.ResponseRecorder {
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	w := httptest.NewRecorder()
	r.next.ServeHTTP(w, req)
	return w
}

// sendAs sends it under another name.
func (r *repeater) sendAs(name string, req *http.Request, body []byte) *httptest.ResponseRecorder {
	req = req.Clone(req.Context())
	req.Header.Set("Andon-As", name)
	return r.send(req, body)
}

func (r *repeater) operation(req *http.Request) string {
	at := append([]string{req.Method}, strings.Split(req.URL.Path, "/")...)
	for _, op := range r.operations {
		if fits(at, op.segments()) {
			return op.id
		}
	}
	return ""
}

// state is all that the API tells of what is kept.
func (r *repeater) state() string {
	get := func(path string) string { return fetch(r.t, r.next, "/api/v1"+path).Body.String() }
	var boards client.Page[client.Board]
	all := get("/boards?archived=true")
	ok(r.t, json.Unmarshal([]byte(all), &boards))
	all += get("/holds") + get("/backups")
	for _, b := range boards.Items {
		for line := range strings.Lines(get("/boards/" + b.Slug + "/export")) {
			if !strings.HasPrefix(line, `{"header"`) && !strings.HasPrefix(line, `{"trailer"`) { // they tell the time
				all += line
			}
		}
	}
	return all
}

func differing(before, after string) string {
	old := strings.Split(before, "\n")
	var fresh []string
	for line := range strings.Lines(after) {
		if !slices.Contains(old, strings.TrimSpace(line)) {
			fresh = append(fresh, line)
		}
	}
	return strings.Join(fresh, "")
}
