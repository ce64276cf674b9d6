// Package remove is andon delete.
package remove

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// shortest is how many digits of an id must be given where nothing can be
// undone.
const shortest = 4

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Tasks []string
	Stop  bool
	Yes   bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "delete ID...",
		Aliases: []string{"rm"},
		Short:   "Delete tasks for good",
		Long:    "Delete tasks for good, with comments, runs and events; tasks that wait for unfinished ones are held for you. andon archive can be undone.",
		Example: cmdutil.Examples(
			"$ andon delete t_1f3a9c20",
			"$ andon delete t_1f3a9c20 --stop --yes"),
		Args: cmdutil.AtLeast(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if run == nil {
				run = remove
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Stop, "stop", false, "end a run in progress first")
	cmd.Flags().BoolVar(&o.Yes, "yes", false, "do not ask")
	return cmd
}

func remove(ctx context.Context, o *Options) error {
	ids, err := o.IDs(o.Tasks)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if len(strings.TrimPrefix(strings.ToLower(id), "t_")) < shortest {
			return kanban.Errorf(kanban.Invalid, "%s is too short to delete by", kanban.Quote(id)).Hint("give the whole id, or at least %d digits of it", shortest)
		}
	}
	if err := o.Confirm(o.Yes, "Delete for good?"); err != nil {
		return err
	}
	return o.Each(ctx, ids, cmdutil.Deleted, func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
		return c.DeleteTask(ctx, board, id, o.Stop)
	})
}
