// Package assign is andon assign and andon reassign.
package assign

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	client.AssignRequest
	Task string
}

// New returns andon assign.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(f, run, &cobra.Command{
		Use:   "assign ID LANE",
		Short: "Give a task to a lane",
		Long: `Give a task to a lane, with all its attempts. none, - or null is nobody.

What its old lane asks goes along: the commands that verify it, and its reviewer.`,
		Example: cmdutil.Examples(
			"$ andon assign t_1f3a9c20 builder",
			"$ andon assign @last none"),
	})
}

// NewAgain returns andon reassign.
func NewAgain(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return command(f, run, &cobra.Command{
		Use:   "reassign ID LANE",
		Short: "Give a task to another lane, ending its run if told to",
		Long: `Give a task to another lane, ending its run if told to.

What its old lane asks goes along: the commands that verify it, and its reviewer.`,
		Example: cmdutil.Examples(
			"$ andon reassign t_1f3a9c20 reviewer",
			`$ andon reassign t_1f3a9c20 reviewer --reclaim --reason "the builder is stuck"`),
	})
}

func command(f *cmdutil.Factory, run func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	o := &Options{Factory: f}
	cmd.Args = cmdutil.Exactly(2, "the id or the lane")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Task, o.Assignee = args[0], args[1]
		switch strings.ToLower(strings.TrimSpace(o.Assignee)) {
		case "":
			return kanban.Errorf(kanban.Invalid, "the lane is empty").Hint("andon lanes  lists them; none takes the task from its lane")
		case "none", "-", "null":
			o.Assignee = ""
		}
		if run == nil {
			run = assign
		}
		return run(cmd.Context(), o)
	}
	cmd.Flags().BoolVar(&o.Reclaim, "reclaim", false, "end a run in progress first; it costs no attempt")
	cmd.Flags().BoolVar(&o.LaneVerify, "lane-verify", false, "it is verified as the new lane says, without what the old one asks")
	cmd.Flags().BoolVar(&o.LaneReview, "lane-review", false, "it is reviewed as the new lane says, without the reviewer of the old one")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "why, for the run that is ended")
	return cmd
}

func assign(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	t, err := c.Assign(ctx, board, id, o.AssignRequest)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	for _, w := range t.Warnings {
		o.Warn("%s", w)
	}
	p := o.Printer()
	return p.Said(t, t.ID, "Assigned %s to %s (%s)%s", t.ID, output.Or(t.Assignee), p.Status(t.Status), judgedBy(t))
}

// judgedBy says what decides about the work now, if anything does.
func judgedBy(t client.TaskCreated) string {
	if len(t.VerifiedBy) == 0 && t.ReviewedBy == "" {
		return ""
	}
	commands := make([]string, len(t.VerifiedBy))
	for i, argv := range t.VerifiedBy {
		commands[i] = strings.Join(argv, " ")
	}
	return ", verified by " + cmp.Or(strings.Join(commands, "; "), "nothing") + ", reviewed by " + cmp.Or(t.ReviewedBy, "nobody")
}
