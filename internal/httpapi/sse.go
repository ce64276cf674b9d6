package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

const (
	beat      = 15 * time.Second // between two signs of life
	patience  = 30 * time.Second // for a reader that takes nothing
	reconnect = 500              // milliseconds that a browser waits before it comes back
)

// sse writes server-sent events.
type sse struct {
	w       http.ResponseWriter
	control *http.ResponseController
	held    bytes.Buffer
}

// events is an answer that streams until do returns. An error of do is that the
// reader is gone or who it was may not go on, so there is nobody to tell.
func (s *server) stream(do func(r *http.Request, out *sse) error) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		r, w := humago.Unwrap(hc)
		out := &sse{w: w, control: http.NewResponseController(w)}
		for key, value := range map[string]string{
			"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
		} {
			w.Header().Set(key, value)
		}
		fmt.Fprintf(&out.held, "retry: %d\n\n", reconnect)
		err := out.flush()
		if err == nil {
			err = do(r, out)
		}
		out.limit(time.Time{})
		if err != nil && r.Context().Err() == nil {
			s.o.Log.DebugContext(r.Context(), "a stream ended", "error", err)
		}
	}}
}

// event holds one event until flush; id 0 leaves it out.
func (e *sse) event(id int64, name string, data []byte) {
	if id != 0 {
		e.held.WriteString("id: " + strconv.FormatInt(id, 10) + "\n")
	}
	e.held.WriteString("event: " + name + "\ndata: ")
	e.held.Write(data) // JSON of one line
	e.held.WriteString("\n\n")
	const much = 64 << 10
	if e.held.Len() > much {
		_ = e.flush() // the next one fails, too
	}
}

// beat is a sign of life.
func (e *sse) beat() error {
	e.held.WriteString(": beat\n\n")
	return e.flush()
}

// flush sends what is held. A reader that takes nothing is given up.
func (e *sse) flush() error {
	if e.held.Len() == 0 {
		return nil
	}
	e.limit(time.Now().Add(patience))
	_, err := e.held.WriteTo(e.w)
	if err != nil {
		return err
	}
	if err := e.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}

// limit bounds the writing, where there is a connection.
func (e *sse) limit(until time.Time) { _ = e.control.SetWriteDeadline(until) }
