package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/notify"
)

var message = notify.Message{
	Key: "default-1-2", Board: "default", Subscription: 1, Text: "It is done.",
	Task:  notify.Task{ID: "t_1f3a9c20", Title: "Fix the login", Status: "done", Assignee: "builder"},
	Event: notify.Event{ID: 2, Kind: "completed", Payload: map[string]any{"summary": "ok"}, At: time.Unix(1700000000, 0).UTC()},
}

// request is what a destination got.
type request struct {
	header http.Header
	body   []byte
}

// destination answers every request with one status.
func destination(t *testing.T, status int, header ...string) (*httptest.Server, *[]request) {
	var got []request
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got = append(got, request{r.Header.Clone(), body})
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(srv.Close)
	return srv, &got
}

func TestG20_SignedOnceReceived(t *testing.T) {
	srv, got := destination(t, http.StatusNoContent)
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := func() time.Time { return time.Unix(1700000001, 0) }
	if err := send(t.Context(), Options{URL: srv.URL, Secret: notify.SecretFile(secret), Clock: at}); err != nil {
		t.Fatal(err)
	}

	r := (*got)[0]
	mac := hmac.New(sha256.New, []byte("hush"))
	mac.Write([]byte("1700000001." + string(r.body)))
	if want := "t=1700000001,v1=" + hex.EncodeToString(mac.Sum(nil)); r.header.Get("Andon-Signature") != want {
		t.Errorf("signature %q, want %q", r.header.Get("Andon-Signature"), want)
	}
	if key := r.header.Get("Idempotency-Key"); key != message.Key {
		t.Errorf("key %q", key)
	}
	var body notify.Message
	if err := json.Unmarshal(r.body, &body); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(message, body); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	srv, got := destination(t, http.StatusOK)
	if err := send(t.Context(), Options{URL: srv.URL}); err != nil {
		t.Fatal(err)
	}
	if _, signed := (*got)[0].header["Andon-Signature"]; signed {
		t.Error("signed with no secret")
	}
}

func send(ctx context.Context, o Options) error {
	_, err := New(o).Send(ctx, message)
	return err
}

// outcome tells an error in a word, as the pump would take it.
func outcome(err error) string {
	var f *notify.Failure
	switch {
	case err == nil:
		return "sent"
	case !errors.As(err, &f):
		return "temporary"
	case f.Permanent:
		return "permanent"
	case f.After > 0:
		return "after " + f.After.String()
	}
	return "temporary"
}

func TestG20_AnswersAreJudged(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		status     int
		retryAfter string
		want       string
	}{
		{200, "", "sent"},
		{299, "", "sent"},
		{301, "", "permanent"},
		{400, "", "permanent"},
		{404, "60", "permanent"},
		{410, "", "permanent"},
		{408, "", "temporary"},
		{425, "", "temporary"},
		{429, "", "temporary"},
		{429, "120", "after 2m0s"},
		{429, "-5", "temporary"},
		{429, "soon", "temporary"},
		{429, "99999999999", "after 24h0m0s"},
		{503, at.Add(90 * time.Second).Format(http.TimeFormat), "after 1m30s"},
		{503, at.Add(-time.Hour).Format(http.TimeFormat), "temporary"},
		{500, "", "temporary"},
	} {
		srv, _ := destination(t, c.status, "Retry-After", c.retryAfter)
		err := send(t.Context(), Options{URL: srv.URL, Clock: func() time.Time { return at }})
		if got := outcome(err); got != c.want {
			t.Errorf("%d with Retry-After %q is %s, want %s (%v)", c.status, c.retryAfter, got, c.want, err)
		}
	}
}

func TestARedirectNeverLeavesTheHost(t *testing.T) {
	elsewhere, stolen := destination(t, http.StatusOK)
	srv, _ := destination(t, http.StatusTemporaryRedirect, "Location", elsewhere.URL)
	if got := outcome(send(t.Context(), Options{URL: srv.URL})); got != "permanent" {
		t.Errorf("a redirect to another host is %s", got)
	}
	if len(*stolen) > 0 {
		t.Error("the message went to another host")
	}
}

func TestARedirectKeepsTheMessage(t *testing.T) {
	var bodies []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.URL.Path == "/old" {
			http.Redirect(w, r, "/new", http.StatusPermanentRedirect)
			return
		}
		bodies = append(bodies, r.Method+" "+string(body))
	}))
	defer srv.Close()
	if err := send(t.Context(), Options{URL: srv.URL + "/old"}); err != nil {
		t.Fatal(err)
	}
	if len(bodies) != 1 || !strings.HasPrefix(bodies[0], `POST {"key":"default-1-2"`) {
		t.Errorf("after the redirect: %q", bodies)
	}
}

// A redirect that turns POST into GET would lose the message and look sent.
func TestARedirectThatDropsTheMessageIsNotFollowed(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			http.Redirect(w, r, "/new", http.StatusFound)
		}
	}))
	defer srv.Close()
	if got := outcome(send(t.Context(), Options{URL: srv.URL})); got != "permanent" {
		t.Errorf("302 is %s", got)
	}
}

func TestG32_ErrorsTellNoSecret(t *testing.T) {
	srv, _ := destination(t, http.StatusNotFound)
	gone, _ := destination(t, http.StatusOK)
	gone.Close()
	t.Setenv("HOOK_SECRET", "hush")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, send := range map[string]func() error{
		"status": func() error {
			return send(t.Context(), Options{URL: srv.URL + "/hush", Secret: notify.SecretEnv("HOOK_SECRET")})
		},
		"refused":   func() error { return send(t.Context(), Options{URL: gone.URL + "/hush"}) },
		"cancelled": func() error { return send(cancelled, Options{URL: srv.URL + "/hush"}) },
		"no URL":    func() error { return send(t.Context(), Options{URL: "http://hush:x y/"}) },
		"no secret": func() error {
			return send(t.Context(), Options{URL: srv.URL + "/hush", Secret: notify.SecretEnv("ANOTHER")})
		},
		"no file": func() error {
			return send(t.Context(), Options{URL: srv.URL + "/hush", Secret: notify.SecretFile(t.TempDir() + "/none")})
		},
	} {
		err := send()
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
