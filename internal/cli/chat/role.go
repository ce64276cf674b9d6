package chat

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type roleOptions struct {
	*cmdutil.Factory
	Name, Role string
}

func newRole(f *cmdutil.Factory, run func(context.Context, *roleOptions) error) *cobra.Command {
	o := &roleOptions{Factory: f}
	return &cobra.Command{
		Use:     "role NAME ROLE",
		Short:   "Give a guest another role: read, comment, operate or admin",
		Example: cmdutil.Examples("$ andon chat role ann read"),
		Args:    cmdutil.Exactly(2, "the name or the role"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Role = args[0], args[1]
			if run == nil {
				run = setRole
			}
			return run(cmd.Context(), o)
		},
	}
}

func setRole(ctx context.Context, o *roleOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	g, err := c.SetGuestRole(ctx, o.Name, o.Role)
	if err != nil {
		return err
	}
	return o.Printer().Said(g, g.Name, "%s has the role %s", g.Name, g.Role)
}
