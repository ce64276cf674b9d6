// Package run is andon run: work on a lane's tasks that Andon does not start
// itself, in a terminal or in a CI job.
package run

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Lane    string
	Task    string
	Command []string
	Keep    bool
	Once    bool
	Wait    cmdutil.Duration
	TTL     cmdutil.Duration
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "run --lane LANE -- COMMAND [ARG...]",
		Short: "Take a task and run a command for it, here",
		Long: `Take a task and run a command for it, here: in this terminal or CI job, beside the workers that the gateway starts.

It waits for the next task of the lane (or for --task), prepares its workspace, and starts the command there with what a
worker finds: ANDON_TASK, ANDON_CONTEXT, ANDON_RESULT and the rest. Caps and pauses of the lane count. While the command
runs its lease is renewed; if the run is ended elsewhere, the command is stopped and told.

Exit status 0 completes the task, 75 asks for another time, anything else is a failed attempt; what the command said itself,
with andon complete, block or review or in $ANDON_RESULT, counts instead. The status is the command's, 6 if the lease was lost,
130 if it was interrupted, which costs the task no attempt.`,
		Example: cmdutil.Examples(
			"$ andon run --lane ci -- make test",
			"$ andon run --lane gpu --keep -- ./train.sh",
			`$ andon run --task t_1f3a9c20 -- sh -c 'claude "$(cat "$ANDON_CONTEXT")"'`),
		Args: cmdutil.AtLeast(1, "the command"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Command = args
			if err := o.check(); err != nil {
				return err
			}
			if run == nil {
				run = work
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.SetInterspersed(false) // what follows the command is its own
	fl.StringVar(&o.Lane, "lane", "", "the lane whose next task is taken (also --assignee)")
	fl.StringVar(&o.Task, "task", "", "`ID` of the task to take instead")
	fl.BoolVar(&o.Keep, "keep", false, "go on with the next task, until interrupted")
	fl.BoolVar(&o.Once, "once", false, "end after one task, which is the default")
	fl.Var(&o.Wait, "wait", "how long to wait for a task (default: until there is one)")
	fl.Var(&o.TTL, "ttl", "how long the lease holds if this process cannot renew it (default: as configured)")
	return cmd
}

func (o *Options) check() error {
	switch {
	case o.Lane == "" && o.Task == "":
		return kanban.Errorf(kanban.Invalid, "neither --lane nor --task is given").Hint("andon run --lane LANE -- COMMAND")
	case o.Lane != "" && o.Task != "":
		return kanban.Errorf(kanban.Invalid, "--lane and --task exclude each other").Hint("a task has its lane")
	case o.Keep && (o.Once || o.Task != ""):
		return kanban.Errorf(kanban.Invalid, "--keep goes on for ever; --once and --task are one task").Hint("leave one of them out")
	}
	return nil
}

func work(ctx context.Context, o *Options) error {
	if o.Inside() {
		return kanban.Errorf(kanban.Unauthorized, "a run does not take other tasks").Hint("andon add  makes a task for another worker")
	}
	// A typing mistake is to cost no task an attempt.
	if _, err := exec.LookPath(o.Command[0]); err != nil && errors.Is(err, exec.ErrNotFound) {
		return kanban.Errorf(kanban.Invalid, "%s: command not found", o.Command[0]).Hint("give the full path, or one from the workspace such as ./work.sh")
	}
	w := cmdutil.Want{Lane: o.Lane, Patience: cmdutil.Forever, ClaimRequest: client.ClaimRequest{Tended: true}}
	if o.Wait != 0 {
		w.Patience = time.Duration(o.Wait)
	}
	if o.TTL != 0 {
		w.TTL = time.Duration(o.TTL).String()
	}
	if o.Task != "" {
		id, err := o.ID(o.Task)
		if err != nil {
			return err
		}
		w.Task = id
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	for {
		err := o.one(ctx, c, board, w)
		if !o.Keep || ctx.Err() != nil || !goesOn(err) {
			return err
		}
	}
}

// goesOn reports whether a loop goes on after a task: whatever became of that
// one was told.
func goesOn(err error) bool {
	var said exit.Said
	return err == nil || errors.As(err, &said) && said.Status != exit.Interrupted
}

// one takes a task and sees it to its end.
func (o *Options) one(ctx context.Context, c *client.Client, board string, w cmdutil.Want) error {
	claim, err := o.Take(ctx, c, board, w)
	if err != nil {
		return err
	}
	if board == client.Selected { // which may change meanwhile
		board = boardOf(claim.Order, board)
	}
	o.Remember(board, claim.Task.ID)
	o.Progress("Claimed %s (run %d): %s", claim.Task.ID, claim.Run, claim.Task.Title)
	o.Progress("Workspace: %s", claim.Order.Dir)
	// What is begun is brought to its end, also after an interrupt.
	j := &job{Options: o, c: c, board: board, claim: claim, signals: listen()}
	defer j.signals.stop()
	if ctx.Err() != nil { // interrupted just when it was claimed
		j.signals.c <- os.Interrupt
	}
	return j.run(context.WithoutCancel(ctx))
}
