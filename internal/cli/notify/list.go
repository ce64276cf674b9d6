package notify

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

type listOptions struct {
	*cmdutil.Factory
	Tasks []string
}

func newList(f *cmdutil.Factory, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{Factory: f}
	return &cobra.Command{
		Use:     "list [ID]",
		Aliases: []string{"ls"},
		Short:   "List who hears of what",
		Example: cmdutil.Examples("$ andon notify list", "$ andon notify list t_1f3a9c20 -o json"),
		Args:    cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if run == nil {
				run = list
			}
			return run(cmd.Context(), o)
		},
	}
}

func list(ctx context.Context, o *listOptions) error {
	var task string
	var err error
	if len(o.Tasks) > 0 {
		if task, err = o.ID(o.Tasks...); err != nil {
			return err
		}
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if task != "" {
		whole, err := o.Resolve(ctx, c, board, task)
		if err != nil {
			return exit.About{ID: task, Err: err}
		}
		task = whole
	}
	subs, err := c.Subscriptions(ctx, board, task)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, subs, "", func(s client.Subscription) string { return number(s.ID) }, func(subs []client.Subscription) {
		if len(subs) == 0 {
			p.Line("(no subscriptions)")
		}
		draw(p, subs)
	})
}

func draw(p *output.Printer, subs []client.Subscription) {
	t := p.Table("ID", "OF", "SINK", "KINDS", "BY")
	for _, s := range subs {
		kinds, by := strings.Join(kindsOf(s), ","), output.Or(output.Inline(s.CreatedBy))
		if s.Foreign {
			by += " (of another program)"
		}
		t.Row(number(s.ID), subject(s), output.Inline(place(s)), kinds, by)
	}
	t.Flush()
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
