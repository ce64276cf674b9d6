package client

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// Handler returns a round tripper that asks a handler in this process. Answers
// stream as the handler writes them. The handler's request ends when the
// caller's context does, or when the answer's body is closed.
func Handler(h http.Handler) http.RoundTripper { return inProcess{h} }

type inProcess struct{ h http.Handler }

func (p inProcess) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	served := req.Clone(ctx)
	served.RequestURI, served.RemoteAddr = req.URL.RequestURI(), "in-process"
	if served.Host == "" {
		served.Host = req.URL.Host
	}
	if served.Body == nil {
		served.Body = http.NoBody
	}
	body, out := io.Pipe()
	context.AfterFunc(ctx, func() { _ = out.CloseWithError(context.Cause(ctx)) }) // always nil
	w := &pipeWriter{header: http.Header{}, out: out, head: make(chan *http.Response, 1)}
	go w.serve(p.h, served)
	select {
	case resp := <-w.head:
		if resp.Body == nil { // the handler failed before it said anything
			cancel()
			_, err := body.Read(nil)
			return nil, fmt.Errorf("the handler failed: %w", err)
		}
		resp.Request, resp.Body = req, &pipeBody{body, cancel}
		return resp, nil
	case <-ctx.Done():
		cancel()
		return nil, context.Cause(ctx)
	}
}

// pipeWriter is the handler's end.
type pipeWriter struct {
	header http.Header
	out    *io.PipeWriter
	head   chan *http.Response
	once   sync.Once
}

// serve runs the handler. A panic breaks the answer off, as a server would.
func (w *pipeWriter) serve(h http.Handler, r *http.Request) {
	defer r.Body.Close()
	defer func() {
		if p := recover(); p != nil {
			_ = w.out.CloseWithError(fmt.Errorf("panic: %v", p)) // always nil
			w.once.Do(func() { w.head <- &http.Response{} })
			return
		}
		w.WriteHeader(http.StatusOK)
		_ = w.out.Close() // always nil
	}()
	h.ServeHTTP(w, r)
}

func (w *pipeWriter) Header() http.Header { return w.header }

func (w *pipeWriter) WriteHeader(status int) {
	if status < http.StatusOK { // informational: the answer is still to come
		return
	}
	w.once.Do(func() {
		w.head <- &http.Response{
			Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: w.header.Clone(), Body: http.NoBody, ContentLength: -1,
		}
	})
}

func (w *pipeWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.out.Write(p)
}

// Flush sends the header; the body is never held back.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }

// pipeBody is the caller's end.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
}

func (b *pipeBody) Close() error {
	b.cancel()
	return b.PipeReader.Close()
}
