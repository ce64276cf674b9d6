package slack

import (
	"net/http"
	"strconv"
)

// Fault is how calls go wrong. With neither Status nor Error the connection
// breaks before an answer, or stays silent if Hang is set.
type Fault struct {
	Method     string // such as chat.postMessage, or upload; "" = any but apps.connections.open
	Times      int    // how many calls; 0 = one
	Status     int    // of the answer
	RetryAfter int    // seconds; goes with 429
	Error      string // of an answer with ok: false
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

// Revoke makes other tokens valid, as when the app was installed anew.
func (s *Server) Revoke(bot, app string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bot, s.app = bot, app
}

// count notes a call and takes the fault that is meant for it.
func (s *Server) count(method string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[method]++
	for i, f := range s.faults {
		if f.Method != "" && f.Method != method || f.Method == "" && method == "apps.connections.open" {
			continue
		}
		if f.Times--; f.Times <= 0 {
			s.faults = append(s.faults[:i:i], s.faults[i+1:]...)
		}
		return f
	}
	return nil
}

// Calls tells how often a method was called, refused calls included.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

func (f *Fault) strike(w http.ResponseWriter, r *http.Request) {
	switch {
	case f.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
		w.WriteHeader(f.Status)
		answer(w, nil, refusal("ratelimited"))
	case f.Status != 0:
		http.Error(w, "<html>"+http.StatusText(f.Status), f.Status)
	case f.Error != "":
		answer(w, nil, refusal(f.Error))
	case f.Hang:
		<-r.Context().Done()
	default:
		panic(http.ErrAbortHandler) // the server closes the connection
	}
}
