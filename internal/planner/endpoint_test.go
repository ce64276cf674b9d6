package planner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

const secret = "sk-very-secret"

// completion is how a server says something.
func completion(text string) string {
	raw, err := json.Marshal(map[string]any{
		"id": "x", "object": "chat.completion", "created": 1, "model": "m",
		"choices": []any{map[string]any{"index": 0, "finish_reason": "stop", "message": map[string]any{"role": "assistant", "content": text}}},
	})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func endpointOf(t *testing.T, h http.HandlerFunc) *Endpoint {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return &Endpoint{URL: server.URL + "/hidden-path/v1", Model: "model-x", Key: func() ([]byte, error) { return []byte(secret), nil }}
}

var question = Question{Rules: "the rules", Data: "the data", Schema: schema(kanban.Decompose, Settings{Lanes: map[string]Lane{"builder": {}}})}

// TestAsked: what goes over the wire is what the protocol asks for.
func TestAsked(t *testing.T) {
	var got struct {
		Model    string
		Messages []struct{ Role, Content string }
		Format   struct {
			Type   string
			Schema struct {
				Name   string
				Strict bool
				Schema struct {
					Required   []string
					Additional *bool `json:"additionalProperties"`
				}
			} `json:"json_schema"`
		} `json:"response_format"`
	}
	e := endpointOf(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hidden-path/v1/chat/completions" || r.Header.Get("Authorization") != "Bearer "+secret {
			t.Errorf("%s with %q", r.URL, r.Header.Get("Authorization"))
		}
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, completion("hello"))
	})
	text, err := e.Answer(t.Context(), question)
	if err != nil || text != "hello" {
		t.Fatalf("%q %v", text, err)
	}
	if got.Model != "model-x" || len(got.Messages) != 2 || got.Messages[0].Role != "system" || got.Messages[1].Content != "the data" {
		t.Errorf("asked %+v", got)
	}
	s := got.Format.Schema
	if got.Format.Type != "json_schema" || !s.Strict || s.Name != "plan" || len(s.Schema.Required) != 5 || s.Schema.Additional == nil || *s.Schema.Additional {
		t.Errorf("format %+v", got.Format)
	}
}

// TestWithoutTheForm: a server that knows no form of answers is asked once more,
// without.
func TestWithoutTheForm(t *testing.T) {
	n := 0
	e := endpointOf(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		if n++; strings.Contains(string(body), "response_format") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error": {"message": "Unrecognized request argument: response_format"}}`)
			return
		}
		fmt.Fprint(w, completion("fine"))
	})
	if text, err := e.Answer(t.Context(), question); err != nil || text != "fine" || n != 2 {
		t.Errorf("%q %v after %d calls", text, err, n)
	}
}

// TestTroubles: each way to fail has a reason in words, without key and address,
// and a sense of whether to try again.
func TestTroubles(t *testing.T) {
	status := func(code int, header, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if header != "" {
				w.Header().Set("Retry-After", header)
			}
			w.WriteHeader(code)
			fmt.Fprint(w, body)
		}
	}
	said := func(body string) http.HandlerFunc { return status(200, "", body) }
	for name, tt := range map[string]struct {
		serve http.HandlerFunc
		want  string
		final bool
		after time.Duration
	}{
		"bad key":        {status(401, "", `{"error": {"message": "Incorrect API key provided: `+secret+`"}}`), "refuses the key: 401 Unauthorized: Incorrect API key provided: ***", true, 0},
		"forbidden":      {status(403, "", ``), "refuses the key: 403", true, 0},
		"no such model":  {status(404, "", `{"error": {"message": "no model"}}`), "knows no such model", true, 0},
		"bad request":    {status(400, "", `{"error": {"message": "max_tokens"}}`), "refuses the request: 400 Bad Request: max_tokens", true, 0},
		"later":          {status(429, "17", `{"error": {"message": "slow down"}}`), "come later: 429 Too Many Requests: slow down", false, 17 * time.Second},
		"much later":     {status(429, "9999999", ``), "come later", false, 24 * time.Hour},
		"later, somehow": {status(429, "soon", ``), "come later", false, 0},
		"broken":         {status(500, "", `oops`), "failed: 500", false, 0},
		"overloaded":     {status(503, "3", ``), "failed: 503", false, 3 * time.Second},
		"a redirect":     {status(302, "", ``), "", false, 0},
		"not JSON":       {said(`<html>`), "", false, 0},
		"no completion":  {said(`[]`), "", false, 0},
		"no choice":      {said(`{"choices": []}`), "no choice", false, 0},
		"a refusal":      {said(`{"choices": [{"finish_reason": "stop", "message": {"refusal": "I cannot"}}]}`), "refuses: I cannot", false, 0},
		"cut off":        {said(`{"choices": [{"finish_reason": "length", "message": {"content": "{"}}]}`), "cut off at the model's limit", false, 0},
		"filtered":       {said(`{"choices": [{"finish_reason": "content_filter", "message": {}}]}`), "filtered", true, 0},
		"endless":        {said(`{"choices": [{"message": {"content": "` + strings.Repeat("x", 2<<20) + `"}}]}`), "longer than", false, 0},
		"a broken answer": {func(w http.ResponseWriter, _ *http.Request) {
			hang(w, `HTTP/1.1 200 OK`+"\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{")
		}, "broke off", false, 0},
		"no answer": {func(w http.ResponseWriter, _ *http.Request) { hang(w, "") }, "cannot be reached", false, 0},
		"noise":     {func(w http.ResponseWriter, _ *http.Request) { hang(w, "ERROR\r\n\r\n") }, "cannot be reached", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			e := endpointOf(t, tt.serve)
			_, err := e.Answer(t.Context(), question)
			var got *Trouble
			if !errors.As(err, &got) || !strings.Contains(got.Reason, tt.want) || got.Final != tt.final || got.After != tt.after {
				t.Errorf("got %+v (%v)", got, err)
			}
			clean(t, err)
		})
	}
}

func clean(t *testing.T, err error) {
	t.Helper()
	if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "hidden-path") || strings.Contains(err.Error(), "\n") || len([]rune(err.Error())) > 320 {
		t.Errorf("told %q", err)
	}
}

// hang says something and closes the connection.
func hang(w http.ResponseWriter, say string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	fmt.Fprint(conn, say)
	conn.Close()
}

// TestRedirect: key and text stay at the host that was named.
func TestRedirect(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("followed") }))
	defer other.Close()
	e := endpointOf(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	_, err := e.Answer(t.Context(), question)
	var got *Trouble
	if !errors.As(err, &got) || !got.Final || !strings.Contains(got.Reason, "redirects") {
		t.Errorf("got %+v (%v)", got, err)
	}
	clean(t, err)
}

// TestNobodyThere: a server that is away is told as that.
func TestNobodyThere(t *testing.T) {
	e := endpointOf(t, nil)
	e.URL = "http://127.0.0.1:1/hidden-path"
	_, err := e.Answer(t.Context(), question)
	var got *Trouble
	if !errors.As(err, &got) || got.Final || !strings.Contains(got.Reason, "refused") {
		t.Errorf("got %+v", got)
	}
	clean(t, err)
}

// TestNoKey: a key that cannot be read is final, and no key at all is none.
func TestNoKey(t *testing.T) {
	e := endpointOf(t, func(w http.ResponseWriter, r *http.Request) {
		if h, sent := r.Header["Authorization"]; sent {
			t.Errorf("sent %q", h)
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, completion("open"))
	})
	e.Key = nil
	if text, err := e.Answer(t.Context(), question); err != nil || text != "open" {
		t.Errorf("%q %v", text, err)
	}
	e.Key = func() ([]byte, error) { return nil, errors.New("the secret in PLAN_KEY is empty") }
	_, err := e.Answer(t.Context(), question)
	var got *Trouble
	if !errors.As(err, &got) || !got.Final || !strings.Contains(got.Reason, "PLAN_KEY") {
		t.Errorf("got %+v", got)
	}
}

// TestEnvironmentIsNotAsked: what another tool left in the environment is neither
// key nor address.
func TestEnvironmentIsNotAsked(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-of-somebody-else")
	t.Setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/")
	TestNoKey(t)
}

// TestGivenUp: a call ends with its context.
func TestGivenUp(t *testing.T) {
	e := endpointOf(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // a server that has read all hears of the end
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := e.Answer(ctx, question); err == nil {
		t.Error("it answered")
	}
}

// FuzzCompletion: whatever a server says, it is an answer or a trouble in words.
func FuzzCompletion(f *testing.F) {
	for _, s := range []string{completion("x"), `{"choices": null}`, `{"choices": [{"message": {"content": 3}}]}`, `{"error": {"message": "no"}}`, "", "null", `{"choices":[{}]}`} {
		f.Add(s, 200)
		f.Add(s, 500)
	}
	f.Fuzz(func(t *testing.T, body string, status int) {
		if status < 200 || status > 599 || status == 204 || status == 304 {
			return
		}
		e := &Endpoint{URL: "http://example.test/hidden-path", Model: "m", Transport: canned{status, body}}
		_, err := e.Answer(t.Context(), question)
		if err != nil {
			clean(t, err)
		}
	})
}

type canned struct {
	status int
	body   string
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(c.body)), Request: r,
	}, nil
}
