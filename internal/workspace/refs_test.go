package workspace_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/workspace"
)

// What a run did to refs that are not its own is seen, and what others did
// meanwhile is not taken for it.
func TestG22_MovedRefsAreSeen(t *testing.T) {
	cases := []struct {
		name string
		do   func(t *testing.T, repo, tree string)
		want []string // refs; the commits are not compared
	}{
		{"nothing", func(t *testing.T, _, tree string) {
			git(t, tree, "commit", "--quiet", "--allow-empty", "-m", "Own work")
		}, nil},
		{"a branch that nobody is on", func(t *testing.T, _, tree string) {
			git(t, tree, "commit", "--quiet", "--allow-empty", "-m", "Own work")
			git(t, tree, "branch", "--force", "topic", "HEAD")
		}, []string{"refs/heads/topic"}},
		{"the branch of the main tree", func(t *testing.T, _, tree string) {
			git(t, tree, "commit", "--quiet", "--allow-empty", "-m", "Own work")
			git(t, tree, "update-ref", "refs/heads/main", "HEAD")
		}, []string{"refs/heads/main"}},
		{"a removed branch and a moved tag", func(t *testing.T, _, tree string) {
			git(t, tree, "commit", "--quiet", "--allow-empty", "-m", "Own work")
			git(t, tree, "branch", "-D", "topic")
			git(t, tree, "tag", "--force", "v1")
		}, []string{"refs/heads/topic", "refs/tags/v1"}},
		{"somebody's stash", func(t *testing.T, _, tree string) { git(t, tree, "stash", "drop", "--quiet") }, []string{"refs/stash"}},
		{"a stash of its own over it", func(t *testing.T, _, tree string) {
			write(t, tree, "README", "more\n")
			git(t, tree, "stash", "--quiet")
		}, []string{"refs/stash"}},
		{"new refs are nobody's", func(t *testing.T, _, tree string) {
			git(t, tree, "branch", "mine")
			git(t, tree, "tag", "mine")
		}, nil},
		{"the user goes on", func(t *testing.T, repo, _ string) {
			git(t, repo, "commit", "--quiet", "--allow-empty", "-m", "Theirs")
			write(t, repo, "README", "theirs\n")
			git(t, repo, "stash", "--quiet")
		}, nil},
		{"another task is completed", func(t *testing.T, repo, _ string) {
			m := newManager(t)
			place := prepare(t, m, workspace.Spec{Kind: workspace.Clone, Repo: repo, Task: "t_2", Branch: "topic"})
			write(t, place.Path, "new", "file")
			place.Task = "t_2"
			_, _, err := m.Commit(t.Context(), place, "Two")
			fail(t, err)
		}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			repo, m := repository(t), newManager(t)
			git(t, repo, "branch", "topic")
			git(t, repo, "tag", "v1")
			write(t, repo, "README", "stashed\n")
			git(t, repo, "stash", "--quiet")
			place := prepare(t, m, worktree(repo, "t_1"))
			before, err := m.Refs(t.Context(), place.Path, "t_1")
			fail(t, err)
			c.do(t, repo, place.Path)
			moved, err := m.Moved(t.Context(), place.Path, "t_1", before)
			fail(t, err)
			var got []string
			for _, line := range moved {
				ref, _, _ := strings.Cut(line, " ")
				got = append(got, ref)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("moved %q, want %q", moved, c.want)
			}
		})
	}
}
