package notify

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

type editOptions struct {
	*cmdutil.Factory
	ID    int64
	Kinds []string
}

func newEdit(f *cmdutil.Factory, run func(context.Context, *editOptions) error) *cobra.Command {
	o := &editOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "edit NUMBER --kinds KIND,...",
		Short:   "Change what a subscription hears of, from now on",
		Example: cmdutil.Examples("$ andon notify edit 12 --kinds completed,review", "$ andon notify edit 12 --kinds noteworthy"),
		Args:    cmdutil.Exactly(1, "the subscription"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.ID, err = strconv.ParseInt(args[0], 10, 64); err != nil {
				return kanban.Errorf(kanban.Invalid, "%s is not the number of a subscription", kanban.Quote(args[0])).Hint("andon notify list")
			}
			if len(o.Kinds) == 0 {
				return kanban.Errorf(kanban.Invalid, "what is it to hear of?").Hint("--kinds completed,review, or --kinds noteworthy")
			}
			if run == nil {
				run = edit
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringSliceVar(&o.Kinds, "kinds", nil, "kinds of event, or noteworthy: those after which somebody may want to act")
	return cmd
}

const noteworthy = "noteworthy" // what the list says of a subscription without kinds

func edit(ctx context.Context, o *editOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	change := client.SubscriptionEdit{Kinds: o.Kinds}
	if len(o.Kinds) == 1 && o.Kinds[0] == noteworthy {
		change.Kinds = []string{}
	}
	s, err := c.EditSubscription(ctx, board, o.ID, change)
	if err != nil {
		return err
	}
	return o.Printer().Said(s, number(s.ID), "Subscription %d hears of %s", s.ID, strings.Join(kindsOf(s), ", "))
}

// kindsOf are the kinds of a subscription, in words for none.
func kindsOf(s client.Subscription) []string {
	if len(s.Kinds) == 0 {
		return []string{noteworthy}
	}
	return s.Kinds
}
