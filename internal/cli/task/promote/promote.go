// Package promote is andon start.
package promote

import (
	"context"
	"slices"
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
	client.PromoteRequest
	Words  []string // id and reason
	More   []string // further ids
	DryRun bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "start ID [REASON...]",
		Aliases: []string{"promote"},
		Short:   "Make a task ready; with --force in spite of open parents",
		Long: `Make a task ready: it ends triage, or a task that waits for nothing any more.

With --force, parents that are still open are waived, on record and with your reason.`,
		Example: cmdutil.Examples(
			"$ andon start t_1f3a9c20",
			`$ andon start t_1f3a9c20 --force --reason "the design is good enough"`,
			"$ andon start t_1f3a9c20 --dry-run"),
		Args: cmdutil.AtLeast(1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Words = args
			o.Reason = strings.TrimSpace(o.Reason + " " + strings.Join(args[1:], " "))
			if run == nil {
				run = promote
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.BoolVar(&o.Force, "force", false, "waive parents that are open")
	fl.StringVar(&o.Reason, "reason", "", "why; recorded")
	fl.StringSliceVar(&o.More, "ids", nil, "`IDs` of further tasks to make ready")
	fl.BoolVar(&o.DryRun, "dry-run", false, "only say what stands against it")
	return cmd
}

func promote(ctx context.Context, o *Options) error {
	ids := append([]string{o.Words[0]}, o.More...)
	if o.DryRun {
		return o.foresee(ctx, ids)
	}
	return o.Each(ctx, ids, "Promoted", func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
		return c.Promote(ctx, board, id, o.PromoteRequest)
	})
}

// foresee shows the gates that are closed now. It reads only.
func (o *Options) foresee(ctx context.Context, args []string) error {
	ids, err := o.IDs(args)
	if err != nil {
		return err
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	var tasks []client.Task
	for _, id := range ids {
		t, err := c.Explain(ctx, board, id)
		if err != nil {
			return exit.About{ID: id, Err: err}
		}
		tasks = append(tasks, t)
	}
	p := o.Printer()
	err = output.List(p, tasks, "", func(t client.Task) string { return t.ID }, func(tasks []client.Task) {
		for _, t := range tasks {
			word := "Would promote"
			if o.refused(t) {
				word = "Would refuse"
			}
			p.Line("%s %s (%s)", word, t.ID, p.Status(t.Status))
			p.Gates(t.Gates)
		}
	})
	if err == nil && slices.ContainsFunc(tasks, o.refused) {
		return exit.Said{Status: exit.Refused}
	}
	return err
}

// refused foretells what the board would say: the status must allow it, and an
// open parent needs --force.
func (o *Options) refused(t client.Task) bool {
	status, action := kanban.Status(t.Status), kanban.Promote
	if o.Force || status == kanban.Ready {
		action = kanban.Start
	}
	if _, err := kanban.Next(status, action, kanban.Human, 0); err != nil {
		return true
	}
	waits := slices.ContainsFunc(t.Gates, func(g client.Gate) bool { return g.Kind == string(kanban.GateDependency) })
	return waits && !o.Force && status != kanban.Triage
}
