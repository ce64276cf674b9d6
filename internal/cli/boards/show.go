package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

type showOptions struct {
	*cmdutil.Factory
	Slug string
}

func newShow(f *cmdutil.Factory, run run[showOptions]) *cobra.Command {
	o := &showOptions{Factory: f}
	return &cobra.Command{
		Use:     "show [SLUG]",
		Aliases: []string{"current"},
		Short:   "Show one board, or the selected one",
		Example: cmdutil.Examples("$ andon boards show", "$ andon boards show web -o json"),
		Args:    cmdutil.Between(0, 1, "the board's slug"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.Slug = args[0]
			}
			if run == nil {
				run = describe
			}
			return run(cmd.Context(), o)
		},
	}
}

func describe(ctx context.Context, o *showOptions) error {
	c, slug, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if o.Slug != "" {
		slug = o.Slug
	}
	b, err := c.Board(ctx, slug)
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(b, b.Slug, func() { drawOne(p, b) })
}

func drawOne(p *output.Printer, b client.Board) {
	p.Field("board", "%s", b.Slug)
	p.Field("name", "%s", output.Inline(b.Name))
	p.Field("description", "%s", output.Inline(b.Description))
	p.Field("workdir", "%s", output.Inline(b.WorkDir))
	p.Field("created", "%s", p.Time(b.CreatedAt))
	p.Field("tasks", "%s", counts(b))
	p.Field("hint", "%s", output.Inline(b.Hint))
	if b.Current {
		p.Field("selected", "yes")
	}
}
