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
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
	Lane string
	Wait cmdutil.Duration
	TTL  cmdutil.Duration
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "claim [ID]",
		Short: "Take a ready task to work on it yourself",
		Long: `Take a ready task, or the next one of a lane, to work on it yourself: nobody else may until the lease ends.
Caps and pauses count for it as for any other run. andon run does all of this around a command.

The answer is the lease. Put its run and token into ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN, and heartbeat,
complete and block carry them; -o json gives all of it, with the context to read first.`,
		Example: cmdutil.Examples(
			"$ andon claim t_1f3a9c20",
			"$ andon claim t_1f3a9c20 --ttl 1h -o json",
			"$ andon claim --lane ci --wait 10m -o json"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if (len(args) == 0) == (o.Lane == "") {
				return kanban.Errorf(kanban.Invalid, "give the id of a task, or --lane for its next one").Hint("andon claim --lane LANE --wait 10m")
			}
			if run == nil {
				run = claim
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Lane, "lane", "", "take the next task of this lane (also --assignee)")
	cmd.Flags().Var(&o.Wait, "wait", "wait so long for it; 124 when that has passed (default: not at all)")
	cmd.Flags().Var(&o.TTL, "ttl", "how long the lease holds without a heartbeat (default: as configured)")
	return cmd
}

func claim(ctx context.Context, o *Options) error {
	w := cmdutil.Want{Lane: o.Lane, Patience: time.Duration(o.Wait)}
	if o.TTL != 0 {
		w.TTL = time.Duration(o.TTL).String()
	}
	if len(o.Task) > 0 {
		id, err := o.ID(o.Task...)
		if err != nil {
			return err
		}
		w.Task = id
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	lease, err := o.Take(ctx, c, board, w)
	if err != nil {
		return exit.About{ID: w.Task, Err: err}
	}
	o.Remember(board, lease.Task.ID)
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
