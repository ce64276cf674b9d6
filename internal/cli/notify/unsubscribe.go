package notify

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

type unsubscribeOptions struct {
	*cmdutil.Factory
	What                 []string // a subscription's number, or a task
	Sink, Target, Thread string
}

func newUnsubscribe(f *cmdutil.Factory, run func(context.Context, *unsubscribeOptions) error) *cobra.Command {
	o := &unsubscribeOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "unsubscribe NUMBER | [ID] --sink NAME",
		Short: "End a subscription",
		Example: cmdutil.Examples(
			"$ andon notify unsubscribe 12",
			"$ andon notify unsubscribe t_1f3a9c20 --sink ops"),
		Args: cmdutil.Between(0, 1, "the subscription"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.What = args
			if len(args) == 0 && o.Sink == "" {
				return kanban.Errorf(kanban.Invalid, "which subscription?").Hint("%s", cmd.UseLine())
			}
			if run == nil {
				run = unsubscribe
			}
			return run(cmd.Context(), o)
		},
	}
	destination(cmd, &o.Sink, &o.Target, &o.Thread)
	return cmd
}

func unsubscribe(ctx context.Context, o *unsubscribeOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	id, err := o.find(ctx, c, board)
	if err != nil {
		return err
	}
	if err := c.Unsubscribe(ctx, board, id); err != nil {
		return err
	}
	said := struct {
		ID int64 `json:"id"`
	}{id}
	return o.Printer().Said(said, number(id), "Unsubscribed %d", id)
}

// find returns the number of the subscription meant.
func (o *unsubscribeOptions) find(ctx context.Context, c *client.Client, board string) (int64, error) {
	var task string
	if len(o.What) > 0 {
		if n, err := strconv.ParseInt(o.What[0], 10, 64); err == nil && o.Sink == "" {
			return n, nil
		}
		id, err := o.ID(o.What...)
		if err != nil {
			return 0, err
		}
		if task, err = o.Resolve(ctx, c, board, id); err != nil {
			return 0, exit.About{ID: id, Err: err}
		}
	}
	subs, err := c.SubscriptionsAt(ctx, board, task, client.Place{Sink: o.Sink, Target: o.Target, Thread: o.Thread})
	if err != nil {
		return 0, err
	}
	for _, s := range subs {
		if s.Task == task {
			return s.ID, nil
		}
	}
	return 0, kanban.Errorf(kanban.NotFound, "there is no such subscription").Hint("andon notify list")
}
