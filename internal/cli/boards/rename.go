package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type changeOptions struct {
	*cmdutil.Factory
	client.BoardChange
	Slug string
}

func newRename(f *cmdutil.Factory, run run[changeOptions]) *cobra.Command {
	o := &changeOptions{Factory: f}
	return &cobra.Command{
		Use:     "rename SLUG NAME",
		Short:   "Change what people call a board; its slug stays",
		Example: cmdutil.Examples(`$ andon boards rename web "Web shop"`),
		Args:    cmdutil.Exactly(2, "the board's slug or its name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Slug, o.Name = args[0], &args[1]
			if run == nil {
				run = change
			}
			return run(cmd.Context(), o)
		},
	}
}

func newWorkDir(f *cmdutil.Factory, run run[changeOptions]) *cobra.Command {
	o := &changeOptions{Factory: f}
	return &cobra.Command{
		Use:     "set-default-workdir SLUG [PATH]",
		Short:   "Say where tasks without a path work; without PATH, nowhere",
		Example: cmdutil.Examples("$ andon boards set-default-workdir web ~/src/web", "$ andon boards set-default-workdir web"),
		Args:    cmdutil.Between(1, 2, "the board's slug"),
		RunE: func(cmd *cobra.Command, args []string) error {
			var path string
			if len(args) > 1 && args[1] != "" {
				var err error
				if path, err = cmdutil.AbsPath(args[1]); err != nil {
					return err
				}
			}
			o.Slug, o.WorkDir = args[0], &path
			if run == nil {
				run = change
			}
			return run(cmd.Context(), o)
		},
	}
}

func change(ctx context.Context, o *changeOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	b, err := c.EditBoard(ctx, o.Slug, o.BoardChange)
	if err != nil {
		return err
	}
	p := o.Printer()
	if o.WorkDir == nil {
		return p.Said(b, b.Slug, "Board %s is now called %s", b.Slug, b.Name)
	}
	if b.WorkDir == "" {
		return p.Said(b, b.Slug, "Board %s has no default workdir", b.Slug)
	}
	return p.Said(b, b.Slug, "Board %s works in %s by default", b.Slug, b.WorkDir)
}
