package workspace

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Fetching from a clone looks at every work tree of the source, also at one that
// `git worktree add` has only begun.
func TestATreeInTheMakingIsWaitedFor(t *testing.T) {
	dir := t.TempDir()
	source, clone := git{dir: filepath.Join(dir, "source")}, git{dir: filepath.Join(dir, "clone")}
	run := func(g git, args ...string) {
		t.Helper()
		if _, _, err := g.once(context.Background(), "", append([]string{"-c", "user.name=Ada", "-c", "user.email=ada@example.org"}, args...)...); err != nil {
			t.Fatal(err)
		}
	}
	run(git{dir: dir}, "init", "--quiet", source.dir)
	run(source, "commit", "--quiet", "--allow-empty", "-m", "First")
	run(git{dir: dir}, "clone", "--quiet", source.dir, clone.dir)
	run(clone, "commit", "--quiet", "--allow-empty", "-m", "Second")
	begun := filepath.Join(source.dir, ".git", "worktrees", "begun")
	if err := os.MkdirAll(begun, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"HEAD": strings.Repeat("0", 40), "commondir": "../..", "gitdir": filepath.Join(dir, "begun", ".git")} {
		if err := os.WriteFile(filepath.Join(begun, name), []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	_, _, err := source.once(context.Background(), "", "fetch", "--quiet", "--", clone.dir, "+HEAD:refs/andon/t_1/head")
	if !isLocked(err) {
		t.Errorf("a fetch beside a work tree that is being made said %v; want it to be tried again", err)
	}
}
