// Package runs is andon runs.
package runs

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task    []string
	Outcome string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "runs [ID]",
		Short: "List the attempts at a task",
		Example: cmdutil.Examples(
			"$ andon runs t_1f3a9c20",
			"$ andon runs @last --outcome crashed -o jsonl"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = runs
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Outcome, "outcome", "", "only those that ended so; running for the open one")
	return cmd
}

func runs(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	all, err := c.Runs(ctx, board, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	var kept []client.Run
	for _, r := range all {
		if o.Outcome == "" || r.Outcome == o.Outcome || o.Outcome == "running" && r.Outcome == "" {
			kept = append(kept, r)
		}
	}
	p := o.Printer()
	return output.List(p, kept, "", func(r client.Run) string { return strconv.FormatInt(r.ID, 10) }, func(kept []client.Run) {
		if len(kept) == 0 {
			p.Line("(no runs)")
		}
		p.Runs(kept)
	})
}
