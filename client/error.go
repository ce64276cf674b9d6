package client

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"syscall"
)

// Error is a refusal by the server, in the form of RFC 9457 (problem+json).
type Error struct {
	Title     string `json:"title" doc:"the HTTP status in words"`
	Status    int    `json:"status" doc:"the HTTP status"`
	Message   string `json:"detail" doc:"what is wrong"`
	Code      string `json:"code" doc:"invalid, not_found, conflict, stale, gated, exhausted, unauthorized, unavailable or internal"`
	Hint      string `json:"hint,omitempty" doc:"the way out: a command or a sentence"`
	State     string `json:"state,omitempty" doc:"the present status of the task concerned"`
	Retryable bool   `json:"retryable" doc:"the same request may succeed later without anybody changing anything"`
}

func (e *Error) Error() string { return e.Message }

// What a call returns when no answer came at all; test with errors.Is.
var (
	// ErrNoGateway: nobody listens there. Nothing was changed.
	ErrNoGateway = errors.New("no gateway is listening")
	// ErrSilent: somebody holds the socket but does not answer. From a call that
	// was sent, it comes with ErrLost: it may yet be carried out.
	ErrSilent = errors.New("the gateway does not answer")
	// ErrUntrusted: the server's certificate is of no authority that is known here,
	// or of another name. Nothing was sent.
	ErrUntrusted = errors.New("the server's certificate is not trusted")
	// ErrLost: the connection broke, and so did its retries. A change may have
	// been made; the same call under the same operation id tells.
	ErrLost = errors.New("the connection to the gateway was lost")
)

// away reports whether the gateway is gone or on its way out or in, as opposed
// to slow.
func away(err error) bool {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code == "unavailable"
	}
	return errors.Is(err, ErrNoGateway) || errors.Is(err, ErrLost)
}

// untrusted reports whether a server showed a certificate that does not count.
func untrusted(err error) bool {
	var unverified *tls.CertificateVerificationError
	return errors.As(err, &unverified)
}

// refused reports whether nobody listens.
func refused(err error) bool {
	return errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// maxProblem bounds how much of a refusal is read, in bytes.
const maxProblem = 64 << 10

// problem decodes a refusal. What is not problem+json comes from something
// between us and the server.
func problem(resp *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLost, err)
	}
	e := &Error{}
	if json.Unmarshal(body, e) == nil && e.Code != "" {
		e.Status = resp.StatusCode
		return e
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(body)), "\n")
	e = &Error{
		Title: http.StatusText(resp.StatusCode), Status: resp.StatusCode, Code: "internal",
		Message: fmt.Sprintf("the server answered %s: %.200s", resp.Status, line),
		Hint:    "is this an Andon server? see /healthz",
	}
	if at, err := resp.Location(); err == nil {
		e.Hint = "it sends callers to " + at.Redacted() + ": ask there, if that is an Andon server"
	}
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.Code, e.Retryable = "unavailable", true
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Code = "unauthorized"
	case http.StatusNotFound:
		e.Code = "not_found"
	}
	return e
}
