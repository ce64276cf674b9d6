package workspace_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func hook(script string) []string { return []string{"/bin/sh", "-c", script} }

func path() []string { return []string{"PATH=" + os.Getenv("PATH")} }

func TestHookRunsInItsFolderWithItsEnvironmentOnly(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("OURS", "secret")
	script := `[ -z "$OURS" ] && [ "$ANDON_TASK" = t_1 ] && ! read line && : >ran`
	if err := workspace.RunHook(t.Context(), hook(script), dir, []string{"ANDON_TASK=t_1"}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(dir, "ran")) {
		t.Error("it did not run in its folder")
	}
}

func TestHookErrors(t *testing.T) {
	for name, tc := range map[string]struct {
		argv []string
		code kanban.Code
		says string
	}{
		"failing":       {hook("seq 5000; echo cannot clean up >&2; exit 3"), kanban.Unavailable, "exit status 3"},
		"its last word": {hook("seq 5000; echo cannot clean up >&2; exit 3"), kanban.Unavailable, "\n5000\ncannot clean up"},
		"not there":     {[]string{"/no/such/program"}, kanban.Unavailable, "no such file"},
		"empty":         {nil, kanban.Invalid, "has no command"},
	} {
		t.Run(name, func(t *testing.T) {
			err := workspace.RunHook(t.Context(), tc.argv, t.TempDir(), path(), time.Minute)
			refused(t, err, tc.code, tc.says)
			if len(err.Error()) > 5000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestHookIsKilledWhenItsTimeIsOver(t *testing.T) {
	err := workspace.RunHook(t.Context(), hook("echo waiting; sleep 600 & wait"), t.TempDir(), path(), 300*time.Millisecond)
	refused(t, err, kanban.Unavailable, "killed after 300ms: waiting")
}

func TestHookIsKilledWithItsChildren(t *testing.T) {
	dir := t.TempDir()
	alive := filepath.Join(dir, "alive")
	if err := syscall.Mkfifo(alive, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("the gateway stops")
	ended := make(chan error, 1)
	go func() {
		f, err := os.Open(alive) // returns when the child has opened its end
		cancel(stopped)
		if err == nil {
			_, err = io.ReadAll(f) // ends when nobody holds that end any more
		}
		ended <- err
	}()
	script := `sh -c 'exec 3>alive; sleep 600' & wait`
	if err := workspace.RunHook(ctx, hook(script), dir, path(), time.Minute); !errors.Is(err, stopped) {
		t.Errorf("got %v, want why its caller stopped", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("a child of the hook is still alive")
	}
}
