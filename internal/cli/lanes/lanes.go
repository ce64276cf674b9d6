// Package lanes is andon lanes and andon assignees: who can be given work, and
// who was.
package lanes

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options of the commands: they have none of their own.
type Options struct {
	*cmdutil.Factory
	Everybody bool // names that tasks are assigned to but that are no lanes, too
}

// New returns andon lanes.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(&Options{Factory: f}, run, &cobra.Command{
		Use:     "lanes",
		Short:   "List the lanes, what they run and what holds them",
		Example: cmdutil.Examples("$ andon lanes", "$ andon lanes -o json"),
	})
}

// NewAssignees returns andon assignees.
func NewAssignees(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(&Options{Factory: f, Everybody: true}, run, &cobra.Command{
		Use:     "assignees",
		Short:   "List everybody who has tasks, lane or not",
		Example: cmdutil.Examples("$ andon assignees"),
	})
}

func command(o *Options, run func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	cmd.Args = cmdutil.None
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if run == nil {
			run = list
		}
		return run(cmd.Context(), o)
	}
	return cmd
}

func list(ctx context.Context, o *Options) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	all, err := c.Lanes(ctx, board)
	if err != nil {
		return err
	}
	var kept []client.Lane
	for _, l := range all {
		if l.Known || o.Everybody {
			kept = append(kept, l)
		}
	}
	p := o.Printer()
	return output.List(p, kept, "", func(l client.Lane) string { return l.Name }, func(lanes []client.Lane) {
		switch {
		case len(lanes) == 0 && o.Everybody:
			p.Line("(nobody)")
		case len(lanes) == 0:
			p.Line("(no lanes: andon.yaml names none)")
		}
		draw(p, lanes)
	})
}

func draw(p *output.Printer, lanes []client.Lane) {
	t := p.Table("LANE", "KNOWN", "RUNNING", "TASKS", "DESCRIPTION")
	for _, l := range lanes {
		known, running := "yes", fmt.Sprint(l.Running)
		if !l.Known {
			known = "no"
		}
		if l.MaxParallel > 0 {
			running += fmt.Sprintf("/%d", l.MaxParallel)
		}
		t.Row(l.Name, known, running, output.Or(output.Counts(l.Counts)), output.Inline(l.Description))
		for _, h := range l.Holds {
			t.Note("! " + p.Hold(h))
		}
	}
	t.Flush()
}
