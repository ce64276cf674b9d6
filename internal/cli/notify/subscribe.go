package notify

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
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
		Long: `Tell a sink of a task and of what its runs create, or without a task of the whole board, from now on.
Lane, tenant, creator and labels narrow it: all that is given has to fit.`,
		Example: cmdutil.Examples(
			"$ andon notify subscribe t_1f3a9c20 --sink ops",
			"$ andon notify subscribe --sink ops --kinds blocked,review",
			"$ andon notify subscribe --sink team --lane builder --tenant acme",
			"$ andon notify subscribe --sink team --label bug --kinds gave_up,crashed",
			"$ andon notify-subscribe t_1f3a9c20 --platform ops --chat-id 4711"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if o.Sink == "" {
				return noSink()
			}
			if err := cmdutil.Named(cmd, "name one, or leave the flag away for all", "lane", "tenant", "creator", "label", "kinds"); err != nil {
				return err
			}
			if run == nil {
				run = subscribe
			}
			return run(cmd.Context(), o)
		},
	}
	destination(cmd, &o.Sink, &o.Target, &o.Thread)
	cmd.Flags().StringSliceVar(&o.Kinds, "kinds", nil, "kinds of event (default: those after which somebody may want to act)")
	cmd.Flags().StringVar(&o.Lane, "lane", "", "of tasks in this lane only")
	cmd.Flags().StringVar(&o.Tenant, "tenant", "", "of tasks for this tenant only")
	cmd.Flags().StringVar(&o.Creator, "creator", "", "of tasks that this one created only")
	cmd.Flags().StringSliceVar(&o.Labels, "label", nil, "of tasks with this label only; repeatable: with all of them")
	cmd.Flags().BoolVar(&o.SubscriptionCreate.Alone, "alone", false, "of the task itself, not of what its runs create")
	f.Obsolete(cmd, "who asks is known", "user-id", "notifier-profile")
	return cmd
}

// destination adds the flags that name one.
func destination(cmd *cobra.Command, sink, target, thread *string) {
	cmd.Flags().StringVar(sink, "sink", "", "name of a sink in andon.yaml, or @NAME for the home of a guest (also --platform)")
	cmd.Flags().StringVar(target, "target", "", "destination within the sink (also --chat-id)")
	cmd.Flags().StringVar(thread, "thread", "", "thread within the destination (also --thread-id)")
}

func subscribe(ctx context.Context, o *subscribeOptions) error {
	var err error
	if len(o.Tasks) > 0 {
		if o.Task, err = o.ID(o.Tasks...); err != nil {
			return err
		}
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
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

// subject says what a subscription is about.
func subject(s client.Subscription) string {
	said := s.Task
	if said == "" {
		said = "the board"
	}
	if s.Alone {
		said += " alone"
	}
	for _, filter := range []struct{ name, value string }{{"lane", s.Lane}, {"tenant", s.Tenant}, {"created by", s.Creator}, {"labelled", strings.Join(s.Labels, " ")}} {
		if filter.value != "" {
			said += ", " + filter.name + " " + filter.value
		}
	}
	return said
}
