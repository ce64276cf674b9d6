package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type createOptions struct {
	*cmdutil.Factory
	client.BoardCreate
	Switch bool
}

func newCreate(f *cmdutil.Factory, run run[createOptions]) *cobra.Command {
	o := &createOptions{Factory: f}
	var name, description, icon, color, workdir string
	cmd := &cobra.Command{
		Use:     "create SLUG",
		Aliases: []string{"new"},
		Short:   "Make a board",
		Long:    "Make a board. One that is there stays as it is.",
		Example: cmdutil.Examples("$ andon boards create web", `$ andon boards create web --name "Web shop" --switch`),
		Args:    cmdutil.Exactly(1, "the board's slug"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Slug = args[0]
			o.Name, o.Description = option(cmd, "name", &name), option(cmd, "description", &description)
			o.Icon, o.Color = option(cmd, "icon", &icon), option(cmd, "color", &color)
			if workdir != "" {
				abs, err := cmdutil.AbsPath(workdir)
				if err != nil {
					return err
				}
				o.WorkDir = &abs
			}
			if run == nil {
				run = create
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&name, "name", "", "what people call it")
	fl.StringVar(&description, "description", "", "what it is for")
	fl.StringVar(&icon, "icon", "", "a sign to tell it apart")
	fl.StringVar(&color, "color", "", "a colour to tell it apart")
	fl.StringVar(&workdir, "default-workdir", "", "where dir and worktree tasks without a path work")
	fl.BoolVar(&o.Switch, "switch", false, "select it")
	return cmd
}

func create(ctx context.Context, o *createOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	b, err := c.CreateBoard(ctx, o.BoardCreate)
	if err != nil {
		return err
	}
	if o.Switch {
		if _, err := c.SwitchBoard(ctx, b.Slug); err != nil {
			return err
		}
		b.Current = true
	}
	said := "Board %s exists already"
	if b.Created {
		said = "Board %s created"
	}
	if b.Current {
		said += ", selected"
	}
	return o.Printer().Said(b, b.Slug, said, b.Slug)
}
