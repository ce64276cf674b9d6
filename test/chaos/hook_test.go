//go:build linux

package chaos

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
)

// message is what a sink got.
type message struct {
	Key   string
	Task  struct{ ID string }
	Event struct{ ID int64 }
}

// hook receives webhooks. While it is away it refuses them; of every hundredth
// it keeps the message and loses the answer.
type hook struct {
	url  string
	away atomic.Bool

	mu   sync.Mutex
	got  []message
	seen int
}

func newHook(t *testing.T) *hook {
	h := &hook{}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.away.Load() {
		http.Error(w, "away", http.StatusServiceUnavailable)
		return
	}
	var m message
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || r.Header.Get("Idempotency-Key") != m.Key {
		http.Error(w, "what is this", http.StatusInternalServerError) // cut off, or a key that is not the message's
		return
	}
	h.mu.Lock()
	h.got = append(h.got, m)
	h.seen++
	lose := h.seen%100 == 0
	h.mu.Unlock()
	if lose {
		panic(http.ErrAbortHandler)
	}
}
