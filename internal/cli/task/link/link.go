// Package link is andon link and andon unlink.
package link

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Parent, Child string
	When          string
}

// New returns andon link.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := command(o, run, verb{"link PARENT CHILD", "Make a task wait for another", "Linked %s -> %s (%s)", o.link})
	cmd.Long = `Make a task wait for another: for its success, for any end of it, or for its failure.

A task ends as done, cancelled, archived, or blocked once its attempts are used up; all but the first are failures. What waits for
the failure of a task that succeeds is archived as not needed.`
	cmd.Example = cmdutil.Examples(
		"$ andon link t_1f3a9c20 @last",
		"$ andon link t_1f3a9c20 t_77d0be11 --when failed")
	cmd.Flags().StringVar(&o.When, "when", "success", "success, any or failed: the `end` of the parent that lets the child start")
	return cmd
}

// NewEnd returns andon unlink.
func NewEnd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := command(o, run, verb{"unlink PARENT CHILD", "End a task's waiting for another", "Unlinked %s -> %s (%s)", (*client.Client).Unlink})
	cmd.Example = cmdutil.Examples("$ andon unlink t_1f3a9c20 t_77d0be11")
	return cmd
}

type verb struct {
	use, short, said string
	do               func(c *client.Client, ctx context.Context, board, parent, child string) (client.Task, error)
}

func (o *Options) link(c *client.Client, ctx context.Context, board, parent, child string) (client.Task, error) {
	return c.LinkWhen(ctx, board, parent, child, o.When)
}

func command(o *Options, run func(context.Context, *Options) error, v verb) *cobra.Command {
	return &cobra.Command{
		Use:   v.use,
		Short: v.short,
		Args:  cmdutil.Exactly(2, "the parent or the child"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Parent, o.Child = args[0], args[1]
			if _, err := kanban.ParseWhen(o.When); err != nil {
				return err
			}
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
