package notify

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

type replayOptions struct {
	*cmdutil.Factory
	Since        string
	Subscription int64
}

func newReplay(f *cmdutil.Factory, run func(context.Context, *replayOptions) error) *cobra.Command {
	o := &replayOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "replay --since EVENT|TIME",
		Short: "Tell again what has happened since",
		Long: `Make the messages again of all events from one on that a subscription hears of as it stands now: those that were
delivered or parked, those from before it was made, and those of when it was muted. Copies have the key of the first.`,
		Example: cmdutil.Examples(
			"$ andon notify replay --since 2h",
			"$ andon notify replay --since 1042 --subscription 3",
			"$ andon notify replay --since 2026-01-31T15:04:05Z"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Since == "" {
				return kanban.Errorf(kanban.Invalid, "--since is missing").Hint("the number of an event, how long ago, or a time")
			}
			if run == nil {
				run = replay
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Since, "since", "", "from when: the number of an event, 2h, 7d, a date or a time")
	cmd.Flags().Int64Var(&o.Subscription, "subscription", 0, "to this one only (default: to all)")
	return cmd
}

func replay(ctx context.Context, o *replayOptions) error {
	r := client.ReplayCreate{Subscription: o.Subscription}
	if n, err := strconv.ParseInt(o.Since, 10, 64); err == nil && n > 0 {
		r.Event = n
	} else {
		at, err := cmdutil.ParsePast(o.Since, o.Now())
		if err != nil {
			return err
		}
		r.Since = &at
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	made, err := c.Replay(ctx, board, r)
	if err != nil {
		return err
	}
	if made.Forgotten {
		o.Warn("retention may have taken events that were meant (retention.events in andon.yaml)")
	}
	return o.Printer().Said(made, "", "%d on their way again", made.Messages)
}
