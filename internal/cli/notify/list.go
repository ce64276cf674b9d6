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
	Muted bool
}

func newList(f *cmdutil.Factory, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "list [ID]",
		Aliases: []string{"ls"},
		Short:   "List who hears of what, and what is muted",
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
	cmd.Flags().BoolVar(&o.Muted, "muted", false, "the places that are kept from hearing, instead")
	return cmd
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
	mutes, err := c.Mutes(ctx, board)
	if err != nil {
		return err
	}
	p := o.Printer()
	if o.Muted {
		return output.List(p, mutes, "", func(m client.Mute) string { return m.Task }, func(mutes []client.Mute) {
			if len(mutes) == 0 {
				p.Line("(nothing is muted)")
			}
			drawMutes(p, mutes)
		})
	}
	return output.List(p, subs, "", func(s client.Subscription) string { return number(s.ID) }, func(subs []client.Subscription) {
		if len(subs) == 0 {
			p.Line("(no subscriptions)")
		}
		draw(p, subs)
		if len(mutes) > 0 {
			p.Line("")
			drawMutes(p, mutes)
		}
	})
}

func drawMutes(p *output.Printer, mutes []client.Mute) {
	t := p.Table("MUTED", "SINK", "UNTIL", "BY")
	for _, m := range mutes {
		until := "unmuted"
		if m.Until != nil {
			until = p.Time(m.Until)
		}
		t.Row(everything(m.Task), output.Inline(spot(m.Place)), until, output.Or(output.Inline(m.By)))
	}
	t.Flush()
}

func draw(p *output.Printer, subs []client.Subscription) {
	t := p.Table("ID", "OF", "SINK", "KINDS", "BY")
	for _, s := range subs {
		kinds, by := strings.Join(kindsOf(s), ","), output.Or(output.Inline(s.CreatedBy))
		if s.Foreign {
			by += " (of another program)"
		}
		t.Row(number(s.ID), output.Inline(subject(s)), output.Inline(place(s)), kinds, by)
	}
	t.Flush()
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
