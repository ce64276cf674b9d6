package cmdutil_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
)

// healthy answers like a server of the given name.
func healthy(name string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(client.Health{Status: "ok", Version: name}) // the client tells
	})
	return mux
}

// listen serves handler on the socket of a home, and returns the home.
func listen(t *testing.T, handler http.Handler) (home string) {
	t.Helper()
	home, err := os.MkdirTemp("", "andon") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(home) }) // best effort
	dir := filepath.Join(home, "andon")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "andon.sock"))
	if err != nil {
		t.Fatal(err)
	}
	if handler == nil { // it accepts and says nothing, as a stopped process does
		t.Cleanup(func() { _ = l.Close() })
		return home
	}
	server := &http.Server{Handler: handler}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return home
}

func socket(home string) string { return "unix:" + filepath.Join(home, "andon", "andon.sock") }

// whom returns the name of the server that a shell found.
func whom(t *testing.T, s *clitest.Shell) string {
	t.Helper()
	c, err := s.Client(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h, err := c.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h.Version
}

// TestWayIn: flags beat the environment, and each names a server or a home.
func TestWayIn(t *testing.T) {
	byServer, byHome, other := listen(t, healthy("server")), listen(t, healthy("home")), listen(t, healthy("other"))
	for name, tt := range map[string]struct {
		flags cmdutil.Globals
		env   map[string]string
		want  string
	}{
		"--server":                   {cmdutil.Globals{Server: socket(byServer), Home: byHome}, map[string]string{"ANDON_SERVER": socket(other)}, "server"},
		"--home before ANDON_SERVER": {cmdutil.Globals{Home: byHome}, map[string]string{"ANDON_SERVER": socket(other)}, "home"},
		"ANDON_SERVER":               {cmdutil.Globals{}, map[string]string{"ANDON_SERVER": socket(byServer), "ANDON_HOME": other}, "server"},
		"ANDON_HOME":                 {cmdutil.Globals{}, map[string]string{"ANDON_HOME": byHome}, "home"},
		"nobody listens":             {cmdutil.Globals{}, nil, "in process"},
	} {
		t.Run(name, func(t *testing.T) {
			s := clitest.New(t, healthy("in process"))
			for k, v := range tt.env {
				s.Env[k] = v
			}
			s.Globals = tt.flags
			if got := whom(t, s); got != tt.want {
				t.Errorf("found %q, want %q", got, tt.want)
			}
			if s.Alone() != (tt.want == "in process") {
				t.Errorf("Alone is %t", s.Alone())
			}
		})
	}
}

// TestNoWayIn: what is there but does not answer is never gone round.
func TestNoWayIn(t *testing.T) {
	for name, tt := range map[string]struct {
		flags cmdutil.Globals
		env   map[string]string
		held  bool
	}{
		"the server given is gone":  {cmdutil.Globals{Server: "unix:/nowhere/andon.sock"}, nil, false},
		"owned, but not listening":  {cmdutil.Globals{}, nil, true},
		"inside a run, no gateway":  {cmdutil.Globals{}, map[string]string{"ANDON_RUN_ID": "3"}, false},
		"inside a run, server gone": {cmdutil.Globals{}, map[string]string{"ANDON_RUN_ID": "3", "ANDON_SERVER": "unix:/nowhere/andon.sock"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := clitest.New(t, nil)
				for k, v := range tt.env {
					s.Env[k] = v
				}
				s.Globals = tt.flags
				s.Gateway.Owner = func(string) (int, bool, error) { return 4711, tt.held, nil }
				s.Gateway.Direct = nil // opening the boards would be a panic
				_, err := s.Client(t.Context())
				if exit.Of(err) != exit.Unavailable {
					t.Errorf("got %v, want an unavailable error", err)
				}
			})
		})
	}
}

// TestSilent: an owner that holds the socket but says nothing is told apart
// from one that is not there.
func TestSilent(t *testing.T) {
	t.Parallel()
	s := clitest.New(t, healthy("in process"))
	s.Env["ANDON_HOME"] = listen(t, nil)
	_, err := s.Client(t.Context())
	if exit.Of(err) != exit.Unavailable || !errors.Is(err, client.ErrSilent) {
		t.Errorf("got %v, want an unavailable error", err)
	}
}

// TestExamineBesideAFreeze: a gateway that froze after it said that it lives is
// examined from outside.
func TestExamineBesideAFreeze(t *testing.T) {
	t.Parallel()
	lived := make(chan struct{}, 1)
	s := clitest.New(t, nil)
	s.Env["ANDON_HOME"] = listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case lived <- struct{}{}:
			healthy("froze").ServeHTTP(w, r)
		default:
			<-r.Context().Done()
		}
	}))
	s.Gateway.Examine = func(context.Context, string) (http.Handler, io.Closer, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"home":"/h"}`) }), io.NopCloser(nil), nil
	}
	var seen client.Checkup
	err := s.Examine(t.Context(), func(c *client.Client) (err error) {
		seen, err = c.Checkup(t.Context(), "1.0")
		return err
	})
	if err != nil || seen.Home != "/h" {
		t.Errorf("%+v %v", seen, err)
	}
}

func TestBoard(t *testing.T) {
	for want, tt := range map[string]struct {
		flag string
		env  map[string]string
	}{
		"flag":          {"flag", map[string]string{"ANDON_BOARD": "andon", "HERMES_KANBAN_BOARD": "hermes"}},
		"andon":         {"", map[string]string{"ANDON_BOARD": "andon", "HERMES_KANBAN_BOARD": "hermes"}},
		"hermes":        {"", map[string]string{"ANDON_BOARD": " ", "HERMES_KANBAN_BOARD": "hermes"}},
		client.Selected: {"", nil},
	} {
		s := clitest.New(t, healthy("in process"))
		for k, v := range tt.env {
			s.Env[k] = v
		}
		s.Globals.Board = tt.flag
		if _, got, err := s.Open(t.Context()); err != nil || got != want {
			t.Errorf("got %q %v, want %q", got, err, want)
		}
	}
}
