package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
)

func dial(t *testing.T, server string) *client.Client {
	t.Helper()
	c, err := client.Dial(server, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDial(t *testing.T) {
	for _, server := range []string{"unix:/run/andon.sock", "unix:///run/andon.sock", "http://localhost:8420", "https://andon.example.org/"} {
		if _, err := client.Dial(server, client.Options{}); err != nil {
			t.Errorf("%s: %v", server, err)
		}
	}
	for _, server := range []string{"", "localhost:8420", "/run/andon.sock", "ftp://example.org", "http://"} {
		if _, err := client.Dial(server, client.Options{}); err == nil {
			t.Errorf("%q was taken for a server", server)
		}
	}
}

// TestUnixSocket: the client speaks over the home's socket.
func TestUnixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "andon.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: answering(http.StatusOK, `{"status":"ok"}`)}}
	server.Start()
	defer server.Close()
	if h, err := dial(t, "unix:"+socket).Health(t.Context()); err != nil || h.Status != "ok" {
		t.Errorf("health %+v, error %v", h, err)
	}
}

func answering(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// TestNoGateway: no socket, and a socket that its owner left behind.
func TestNoGateway(t *testing.T) {
	absent := filepath.Join(t.TempDir(), "andon.sock")
	left := filepath.Join(t.TempDir(), "andon.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: left, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); err != nil {
		t.Fatal(err)
	}
	for _, socket := range []string{absent, left} {
		if _, err := dial(t, "unix:"+socket).Gateway(t.Context()); !errors.Is(err, client.ErrNoGateway) {
			t.Errorf("%s: error %v", socket, err)
		}
	}
}

// breaking breaks the connection of each request, except the last.
type breaking struct {
	breaks int
	keys   []string // operation ids seen
}

func (b *breaking) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.keys = append(b.keys, r.Header.Get("Idempotency-Key"))
	if len(b.keys) <= b.breaks {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, `{"id":"t_00000001"}`)
}

// TestLostConnection: a call is sent again under the same operation id; another
// call has another.
func TestLostConnection(t *testing.T) {
	b := &breaking{breaks: 2}
	server := httptest.NewServer(b)
	defer server.Close()
	c := dial(t, server.URL)
	made, err := c.CreateTask(t.Context(), "default", client.TaskCreate{Title: "x"})
	if err != nil || made.ID == "" {
		t.Fatalf("made %+v, error %v", made, err)
	}
	if _, err := c.CreateTask(t.Context(), "default", client.TaskCreate{Title: "y"}); err != nil {
		t.Fatal(err)
	}
	if len(b.keys) != 4 || b.keys[0] == "" || b.keys[0] != b.keys[1] || b.keys[1] != b.keys[2] || b.keys[3] == b.keys[0] {
		t.Errorf("operation ids %q", b.keys)
	}
}

func TestOperationIsTheCallers(t *testing.T) {
	b := &breaking{}
	c := client.New(client.Handler(b), "http://andon", client.Options{})
	if _, err := c.CreateTask(client.WithOperation(t.Context(), "mine"), "default", client.TaskCreate{Title: "x"}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mine"}, b.keys); diff != "" {
		t.Errorf("operation ids (-want +got):\n%s", diff)
	}
}

// TestLost: it is known to have failed, but not whether the change was made; so
// nobody may take it for the absence of a gateway.
func TestLost(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		_ = server.Listener.Close()
		panic(http.ErrAbortHandler)
	}))
	defer server.Close()
	_, err := dial(t, server.URL).CreateTask(t.Context(), "default", client.TaskCreate{Title: "x"})
	if !errors.Is(err, client.ErrLost) || errors.Is(err, client.ErrNoGateway) {
		t.Errorf("error %v", err)
	}
}

// hanging answers nothing until its caller is gone, and counts. It lives as long
// as it is not frozen.
type hanging struct {
	frozen bool
	asked  atomic.Int32
}

func (h *hanging) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" && !h.frozen {
		return
	}
	h.asked.Add(1)
	<-r.Context().Done()
}

func TestSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, began := client.New(client.Handler(&hanging{frozen: true}), "http://andon", client.Options{}), time.Now()
		_, err := c.Health(t.Context())
		if waited := time.Since(began); !errors.Is(err, client.ErrSilent) || waited != 2*time.Second {
			t.Errorf("error %v after %s", err, waited)
		}
	})
}

// TestFrozen tells a server that takes its time from one that took the request
// and then froze.
func TestFrozen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{frozen: true}
		c, began := client.New(client.Handler(h), "http://andon", client.Options{}), time.Now()
		_, err := c.Checkup(t.Context(), "1.0")
		if waited := time.Since(began); !errors.Is(err, client.ErrSilent) || !errors.Is(err, client.ErrLost) || waited != 4*time.Second {
			t.Errorf("error %v after %s", err, waited)
		}
		synctest.Wait()
		if n := h.asked.Load(); n != 2 {
			t.Errorf("asked %d times, want the call and one look at its health", n)
		}
	})
}

// TestTimeout counts until the answer begins, on top of what a long poll asks
// for; who is slow is not asked again.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hanging{}
		c := client.New(client.Handler(h), "http://andon", client.Options{Timeout: 5 * time.Second})
		for _, wait := range []time.Duration{0, 25 * time.Second} {
			began := time.Now()
			_, err := c.Events(t.Context(), "default", client.EventQuery{Wait: wait})
			if waited := time.Since(began); !errors.Is(err, context.DeadlineExceeded) || waited != wait+5*time.Second {
				t.Errorf("error %v after %s", err, waited)
			}
		}
		synctest.Wait()
		if n := h.asked.Load(); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
}

// TestCallerGivesUp: the error is the context's.
func TestCallerGivesUp(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	why := errors.New("enough")
	c := client.New(client.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel(why)
		<-r.Context().Done()
	})), "http://andon", client.Options{})
	if _, err := c.Boards(ctx, false); !errors.Is(err, why) {
		t.Errorf("error %v", err)
	}
}

func TestRefusals(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   client.Error
	}{
		"problem+json": {
			409, `{"title":"Conflict","status":409,"detail":"no","code":"gated","hint":"wait","state":"todo"}`,
			client.Error{Title: "Conflict", Status: 409, Message: "no", Code: "gated", Hint: "wait", State: "todo"},
		},
		"a proxy in between": {
			502, "<h1>Bad gateway</h1>\n<p>…",
			client.Error{
				Title: "Bad Gateway", Status: 502, Message: "the server answered 502 Bad Gateway: <h1>Bad gateway</h1>", Code: "unavailable",
				Hint: "is this an Andon server? see /healthz", Retryable: true,
			},
		},
		"something else": {
			404, "404 page not found",
			client.Error{
				Title: "Not Found", Status: 404, Message: "the server answered 404 Not Found: 404 page not found", Code: "not_found",
				Hint: "is this an Andon server? see /healthz",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := client.New(client.Handler(answering(test.status, test.body)), "http://andon", client.Options{})
			_, err := c.Boards(t.Context(), false)
			var got *client.Error
			if !errors.As(err, &got) {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCutOff: half an answer is no answer.
func TestCutOff(t *testing.T) {
	c := client.New(client.Handler(answering(200, `{"items":[{"slug":"de`)), "http://andon", client.Options{})
	if _, err := c.Boards(t.Context(), false); !errors.Is(err, client.ErrLost) {
		t.Errorf("error %v", err)
	}
}

// TestPathsAreEscaped: a name cannot lead to another route.
func TestPathsAreEscaped(t *testing.T) {
	var path string
	c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path = r.URL.EscapedPath()
		_, _ = io.WriteString(w, "{}")
	})), "http://andon", client.Options{})
	if _, err := c.Task(t.Context(), "a/b", "../x y?z"); err != nil {
		t.Fatal(err)
	}
	if want := "/api/v1/boards/a%2Fb/tasks/..%2Fx%20y%3Fz"; path != want {
		t.Errorf("path %s, want %s", path, want)
	}
	path = ""
	for _, name := range []string{"", ".", ".."} {
		_, err := c.DeleteTask(t.Context(), "default", name, true)
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Code != "invalid" || refused.Hint == "" || path != "" {
			t.Errorf("%q led to %s: %v", name, path, err)
		}
	}
}

// TestNobodyIsSentElsewhere, with what it shows of itself.
func TestNobodyIsSentElsewhere(t *testing.T) {
	asked := 0
	c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "https://other.example.org/api/v1/boards", http.StatusTemporaryRedirect)
	})), "http://andon", client.Options{})
	_, err := c.Boards(t.Context(), false)
	var refused *client.Error
	if !errors.As(err, &refused) || asked != 1 || !strings.Contains(refused.Hint, "https://other.example.org") {
		t.Errorf("asked %d times: %v", asked, err)
	}
}

func TestHeaders(t *testing.T) {
	var got http.Header
	c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header
		_, _ = io.WriteString(w, "{}")
	})), "http://andon", client.Options{As: "bot", UserAgent: "andon/1"})
	title := "x"
	if _, err := c.EditTask(t.Context(), "default", "t_1", client.TaskEdit{Title: &title}, 7); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"Andon-As": "bot", "User-Agent": "andon/1", "If-Match": `"7"`, "Content-Type": "application/json"} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
}

// TestHandlerStreams: an answer arrives as it is written, and closing it ends
// the handler.
func TestHandlerStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 1)
		rt := client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "one")
			<-r.Context().Done()
			ended <- r.Context().Err()
		}))
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://andon/", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 3)
		if _, err := io.ReadFull(resp.Body, first); err != nil || string(first) != "one" {
			t.Errorf("read %q, error %v", first, err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the handler saw %v", err)
		}
	})
}

// TestHandlerPanics: a panic breaks the answer off, wherever it stands.
func TestHandlerPanics(t *testing.T) {
	for name, begun := range map[string]string{"before the answer": "", "within it": `{"status":`} {
		t.Run(name, func(t *testing.T) {
			c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if begun != "" {
					_, _ = io.WriteString(w, begun)
				}
				panic("a defect")
			})), "http://andon", client.Options{})
			_, err := c.Health(t.Context())
			if !errors.Is(err, client.ErrLost) || !strings.Contains(err.Error(), "a defect") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestHandlerLeavesNothing: a handler that writes on after its caller has gone
// is told so, and ends.
func TestHandlerLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			cancel()
			synctest.Wait()
			if _, err := io.WriteString(w, "too late"); err == nil {
				t.Error("a write to nobody succeeded")
			}
		})), "http://andon", client.Options{})
		if _, err := c.Health(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// TestPatience: a question outlasts a gateway that is away for a moment, and a
// change is never repeated so.
func TestPatience(t *testing.T) {
	var asked atomic.Int32
	c := client.New(client.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			http.Error(w, "on its way out", http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"items": []}`)
	})), "http://andon", client.Options{})
	said := 0
	ctx := client.WithPatience(t.Context(), time.Minute, func() { said++ })
	if _, err := c.Events(ctx, "default", client.EventQuery{}); err != nil || said != 1 || asked.Load() != 2 {
		t.Errorf("asked %d times, said %d times: %v", asked.Load(), said, err)
	}
	asked.Store(0)
	if err := c.Nudge(ctx); err == nil || asked.Load() != 1 {
		t.Errorf("a change was sent %d times: %v", asked.Load(), err)
	}
}
