package kanban

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Code classifies an error. Each surface maps it once: exit codes in the CLI,
// statuses in the HTTP API, errors of the agent tools.
type Code string

// The codes, from the caller's fault to ours.
const (
	Invalid      Code = "invalid"      // the request itself is wrong
	NotFound     Code = "not_found"    // no such board, task, run, ...
	Conflict     Code = "conflict"     // refused by the present state
	Stale        Code = "stale"        // the run or token is no longer the task's
	Gated        Code = "gated"        // a gate is closed
	Exhausted    Code = "exhausted"    // a cap or budget is used up
	Unauthorized Code = "unauthorized" // this actor may not do that
	Unavailable  Code = "unavailable"  // the store or the gateway cannot answer now
	Internal     Code = "internal"     // a defect or an unexpected failure
)

// Error is what every use case returns when it refuses: what is wrong, in
// which state, and the way out.
type Error struct {
	Code    Code
	Message string
	Way     string        // the hint: a command or a sentence that leads on
	State   string        // the present status of the task concerned, if any
	Wait    time.Duration // after which the same may succeed; 0 = nobody knows
	Cause   error
}

// Errorf returns an error of the given code. %w keeps a cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Cause: errors.Unwrap(err)}
}

// maxQuoted is how much of what somebody wrote an error repeats, in characters
// with the ellipsis.
const maxQuoted = 81

// Quote is what somebody wrote, as an error repeats it: in quotes, and its
// beginning only if it is long.
func Quote[S ~string](s S) string { return strconv.Quote(Clip(string(s), maxQuoted)) }

// Hint adds the way out and returns the same error.
func (e *Error) Hint(format string, args ...any) *Error {
	e.Way = fmt.Sprintf(format, args...)
	return e
}

// In adds the present state of the task and returns the same error.
func (e *Error) In(s Status) *Error {
	e.State = string(s)
	return e
}

// After adds how long it takes until the same may succeed and returns the same
// error.
func (e *Error) After(wait time.Duration) *Error {
	e.Wait = wait
	return e
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the cause that %w named.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf returns the code of the first *Error in err's chain, Internal if there
// is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}
