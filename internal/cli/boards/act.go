package boards

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type actOptions struct {
	*cmdutil.Factory
	Slug   string
	Delete bool // of an archive: for good
	Yes    bool
}

// act is a verb that takes nothing but a board.
type act struct {
	use, alias, short, said string
	do                      func(ctx context.Context, c *client.Client, o *actOptions) error
}

var acts = []act{
	{
		"switch SLUG", "use", "Select a board", "Board %s is selected",
		func(ctx context.Context, c *client.Client, o *actOptions) error {
			_, err := c.SwitchBoard(ctx, o.Slug)
			return err
		},
	},
	{
		"archive SLUG", "rm", "Take a board out of sight, with all its files", "Board %s archived",
		func(ctx context.Context, c *client.Client, o *actOptions) error {
			if err := c.ArchiveBoard(ctx, o.Slug); err != nil || !o.Delete {
				return err
			}
			return c.DeleteBoard(ctx, o.Slug)
		},
	},
	{
		"restore SLUG", "unarchive", "Bring an archived board back", "Board %s restored",
		func(ctx context.Context, c *client.Client, o *actOptions) error { return c.RestoreBoard(ctx, o.Slug) },
	},
	{
		"delete SLUG", "", "Delete an archived board for good", "Board %s deleted",
		func(ctx context.Context, c *client.Client, o *actOptions) error { return c.DeleteBoard(ctx, o.Slug) },
	},
}

func newActs(f *cmdutil.Factory, run run[actOptions]) []*cobra.Command {
	var all []*cobra.Command
	for _, a := range acts {
		all = append(all, newAct(f, run, a))
	}
	return all
}

func newAct(f *cmdutil.Factory, run run[actOptions], a act) *cobra.Command {
	o := &actOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   a.use,
		Short: a.short,
		Args:  cmdutil.Exactly(1, "the board's slug"),
	}
	cmd.Example = cmdutil.Examples("$ andon boards " + cmd.Name() + " web")
	if a.alias != "" {
		cmd.Aliases = []string{a.alias}
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Slug = args[0]
		if run != nil {
			return run(cmd.Context(), o)
		}
		return o.act(cmd.Context(), a, cmd.Name() == "delete" || o.Delete)
	}
	switch cmd.Name() {
	case "archive":
		cmd.Aliases = append(cmd.Aliases, "remove")
		cmd.Flags().BoolVar(&o.Delete, "delete", false, "delete it for good")
		cmd.Flags().BoolVar(&o.Yes, "yes", false, "do not ask before deleting")
	case "delete":
		cmd.Flags().BoolVar(&o.Yes, "yes", false, "do not ask")
	}
	return cmd
}

func (o *actOptions) act(ctx context.Context, a act, deletes bool) error {
	if deletes {
		if err := o.Confirm(o.Yes, "Delete board "+o.Slug+" with all its tasks for good?"); err != nil {
			return err
		}
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if err := a.do(ctx, c, o); err != nil {
		return err
	}
	said := struct {
		Slug string `json:"slug"`
	}{o.Slug}
	return o.Printer().Said(said, o.Slug, a.said, o.Slug)
}
