package browser

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// hook is a receiver of messages on loopback, which takes them in or does not.
type hook struct {
	url string

	mu       sync.Mutex
	status   int
	received []string
	came     chan struct{} // closed, and made anew, with each message
}

func newHook(t *testing.T, status int) *hook {
	k := &hook{status: status, came: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.status < 300 {
			k.received = append(k.received, string(body))
			close(k.came)
			k.came = make(chan struct{})
		}
		w.WriteHeader(k.status)
	}))
	t.Cleanup(server.Close)
	k.url = server.URL
	return k
}

// answer is the status that it gives from now on.
func (k *hook) answer(status int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.status = status
}

func (k *hook) heard(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.ContainsFunc(k.received, func(m string) bool { return strings.Contains(m, text) })
}

// hears waits for a message that says a text.
func (k *hook) hears(t *testing.T, text string) {
	t.Helper()
	late := time.After(patience)
	for !k.heard(text) {
		k.mu.Lock()
		came := k.came
		k.mu.Unlock()
		if k.heard(text) {
			return
		}
		select {
		case <-came:
		case <-late:
			t.Fatalf("no message says %q", text)
		}
	}
}
