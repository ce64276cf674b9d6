package edit_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/task/edit"
	"github.com/andon-dev/andon/internal/kanban"
)

func parse(t *testing.T, args ...string) (client.TaskEdit, error) {
	t.Helper()
	var got client.TaskEdit
	err := clitest.Parse(t, edit.New(clitest.New(t, nil).Factory, func(_ context.Context, o *edit.Options) error {
		got = o.Edit
		return nil
	}), args...)
	return got, err
}

// TestParse: only what was given is changed, and an empty text is a change.
func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		args []string
		want client.TaskEdit
	}{
		"title":     {[]string{"t_1", "--title", "a"}, client.TaskEdit{Title: new("a")}},
		"cleared":   {[]string{"t_1", "--tenant", ""}, client.TaskEdit{Tenant: new("")}},
		"labels":    {[]string{"t_1", "--label", "bug", "--label", "ui,docs"}, client.TaskEdit{Labels: &[]string{"bug", "ui", "docs"}}},
		"no labels": {[]string{"t_1", "--label", ""}, client.TaskEdit{Labels: &[]string{}}},
		"a label":   {[]string{"t_1", "--label", "+a", "--label", "-b,+c++"}, client.TaskEdit{AddLabels: []string{"a", "c++"}, DropLabels: []string{"b"}}},
		"priority":  {[]string{"t_1", "--priority", "0"}, client.TaskEdit{Priority: new(0)}},
		"limits":    {[]string{"t_1", "--max-runtime", "1d", "--max-retries", "4"}, client.TaskEdit{MaxRuntime: new("24h0m0s"), MaxAttempts: new(4)}},
		"workspace": {[]string{"t_1", "--workspace", "dir:/a"}, client.TaskEdit{WorkspaceKind: new("dir"), WorkspacePath: new("/a")}},
		"file only": {[]string{"t_1", "--body-file", "spec.md"}, client.TaskEdit{}},
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

func TestNothingToChange(t *testing.T) {
	for _, args := range [][]string{{"t_1"}, {"t_1", "--if-version", "3"}} {
		if _, err := parse(t, args...); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%v: got %v, want an invalid error", args, err)
		}
	}
}
