package httpapi_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/httpapi"
)

// book is a log that several write.
type book struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// broken is a caller that takes nothing.
type broken struct{ header http.Header }

func (b broken) Header() http.Header       { return b.header }
func (b broken) WriteHeader(int)           {}
func (b broken) Write([]byte) (int, error) { return 0, context.Canceled }

// TestG32_LogsTellNoSecret, at no level, wherever somebody puts one and whatever
// goes wrong.
func TestG32_LogsTellNoSecret(t *testing.T) {
	w := newStreet(t)
	var log book
	w.options.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	claim := must(w.owner().Claim(t.Context(), "default", add(t, w.owner(), "a run's").ID, client.ClaimRequest{}))(t)
	token, cookie := w.token(t, "ci", "admin", ""), w.session(t, "admin")
	code := must(url.Parse(must(w.owner().CreateLogin(t.Context(), client.LoginCreate{Scope: "read"}))(t).URL))(t).Query().Get("code")
	secrets := []string{token, cookie.Value, code, claim.Token}
	w.options.Config = nil // a panic
	w.front = httpapi.Front{API: w.handler(), Log: w.options.Log}.Handler()

	shown := map[string]func(*http.Request, string){
		"bearer": func(r *http.Request, s string) { r.Header.Set("Authorization", "Bearer "+s) },
		"run":    func(r *http.Request, s string) { r.Header.Set("Authorization", "Bearer default.1."+s) },
		"basic":  func(r *http.Request, s string) { r.SetBasicAuth("ann", s) },
		"cookie": func(r *http.Request, s string) { r.AddCookie(&http.Cookie{Name: cookie.Name, Value: s}) },
		"query":  func(r *http.Request, s string) { r.URL.RawQuery = "code=" + s + "&token=" + s },
		"keys": func(r *http.Request, s string) {
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Idempotency-Key", s)
			r.Header.Set("If-Match", s)
			r.Header.Set("Last-Event-ID", s)
		},
	}
	serve := func(out http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }() // an answer that was broken off
		w.front.ServeHTTP(out, r)
	}
	for _, secret := range secrets {
		for name, show := range shown {
			for _, path := range []string{
				"/", "/login", "/login?code=" + secret, "/api/v1/boards", "/api/v1/config", "/api/v1/boards/default/tasks/none", "/api/v1/boards?token=" + secret,
				"/api/v1/boards/default/stream?after=" + secret, "/readyz", "/mcp", "/api/v9/x",
			} {
				for _, method := range []string{http.MethodGet, http.MethodPost} {
					w.passed += 20 * time.Second // whoever guesses may guess again
					ctx, gone := context.WithCancel(t.Context())
					gone()
					r := httptest.NewRequestWithContext(ctx, method, "http://127.0.0.1:8420"+path, strings.NewReader(`{"secret": "`+secret+`"`))
					r.RemoteAddr = "198.51.100.7:1"
					if show(r, secret); name == "cookie" {
						r.Header.Set("Sec-Fetch-Site", "same-origin")
					}
					serve(broken{http.Header{}}, r)
					if !strings.Contains(path, "/stream") { // which would never end
						serve(httptest.NewRecorder(), r.WithContext(t.Context()))
					}
				}
			}
		}
	}
	told := log.String()
	for _, secret := range secrets {
		if at := strings.Index(told, secret); at >= 0 {
			t.Errorf("the log tells %s", told[max(0, at-200):at+len(secret)])
		}
	}
	for _, level := range []string{"DEBUG", "INFO", "ERROR"} {
		if !strings.Contains(told, "level="+level) {
			t.Errorf("nothing was logged at level %s", level)
		}
	}
}
