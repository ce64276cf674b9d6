package notify

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

type muteOptions struct {
	*cmdutil.Factory
	Tasks []string
	Place client.Place
	For   cmdutil.Duration
}

func newMute(f *cmdutil.Factory, run func(context.Context, *muteOptions) error) *cobra.Command {
	o := &muteOptions{Factory: f}
	cmd := &cobra.Command{
		Use:   "mute [ID] --sink NAME",
		Short: "Keep a place from hearing of a task and what its runs create, or of anything",
		Example: cmdutil.Examples(
			"$ andon notify mute t_1f3a9c20 --sink ops",
			"$ andon notify mute --sink phone --for 8h"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if run == nil {
				run = mute
			}
			return o.run(cmd, args, run)
		},
	}
	destination(cmd, &o.Place.Sink, &o.Place.Target, &o.Place.Thread)
	cmd.Flags().Var(&o.For, "for", "for so long: 90m, 8h, 2d (default: until unmuted)")
	return cmd
}

func newUnmute(f *cmdutil.Factory, run func(context.Context, *muteOptions) error) *cobra.Command {
	o := &muteOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "unmute [ID] --sink NAME",
		Short:   "Let a place hear of a task again, or of everything",
		Example: cmdutil.Examples("$ andon notify unmute t_1f3a9c20 --sink ops", "$ andon notify unmute --sink phone"),
		Args:    cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if run == nil {
				run = unmute
			}
			return o.run(cmd, args, run)
		},
	}
	destination(cmd, &o.Place.Sink, &o.Place.Target, &o.Place.Thread)
	return cmd
}

func (o *muteOptions) run(cmd *cobra.Command, args []string, run func(context.Context, *muteOptions) error) error {
	if o.Tasks = args; o.Place.Sink == "" {
		return noSink()
	}
	return run(cmd.Context(), o)
}

func noSink() error {
	return kanban.Errorf(kanban.Invalid, "--sink is missing").Hint("a name below notify.sinks in andon.yaml")
}

// open is Open, with the task that was given, if one was.
func (o *muteOptions) open(ctx context.Context) (c *client.Client, board, task string, err error) {
	if len(o.Tasks) > 0 {
		if task, err = o.ID(o.Tasks...); err != nil {
			return nil, "", "", err
		}
	}
	if c, board, err = o.Open(ctx); err != nil || task == "" {
		return c, board, "", err
	}
	whole, err := o.Resolve(ctx, c, board, task)
	if err != nil {
		return nil, "", "", exit.About{ID: task, Err: err}
	}
	return c, board, whole, nil
}

func mute(ctx context.Context, o *muteOptions) error {
	c, board, task, err := o.open(ctx)
	if err != nil {
		return err
	}
	m := client.MuteCreate{Place: o.Place, Task: task}
	if o.For > 0 {
		until := o.Now().Add(time.Duration(o.For))
		m.Until = &until
	}
	made, err := c.Mute(ctx, board, m)
	if err != nil {
		return err
	}
	for _, w := range made.Warnings {
		o.Warn("%s", w)
	}
	return o.Printer().Said(made, made.Task, "%s hears nothing of %s %s", spot(made.Place), everything(made.Task), o.end(made))
}

func (o *muteOptions) end(m client.Mute) string {
	if m.Until == nil {
		return "until it is unmuted"
	}
	return "until " + o.Printer().Time(m.Until)
}

func unmute(ctx context.Context, o *muteOptions) error {
	c, board, task, err := o.open(ctx)
	if err != nil {
		return err
	}
	if err := c.Unmute(ctx, board, o.Place, task); err != nil {
		return err
	}
	return o.Printer().Said(client.Mute{Place: o.Place, Task: task}, task, "%s hears of %s again", spot(o.Place), everything(task))
}

func everything(task string) string { return cmp.Or(task, "anything") }

// spot is a place in one word, as in ops:4711:12.
func spot(p client.Place) string {
	return place(client.Subscription{Sink: p.Sink, Target: p.Target, Thread: p.Thread})
}
