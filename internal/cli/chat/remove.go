package chat

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type removeOptions struct {
	*cmdutil.Factory
	Name string
}

func newRemove(f *cmdutil.Factory, run func(context.Context, *removeOptions) error) *cobra.Command {
	o := &removeOptions{Factory: f}
	return &cobra.Command{
		Use:     "remove NAME",
		Short:   "Show a guest the door, from the next message on",
		Example: cmdutil.Examples("$ andon chat remove ann"),
		Args:    cmdutil.Exactly(1, "the name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			if run == nil {
				run = remove
			}
			return run(cmd.Context(), o)
		},
	}
}

func remove(ctx context.Context, o *removeOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if err := c.RemoveGuest(ctx, o.Name); err != nil {
		return err
	}
	return o.Printer().Said(map[string]string{"removed": o.Name}, o.Name, "%s may not come in any more", o.Name)
}
