package notify

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

type parkedOptions struct {
	*cmdutil.Factory
	State string
	Limit int
}

func newParked(f *cmdutil.Factory, run func(context.Context, *parkedOptions) error) *cobra.Command {
	o := &parkedOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "parked",
		Short:   "List messages that could not be delivered",
		Example: cmdutil.Examples("$ andon notify parked", "$ andon notify parked --state pending"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = parked
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.State, "state", "parked", "pending, delivered or parked")
	cmd.Flags().IntVar(&o.Limit, "limit", 0, "at most so many (default 100)")
	return cmd
}

func parked(ctx context.Context, o *parkedOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	all, err := c.Deliveries(ctx, board, o.State, o.Limit)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, all, "", func(d client.Delivery) string { return number(d.ID) }, func(all []client.Delivery) {
		if len(all) == 0 {
			p.Line("(no %s messages)", o.State)
		}
		t := p.Table("ID", "SINK", "TASK", "EVENT", "TRIES", "ERROR")
		for _, d := range all {
			to := output.Or(spot(client.Place{Sink: d.Sink, Target: d.Target, Thread: d.Thread}))
			t.Row(number(d.ID), output.Inline(to), d.Event.Task, d.Event.Kind, strconv.Itoa(d.Attempts), output.Inline(d.Error))
		}
		t.Flush()
	})
}

type retryOptions struct {
	*cmdutil.Factory
	ID  int64
	All bool
}

func newRetry(f *cmdutil.Factory, run func(context.Context, *retryOptions) error) *cobra.Command {
	o := &retryOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "retry NUMBER | --all",
		Short:   "Send parked messages again",
		Example: cmdutil.Examples("$ andon notify retry 31", "$ andon notify retry --all"),
		Args:    cmdutil.Between(0, 1, "the message"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (len(args) == 1) == o.All {
				return kanban.Errorf(kanban.Invalid, "give one message or --all").Hint("andon notify parked  lists them")
			}
			if len(args) == 1 {
				n, err := strconv.ParseInt(args[0], 10, 64)
				if err != nil || n < 1 {
					return kanban.Errorf(kanban.Invalid, "%s is not the number of a message", kanban.Quote(args[0])).Hint("andon notify parked  lists them")
				}
				o.ID = n
			}
			if run == nil {
				run = retry
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.All, "all", false, "all of the board's")
	return cmd
}

func retry(ctx context.Context, o *retryOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	n, err := c.RetryDeliveries(ctx, board, o.ID)
	if err != nil {
		return err
	}
	return o.Printer().Said(n, "", "%d on their way again", n.Count)
}
