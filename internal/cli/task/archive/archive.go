// Package archive is andon archive.
package archive

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Tasks  []string
	Delete bool
	Yes    bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "archive ID...",
		Short: "Take tasks out of sight",
		Long:  "Take tasks out of sight, with their runs; andon unarchive brings them back. With --rm, archived tasks are deleted for good.",
		Example: cmdutil.Examples(
			"$ andon archive t_1f3a9c20 t_77d0be11",
			"$ andon list --status done -q | andon archive -",
			"$ andon archive --rm t_1f3a9c20 --yes"),
		Args: cmdutil.AtLeast(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if run == nil {
				run = archive
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Delete, "rm", false, "delete tasks that are archived already")
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "do not ask before deleting")
	return cmd
}

func archive(ctx context.Context, o *Options) error {
	if !o.Delete {
		return o.Each(ctx, o.Tasks, "Archived", func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
			return c.Archive(ctx, board, id)
		})
	}
	if err := o.Confirm(o.Yes, "Delete archived tasks for good?"); err != nil {
		return err
	}
	return o.Each(ctx, o.Tasks, cmdutil.Deleted, remove)
}

// remove deletes what is archived already, so that nothing is lost by a slip.
func remove(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
	t, err := c.Explain(ctx, board, id)
	if err != nil {
		return t, err
	}
	if t.Status != string(kanban.Archived) {
		return t, kanban.Errorf(kanban.Conflict, "%s is not archived", t.ID).In(kanban.Status(t.Status)).
			Hint("andon archive %s  first, or  andon delete %s", t.ID, t.ID)
	}
	return c.DeleteTask(ctx, board, t.ID, false)
}
