package notify

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

type subscribeOptions struct {
	*cmdutil.Factory
	client.SubscriptionCreate
	Tasks []string
}

func newSubscribe(f *cmdutil.Factory, run func(context.Context, *subscribeOptions) error) *cobra.Command {
	o := &subscribeOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "subscribe [ID]",
		Short: "Tell a sink of a task's events, or of the whole board's, from now on",
		Example: cmdutil.Examples(
			"$ andon notify subscribe t_1f3a9c20 --sink ops",
			"$ andon notify subscribe --sink ops --kinds blocked,gave_up",
			"$ andon notify-subscribe t_1f3a9c20 --platform ops --chat-id 4711"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if o.Sink == "" {
				return kanban.Errorf(kanban.Invalid, "--sink is missing").Hint("a name below notify.sinks in andon.yaml")
			}
			if run == nil {
				run = subscribe
			}
			return run(cmd.Context(), o)
		},
	}
	destination(cmd, &o.Sink, &o.Target, &o.Thread)
	cmd.Flags().StringSliceVar(&o.Kinds, "kinds", nil, "kinds of event (default: those after which somebody may want to act)")
	f.Obsolete(cmd, "who asks is known", "user-id", "notifier-profile")
	return cmd
}

// destination adds the flags that name one.
func destination(cmd *cobra.Command, sink, target, thread *string) {
	cmd.Flags().StringVar(sink, "sink", "", "name of a sink in andon.yaml (also --platform)")
	cmd.Flags().StringVar(target, "target", "", "destination within the sink (also --chat-id)")
	cmd.Flags().StringVar(thread, "thread", "", "thread within the destination (also --thread-id)")
}

func subscribe(ctx context.Context, o *subscribeOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if len(o.Tasks) > 0 {
		if o.Task, err = o.ID(o.Tasks...); err != nil {
			return err
		}
	}
	s, err := c.Subscribe(ctx, board, o.SubscriptionCreate)
	if err != nil {
		return exit.About{ID: o.Task, Err: err}
	}
	for _, w := range s.Warnings {
		o.Warn("%s", w)
	}
	if !s.Created && o.Kinds != nil && !same(s.Kinds, o.Kinds) {
		o.Warn("its kinds are unchanged; andon notify edit %d --kinds %s  changes them", s.ID, strings.Join(o.Kinds, ","))
	}
	said := "Subscribed %s to %s already"
	if s.Created {
		said = "Subscribed %s to %s"
	}
	return o.Printer().Said(s, number(s.ID), said, place(s), subject(s))
}

func same(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// place is a destination in one word, as in ops:4711:12.
func place(s client.Subscription) string {
	return strings.TrimRight(strings.Join([]string{s.Sink, s.Target, s.Thread}, ":"), ":")
}

func subject(s client.Subscription) string {
	if s.Task == "" {
		return "the board"
	}
	return s.Task
}
