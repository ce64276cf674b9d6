// Package plan is andon specify, andon decompose and andon plan.
package plan

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options are the arguments of the verbs of andon plan.
type Options struct {
	*cmdutil.Factory
	Task   string
	Reason string
}

// New returns andon plan.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("plan", "Look at what the planner proposes, and decide", newShow(f, nil), newApprove(f, nil), newReject(f, nil))
	cmd.Example = cmdutil.Examples("$ andon plan show @last", "$ andon plan approve @last")
	return cmd
}

func newShow(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return verb(f, run, show, &cobra.Command{
		Use:     "show ID",
		Short:   "Show the plan of a task, or why there is none",
		Example: cmdutil.Examples("$ andon plan show t_1f3a9c20", "$ andon plan show @last -o json"),
		Args:    cmdutil.Exactly(1, "the id"),
	})
}

func newApprove(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return verb(f, run, approve, &cobra.Command{
		Use:   "approve ID",
		Short: "Put the plan of a task in force",
		Long: `Put the plan of a task in force, in one step: its tasks are made and linked, and the task itself leaves triage and waits for them.
Doing it again changes nothing.`,
		Example: cmdutil.Examples("$ andon plan approve t_1f3a9c20"),
		Args:    cmdutil.Exactly(1, "the id"),
	})
}

func newReject(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return verb(f, run, reject, &cobra.Command{
		Use:     "reject ID [REASON...]",
		Short:   "Drop the plan of a task; the next one is made with your reason in mind",
		Example: cmdutil.Examples("$ andon plan reject t_1f3a9c20 one task for the database is enough"),
		Args:    cmdutil.AtLeast(1, "the id"),
	})
}

func verb(f *cmdutil.Factory, run, usual func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	o := &Options{Factory: f}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o.Task, o.Reason = args[0], strings.Join(args[1:], " ")
		if run == nil {
			run = usual
		}
		return run(cmd.Context(), o)
	}
	return cmd
}

func show(ctx context.Context, o *Options) error {
	return o.do(ctx, (*client.Client).Planning, func(p *output.Printer, w client.Planning) { draw(p, w, true) })
}

func approve(ctx context.Context, o *Options) error {
	return o.do(ctx, (*client.Client).ApprovePlan, func(p *output.Printer, w client.Planning) { p.Line("%s", applied(p, w)) })
}

func reject(ctx context.Context, o *Options) error {
	drop := func(c *client.Client, ctx context.Context, slug, id string) (client.Planning, error) {
		return c.RejectPlan(ctx, slug, id, o.Reason)
	}
	return o.do(ctx, drop, func(p *output.Printer, w client.Planning) {
		p.Line("Rejected the plan of %s; andon %s %s  asks for another", w.TaskID, w.Kind, w.TaskID)
	})
}

func (o *Options) do(
	ctx context.Context, call func(c *client.Client, ctx context.Context, slug, id string) (client.Planning, error),
	draw func(*output.Printer, client.Planning),
) error {
	id, err := o.ID(o.Task)
	if err != nil {
		return err
	}
	c, slug, err := o.Open(ctx)
	if err != nil {
		return err
	}
	w, err := call(c, ctx, slug, id)
	if err != nil {
		return exit.About{ID: id, Err: err}
	}
	p := o.Printer()
	return p.One(w, w.TaskID, func() { draw(p, w) })
}

// applied says what was made of a plan.
func applied(p *output.Printer, w client.Planning) string {
	if len(w.ChildIDs) == 0 {
		s := "Specified " + w.TaskID + " " + p.Arrow() + " " + p.Status(w.Status)
		if w.Title != "" {
			s += ", now: " + output.Inline(w.Title)
		}
		return s
	}
	return "Decomposed " + w.TaskID + " " + p.Arrow() + " " + strings.Join(w.ChildIDs, ", ") + "; it starts after them"
}

// draw shows a plan to people: with bodies if full.
func draw(p *output.Printer, w client.Planning, full bool) {
	p.Line("%s  plan: %s", p.Bold(w.TaskID), state(w))
	p.Field("asked by", "%s", output.Inline(w.By))
	p.Field("made by", "%s", output.Inline(w.Planner))
	p.Field("since", "%s", p.Time(w.At))
	p.Field("reason", "%s", output.Inline(w.Reason))
	p.Field("tries again", "%s", p.Time(w.RetryAt))
	p.Field("why", "%s", output.Inline(w.Rationale))
	p.Field("title", "%s", output.Inline(w.Title))
	p.Field("lane", "%s", output.Inline(w.Assignee))
	if w.Body != "" {
		p.Section("Body")
		p.Text(w.Body)
	}
	if len(w.Tasks) > 0 {
		p.Section("Tasks (%d), before %s itself", len(w.Tasks), w.TaskID)
		parts(p, w)
	}
	if full {
		for _, t := range w.Tasks {
			p.Section("%s", output.Inline(t.Key))
			p.Text(t.Body)
		}
	}
	next(p, w)
}

func parts(p *output.Printer, w client.Planning) {
	table := p.Table("KEY", "LANE", "AFTER", "TITLE")
	for _, t := range w.Tasks {
		key := t.Key
		if t.ID != "" {
			key = t.ID
		}
		table.Row(output.Inline(key), output.Inline(t.Assignee), output.Or(output.Inline(strings.Join(t.Parents, ", "))), output.Inline(t.Title))
	}
	table.Flush()
}

func state(w client.Planning) string {
	switch board.PlanState(w.State) {
	case board.PlanNone:
		return "none; nobody has asked for one"
	case board.PlanAsked:
		return "the planner is at it"
	case board.PlanDropped:
		return "dropped; the task left triage without it"
	}
	return w.State + " (" + w.Kind + ")"
}

func next(p *output.Printer, w client.Planning) {
	switch board.PlanState(w.State) {
	case board.PlanProposed:
		p.Section("Next")
		p.Line("  andon plan approve %s", w.TaskID)
		p.Line("  andon plan reject %s REASON", w.TaskID)
	case board.PlanNone, board.PlanRejected, board.PlanFailed:
		if w.Status == "triage" {
			p.Section("Next")
			p.Line("  andon decompose %s  or  andon specify %s", w.TaskID, w.TaskID)
		}
	}
}
