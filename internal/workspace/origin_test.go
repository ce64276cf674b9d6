package workspace_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/workspace"
)

// branchWith makes a branch of main with one commit that writes a file.
func branchWith(t *testing.T, repo, branch, name, content string) {
	t.Helper()
	git(t, repo, "switch", "--quiet", "-c", branch, "main")
	write(t, repo, name, content)
	git(t, repo, "add", ".")
	git(t, repo, "commit", "--quiet", "-m", "work of "+branch)
	git(t, repo, "switch", "--quiet", "main")
}

// kinds runs a test on work trees and on clones.
func kinds(t *testing.T, test func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec)) {
	for _, kind := range []string{workspace.Worktree, workspace.Clone} {
		t.Run(kind, func(t *testing.T) {
			repo := repository(t)
			test(t, workspace.New(filepath.Join(t.TempDir(), "trees")), repo, workspace.Spec{Kind: kind, Repo: repo, Task: "t_1"})
		})
	}
}

// TestG19_ChildOfSeveralParents starts from their branches merged, on a branch of
// its own, without a hook; those that another holds already count once.
func TestG19_ChildOfSeveralParents(t *testing.T) {
	kinds(t, func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec) {
		branchWith(t, repo, "a", "a.txt", "a\n")
		branchWith(t, repo, "b", "b.txt", "b\n")
		branchWith(t, repo, "c", "c.txt", "c\n")
		git(t, repo, "branch", "old-a", "a~1")
		write(t, filepath.Join(repo, ".git"), "hooks/post-commit", "#!/bin/sh\ntouch "+repo+"/hooked\n")
		os.Chmod(filepath.Join(repo, ".git/hooks/post-commit"), 0o755)
		before := git(t, repo, "rev-parse", "main")

		spec.Merge = []string{"old-a", "a", "gone", "b", "c"}
		place := prepare(t, m, spec)
		for _, name := range []string{"README", "a.txt", "b.txt", "c.txt"} {
			if _, err := os.Stat(filepath.Join(place.Path, name)); err != nil {
				t.Error(err)
			}
		}
		if got := git(t, place.Path, "log", "--merges", "--format=%an %s"); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "Andon Merge a and b and c for task t_1") {
			t.Errorf("the merges are %q", got)
		}
		if got := git(t, place.Path, "rev-parse", "HEAD"); got != place.Base {
			t.Errorf("the base is %s, and it is on %s", place.Base, got)
		}
		if got := git(t, place.Path, "branch", "--show-current"); got != "andon/t_1" {
			t.Errorf("on branch %q", got)
		}
		if got := git(t, repo, "rev-parse", "main") + git(t, repo, "status", "--porcelain"); got != before {
			t.Errorf("the source is at %s", got)
		}
		if _, err := os.Stat(filepath.Join(repo, "hooked")); err == nil {
			t.Error("a hook ran")
		}
		again := prepare(t, m, spec)
		if again.Base != place.Base || again.Created {
			t.Errorf("again: %+v", again)
		}
	})
}

// TestG19_ParentsThatConflict are named, with the files, and nothing is left
// behind; a branch that somebody prepared is taken as it is.
func TestG19_ParentsThatConflict(t *testing.T) {
	kinds(t, func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec) {
		branchWith(t, repo, "a", "ö 1.txt", "a\n")
		branchWith(t, repo, "b", "ö 1.txt", "b\n")
		branchWith(t, repo, "c", "c.txt", "c\n")
		spec.Merge = []string{"c", "a", "b"}
		_, err := m.Prepare(t.Context(), spec)
		conflict, is := errors.AsType[*workspace.MergeError](err)
		if !is || !slices.Equal(conflict.Branches, []string{"c", "a", "b"}) || !slices.Equal(conflict.Files, []string{"ö 1.txt"}) {
			t.Fatalf("got %v", err)
		}
		if got := git(t, repo, "branch", "--list", "andon/*"); got != "" {
			t.Errorf("left behind: %s", got)
		}
		git(t, repo, "branch", "andon/t_1", "b")
		if place := prepare(t, m, spec); read(t, place.Path, "ö 1.txt") != "b\n" {
			t.Error("it does not start from the branch that was prepared")
		}
	})
}

// leave has an attempt change everything that can be changed, and keeps it.
func leave(t *testing.T, m *workspace.Manager, place workspace.Place) workspace.Snapshot {
	t.Helper()
	write(t, place.Path, "committed.txt", "1\n")
	git(t, place.Path, "add", ".")
	git(t, place.Path, "commit", "--quiet", "-m", "half")
	write(t, place.Path, "committed.txt", "2\n")
	write(t, place.Path, "sub/untracked.txt", "new\n")
	write(t, place.Path, "staged.txt", "staged\n")
	git(t, place.Path, "add", "staged.txt")
	if err := errors.Join(os.Chmod(filepath.Join(place.Path, "committed.txt"), 0o755), os.Remove(filepath.Join(place.Path, "README"))); err != nil {
		t.Fatal(err)
	}
	shot, err := m.Snapshot(t.Context(), place.Path, "t_1", 7, 0)
	if err != nil {
		t.Fatal(err)
	}
	return shot
}

// TestG22_ContinueInATreeThatIsGone brings a new one to exactly the state that
// the last attempt left.
func TestG22_ContinueInATreeThatIsGone(t *testing.T) {
	kinds(t, func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec) {
		first := prepare(t, m, spec)
		shot := leave(t, m, first)
		want := git(t, first.Path, "rev-parse", "HEAD") + git(t, first.Path, "diff", "HEAD", "--", "committed.txt")
		if err := os.RemoveAll(first.Path); err != nil {
			t.Fatal(err)
		}
		spec.Snapshot = shot.Ref
		place := prepare(t, m, spec)
		if !place.Created || place.Base != first.Base {
			t.Errorf("the place is %+v, and was %+v", place, first)
		}
		if got := git(t, place.Path, "rev-parse", "HEAD") + git(t, place.Path, "diff", "HEAD", "--", "committed.txt"); got != want {
			t.Errorf("it goes on from\n%s\nwant\n%s", got, want)
		}
		if got := git(t, place.Path, "status", "--porcelain", "-uall"); got != " D README\n M committed.txt\n?? staged.txt\n?? sub/untracked.txt" {
			t.Errorf("the changes are\n%s", got)
		}
		again, err := m.Snapshot(t.Context(), place.Path, "t_1", 8, 0)
		if err != nil || git(t, repo, "rev-parse", again.Commit+"^{tree}") != git(t, repo, "rev-parse", shot.Commit+"^{tree}") {
			t.Errorf("it is not the same state: %v", err)
		}
	})
}

// TestG22_ABranchThatMovedOnWins over the snapshot of an earlier attempt.
func TestG22_ABranchThatMovedOnWins(t *testing.T) {
	kinds(t, func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec) {
		first := prepare(t, m, spec)
		shot := leave(t, m, first)
		if err := os.RemoveAll(first.Path); err != nil {
			t.Fatal(err)
		}
		git(t, repo, "worktree", "prune")
		git(t, repo, "branch", "--force", "andon/t_1", git(t, repo, "commit-tree", "-p", shot.Commit+"^", "-m", "by Ada", "main^{tree}"))
		spec.Snapshot = shot.Ref
		place := prepare(t, m, spec)
		if got := git(t, place.Path, "log", "-1", "--format=%s") + git(t, place.Path, "status", "--porcelain"); got != "by Ada" {
			t.Errorf("it goes on from %q", got)
		}
	})
}

// TestG22_StartOver begins where the first attempt did; what there was is kept.
func TestG22_StartOver(t *testing.T) {
	kinds(t, func(t *testing.T, m *workspace.Manager, repo string, spec workspace.Spec) {
		write(t, repo, ".gitignore", "built\n")
		git(t, repo, "add", ".")
		git(t, repo, "commit", "--quiet", "-m", "ignore")
		first := prepare(t, m, spec)
		shot := leave(t, m, first)
		write(t, first.Path, "built", "old")
		write(t, first.Path, "by-hand.txt", "of a human, since\n")
		write(t, repo, "later.txt", "main goes on\n")
		git(t, repo, "add", ".")
		git(t, repo, "commit", "--quiet", "-m", "later")

		spec.Snapshot, spec.Fresh = shot.Ref, true
		place := prepare(t, m, spec)
		if !place.Created || place.Base != first.Base {
			t.Errorf("the place is %+v, and was %+v", place, first)
		}
		if got := git(t, place.Path, "rev-parse", "HEAD") + git(t, place.Path, "status", "--porcelain", "--ignored"); got != first.Base {
			t.Errorf("it begins at %s, want %s", got, first.Base)
		}
		if got := git(t, repo, "show", "refs/andon/t_1/0:by-hand.txt"); got != "of a human, since" {
			t.Errorf("kept: %q", got)
		}
		if got := git(t, repo, "log", "-1", "--format=%s", "refs/andon/t_1/0^"); got != "half" {
			t.Errorf("kept on top of %q", got)
		}
		spec.Fresh = false
		if again := prepare(t, m, spec); again.Created {
			t.Error("the next attempt does not go on in it")
		}
	})
}

// TestStartOverInAScratchFolder empties it; in a folder of the user's nothing is
// touched.
func TestStartOverInAScratchFolder(t *testing.T) {
	m := workspace.New(filepath.Join(t.TempDir(), "trees"))
	spec := workspace.Spec{Kind: workspace.Scratch, Task: "t_1", Fresh: true}
	place := prepare(t, m, spec)
	write(t, place.Path, "left.txt", "x")
	if place = prepare(t, m, spec); !place.Created {
		t.Error("it was not made anew")
	}
	if _, err := os.Stat(filepath.Join(place.Path, "left.txt")); err == nil {
		t.Error("it was not emptied")
	}
	mine := t.TempDir()
	write(t, mine, "mine.txt", "x")
	prepare(t, m, workspace.Spec{Kind: workspace.Dir, Path: mine, Task: "t_2", Fresh: true})
	read(t, mine, "mine.txt")
}
