package list_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/task/list"
	"github.com/andon-dev/andon/internal/kanban"
)

func parse(t *testing.T, env map[string]string, args ...string) (client.TaskQuery, error) {
	t.Helper()
	s := clitest.New(t, nil)
	for k, v := range env {
		s.Env[k] = v
	}
	var got client.TaskQuery
	err := clitest.Parse(t, list.New(s.Factory, func(_ context.Context, o *list.Options) error {
		got = o.TaskQuery
		return nil
	}), args...)
	return got, err
}

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		args []string
		want client.TaskQuery
	}{
		"all":           {nil, nil, client.TaskQuery{}},
		"words":         {nil, []string{"login", "test"}, client.TaskQuery{Text: "login test"}},
		"statuses":      {nil, []string{"--status", "Ready,running"}, client.TaskQuery{Statuses: []string{"ready", "running"}}},
		"archived":      {nil, []string{"--status", "archived"}, client.TaskQuery{Statuses: []string{"archived"}, Archived: true}},
		"mine":          {nil, []string{"--mine"}, client.TaskQuery{Assignee: "ann"}},
		"mine in a run": {map[string]string{"ANDON_LANE": "builder"}, []string{"--mine"}, client.TaskQuery{Assignee: "builder"}},
		"not mine":      {nil, []string{"--mine", "--assignee", "bob"}, client.TaskQuery{Assignee: "bob"}},
		"updated":       {nil, []string{"--sort", "updated"}, client.TaskQuery{Sort: "updated-desc"}},
		"everything":    {nil, []string{"--all"}, client.TaskQuery{Limit: 1000}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parse(t, tt.env, tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, args := range [][]string{{"--status", "odd"}, {"--limit", "1001"}} {
		if _, err := parse(t, nil, args...); kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%v: got %v, want an invalid error", args, err)
		}
	}
}
