package workspace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

func TestG22_CompletingCommitsADirtyTree(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, ".gitignore", "*.o\n")
	write(t, place.Path, "main.o", "object")
	write(t, place.Path, "src/odd \n\xff name", "kept")
	write(t, place.Path, "vendor/README", "staged")
	git(t, place.Path, "add", "vendor")
	git(t, place.Path, "rm", "--quiet", "README")

	rev, changed, err := m.Commit(t.Context(), place, "Result\n\n# not a comment\n")
	if err != nil || !changed {
		t.Fatalf("Commit: %v, %v", changed, err)
	}
	if tip := git(t, repo, "rev-parse", "andon/t_1"); tip != rev {
		t.Errorf("the branch is at %s, Commit says %s", tip, rev)
	}
	files := git(t, repo, "ls-tree", "-r", "-z", "--name-only", rev)
	if want := ".gitignore\x00src/odd \n\xff name\x00vendor/README\x00"; files != want {
		t.Errorf("committed %q, want %q", files, want)
	}
	if message := git(t, repo, "log", "-1", "--format=%B|%an <%ae>", rev); !strings.HasPrefix(message, "Result\n\n# not a comment\n") ||
		!strings.HasSuffix(message, "|Andon <andon@localhost>") {
		t.Errorf("message %q", message)
	}
	if status := git(t, place.Path, "status", "--porcelain"); status != "" {
		t.Errorf("still dirty: %s", status)
	}
	again, changed, err := m.Commit(t.Context(), place, "Again")
	if err != nil || changed || again != rev {
		t.Errorf("a clean tree: %s, %v, %v", again, changed, err)
	}
}

func TestCommitCarriesTheRepositorysIdentity(t *testing.T) {
	repo, m := repository(t), newManager(t)
	git(t, repo, "config", "user.name", "Grace")
	git(t, repo, "config", "user.email", "grace@example.org")
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "new", "")
	rev, _, err := m.Commit(t.Context(), place, "New")
	if err != nil {
		t.Fatal(err)
	}
	if who := git(t, repo, "log", "-1", "--format=%an <%ae>, %cn", rev); who != "Grace <grace@example.org>, Grace" {
		t.Errorf("committed by %s", who)
	}
}

func TestCommitLeavesRepositoriesInTheTreeAlone(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	git(t, place.Path, "init", "--quiet", "cloned")
	write(t, place.Path, "cloned/file", "theirs")
	if _, changed, err := m.Commit(t.Context(), place, "Nothing of ours"); err != nil || changed {
		t.Errorf("Commit: %v, %v", changed, err)
	}
}

func TestCommitRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		state func(t *testing.T, repo, tree string)
		says  string
	}{
		"in the middle of a merge": {func(t *testing.T, repo, tree string) {
			divergeFromMain(t, repo, tree)
			if out, err := tryGit(tree, "merge", "main"); err == nil {
				t.Fatalf("no conflict: %s", out)
			}
		}, "a merge is in progress"},
		"in the middle of a rebase": {func(t *testing.T, repo, tree string) {
			divergeFromMain(t, repo, tree)
			if out, err := tryGit(tree, "rebase", "main"); err == nil {
				t.Fatalf("no conflict: %s", out)
			}
		}, "a rebase is in progress"},
		"on another branch": {func(t *testing.T, repo, tree string) {
			git(t, tree, "switch", "--quiet", "-c", "own-idea")
		}, "is on own-idea, not on the task's branch andon/t_1"},
		"on no branch": {func(t *testing.T, repo, tree string) {
			git(t, tree, "switch", "--quiet", "--detach")
		}, "is on no branch"},
	} {
		t.Run(name, func(t *testing.T) {
			repo, m := repository(t), newManager(t)
			place := prepare(t, m, worktree(repo, "t_1"))
			tc.state(t, repo, place.Path)
			write(t, place.Path, "dirt", "")
			_, _, err := m.Commit(t.Context(), place, "Result")
			refused(t, err, kanban.Conflict, tc.says)
		})
	}
}

// divergeFromMain makes README differ between the two branches.
func divergeFromMain(t *testing.T, repo, tree string) {
	t.Helper()
	write(t, repo, "README", "from main\n")
	git(t, repo, "commit", "--quiet", "-am", "main")
	write(t, tree, "README", "from the task\n")
	git(t, tree, "commit", "--quiet", "-am", "task")
}

func TestCommitBesideAGitThatIsAtWork(t *testing.T) {
	t.Parallel() // it waits for a lock, twice
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "README", "changed\n")

	// A commit holds the index lock as long as its editor is open.
	editor := exec.Command("git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org",
		"-c", "core.editor=echo open; read line <&3 #", "commit", "--all")
	editor.Dir = place.Path
	closed, closing, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	editor.ExtraFiles = []*os.File{closed}
	opened, err := editor.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := editor.Start(); err != nil {
		t.Fatal(err)
	}
	closed.Close()
	if _, err := opened.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	_, _, err = m.Commit(t.Context(), place, "Result")
	refused(t, err, kanban.Conflict, "git is at work in "+place.Path)
	// What a run leaves is kept even so.
	if shot := snapshot(t, m, place.Path, 1, 0); shot.Files != 1 {
		t.Errorf("snapshot beside a locked index: %+v", shot)
	}

	editor.Process.Kill()
	closing.Close()
	editor.Wait()
	if !exists(filepath.Join(git(t, place.Path, "rev-parse", "--absolute-git-dir"), "index.lock")) {
		t.Fatal("the killed git left no lock")
	}
	if _, changed, err := m.Commit(t.Context(), place, "Result"); err != nil || !changed {
		t.Errorf("Commit beside the lock of a dead git: %v, %v", changed, err)
	}
}

func TestPrepareClearsTheLockOfAKilledGit(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, git(t, place.Path, "rev-parse", "--absolute-git-dir"), "index.lock", "")
	prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "new", "")
	git(t, place.Path, "add", "new")
}
