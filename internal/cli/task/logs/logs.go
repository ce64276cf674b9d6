// Package logs is andon logs.
package logs

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
	Task    []string
	Follow  bool
	Attempt int
	Tail    int64
	Raw     bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "logs [ID]",
		Aliases: []string{"log"},
		Short:   "Print what a task's worker printed",
		Long: "Print what a task's worker printed, in its newest attempt or the one given. With -f, a task that has not started yet is waited for. " +
			"What an agent's program streams is told in short lines; --raw prints the stream. " +
			"To a terminal go text and colours only, with --raw too; what else would steer it is left out. Elsewhere go the bytes as they are.",
		Example: cmdutil.Examples(
			"$ andon logs @last -f",
			"$ andon logs t_1f3a9c20 --attempt 1",
			"$ andon logs t_1f3a9c20 --tail 4096"),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if o.Attempt < 0 || o.Tail < 0 {
				return kanban.Errorf(kanban.Invalid, "--attempt and --tail are 1 or more")
			}
			if run == nil {
				run = logs
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVarP(&o.Follow, "follow", "f", false, "go on until the run has ended")
	fl.IntVar(&o.Attempt, "attempt", 0, "of this attempt, 1 is the first (default: the newest)")
	fl.Int64Var(&o.Tail, "tail", 0, "only the last so many bytes, from the next whole line on")
	fl.BoolVar(&o.Raw, "raw", false, "the stream of an agent's program as it is, not as text")
	return cmd
}

func logs(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	if o.Follow {
		ctx = o.Patient(ctx)
	}
	run, err := o.pick(ctx, c, board, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	w := &writer{Options: o, p: o.Printer(), skip: o.Tail > 0}
	if o.Follow {
		for chunk, err := range c.FollowLog(ctx, board, run, -o.Tail) {
			if err == nil {
				err = w.write(chunk)
			}
			if err != nil {
				return err
			}
		}
		return w.end()
	}
	return w.all(ctx, c, board, run)
}

// pick finds the run whose log is wanted, and waits for it if told to follow.
func (o *Options) pick(ctx context.Context, c *client.Client, board, id string) (int64, error) {
	cursor, err := c.Events(ctx, board, client.EventQuery{Last: true, Limit: 1})
	if err != nil {
		return 0, err
	}
	runs, err := c.Runs(ctx, board, id)
	if err != nil {
		return 0, err
	}
	for i := len(runs) - 1; i >= 0; i-- {
		if o.Attempt == 0 || runs[i].Attempt == o.Attempt {
			return runs[i].ID, nil
		}
	}
	if !o.Follow || o.Attempt > 0 && o.Attempt <= len(runs) {
		return 0, o.missing(id)
	}
	whole, err := o.Resolve(ctx, c, board, id)
	if err != nil {
		return 0, err
	}
	q := client.EventQuery{Task: whole, Kinds: []string{string(kanban.EvClaimed)}}
	if n := len(cursor.Items); n > 0 {
		q.After = cursor.Items[n-1].ID
	}
	for e, err := range c.FollowEvents(ctx, board, q) {
		if err != nil {
			return 0, err
		}
		run, err := c.Run(ctx, board, e.Run)
		if err != nil || o.Attempt == 0 || run.Attempt == o.Attempt {
			return e.Run, err
		}
	}
	return 0, context.Cause(ctx)
}

func (o *Options) missing(id string) error {
	if o.Attempt > 0 {
		return kanban.Errorf(kanban.NotFound, "%s has no attempt %d", id, o.Attempt).Hint("andon runs %s  lists them", id)
	}
	return kanban.Errorf(kanban.NotFound, "%s has not been started yet", id).Hint("andon why %s  says why, andon logs -f %s  waits", id, id)
}
