package cmdutil_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
)

// worker is a shell inside a run whose gateway is away.
func worker(t *testing.T) (s *clitest.Shell, result string) {
	s = shell(t, inRun)
	result = filepath.Join(t.TempDir(), "result.json")
	maps.Copy(s.Env, map[string]string{"ANDON_RESULT": result, "ANDON_BOARD": "default", "ANDON_SERVER": "unix:/nowhere/andon.sock"})
	return s, result
}

func complete(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
	return c.Complete(ctx, board, id, client.Handoff{})
}

// TestQueued: with the gateway away, a worker's end waits for 5 s and is then
// left for it, whole and with the run's token.
func TestQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, path := worker(t)
		s.Globals.JSON = true
		began := time.Now()
		err := s.Report(t.Context(), "t_1f3a9c20", "Completed", cmdutil.Result{Status: "done", Summary: "did it"}, complete)
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took < 5*time.Second || took > 6*time.Second {
			t.Errorf("it waited for %s", took)
		}
		var said cmdutil.Queued
		if err := json.Unmarshal(s.Out.Bytes(), &said); err != nil || said != (cmdutil.Queued{ID: "t_1f3a9c20", Queued: true, Path: path}) {
			t.Errorf("it said %s (%v)", s.Out, err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var left cmdutil.Result
		if err := json.Unmarshal(raw, &left); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(cmdutil.Result{Status: "done", Summary: "did it", Run: 7, Token: "secret"}, left); diff != "" {
			t.Error(diff)
		}
		files, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
		if err != nil || len(files) > 0 {
			t.Errorf("left over: %v %v", files, err)
		}
	})
}

// TestNotQueued: only the end of one's own run may wait; anything else is told
// at once that the gateway is away.
func TestNotQueued(t *testing.T) {
	s, path := worker(t)
	err := s.Report(t.Context(), "t_77d0be11", "Completed", cmdutil.Result{Status: "done"}, complete)
	if exit.Of(err) != exit.Unavailable {
		t.Errorf("got %v, want an unavailable error", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a result was left: %v", err)
	}
}

// TestRefusedIsNotQueued: an answer is an answer.
func TestRefusedIsNotQueued(t *testing.T) {
	s, path := worker(t)
	mux := http.NewServeMux()
	mux.Handle("/healthz", healthy("x"))
	mux.HandleFunc("POST /api/v1/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusConflict)
		_ = json.NewEncoder(w).Encode(client.Error{Code: "stale", Message: "run 7 ended"}) // the client tells
	})
	s.Env["ANDON_SERVER"] = socket(listen(t, mux))
	err := s.Report(t.Context(), "t_1f3a9c20", "Completed", cmdutil.Result{Status: "done"}, complete)
	if exit.Of(err) != exit.Stale {
		t.Errorf("got %v, want a stale error", err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("a result was left: %v", err)
	}
}
