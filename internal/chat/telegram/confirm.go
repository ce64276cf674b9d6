package telegram

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
)

// confirm holds back the question for the next updates until those of the last
// answer are taken in: the question is what tells Telegram that they arrived. The
// client's own loop asks while the last one is still being handled.
//
// The client asks one question at a time and handles updates one after the other.
type confirm struct {
	next http.RoundTripper
	open atomic.Int64  // updates that were received and are not taken in
	free chan struct{} // look again
}

func newConfirm(next http.RoundTripper) *confirm {
	if next == nil {
		next = http.DefaultTransport
	}
	return &confirm{next: next, free: make(chan struct{}, 1)}
}

// taken is called once for each update.
func (c *confirm) taken() {
	if c.open.Add(-1) > 0 {
		return
	}
	select {
	case c.free <- struct{}{}:
	default: // it says so already
	}
}

// RoundTrip implements http.RoundTripper.
func (c *confirm) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/getUpdates") {
		return c.next.RoundTrip(r)
	}
	for c.open.Load() > 0 {
		select {
		case <-c.free:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	answer, err := c.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	var updates struct{ Result []json.RawMessage }
	if json.Unmarshal(body, &updates) == nil { // the client tells what is wrong with another answer
		c.open.Store(int64(len(updates.Result)))
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}
