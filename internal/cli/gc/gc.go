// Package gc is andon gc.
package gc

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
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
		Use:   "gc",
		Short: "Remove what retention no longer asks for",
		Long: `Remove what retention no longer asks for: workspaces that Andon made, events, logs and artifacts, as andon.yaml says.

It concerns all boards, or the one that --board names.`,
		Example: cmdutil.Examples("$ andon gc --dry-run", "$ andon gc --board web"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = collect
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only count")
	f.Obsolete(cmd, "retention stands in andon.yaml", "event-retention-days", "log-retention-days")
	return cmd
}

func collect(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	r, err := c.GC(ctx, o.Globals.Board, o.DryRun)
	if err != nil {
		return err
	}
	verb := "Removed"
	if r.DryRun {
		verb = "Would remove"
	}
	err = o.Printer().Said(r, "", "%s: workspaces %d, events %d, logs %d, artifacts %d", verb, r.Workspaces, r.Events, r.Logs, r.Artifacts)
	for _, board := range r.Failed {
		o.Complain(kanban.Errorf(kanban.Unavailable, "not all of board %s", board))
	}
	if err == nil && len(r.Failed) > 0 {
		return exit.Said{Status: exit.Partly}
	}
	return err
}
