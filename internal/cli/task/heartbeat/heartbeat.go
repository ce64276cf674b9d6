// Package heartbeat is andon heartbeat.
package heartbeat

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task []string
	Note string

	Cost                        cmdutil.Spent
	Input, Output, Cached, Made cmdutil.Used
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "heartbeat [ID]",
		Short: "Say that you still work on a task, and extend its lease",
		Long:  "Say that you still work on a task, and extend its lease. With a note it counts as progress.\n\nInside a run the id may be left out.",
		Example: cmdutil.Examples(
			"$ andon heartbeat",
			`$ andon heartbeat t_1f3a9c20 --note "12 of 40 files converted"`),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = heartbeat
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Note, "note", "", "progress in words")
	fl.Var(&o.Cost, "cost", "what the run has cost so far: 0.42USD")
	fl.Var(&o.Input, "tokens-in", "input tokens that it has used so far")
	fl.Var(&o.Output, "tokens-out", "output tokens that it has used so far")
	fl.Var(&o.Cached, "tokens-cached", "tokens that it has read from a cache so far")
	fl.Var(&o.Made, "tokens-cache-write", "tokens that it has written into a cache so far")
	f.LeaseFlags(cmd)
	return cmd
}

// usage is what was told of it, nil if nothing.
func (o *Options) usage() *client.Usage {
	u := client.Usage{CostUSD: o.Cost.Dollars(), Input: int64(o.Input.Tokens), Output: int64(o.Output.Tokens), CacheRead: int64(o.Cached.Tokens), CacheWrite: int64(o.Made.Tokens)}
	if u == (client.Usage{}) {
		return nil
	}
	return &u
}

func heartbeat(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	reply, err := c.Heartbeat(ctx, board, id, client.HeartbeatRequest{Lease: o.Lease(id), Note: o.Note, Usage: o.usage()})
	if err != nil && o.Lease(id).Run == 0 && exit.Of(err) == exit.Stale {
		err = kanban.Errorf(kanban.Conflict, "this process holds no lease on %s, so there is none to extend", id).
			Hint("a run finds it in ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN; andon claim  prints them")
	}
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	p := o.Printer()
	return p.Said(reply, id, "Heartbeat of %s, the lease ends %s", id, p.Time(&reply.ExpiresAt))
}
