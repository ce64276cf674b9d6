package gateway_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
)

// TestG22_RetentionRemovesNothingThatIsNotKept: a workspace with a repository
// inside, or without its .git, stays; one that is gone costs only its records.
func TestG22_RetentionRemovesNothingThatIsNotKept(t *testing.T) {
	h := newHouse(t, `
retention: {scratch: 7d}
lanes:
  a: {command: ["true"], done_when: exit}
`)
	repo := repository(t)
	var ids [3]string
	for i := range ids {
		ids[i] = h.addTo("default", client.TaskCreate{Assignee: "a", WorkspaceKind: "worktree", Repo: repo})
		h.until(ids[i], "completed")
	}
	fail(t, h.StopGateway(t.Context(), true))
	h.wait()
	now := h.later(nil)
	nested, torn, gone := now.workspaceOf(ids[0]), now.workspaceOf(ids[1]), now.workspaceOf(ids[2])
	git(t, nested, "init", "-q", "dep")
	fail(t, os.WriteFile(filepath.Join(nested, "dep", "file"), []byte("work"), 0o600))
	fail(t, os.Remove(filepath.Join(torn, ".git")))
	fail(t, os.RemoveAll(gone))

	month := h.later(func() time.Time { return time.Now().Add(31 * 24 * time.Hour) })
	_, err := month.GC(t.Context(), "default", false)
	for _, reason := range []string{
		"workspace of " + ids[0] + " stays, since its snapshot leaves out dep/ (a repository inside)",
		"workspace of " + ids[1] + " stays, since it cannot be kept",
	} {
		if err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("the reason is told as %v, want %s", err, reason)
		}
	}
	for _, path := range []string{filepath.Join(nested, "dep", "file"), torn} {
		if _, err := os.Stat(path); err != nil {
			t.Error("it did not stay:", err)
		}
	}

	fail(t, os.RemoveAll(filepath.Join(nested, "dep")))
	fail(t, os.RemoveAll(torn))
	report, err := month.GC(t.Context(), "default", false)
	fail(t, err)
	if report.Workspaces != 2 { // the one that was gone went the first time
		t.Errorf("the report is %+v", report)
	}
	if _, err := os.Stat(nested); !errors.Is(err, os.ErrNotExist) {
		t.Error("the workspace stayed:", err)
	}
}
