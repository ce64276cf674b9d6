package tokens

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type revokeOptions struct {
	*cmdutil.Factory
	ID string
}

func newRevoke(f *cmdutil.Factory, run func(context.Context, *revokeOptions) error) *cobra.Command {
	o := &revokeOptions{Factory: f}
	return &cobra.Command{
		Use:     "revoke NAME|SESSION",
		Aliases: []string{"rm"},
		Short:   "End a token or a session at once",
		Long:    "End a token or a session at once. A stream that it follows ends within 15 seconds.",
		Example: cmdutil.Examples("$ andon tokens revoke ci"),
		Args:    cmdutil.Exactly(1, "the name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.ID = args[0]
			if run == nil {
				run = revoke
			}
			return run(cmd.Context(), o)
		},
	}
}

func revoke(ctx context.Context, o *revokeOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if err := c.RevokeToken(ctx, o.ID); err != nil {
		return err
	}
	return o.Printer().Said(client.Token{ID: o.ID}, o.ID, "Revoked %s", o.ID)
}
