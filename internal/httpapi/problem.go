package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

// statuses maps each code once.
var statuses = map[kanban.Code]int{
	kanban.Invalid:      http.StatusUnprocessableEntity,
	kanban.NotFound:     http.StatusNotFound,
	kanban.Conflict:     http.StatusConflict,
	kanban.Stale:        http.StatusConflict,
	kanban.Gated:        http.StatusConflict,
	kanban.Exhausted:    http.StatusTooManyRequests,
	kanban.Unauthorized: http.StatusForbidden,
	kanban.Unavailable:  http.StatusServiceUnavailable,
	kanban.Internal:     http.StatusInternalServerError,
}

// Problem is a refusal on its way out.
type Problem struct {
	Refusal
	wait time.Duration // after which the same may succeed; 0 = nobody knows
}

// Refusal is client.Error under a name that does not hide its method.
type Refusal = client.Error

// GetStatus tells huma the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457.
func (p *Problem) ContentType(string) string { return problemJSON }

const problemJSON = "application/problem+json"

func problemOf(err error) *Problem {
	code := kanban.CodeOf(err)
	p := &Problem{Refusal: Refusal{Status: statuses[code], Code: string(code), Message: err.Error()}}
	p.Title = http.StatusText(p.Status)
	p.Retryable = code == kanban.Unavailable || code == kanban.Exhausted
	var e *kanban.Error
	if errors.As(err, &e) {
		p.Hint, p.State, p.wait = e.Way, e.State, e.Wait
	}
	if code == kanban.Internal && p.Hint == "" {
		p.Hint = "this is a defect or an unexpected failure; the gateway's log has more"
	}
	return p
}

// huma makes its own refusals, of requests that do not fit the schema, through
// this variable; there is no other place to give them our form.
func init() {
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		var words []string
		for _, err := range errs {
			if err != nil {
				words = append(words, detail(err))
			}
		}
		if len(words) > 0 {
			msg += ": " + strings.Join(words, "; ")
		}
		code := kanban.Invalid
		if status >= http.StatusInternalServerError {
			code = kanban.Internal
		}
		p := problemOf(kanban.Errorf(code, "%s", msg).Hint("GET %s/openapi.json  describes every request", root))
		if status != 0 {
			p.Status, p.Title = status, http.StatusText(status)
		}
		return p
	}
}

func detail(err error) string {
	var d *huma.ErrorDetail
	if !errors.As(err, &d) || d.Location == "" {
		return err.Error()
	}
	return d.Location + ": " + d.Message
}

// refusal turns an error into the answer, and logs what nobody foresaw.
func (s *server) refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return problemOf(kanban.Errorf(kanban.Unavailable, "the request was given up: %w", err))
	}
	p := problemOf(err)
	if p.Status == http.StatusInternalServerError {
		s.o.Log.ErrorContext(ctx, "a request failed", "error", err)
	}
	return p
}

// refuse writes a refusal outside of huma.
func (s *server) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	if !errors.As(s.refusal(r.Context(), err), &p) {
		p = problemOf(err)
	}
	s.sendProblem(w, r, p)
}

// challenge refuses who shows no credential, or one that does not count, or not
// any more.
func (s *server) challenge(w http.ResponseWriter, r *http.Request, err error) {
	if wantsPage(r) {
		s.stranger(w, r, err)
		return
	}
	p := problemOf(err)
	p.Status, p.Title = http.StatusUnauthorized, http.StatusText(http.StatusUnauthorized)
	challenge := `Bearer realm="andon"`
	if r.Header.Get("Authorization") != "" {
		challenge += `, error="invalid_token"`
	}
	w.Header().Set("WWW-Authenticate", challenge)
	s.sendProblem(w, r, p)
}

// begin writes the header of a refusal.
func (p *Problem) begin(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	if p.wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.wait.Seconds()))))
	}
	w.WriteHeader(p.Status)
}

func (s *server) sendProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.begin(w, problemJSON)
	if err := json.NewEncoder(w).Encode(p); err != nil {
		s.o.Log.DebugContext(r.Context(), "the caller is gone", "error", err)
	}
}

// recovered answers a panic as an internal error. An answer that has begun is
// broken off, so that nobody takes it for whole.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &noting{ResponseWriter: w}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler || r.Context().Err() != nil {
				panic(http.ErrAbortHandler)
			}
			s.o.Log.ErrorContext(r.Context(), "a handler panicked", "panic", p, "stack", string(debug.Stack()))
			if out.began {
				panic(http.ErrAbortHandler)
			}
			s.refuse(w, r, fmt.Errorf("panic in %s %s: %v", r.Method, r.URL.Path, p))
		}()
		next.ServeHTTP(out, r)
	})
}

// noting knows whether the answer has begun.
type noting struct {
	http.ResponseWriter
	began bool
}

func (n *noting) WriteHeader(status int) {
	n.began = true
	n.ResponseWriter.WriteHeader(status)
}

func (n *noting) Write(p []byte) (int, error) {
	n.began = true
	return n.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }

func (s *server) unknownRoute(w http.ResponseWriter, r *http.Request) {
	if err := s.otherGeneration(r.URL.Path); err != nil {
		s.refuse(w, r, err)
		return
	}
	if s.o.Pages != nil && !strings.HasPrefix(r.URL.Path, "/api/") {
		s.o.Pages.ServeHTTP(w, r)
		return
	}
	s.refuse(w, r, kanban.Errorf(kanban.NotFound, "there is no %s %s", r.Method, r.URL.Path).
		Hint("GET %s/openapi.json  lists what there is", root))
}

// otherGeneration refuses a caller that speaks another API than this server, nil
// if the path is of no API. It says which of the two to replace, and how.
func (s *server) otherGeneration(path string) error {
	asked, ours := generation(path), generation(root+"/")
	if asked < 0 || asked == ours {
		return nil
	}
	e := kanban.Errorf(kanban.Invalid, "the gateway is andon %s and serves API v%d; the caller wants v%d", s.o.Version, ours, asked)
	if asked < ours {
		return e.Hint("the caller is too old: use %s, or install andon %s", filepath.Join(s.o.Home, "andon", "bin", "andon"), s.o.Version)
	}
	return e.Hint("the gateway is too old: kill -TERM %d  ends it and its workers go on; then  andon gateway start", os.Getpid())
}

// generation is the N of /api/vN/, -1 if a path does not begin like that.
func generation(path string) int {
	rest, ok := strings.CutPrefix(path, "/api/v")
	number, _, more := strings.Cut(rest, "/")
	n, err := strconv.ParseUint(number, 10, 16)
	if !ok || !more || err != nil {
		return -1
	}
	return int(n)
}
