// Package link is andon link and andon unlink.
package link

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
)

// Options are the arguments.
type Options struct {
	*cmdutil.Factory
	Parent, Child string
}

type verb struct {
	use, short, said, example string
	do                        func(c *client.Client, ctx context.Context, board, parent, child string) (client.Task, error)
}

// New returns andon link.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(f, run, verb{
		"link PARENT CHILD", "Make a task wait for another", "Linked %s -> %s (%s)",
		"andon link t_1f3a9c20 @last", (*client.Client).Link,
	})
}

// NewEnd returns andon unlink.
func NewEnd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(f, run, verb{
		"unlink PARENT CHILD", "End a task's waiting for another", "Unlinked %s -> %s (%s)",
		"andon unlink t_1f3a9c20 t_77d0be11", (*client.Client).Unlink,
	})
}

func command(f *cmdutil.Factory, run func(context.Context, *Options) error, v verb) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     v.use,
		Short:   v.short,
		Example: cmdutil.Examples("$ " + v.example),
		Args:    cmdutil.Exactly(2, "the parent or the child"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Parent, o.Child = args[0], args[1]
			if run != nil {
				return run(cmd.Context(), o)
			}
			return o.change(cmd.Context(), v)
		},
	}
}

func (o *Options) change(ctx context.Context, v verb) error {
	parent, err := o.ID(o.Parent)
	if err != nil {
		return err
	}
	child, err := o.ID(o.Child)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	t, err := v.do(c, ctx, board, parent, child)
	if err != nil {
		return exit.About{ID: child, Err: err}
	}
	p := o.Printer()
	return p.Said(t, t.ID, v.said, parent, t.ID, p.Status(t.Status))
}
