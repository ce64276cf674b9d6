package chat

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

type listOptions struct{ *cmdutil.Factory }

func newList(f *cmdutil.Factory, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{Factory: f}
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List connections, guests, and who waits to be let in",
		Example: cmdutil.Examples("$ andon chat list"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = list
			}
			return run(cmd.Context(), o)
		},
	}
}

func list(ctx context.Context, o *listOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	chat, err := c.Chat(ctx)
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(chat, "", func() {
		connections := p.Table("SINK", "SINCE", "STATE")
		for _, one := range chat.Connections {
			connections.Row(one.Sink, p.Time(&one.Since), output.Inline(cmp.Or(one.Trouble, "receives")))
		}
		if len(chat.Connections) == 0 {
			p.Line("(no bot listens: andon chat setup telegram)")
		} else {
			connections.Flush()
		}
		guests := p.Table("NAME", "ROLE", "SINK", "USER", "SHOWN AS", "LET IN BY")
		for _, g := range chat.Guests {
			guests.Row(g.Name, g.Role, g.Sink, output.Inline(g.User), output.Inline(output.Or(g.Shown)), output.Inline(g.By))
		}
		if len(chat.Guests) > 0 {
			guests.Flush()
		}
		for _, w := range chat.Waiting {
			p.Line("%s (%s) waits to be let in by the code that %s gave, until %s", output.Inline(cmp.Or(w.Shown, w.User)), output.Inline(w.User), w.Sink, p.Time(&w.Until))
		}
	})
}
