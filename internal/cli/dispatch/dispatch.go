// Package dispatch is andon dispatch.
package dispatch

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	DryRun bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "dispatch",
		Short: "Make the dispatcher look again, or ask what it would start",
		Long: `Make the dispatcher look again; it needs no such nudge to notice work. With --dry-run it only says what it would start now.

There must be a gateway: it is the only one that starts workers.`,
		Example: cmdutil.Examples("$ andon dispatch", "$ andon dispatch --dry-run -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = dispatch
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "change nothing, only say what would be started")
	f.Obsolete(cmd, "limits stand in andon.yaml", "max", "failure-limit")
	return cmd
}

func dispatch(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	p := o.Printer()
	if o.DryRun {
		plan, err := c.Plan(ctx, o.Globals.Board)
		if err != nil {
			return err
		}
		return p.One(plan, "", func() { draw(p, plan) })
	}
	if err := c.Nudge(ctx); err != nil {
		return err
	}
	return p.Said(struct {
		Nudged bool `json:"nudged"`
	}{true}, "", "The dispatcher looks again")
}

func draw(p *output.Printer, plan client.Plan) {
	if len(plan.Start) == 0 {
		p.Line("(nothing would be started)")
	}
	for _, s := range plan.Start {
		p.Line("Would start %s on %s: %s  %s", s.Task.ID, s.Board, s.Task.Assignee, output.Inline(s.Task.Title))
	}
	if len(plan.Wait) == 0 {
		return
	}
	p.Section("Ready, but not started")
	for _, t := range plan.Wait {
		p.Line("%s  %s", t.ID, output.Inline(t.Title))
		p.Gates(t.Gates)
	}
}
