// Package export is andon export.
package export

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Artifacts bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write a board as lines of JSON",
		Long: `Write a board as lines of JSON to the standard output, as it is at one moment.

andon import makes the same board of them. The stream holds no token, and its last line tells whether it is whole.`,
		Example: cmdutil.Examples("$ andon export > board.jsonl", "$ andon export --board web --with-artifacts | gzip > web.jsonl.gz"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = export
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Artifacts, "with-artifacts", false, "the files that runs have left, too")
	return cmd
}

func export(ctx context.Context, o *Options) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	return c.Export(ctx, board, o.Artifacts, o.Out)
}
