package workspace_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// TestG15_LinksOfAWalledWorkerAreKnown: by the folder that they stand in, however
// a path comes to lead through one.
func TestG15_LinksOfAWalledWorkerAreKnown(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{"secret", "proj/sub", "kept"} {
		if err := os.MkdirAll(at(name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"proj/link": "../secret", "mine": at("proj/link"), "fine": at("kept")} {
		if err := os.Symlink(to, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	walled := workspace.Walled(at("walled"))
	if over, err := walled.Over(at("proj/sub")); err != nil || over != "" {
		t.Errorf("before anything is listed: %q, %v", over, err)
	}
	for range 2 {
		if err := walled.Add(at("proj")); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string][2]bool{ // over, links
		"proj": {true, false}, "proj/sub": {true, false}, "proj/new": {true, false}, "proj/link/x": {true, true},
		"mine": {true, true}, "mine/x": {true, true}, "fine": {}, "kept": {}, "project": {}, "secret": {}, "": {},
	} {
		over, err := walled.Over(at(name))
		links, err2 := walled.Links(at(name))
		if got := [2]bool{over != "", links != ""}; got != want || err != nil || err2 != nil {
			t.Errorf("%s: over %q, links %q, %v, %v", name, over, links, err, err2)
		}
	}
	if text, err := os.ReadFile(string(walled)); err != nil || string(text) != at("proj")+"\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// TestG15_NoGitWhereAWalledWorkerWroteItsSettings: neither a copy of such a
// repository nor what a run without walls left in it is touched by git.
func TestG15_NoGitWhereAWalledWorkerWroteItsSettings(t *testing.T) {
	repo := repository(t)
	walled := workspace.Walled(filepath.Join(t.TempDir(), "walled"))
	m := newManager(t).Beside(walled)
	before := prepare(t, m, worktree(repo, "t_1"))
	if err := walled.Add(filepath.Dir(repo)); err != nil {
		t.Fatal(err)
	}
	ran := filepath.Join(t.TempDir(), "ran")
	git(t, repo, "config", "filter.e.clean", "touch "+ran+"; cat")
	for _, tree := range []string{repo, before.Path} {
		write(t, tree, ".gitattributes", "* filter=e\n")
		write(t, tree, "new", "x\n")
	}
	for _, kind := range []string{workspace.Worktree, workspace.Clone} {
		if _, err := m.Prepare(t.Context(), workspace.Spec{Kind: kind, Repo: repo, Task: "t_2"}); kanban.CodeOf(err) != kanban.Gated {
			t.Errorf("a %s: %v", kind, err)
		}
	}
	before.Task = "t_1"
	if _, _, err := m.Commit(t.Context(), before, "done"); kanban.CodeOf(err) != kanban.Gated {
		t.Errorf("commit: %v", err)
	}
	for _, tree := range []string{repo, before.Path} {
		if shot, err := m.Snapshot(t.Context(), tree, "t_1", 1, 0); err != nil || shot.Ref != "" {
			t.Errorf("snapshot of %s: %+v, %v", tree, shot, err)
		}
	}
	if _, err := os.Lstat(ran); err == nil {
		t.Error("its filter was run")
	}
}
