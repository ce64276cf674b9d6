package events_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/clitest"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/task/events"
	"github.com/andon-dev/andon/internal/kanban"
)

type form = func(*cmdutil.Factory, func(context.Context, *events.Options) error) *cobra.Command

func TestParse(t *testing.T) {
	for name, tt := range map[string]struct {
		form form
		args []string
		want events.Options
	}{
		"the board":   {events.New, nil, events.Options{}},
		"one task":    {events.New, []string{"t_1", "-f", "--until", "Done"}, events.Options{Task: []string{"t_1"}, Follow: true, Until: []string{"done"}}},
		"a cursor":    {events.New, []string{"--after", "7", "--kinds", "blocked,done"}, events.Options{After: 7, Kinds: []string{"blocked", "done"}}},
		"watch":       {events.NewWatch, []string{"--assignee", "ops"}, events.Options{Follow: true, Lane: "ops"}},
		"tail":        {events.NewTail, []string{"t_1"}, events.Options{Task: []string{"t_1"}, Follow: true, Until: []string{"done", "archived"}}},
		"tail my own": {events.NewTail, nil, events.Options{Follow: true, Until: []string{"done", "archived"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var got events.Options
			err := clitest.Parse(t, tt.form(clitest.New(t, nil).Factory, func(_ context.Context, o *events.Options) error {
				got = *o
				return nil
			}), tt.args...)
			if err != nil {
				t.Fatal(err)
			}
			ignore := cmpopts.IgnoreFields(events.Options{}, "Factory")
			if diff := cmp.Diff(tt.want, got, ignore, cmpopts.IgnoreUnexported(events.Options{}), cmpopts.EquateEmpty()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRefuse(t *testing.T) {
	for name, args := range map[string][]string{
		"until without following": {"t_1", "--until", "done"},
		"until without a task":    {"-f", "--until", "done"},
		"unknown status":          {"t_1", "-f", "--until", "odd"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := clitest.Parse(t, events.New(clitest.New(t, nil).Factory, nil), args...); kanban.CodeOf(err) != kanban.Invalid {
				t.Errorf("got %v, want an invalid error", err)
			}
		})
	}
}

// TestInterval: flags of the reference that mean nothing here stay valid, and
// it is said that they mean nothing.
func TestInterval(t *testing.T) {
	s := clitest.New(t, nil)
	quiet := func(context.Context, *events.Options) error { return nil }
	if err := clitest.Parse(t, events.NewTail(s.Factory, quiet), "t_1", "--interval", "0.5"); err != nil {
		t.Fatal(err)
	}
	if got := s.Err.String(); !strings.Contains(got, "--interval is ignored") {
		t.Errorf("stderr says %q", got)
	}
}
