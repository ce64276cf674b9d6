//go:build linux

package heard

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/internal/standin/slack"
	"github.com/andon-dev/andon/internal/standin/telegram"
)

// hook receives webhooks, and notes the key of each.
type hook struct {
	away atomic.Int32 // the status of its answers; -1 = it takes a message and breaks the connection

	mu   sync.Mutex
	said []string
}

// ServeHTTP implements http.Handler.
func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status := h.away.Load()
	if status > 0 {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(int(status))
		return
	}
	var m struct{ Key string }
	if err := json.NewDecoder(r.Body).Decode(&m); err != nil || m.Key != r.Header.Get("Idempotency-Key") {
		http.Error(w, "what is this", http.StatusInternalServerError) // cut off, or a key that is not the message's
		return
	}
	h.mu.Lock()
	h.said = append(h.said, m.Key)
	h.mu.Unlock()
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
}

// Said returns the keys that came, in order.
func (h *hook) Said() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.said...)
}

const always = 1 << 30 // calls that go wrong

// trouble makes the places fail in turn, each for a while and in one of the ways
// it can, until ctx ends; then all are well.
func (h *house) trouble(ctx context.Context, random *rand.Rand, turn time.Duration) (troubles int) {
	for place := 0; ; place++ {
		way := random.IntN(4)
		switch place % 4 {
		case 0:
			h.telegram.Fail([]telegram.Fault{
				{Status: 429, RetryAfter: 1, Times: always}, {Status: 502, Times: always}, {Times: always}, {Accepted: true, Times: always},
			}[way])
		case 1:
			h.slack.Fail([]slack.Fault{
				{Status: 429, RetryAfter: 1, Times: always}, {Error: "internal_error", Times: always}, {Times: always}, {Accepted: true, Times: always},
			}[way])
		case 2:
			h.hook.away.Store([]int32{429, 503, 408, -1}[way])
		case 3: // a rest
			troubles--
		}
		troubles++
		rest := time.NewTimer(turn)
		select {
		case <-rest.C:
		case <-ctx.Done():
		}
		rest.Stop()
		h.telegram.Heal()
		h.slack.Heal()
		h.hook.away.Store(0)
		if ctx.Err() != nil {
			return troubles
		}
	}
}
