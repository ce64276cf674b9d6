package create_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/task/create"
	"github.com/andon-dev/andon/internal/kanban"
)

func parse(t *testing.T, args ...string) (client.TaskCreate, error) {
	t.Helper()
	var got client.TaskCreate
	cmd := create.New(clitest.New(t, nil).Factory, func(_ context.Context, o *create.Options) error {
		got = o.TaskCreate
		return nil
	})
	err := clitest.Parse(t, cmd, args...)
	return got, err
}

func TestParse(t *testing.T) {
	soon := clitest.Now.Add(2 * time.Hour)
	for name, tt := range map[string]struct {
		args []string
		want client.TaskCreate
	}{
		"a title":          {[]string{"fix it"}, client.TaskCreate{Title: "fix it"}},
		"words":            {[]string{"fix", "it"}, client.TaskCreate{Title: "fix it"}},
		"lane":             {[]string{"x", "--lane", "builder"}, client.TaskCreate{Title: "x", Assignee: "builder"}},
		"assignee is lane": {[]string{"x", "--assignee", "builder"}, client.TaskCreate{Title: "x", Assignee: "builder"}},
		"parents":          {[]string{"x", "--parent", "t_1", "--parent", "t_2"}, client.TaskCreate{Title: "x", Parents: []string{"t_1", "t_2"}}},
		"negative":         {[]string{"x", "--priority", "-3"}, client.TaskCreate{Title: "x", Priority: -3}},
		"held":             {[]string{"x", "--initial-status", "blocked"}, client.TaskCreate{Title: "x", Held: true}},
		"not before":       {[]string{"x", "--until", "+2h"}, client.TaskCreate{Title: "x", NotBefore: &soon}},
		"seconds":          {[]string{"x", "--max-runtime", "90"}, client.TaskCreate{Title: "x", MaxRuntime: "1m30s"}},
		"retries":          {[]string{"x", "--max-retries", "3"}, client.TaskCreate{Title: "x", MaxAttempts: 3}},
		"scratch":          {[]string{"x", "--workspace", "scratch"}, client.TaskCreate{Title: "x", WorkspaceKind: "scratch"}},
		"dir":              {[]string{"x", "--workspace", "dir:/srv/a"}, client.TaskCreate{Title: "x", WorkspaceKind: "dir", WorkspacePath: "/srv/a"}},
		"worktree": {
			[]string{"x", "--workspace", "worktree", "--repo", "/srv/r", "--branch", "b"},
			client.TaskCreate{Title: "x", WorkspaceKind: "worktree", Repo: "/srv/r", Branch: "b"},
		},
		"skills": {[]string{"x", "--skill", "a", "--skill", "b"}, client.TaskCreate{Title: "x", Skills: &[]string{"a", "b"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	for name, args := range map[string][]string{
		"no title":         {},
		"dir without path": {"x", "--workspace", "dir"},
		"unknown place":    {"x", "--workspace", "moon:/x"},
		"odd status":       {"x", "--initial-status", "done"},
		"past":             {"x", "--until", "2020-01-01"},
		"two bodies":       {"x", "--body", "a", "--body-file", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := parse(t, args...); kanban.CodeOf(err) != kanban.Invalid {
				t.Errorf("got %v, want an invalid error", err)
			}
		})
	}
	if _, err := parse(t, "x", "--max-runtime", "0"); err == nil {
		t.Error("a runtime of nothing was taken")
	}
}
