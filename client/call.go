package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attempts = 3                      // of one call, when the connection breaks
	pause    = 100 * time.Millisecond // before the second attempt; doubled
)

type operationKey struct{}

// WithOperation fixes the operation id (Idempotency-Key) of the next change, so
// that a later call can find out what became of it. Without it each call
// chooses its own.
func WithOperation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, operationKey{}, id)
}

const again = 200 * time.Millisecond // between two questions of a patient call

type (
	patienceKey struct{}
	patience    struct {
		limit time.Duration
		said  func()
	}
)

// WithPatience lets calls that change nothing outlast a restart of the gateway:
// while it is away they ask again for up to limit. said, which may be nil, is
// called whenever that begins.
func WithPatience(ctx context.Context, limit time.Duration, said func()) context.Context {
	return context.WithValue(ctx, patienceKey{}, patience{limit, said})
}

// request is one call, ready to be sent several times.
type request struct {
	method string
	path   string // from /api on, escaped
	query  url.Values
	body   any
	wait   time.Duration // how long the server may let us wait
	etag   string        // for If-Match
	stream io.Reader     // instead of body; it can be sent once
}

// API is the generation of the HTTP API, which every path of it begins with. A
// server serves its own only. It grows when older clients could no longer be
// served; what is merely added keeps it. Only the linker sets it to another, to
// build the other side of an upgrade.
var API = "v1"

// path joins escaped segments below /api and the generation.
func path(segments ...string) string {
	var b strings.Builder
	b.WriteString("/api/" + API)
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

// names reports whether each segment of a path names something. Servers drop the
// others, and serve what is left: another route.
func names(path string) bool {
	for s := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		if s == "" || s == "." || s == ".." {
			return false
		}
	}
	return true
}

func get(segments ...string) request { return request{method: http.MethodGet, path: path(segments...)} }

func post(segments ...string) request {
	return request{method: http.MethodPost, path: path(segments...)}
}

func del(segments ...string) request {
	return request{method: http.MethodDelete, path: path(segments...)}
}

func (r request) with(body any) request {
	r.body = body
	return r
}

func (r request) where(q url.Values) request {
	r.query = q
	return r
}

// call sends a request and decodes the answer.
func call[T any](ctx context.Context, c *Client, r request) (T, error) {
	out, err := ask[T](ctx, c, r)
	p, patient := ctx.Value(patienceKey{}).(patience)
	if !patient || r.method != http.MethodGet || !away(err) {
		return out, err
	}
	if p.said != nil {
		p.said()
	}
	limit := time.Now().Add(p.limit)
	for away(err) && time.Now().Before(limit) {
		if err := later(ctx, again); err != nil {
			return out, err
		}
		out, err = ask[T](ctx, c, r)
	}
	return out, err
}

func ask[T any](ctx context.Context, c *Client, r request) (T, error) {
	var out T
	resp, err := c.send(ctx, r)
	if err != nil {
		return out, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNoContent {
		return out, nil
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("%w: the answer to %s %s is cut off or no JSON: %w", ErrLost, r.method, r.path, err)
	}
	return out, nil
}

// do sends a request whose answer says nothing.
func (c *Client) do(ctx context.Context, r request) error {
	resp, err := c.send(ctx, r)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// items fetches a list that comes whole.
func items[T any](ctx context.Context, c *Client, r request) ([]T, error) {
	page, err := call[Page[T]](ctx, c, r)
	return page.Items, err
}

// send returns an answer of success; its body is the caller's to close.
func (c *Client) send(ctx context.Context, r request) (*http.Response, error) {
	if !names(r.path) {
		return nil, &Error{
			Title: http.StatusText(http.StatusUnprocessableEntity), Status: http.StatusUnprocessableEntity, Code: "invalid",
			Message: "nothing is named by an empty text, . or ..", Hint: "give the whole name or id",
		}
	}
	var body []byte
	if r.body != nil {
		var err error
		if body, err = json.Marshal(r.body); err != nil {
			return nil, err
		}
	}
	key, _ := ctx.Value(operationKey{}).(string)
	if key == "" {
		key = rand.Text()
	}
	var lost error
	for n := range attempts {
		if n > 0 && r.stream != nil {
			break
		}
		if n > 0 {
			if err := later(ctx, pause<<(n-1)); err != nil {
				return nil, err
			}
		}
		resp, err := c.once(ctx, r, body, key)
		switch {
		case err == nil && resp.StatusCode < 300:
			return resp, nil
		case err == nil:
			defer resp.Body.Close()
			return nil, problem(resp)
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case errors.Is(err, errTimeout):
			return nil, err
		case untrusted(err):
			return nil, fmt.Errorf("%w: %w", ErrUntrusted, err)
		case errors.Is(err, ErrSilent):
			return nil, fmt.Errorf("%w: %w", ErrLost, err)
		case refused(err) && (lost == nil || r.method == http.MethodGet): // what only looks can look elsewhere
			return nil, fmt.Errorf("%w: %w", ErrNoGateway, err)
		}
		lost = err
	}
	return nil, fmt.Errorf("%w: %w", ErrLost, lost)
}

func later(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}

// errTimeout says that Options.Timeout passed. A slow server is not tried again.
var errTimeout = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

// once sends a request once. The limit of time and the watch over the server end
// with the answer's first byte; the context goes on to the end of its body.
func (c *Client) once(ctx context.Context, r request, body []byte, key string) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	if c.o.Timeout > 0 {
		limit := time.AfterFunc(c.o.Timeout+r.wait, func() { cancel(errTimeout) })
		defer limit.Stop()
	}
	if r.path != health {
		began, done := context.WithCancel(ctx)
		defer done()
		go c.watch(began, func() { cancel(ErrSilent) })
	}
	req, err := c.build(ctx, r, body, key)
	if err != nil {
		cancel(nil)
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); errors.Is(cause, errTimeout) || errors.Is(cause, ErrSilent) {
			err = cause
		}
		cancel(nil)
		return nil, err
	}
	resp.Body = &endingBody{resp.Body, cancel}
	return resp, nil
}

// watch tells a server that is slow from one that froze after it took the
// request: that one would let its callers wait for ever.
func (c *Client) watch(ctx context.Context, frozen func()) {
	for later(ctx, probe) == nil {
		if _, err := c.Health(ctx); errors.Is(err, ErrSilent) {
			frozen()
			return
		}
	}
}

func (c *Client) build(ctx context.Context, r request, body []byte, key string) (*http.Request, error) {
	target := c.base + r.path
	if len(r.query) > 0 {
		target += "?" + r.query.Encode()
	}
	var content io.Reader = bytes.NewReader(body)
	if r.stream != nil {
		content = r.stream
	}
	req, err := http.NewRequestWithContext(ctx, r.method, target, content)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", c.o.UserAgent)
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.stream != nil {
		req.Header.Set("Content-Type", "application/x-ndjson")
	}
	if c.o.As != "" {
		req.Header.Set("Andon-As", c.o.As)
	}
	if c.o.Role != "" {
		req.Header.Set("Andon-Role", c.o.Role)
	}
	if c.o.Bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.o.Bearer)
	}
	if r.method != http.MethodGet {
		req.Header.Set("Idempotency-Key", key)
	}
	if r.etag != "" {
		req.Header.Set("If-Match", r.etag)
	}
	return req, nil
}

// endingBody frees the request's context once the answer is read.
type endingBody struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b *endingBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
