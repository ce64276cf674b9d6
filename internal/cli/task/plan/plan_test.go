package plan_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/task/plan"
	"github.com/andon-dev/andon/internal/kanban"
)

func TestParse(t *testing.T) {
	var got *plan.Ask
	note := func(_ context.Context, o *plan.Ask) error { got = o; return nil }
	if err := clitest.Parse(t, plan.NewDecompose(clitest.New(t, nil).Factory, note), "t_1", "t_2", "--yes", "--no-wait"); err != nil {
		t.Fatal(err)
	}
	if got.Kind != kanban.Decompose || strings.Join(got.Tasks, " ") != "t_1 t_2" || !got.Yes || !got.NoWait {
		t.Errorf("got %+v", got)
	}
	if err := clitest.Parse(t, plan.NewSpecify(clitest.New(t, nil).Factory, note), "--all", "--tenant", "acme", "--author", "x"); err != nil {
		t.Fatal(err)
	}
	if got.Kind != kanban.Specify || !got.All || got.Tenant != "acme" {
		t.Errorf("got %+v", got)
	}
	for _, line := range []string{"", "--all t_1", "t_1 --tenant x"} {
		err := clitest.Parse(t, plan.NewSpecify(clitest.New(t, nil).Factory, note), strings.Fields(line)...)
		if kanban.CodeOf(err) != kanban.Invalid {
			t.Errorf("%q: got %v, want an invalid error", line, err)
		}
	}
}

// server answers questions about t_00000001 and its like with a planning each.
func server(plans map[string]client.Planning) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for id, p := range plans {
			if strings.Contains(r.URL.Path, id) {
				p.TaskID = id
				_ = json.NewEncoder(w).Encode(p)
				return
			}
		}
		if strings.HasSuffix(r.URL.Path, "/tasks") {
			page := client.Page[client.Task]{}
			for id := range plans {
				page.Items = append(page.Items, client.Task{ID: id, Status: "triage"})
			}
			_ = json.NewEncoder(w).Encode(page)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_ = json.NewEncoder(w).Encode(client.Error{Code: "not_found", Message: "no such task"})
	})
}

// TestEndings: what came of a wish is the exit status.
func TestEndings(t *testing.T) {
	proposed := client.Planning{State: "proposed", Kind: "decompose", Status: "triage", Tasks: []client.PlannedTask{{Key: "a", Title: "A", Assignee: "x"}}}
	applied := client.Planning{State: "applied", Kind: "decompose", Status: "todo", ChildIDs: []string{"t_000000aa"}}
	failed := client.Planning{State: "failed", Kind: "decompose", Status: "triage", Reason: "401 for \x1b[31mred"}
	dropped := client.Planning{State: "dropped", Kind: "decompose", Status: "ready"}
	for name, tt := range map[string]struct {
		plans map[string]client.Planning
		line  string
		want  int
		out   string
	}{
		"proposed": {map[string]client.Planning{"t_00000001": proposed}, "t_00000001", exit.OK, "plan approve t_00000001"},
		"applied":  {map[string]client.Planning{"t_00000001": applied}, "t_00000001 --yes", exit.OK, "Decomposed t_00000001 -> t_000000aa"},
		"failed":   {map[string]client.Planning{"t_00000001": failed}, "t_00000001", exit.Unavailable, ""},
		"dropped":  {map[string]client.Planning{"t_00000001": dropped}, "t_00000001", exit.Refused, ""},
		"unknown":  {nil, "t_00000009", exit.NotFound, ""},
		"partly":   {map[string]client.Planning{"t_00000001": proposed, "t_00000002": failed}, "t_00000001 t_00000002", exit.Partly, "plan: proposed"},
		"nothing":  {map[string]client.Planning{}, "--all --tenant acme", exit.OK, "No triage tasks for tenant 'acme'."},
		"waiting":  {map[string]client.Planning{"t_00000001": proposed}, "--all", exit.OK, "No triage tasks."},
	} {
		t.Run(name, func(t *testing.T) {
			s := clitest.New(t, server(tt.plans))
			err := clitest.Parse(t, plan.NewDecompose(s.Factory, nil), strings.Fields(tt.line)...)
			s.Complain(err)
			if got := exit.Of(err); got != tt.want || !strings.Contains(s.Out.String(), tt.out) || strings.Contains(s.Err.String(), "\x1b") {
				t.Errorf("status %d, want %d; said %q, %q", got, tt.want, s.Out, s.Err)
			}
		})
	}
}
