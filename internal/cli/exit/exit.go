// Package exit maps every outcome of a command to its exit status, and every
// error to what is said about it. It is the only place that knows the numbers.
package exit

import (
	"context"
	"errors"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// The exit statuses of andon.
const (
	OK           = 0
	Internal     = 1   // a defect or an unexpected failure
	Usage        = 2   // the request itself is wrong
	NotFound     = 3   // no such task, board, run, ...
	Refused      = 4   // by state, gate, conflict or cap
	Partly       = 5   // some of several ids
	Stale        = 6   // the lease is no longer the task's
	Unavailable  = 7   // gateway or store cannot answer now
	Findings     = 8   // a check found something
	Unauthorized = 9   // this caller may not do that
	TimedOut     = 124 // --timeout passed
	Interrupted  = 130 // Ctrl-C or SIGTERM
)

// Codes of errors that no server sends.
const (
	timedOut    = "timed_out"
	interrupted = "interrupted"
)

var statuses = map[string]int{
	string(kanban.Invalid):      Usage,
	string(kanban.NotFound):     NotFound,
	string(kanban.Conflict):     Refused,
	string(kanban.Gated):        Refused,
	string(kanban.Exhausted):    Refused,
	string(kanban.Stale):        Stale,
	string(kanban.Unavailable):  Unavailable,
	string(kanban.Unauthorized): Unauthorized,
	string(kanban.Internal):     Internal,
	timedOut:                    TimedOut,
	interrupted:                 Interrupted,
}

// Why a command's context ends.
var (
	ErrTimeout     = errors.New("the time given with --timeout has passed")
	ErrWaited      = errors.New("the time given with --wait has passed")
	ErrInterrupted = errors.New("interrupted")
)

// Said is an error about which everything was printed already; only its status
// is left.
type Said struct{ Status int }

func (Said) Error() string { return "see above" }

// About is an error that concerns one task.
type About struct {
	ID  string
	Err error
}

func (a About) Error() string { return a.Err.Error() }

// Unwrap gives the error itself.
func (a About) Unwrap() error { return a.Err }

// Problem is what is said about an error; its JSON form is a contract.
type Problem struct {
	Code      string `json:"code"`
	Message   string `json:"message"`
	Hint      string `json:"hint,omitempty"`
	ID        string `json:"id,omitempty"`
	State     string `json:"state,omitempty"`
	Retryable bool   `json:"retryable"`
}

// Of returns the exit status of a command that ended with err.
func Of(err error) int {
	if err == nil {
		return OK
	}
	var said Said
	if errors.As(err, &said) {
		return said.Status
	}
	return statuses[Describe(err).Code]
}

// Describe puts an error into words.
func Describe(err error) Problem {
	p := describe(err)
	var about About
	if errors.As(err, &about) {
		p.ID = about.ID
	}
	return p
}

func describe(err error) Problem {
	var remote *client.Error
	var local *kanban.Error
	switch {
	case errors.Is(err, ErrInterrupted), errors.Is(err, context.Canceled):
		return Problem{Code: interrupted, Message: "interrupted"}
	case errors.Is(err, ErrTimeout), errors.Is(err, ErrWaited), errors.Is(err, context.DeadlineExceeded):
		return Problem{Code: timedOut, Message: err.Error(), Retryable: true}
	case errors.As(err, &remote):
		if _, known := statuses[remote.Code]; !known {
			return Problem{Code: string(kanban.Internal), Message: remote.Message, Hint: remote.Hint, State: remote.State}
		}
		return Problem{Code: remote.Code, Message: remote.Message, Hint: remote.Hint, State: remote.State, Retryable: remote.Retryable}
	case errors.As(err, &local):
		return Problem{
			Code: string(local.Code), Message: err.Error(), Hint: local.Way, State: local.State,
			Retryable: local.Code == kanban.Unavailable || local.Code == kanban.Exhausted,
		}
	case errors.Is(err, client.ErrUntrusted):
		return Problem{
			Code: string(kanban.Unavailable), Message: err.Error(),
			Hint: "SSL_CERT_FILE=FILE names the authority's certificate, or the server's own if nobody else signed it",
		}
	case Away(err):
		return Problem{
			Code: string(kanban.Unavailable), Message: err.Error(), Retryable: true,
			Hint: "andon gateway status  tells more, andon gateway start  starts one",
		}
	}
	return Problem{Code: string(kanban.Internal), Message: err.Error()}
}

// Away reports whether no gateway or store could answer, as opposed to a
// refusal.
func Away(err error) bool {
	var remote *client.Error
	var local *kanban.Error
	switch {
	case errors.As(err, &remote):
		return remote.Code == string(kanban.Unavailable)
	case errors.As(err, &local):
		return local.Code == kanban.Unavailable
	}
	return errors.Is(err, client.ErrNoGateway) || errors.Is(err, client.ErrSilent) || errors.Is(err, client.ErrLost)
}
