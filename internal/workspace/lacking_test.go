//go:build unix

package workspace_test

import (
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// withoutDescriptors runs what while nothing can be opened.
func withoutDescriptors(t *testing.T, what func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: limit.Max}); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
	}()
	what()
}

// TestG13_WantOfDescriptorsIsNobodysFault: a worker that is done is not told
// that its artifacts are bad, and no attempt is spent on a place that could not
// be made just then.
func TestG13_WantOfDescriptorsIsNobodysFault(t *testing.T) {
	m := newManager(t)
	store, _ := openArtifacts(t)
	place := prepare(t, m, workspace.Spec{Kind: workspace.Scratch, Task: "t_1"})
	write(t, place.Path, "report", "done")
	for name, call := range map[string]func() error{
		"keep": func() error {
			_, err := store.Keep(t.Context(), place.Path, []string{"report"}, 0)
			return err
		},
		"prepare": func() error {
			_, err := m.Prepare(t.Context(), workspace.Spec{Kind: workspace.Scratch, Task: "t_2"})
			return err
		},
	} {
		var err error
		withoutDescriptors(t, func() { err = call() })
		if kanban.CodeOf(err) != kanban.Unavailable {
			t.Errorf("%s: got %v, want unavailable", name, err)
		}
		if err := call(); err != nil {
			t.Errorf("%s, with descriptors again: %v", name, err)
		}
	}
}
