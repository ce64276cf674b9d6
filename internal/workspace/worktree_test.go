package workspace_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

func TestWorktreeFromFirstAttemptToRemoval(t *testing.T) {
	repo := repository(t)
	root := filepath.Join(t.TempDir(), "workspaces")
	m := workspace.New(root)
	head := git(t, repo, "rev-parse", "HEAD")

	first := prepare(t, m, worktree(repo, "t_1"))
	want := workspace.Place{Path: filepath.Join(root, "t_1"), Branch: "andon/t_1", Base: head, Created: true}
	if first != want {
		t.Fatalf("got %+v, want %+v", first, want)
	}
	if at := git(t, first.Path, "symbolic-ref", "--short", "HEAD"); at != "andon/t_1" {
		t.Errorf("the tree is on %s", at)
	}
	if status := git(t, first.Path, "status", "--porcelain", "--ignored"); status != "" {
		t.Errorf("a new tree holds files of Andon's: %s", status)
	}

	write(t, first.Path, "half", "done")
	again := prepare(t, workspace.New(root), worktree(repo, "t_1"))
	want.Created = false
	if again != want || read(t, again.Path, "half") != "done" {
		t.Errorf("the retry got %+v, want %+v", again, want)
	}

	if err := m.Remove(t.Context(), "t_1", again); err != nil {
		t.Fatal(err)
	}
	if exists(first.Path) || strings.Contains(git(t, repo, "worktree", "list"), "t_1") {
		t.Error("the tree is still there or still registered")
	}
	if tip := git(t, repo, "rev-parse", "andon/t_1"); tip != head {
		t.Errorf("the branch is at %s, want %s", tip, head)
	}
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("still owned: %v, %v", owned, err)
	}

	// The branch outlived the tree; a reopened task goes on from it.
	if place := prepare(t, m, worktree(repo, "t_1")); !place.Created || place.Base != head {
		t.Errorf("reopened: %+v", place)
	}
}

// Git fails now and then when work trees are added at the same time.
func TestWorktreesOfOneRepositoryInParallel(t *testing.T) {
	repo := repository(t)
	boards := []*workspace.Manager{newManager(t), newManager(t)}
	var all sync.WaitGroup
	for i := range 12 {
		all.Go(func() {
			place, err := boards[i%2].Prepare(t.Context(), worktree(repo, fmt.Sprintf("t_%d", i)))
			if err != nil || !place.Created {
				t.Errorf("task %d: %+v, %v", i, place, err)
			}
		})
	}
	all.Wait()
	if n := strings.Count(git(t, repo, "worktree", "list"), "\n"); n != 12 {
		t.Errorf("%d work trees beside the main one, want 12", n)
	}
}

func TestG19_ChildStartsFromItsParentsBranch(t *testing.T) {
	repo, m := repository(t), newManager(t)
	parent := prepare(t, m, worktree(repo, "t_parent"))
	write(t, parent.Path, "feature.go", "package feature\n")
	rev, changed, err := m.Commit(t.Context(), parent, "Add the feature")
	if err != nil || !changed {
		t.Fatalf("Commit: %v, %v", changed, err)
	}
	if err := m.Remove(t.Context(), "t_parent", parent); err != nil {
		t.Fatal(err)
	}
	spec := worktree(repo, "t_child")
	spec.Base = parent.Branch
	child := prepare(t, m, spec)
	if child.Base != rev || read(t, child.Path, "feature.go") != "package feature\n" {
		t.Errorf("the child starts from %+v, want %s", child, rev)
	}
}

func TestWorktreeAtAGivenPlaceOnAGivenBranch(t *testing.T) {
	repo, m := repository(t), newManager(t)
	git(t, repo, "branch", "feature")
	spec := worktree(filepath.Join(repo, "."), "t_1")
	spec.Branch, spec.Path = "feature", filepath.Join(t.TempDir(), "trees/feature")
	place := prepare(t, m, spec)
	if place.Path != spec.Path || place.Branch != "feature" || !place.Created {
		t.Errorf("got %+v", place)
	}
	if again := prepare(t, m, spec); again.Created || again.Path != place.Path {
		t.Errorf("the retry got %+v", again)
	}
}

// Boards of the reference system name the repository itself as every task's
// path, and the tasks overwrote each other there.
func TestWorktreePathThatIsARepositoryIsTheSource(t *testing.T) {
	repo, m := repository(t), newManager(t)
	one := prepare(t, m, workspace.Spec{Kind: workspace.Worktree, Path: repo, Task: "t_1"})
	two := prepare(t, m, workspace.Spec{Kind: workspace.Worktree, Path: repo, Task: "t_2"})
	if one.Path == two.Path || one.Path == repo || two.Path == repo {
		t.Errorf("two tasks, one tree: %+v, %+v", one, two)
	}
}

func TestWorktreeMadeBySomebodyElse(t *testing.T) {
	repo, m := repository(t), newManager(t)
	path := filepath.Join(t.TempDir(), "theirs")
	git(t, repo, "worktree", "add", "--quiet", "-b", "theirs", path)
	spec := workspace.Spec{Kind: workspace.Worktree, Path: path, Branch: "theirs", Task: "t_1"}
	place := prepare(t, m, spec)
	if place.Created || place.Path != path {
		t.Fatalf("got %+v", place)
	}
	write(t, path, "new", "")
	if _, changed, err := m.Commit(t.Context(), place, "not ours to make"); changed || err != nil {
		t.Errorf("Commit in a tree of the user's: %v, %v", changed, err)
	}
	refused(t, m.Remove(t.Context(), "t_1", place), kanban.Conflict, "not a directory that Andon made")

	spec.Branch = "other"
	_, err := m.Prepare(t.Context(), spec)
	refused(t, err, kanban.Conflict, "exists already")
}

func TestWorktreeMadeByAWorkerOfTheReference(t *testing.T) {
	repo, m := repository(t), newManager(t)
	path := filepath.Join(repo, ".worktrees", "t_1")
	git(t, repo, "worktree", "add", "--quiet", "-b", "wip", path)
	place := prepare(t, m, workspace.Spec{Kind: workspace.Worktree, Path: path, Task: "t_1"})
	if want := (workspace.Place{Path: path, Branch: "wip"}); place != want {
		t.Errorf("got %+v, want %+v", place, want)
	}
	_, err := m.Prepare(t.Context(), workspace.Spec{Kind: workspace.Worktree, Path: path, Task: "t_2"})
	refused(t, err, kanban.Conflict, "exists already")
}

func TestWorktreeOfACallerThatGivesUp(t *testing.T) {
	repo, m := repository(t), newManager(t)
	write(t, repo, ".gitattributes", "README filter=slow\n")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "Filter")
	started := filepath.Join(t.TempDir(), "started")
	if err := syscall.Mkfifo(started, 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, repo, "config", "filter.slow.smudge", "echo >"+started+"; sleep 600")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		os.ReadFile(started)
		cancel()
	}()
	if _, err := m.Prepare(ctx, worktree(repo, "t_1")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if left := git(t, repo, "worktree", "list") + git(t, repo, "branch", "--list", "andon/*"); strings.Contains(left, "t_1") {
		t.Errorf("left behind: %s", left)
	}
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("still owned: %v, %v", owned, err)
	}
}

func TestWorktreeAfterItsFolderWasDeleted(t *testing.T) {
	repo, m := repository(t), newManager(t)
	place := prepare(t, m, worktree(repo, "t_1"))
	if err := os.RemoveAll(place.Path); err != nil {
		t.Fatal(err)
	}
	again := prepare(t, m, worktree(repo, "t_1"))
	if !again.Created || read(t, again.Path, "README") != "hello\n" {
		t.Errorf("got %+v", again)
	}
	if err := m.Remove(t.Context(), "t_1", again); err != nil {
		t.Error(err)
	}
}

// The process that prepares is killed together with all of its git, by a filter that
// git calls half way.
func TestWorktreeAfterACrashInTheMiddleOfIt(t *testing.T) {
	repo := repository(t)
	write(t, repo, ".gitattributes", "README filter=crash\n")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "Filter")
	git(t, repo, "config", "filter.crash.smudge", "kill -9 $PREPARING 0")
	root := filepath.Join(t.TempDir(), "workspaces")
	preparing := exec.Command(os.Args[0])
	preparing.Env = append(os.Environ(), "PREPARE_ROOT="+root, "PREPARE_REPO="+repo)
	out, err := preparing.CombinedOutput()
	if state := preparing.ProcessState.Sys().(syscall.WaitStatus); !state.Signaled() {
		t.Fatalf("the preparing process was not killed: %v\n%s", err, out)
	}
	if list := git(t, repo, "worktree", "list", "--porcelain"); !strings.Contains(list, "locked initializing") {
		t.Fatalf("git had ended before: %s", list)
	}
	git(t, repo, "config", "--unset", "filter.crash.smudge")

	place := prepare(t, workspace.New(root), worktree(repo, "t_1"))
	if !place.Created || read(t, place.Path, "README") != "hello\n" {
		t.Errorf("got %+v", place)
	}
	if list := git(t, repo, "worktree", "list", "--porcelain"); strings.Contains(list, "locked") || strings.Count(list, "worktree ") != 2 {
		t.Errorf("the crash left records: %s", list)
	}
}

func TestWorktreeThatGitCannotFillIsTakenBack(t *testing.T) {
	repo, m := repository(t), newManager(t)
	write(t, repo, ".gitattributes", "README filter=broken\n")
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "Filter")
	git(t, repo, "config", "filter.broken.smudge", "false")
	git(t, repo, "config", "filter.broken.required", "true")
	if _, err := m.Prepare(t.Context(), worktree(repo, "t_1")); err == nil || !strings.Contains(err.Error(), "smudge filter broken failed") {
		t.Fatalf("got %v, want what git says", err)
	}
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("still owned: %v, %v", owned, err)
	}
	if left := git(t, repo, "worktree", "list") + git(t, repo, "branch", "--list", "andon/*"); strings.Contains(left, "t_1") {
		t.Errorf("left behind: %s", left)
	}
}

// Whoever is refused is told the way out.
func TestWorktreeRefusalsNameTheWayOut(t *testing.T) {
	repo, m := repository(t), newManager(t)
	done := prepare(t, m, workspace.Spec{Kind: workspace.Worktree, Repo: repo, Branch: "shared", Task: "t_1"})
	plain := t.TempDir()
	for name, tc := range map[string]struct {
		spec workspace.Spec
		says string
		ways []string
	}{
		"the branch of a task that is done": {
			workspace.Spec{Kind: workspace.Worktree, Repo: repo, Branch: "shared", Task: "t_2"},
			"checked out at " + done.Path,
			[]string{"andon edit t_2 --branch", "andon gc", "git -C " + repo + " worktree remove " + done.Path},
		},
		"the branch of the user": {
			workspace.Spec{Kind: workspace.Worktree, Repo: repo, Branch: "main", Task: "t_2"},
			"checked out at " + repo,
			[]string{"andon edit t_2 --branch", "git -C " + repo + " switch --detach"},
		},
		"no repository":               {worktree("", "t_2"), "no source repository", []string{"andon edit t_2 --repo PATH"}},
		"a plain directory":           {worktree(plain, "t_2"), plain, []string{"andon edit t_2 --repo PATH"}},
		"a repository that's no more": {worktree(plain+"/gone", "t_2"), plain, []string{"andon edit t_2 --repo PATH"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := m.Prepare(t.Context(), tc.spec)
			refused(t, err, kanban.CodeOf(err), tc.says)
			way := ""
			if e, ok := errors.AsType[*kanban.Error](err); ok {
				way = e.Way
			}
			for _, part := range tc.ways {
				if !strings.Contains(way, part) {
					t.Errorf("the hint %q does not name %q", way, part)
				}
			}
		})
	}
}

func TestWorktreeRefuses(t *testing.T) {
	repo, m := repository(t), newManager(t)
	empty := filepath.Join(t.TempDir(), "empty")
	git(t, ".", "init", "--quiet", empty)
	occupied := t.TempDir()
	with := func(change func(*workspace.Spec)) workspace.Spec {
		spec := worktree(repo, "t_1")
		change(&spec)
		return spec
	}
	for name, tc := range map[string]struct {
		spec workspace.Spec
		code kanban.Code
		says string
	}{
		"a place that is taken":       {with(func(s *workspace.Spec) { s.Path = occupied }), kanban.Conflict, occupied},
		"a branch that is in use":     {with(func(s *workspace.Spec) { s.Branch = "main" }), kanban.Conflict, "checked out at " + repo},
		"a base that does not exist":  {with(func(s *workspace.Spec) { s.Base = "nowhere" }), kanban.NotFound, "nowhere"},
		"a base that is an option":    {with(func(s *workspace.Spec) { s.Base = "--all" }), kanban.NotFound, "--all"},
		"a repository without commit": {with(func(s *workspace.Spec) { s.Repo = empty }), kanban.Conflict, "no commit to start from"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := m.Prepare(t.Context(), tc.spec)
			refused(t, err, tc.code, tc.says)
		})
	}
	for _, branch := range []string{"-f", "a..b", "a b", "@{-1}", "refs/", "x.lock"} {
		_, err := m.Prepare(t.Context(), with(func(s *workspace.Spec) { s.Branch = branch }))
		if kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("branch %q: %v", branch, err)
		}
	}
	if owned, err := m.Owned(); err != nil || len(owned) != 0 {
		t.Errorf("refusals left workspaces: %v, %v", owned, err)
	}
	if branches := git(t, repo, "branch", "--format=%(refname:short)"); branches != "main" {
		t.Errorf("refusals left branches: %s", branches)
	}
}

func TestG32_NeitherHooksNorEnvironmentReachGit(t *testing.T) {
	repo, m := repository(t), newManager(t)
	ran := filepath.Join(t.TempDir(), "ran")
	for _, hook := range []string{"post-checkout", "pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"} {
		write(t, repo, ".git/hooks/"+hook, "#!/bin/sh\necho "+hook+" >>"+ran+"\n")
		if err := os.Chmod(filepath.Join(repo, ".git/hooks", hook), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	git(t, repo, "config", "core.fsmonitor", filepath.Join(repo, ".git/hooks/pre-commit"))
	git(t, repo, "config", "commit.gpgSign", "true")
	os.Remove(ran)
	t.Setenv("GIT_DIR", "/nowhere")
	t.Setenv("GIT_INDEX_FILE", "/nowhere/index")
	t.Setenv("GIT_WORK_TREE", "/nowhere")

	place := prepare(t, m, worktree(repo, "t_1"))
	write(t, place.Path, "new", "")
	snapshot(t, m, place.Path, 1, 0)
	if _, changed, err := m.Commit(t.Context(), place, "New"); err != nil || !changed {
		t.Fatalf("Commit: %v, %v", changed, err)
	}
	if exists(ran) {
		t.Errorf("programs of the repository were run: %s", read(t, filepath.Dir(ran), "ran"))
	}
}
