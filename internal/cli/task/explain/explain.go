// Package explain is andon why.
package explain

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     "why [ID]",
		Aliases: []string{"explain"},
		Short:   "Say why a task is not running, and what to do about it",
		Example: cmdutil.Examples(
			"$ andon why t_1f3a9c20",
			"$ andon why @last -o json"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = explain
			}
			return run(cmd.Context(), o)
		},
	}
}

func explain(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	t, err := c.Explain(ctx, board, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	o.WarnConfig(ctx, c)
	p := o.Printer()
	return p.One(t, t.ID, func() { draw(p, t) })
}

func draw(p *output.Printer, t client.Task) {
	p.Line("%s (%s)  %s", p.Bold(t.ID), p.Status(t.Status), output.Inline(t.Title))
	switch {
	case t.Status == string(kanban.Running):
		p.Line("  it runs: run %d", t.CurrentRun)
	case len(t.Gates) == 0:
		p.Line("  no gate is closed: it is being started")
	}
	p.Gates(t.Gates)
	for _, line := range t.Untold {
		p.Line("  %s", output.Inline(line))
	}
}
