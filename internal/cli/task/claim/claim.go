// Package claim is andon claim.
package claim

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
	TTL  cmdutil.Duration
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "claim ID",
		Short: "Take a ready task to work on it yourself",
		Long: `Take a ready task to work on it yourself: nobody else may until the lease ends.

The answer is the lease. Put its run and token into ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN, and heartbeat,
complete and block carry them; -o json gives all of it, with the context to read first.`,
		Example: cmdutil.Examples(
			"$ andon claim t_1f3a9c20",
			"$ andon claim t_1f3a9c20 --ttl 1h -o json"),
		Args: cmdutil.Exactly(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = claim
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().Var(&o.TTL, "ttl", "how long the lease holds without a heartbeat (default: as configured)")
	return cmd
}

func claim(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	var r client.ClaimRequest
	if o.TTL != 0 {
		r.TTL = time.Duration(o.TTL).String()
	}
	lease, err := c.Claim(ctx, board, id, r)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	o.Remember(lease.Task.ID)
	p := o.Printer()
	return p.One(lease, lease.Task.ID, func() { draw(p, lease) })
}

func draw(p *output.Printer, l client.Claim) {
	p.Line("Claimed %s", l.Task.ID)
	p.Line("Workspace: %s", output.Or(l.Workspace))
	p.Field("branch", "%s", l.Branch)
	p.Field("run", "%d", l.Run)
	p.Field("token", "%s", l.Token)
	p.Field("lease ends", "%s", p.Time(&l.ExpiresAt))
}
