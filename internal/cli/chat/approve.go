package chat

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type approveOptions struct {
	*cmdutil.Factory
	client.ChatApproval
}

func newApprove(f *cmdutil.Factory, run func(context.Context, *approveOptions) error) *cobra.Command {
	o := &approveOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "approve CODE",
		Short: "Let in who was given a code by a bot",
		Long: `Let in who was given a code by a bot. What they do is recorded in their name.

  read      see boards, tasks, runs, logs and events
  comment   and comment on tasks
  operate   and do with tasks, and with what keeps them from running, what you may
  admin     and change boards, name folders and commands of this machine, and who may come in`,
		Example: cmdutil.Examples("$ andon chat approve 7KPQ2MXA --role operate", "$ andon chat approve 7KPQ-2MXA --name ann --role read"),
		Args:    cmdutil.AtLeast(1, "the code"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Code = strings.Join(args, "")
			if run == nil {
				run = approve
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Name, "name", "", "what to call them (default: as the platform shows them)")
	cmd.Flags().StringVar(&o.Role, "role", "operate", "read, comment, operate or admin")
	return cmd
}

func approve(ctx context.Context, o *approveOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	g, err := c.ApproveGuest(ctx, o.ChatApproval)
	if err != nil {
		return err
	}
	return o.Printer().Said(g, g.Name, "%s may come in through %s, role %s", g.Name, g.Sink, g.Role)
}
