package exit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

func TestOf(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"nothing":       {nil, 0},
		"anything else": {errors.New("x"), 1},
		"invalid":       {kanban.Errorf(kanban.Invalid, "x"), 2},
		"not found":     {&client.Error{Code: "not_found"}, 3},
		"conflict":      {&client.Error{Code: "conflict"}, 4},
		"gated":         {&client.Error{Code: "gated"}, 4},
		"exhausted":     {&client.Error{Code: "exhausted"}, 4},
		"partly":        {exit.Said{Status: exit.Partly}, 5},
		"stale":         {&client.Error{Code: "stale"}, 6},
		"unavailable":   {&client.Error{Code: "unavailable"}, 7},
		"no gateway":    {fmt.Errorf("%w: refused", client.ErrNoGateway), 7},
		"silent":        {client.ErrSilent, 7},
		"lost":          {client.ErrLost, 7},
		"findings":      {exit.Said{Status: exit.Findings}, 8},
		"unauthorized":  {&client.Error{Code: "unauthorized"}, 9},
		"timeout":       {fmt.Errorf("%w: t_1 is ready", exit.ErrTimeout), 124},
		"deadline":      {context.DeadlineExceeded, 124},
		"interrupted":   {exit.ErrInterrupted, 130},
		"newer server":  {&client.Error{Code: "teapot"}, 1},
		"about a task":  {exit.About{ID: "t_1", Err: &client.Error{Code: "stale"}}, 6},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exit.Of(tt.err); got != tt.want {
				t.Errorf("exit.Of(%v) = %d, want %d", tt.err, got, tt.want)
			}
		})
	}
}

// TestEveryCode: no code of the domain falls through to internal.
func TestEveryCode(t *testing.T) {
	for _, code := range []kanban.Code{
		kanban.Invalid, kanban.NotFound, kanban.Conflict, kanban.Stale, kanban.Gated, kanban.Exhausted,
		kanban.Unauthorized, kanban.Unavailable,
	} {
		if got := exit.Of(kanban.Errorf(code, "x")); got <= exit.Internal {
			t.Errorf("%s ends with %d", code, got)
		}
	}
}

func TestDescribe(t *testing.T) {
	refused := &client.Error{Code: "gated", Message: "t_1 waits", Hint: "andon start t_1 --force", State: "todo", Status: 409}
	want := exit.Problem{Code: "gated", Message: "t_1 waits", Hint: "andon start t_1 --force", ID: "t_1", State: "todo"}
	if diff := cmp.Diff(want, exit.Describe(exit.About{ID: "t_1", Err: refused})); diff != "" {
		t.Error(diff)
	}
}
