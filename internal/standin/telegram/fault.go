package telegram

import (
	"net/http"
)

// Fault is how calls go wrong. Without a Status the connection breaks before an
// answer, or stays silent if Hang is set.
type Fault struct {
	Method     string // "" = any but getUpdates
	Times      int    // how many calls; 0 = one
	Status     int    // of the answer
	RetryAfter int    // seconds; goes with 429
	Hang       bool   // nothing is answered until the client goes away
	Accepted   bool   // the call takes effect all the same
}

// Fail makes the coming calls go wrong, in the order of the faults.
func (s *Server) Fail(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range faults {
		s.faults = append(s.faults, &f)
	}
}

// Heal takes away the faults that have not struck yet.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// Revoke makes another token valid, as when the owner asked for a new one.
func (s *Server) Revoke(newToken string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = newToken
	s.updates.tell() // who waits for updates is refused now
}

func (f *Fault) strike(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Status == http.StatusTooManyRequests:
		answer(w, nil, &refusal{
			code:        f.Status,
			description: "Too Many Requests: retry after " + decimal(int64(f.RetryAfter)),
			parameters:  map[string]any{"retry_after": f.RetryAfter},
		})
	case f.Status != 0:
		answer(w, nil, &refusal{code: f.Status, description: http.StatusText(f.Status)})
	case f.Hang:
		<-r.Context().Done()
	default:
		panic(http.ErrAbortHandler) // the server closes the connection
	}
}
