package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

type reopenOptions struct {
	*cmdutil.Factory
	Slug string // "" = what spans boards
	All  bool   // what spans boards is meant
}

func newReopen(f *cmdutil.Factory, run run[reopenOptions]) *cobra.Command {
	o := &reopenOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "reopen SLUG",
		Short: "Let a latched board be written again, once its file is sound",
		Long: "Let a latched board be written again. At the first sign of damage a board stops writing, and what was open is copied to\n" +
			"andon/rescued. Put a sound file in its place if need be; then this checks it, opens it, and work goes on.",
		Example: cmdutil.Examples("$ andon boards reopen web", "$ andon boards reopen --state"),
		Args:    cmdutil.Between(0, 1, "the board's slug"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 0) != o.All {
				return kanban.Errorf(kanban.Invalid, "say which board").Hint("andon boards reopen SLUG, or --state for what spans boards")
			}
			if len(args) > 0 {
				o.Slug = args[0]
			}
			if run == nil {
				run = reopen
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.All, "state", false, "what spans boards, andon/state.db, instead of a board")
	return cmd
}

func reopen(ctx context.Context, o *reopenOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if o.All {
		if err := c.ReopenHome(ctx); err != nil {
			return err
		}
		return o.Printer().Said(struct{}{}, "", "Reopened what spans the boards")
	}
	b, err := c.ReopenBoard(ctx, o.Slug)
	if err != nil {
		return err
	}
	return o.Printer().Said(b, b.Slug, "Board %s reopened", b.Slug)
}
