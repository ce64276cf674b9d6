package ntfy_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/ntfy"
)

// server is an ntfy that answers with one status.
type server struct {
	URL    string
	got    []map[string]any
	tokens []string
}

func newServer(t *testing.T, status int, header ...string) *server {
	s := &server{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.URL.Path != "/" {
			t.Errorf("%s with %v", r.URL, err)
		}
		s.got, s.tokens = append(s.got, body), append(s.tokens, r.Header.Get("Authorization"))
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	s.URL = srv.URL
	return s
}

func secret() ([]byte, error) { return []byte("tk_hush"), nil }

var asks = notify.Message{
	Key: "default-1-7", Board: "default", Attention: true, Event: notify.Event{Kind: "blocked"},
	Head: "t_1 asks", Detail: "Which port?", Next: "Answer it: andon answer t_1 TEXT", Link: "https://andon.test/t_1",
}

func TestAMessageIsPublished(t *testing.T) {
	s := newServer(t, 200)
	sink := ntfy.New(ntfy.Options{URL: s.URL, Topic: "ops", Token: secret})
	first, err := sink.Send(t.Context(), asks)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"topic": "ops", "sequence_id": first.Ref, "title": "t_1 asks", "message": "Which port?\nAnswer it: andon answer t_1 TEXT",
		"priority": 4.0, "tags": []any{"warning"}, "click": asks.Link,
		"actions": []any{map[string]any{"action": "view", "label": "Open", "url": asks.Link}},
	}
	if diff := cmp.Diff(want, s.got[0]); diff != "" || s.tokens[0] != "Bearer tk_hush" {
		t.Errorf("%s %s", s.tokens[0], diff)
	}

	done := notify.Message{Key: "default-1-9", Event: notify.Event{Kind: "completed"}, Head: "t_1 is done", Prior: first.Ref, Target: "other"}
	second, err := sink.Send(t.Context(), done)
	if err != nil || second != first {
		t.Fatal(second, err)
	}
	want = map[string]any{
		"topic": "other", "sequence_id": first.Ref, "title": "", "message": "t_1 is done", "priority": 2.0, "tags": []any{"white_check_mark"},
	}
	if diff := cmp.Diff(want, s.got[1]); diff != "" {
		t.Error(diff)
	}
	asks := asks
	asks.Key, asks.Prior = "default-1-11", first.Ref
	if third, err := sink.Send(t.Context(), asks); err != nil || third == first {
		t.Errorf("what asks for an act is new: %v, %v", third, err)
	}
}

func TestALongMessageIsCutBetweenLines(t *testing.T) {
	s := newServer(t, 200)
	m := notify.Message{Text: strings.Repeat("0123456789 é\n", 10_000)}
	if _, err := ntfy.New(ntfy.Options{URL: s.URL, Topic: "ops"}).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	text, _ := s.got[0]["message"].(string)
	if len(text) > 4096 || !strings.HasSuffix(text, "é\nand 9710 more: andon inbox") {
		t.Errorf("%d bytes end with %q", len(text), text[len(text)-40:])
	}
}

func TestG20_AnswersAreJudged(t *testing.T) {
	for _, c := range []struct {
		status    int
		want      string
		permanent bool
	}{
		{401, "answered 401 Unauthorized", true},
		{403, "answered 403 Forbidden", true},
		{302, "answered 302 Found", true},
		{429, "answered 429 Too Many Requests", false},
		{507, "answered 507 Insufficient Storage", false},
	} {
		s := newServer(t, c.status, "Retry-After", "7", "Location", "http://elsewhere.test/")
		_, err := ntfy.New(ntfy.Options{URL: s.URL, Topic: "ops"}).Send(t.Context(), asks)
		var f *notify.Failure
		if !errors.As(err, &f) || f.Permanent != c.permanent || !strings.HasSuffix(err.Error(), c.want) || !c.permanent && f.After.Seconds() != 7 {
			t.Errorf("%d: %v", c.status, err)
		}
	}
	_, err := ntfy.New(ntfy.Options{URL: "http://localhost"}).Send(t.Context(), asks)
	var f *notify.Failure
	if !errors.As(err, &f) || !f.Permanent {
		t.Errorf("without a topic: %v", err)
	}
}

func TestG32_ErrorsTellNoSecret(t *testing.T) {
	s := newServer(t, 403)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, c := range map[string]struct {
		ctx context.Context
		url string
	}{"refused": {t.Context(), s.URL}, "cancelled": {cancelled, s.URL}, "no URL": {t.Context(), "http://hush:x y/"}} {
		_, err := ntfy.New(ntfy.Options{URL: c.url, Topic: "hush", Token: secret}).Send(c.ctx, asks)
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
