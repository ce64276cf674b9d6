// Package context is andon context.
package context

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
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
		Use:   "context [ID]",
		Short: "Show what a worker of a task reads first",
		Long:  "Show what a worker of a task reads first: the task, earlier attempts, what its parents handed on, the thread.",
		Example: cmdutil.Examples(
			"$ andon context t_1f3a9c20",
			"$ andon context @last > prompt.md"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
}

func show(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	text, err := c.Context(ctx, board, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	shown := struct {
		ID      string `json:"id"`
		Context string `json:"context"`
	}{id, text}
	if o.Terminal.Out {
		text = kanban.Safe(text)
	}
	return o.Printer().Said(shown, id, "%s", text)
}
