package tokens

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

type listOptions struct{ *cmdutil.Factory }

func newList(f *cmdutil.Factory, run func(context.Context, *listOptions) error) *cobra.Command {
	o := &listOptions{Factory: f}
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List tokens and the sessions of browsers",
		Example: cmdutil.Examples("$ andon tokens list"),
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
	all, err := c.Tokens(ctx)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, all, "", func(t client.Token) string { return t.ID }, func(all []client.Token) {
		if len(all) == 0 {
			p.Line("(no tokens, no sessions)")
		}
		t := p.Table("ID", "KIND", "OF", "SCOPE", "BOARD", "EXPIRES", "USED")
		for _, one := range all {
			expires := p.Time(one.ExpiresAt)
			if one.Expired {
				expires = "expired"
			}
			t.Row(one.ID, one.Kind, output.Inline(one.Name), one.Scope, output.Or(one.Board), output.Or(expires), output.Or(p.Time(one.UsedAt)))
		}
		t.Flush()
	})
}
