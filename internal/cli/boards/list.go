package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

type listOptions struct {
	*cmdutil.Factory
	All bool
}

func newList(f *cmdutil.Factory, run run[listOptions]) *cobra.Command {
	o := &listOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List boards",
		Example: cmdutil.Examples("$ andon boards list", "$ andon boards list --all -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.All, "all", false, "archived ones too")
	return cmd
}

func show(ctx context.Context, o *listOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	boards, err := c.Boards(ctx, o.All)
	if err != nil {
		return err
	}
	p := o.Printer()
	return output.List(p, boards, "", func(b client.Board) string { return b.Slug }, func(boards []client.Board) { draw(p, boards) })
}

func draw(p *output.Printer, boards []client.Board) {
	t := p.Table("", "BOARD", "NAME", "TASKS")
	for _, b := range boards {
		mark, name := "", output.Inline(b.Name)
		if b.Current {
			mark = p.Mark()
		}
		if b.Archived {
			name += " [archived]"
		}
		t.Row(mark, b.Slug, name, counts(b))
	}
	t.Flush()
	for _, b := range boards {
		if b.Hint != "" {
			p.Line("%s %s: %s", p.Arrow(), b.Slug, output.Inline(b.Hint))
		}
	}
}

// counts shows how many tasks of each status a board has, or why it cannot
// tell.
func counts(b client.Board) string {
	if b.Problem != "" {
		return "! " + output.Inline(b.Problem)
	}
	if b.Archived {
		return "(not counted while archived)"
	}
	if words := output.Counts(b.Counts); words != "" {
		return words
	}
	return "(empty)"
}
