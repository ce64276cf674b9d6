// Package diagnostics is andon diagnostics.
package diagnostics

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

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Severity string
	Task     string
	ExitCode bool
}

// severities, the mildest first.
var severities = []string{"warning", "error", "critical"}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "diagnostics",
		Aliases: []string{"diag"},
		Short:   "List what a person should look at",
		Example: cmdutil.Examples(
			"$ andon diagnostics",
			"$ andon diag --severity error --exit-code",
			"$ andon diag --task t_1f3a9c20 -o json"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !slices.Contains(severities, o.Severity) {
				return kanban.Errorf(kanban.Invalid, "unknown severity %s", kanban.Quote(o.Severity)).Hint("one of %s", strings.Join(severities, ", "))
			}
			if run == nil {
				run = diagnose
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Severity, "severity", severities[0], "warning, error or critical, and worse")
	fl.StringVar(&o.Task, "task", "", "only of this task")
	fl.BoolVar(&o.ExitCode, "exit-code", false, "end with status 8 if there is anything")
	return cmd
}

func diagnose(ctx context.Context, o *Options) error {
	var task string
	var err error
	if o.Task != "" {
		if task, err = o.ID(o.Task); err != nil {
			return err
		}
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	all, err := c.Diagnostics(ctx, board, task)
	if err != nil {
		return exit.About{ID: task, Err: err}
	}
	found := o.filter(all)
	p := o.Printer()
	err = output.List(p, found, "", func(d client.Diagnosis) string { return d.TaskID }, func(found []client.Diagnosis) { draw(p, found) })
	if err == nil && o.ExitCode && len(found) > 0 {
		return exit.Said{Status: exit.Findings}
	}
	return err
}

// filter keeps the findings that are severe enough.
func (o *Options) filter(all []client.Diagnosis) []client.Diagnosis {
	least := slices.Index(severities, o.Severity)
	var kept []client.Diagnosis
	for _, d := range all {
		var findings []client.Finding
		for _, f := range d.Findings {
			if slices.Index(severities, f.Severity) >= least {
				findings = append(findings, f)
			}
		}
		if d.Findings = findings; len(findings) > 0 {
			kept = append(kept, d)
		}
	}
	return kept
}

func draw(p *output.Printer, found []client.Diagnosis) {
	if len(found) == 0 {
		p.Line("(nothing to look at)")
		return
	}
	for _, d := range found {
		if d.TaskID != "" {
			p.Line("%s (%s, %s)  %s", p.Bold(d.TaskID), p.Status(d.Status), output.Or(d.Assignee), output.Inline(d.Title))
		}
		for _, f := range d.Findings {
			p.Line("  %s %s: %s", p.Status(f.Severity), f.Kind, output.Inline(f.Title))
			if f.Detail != "" {
				p.Text("  " + f.Detail)
			}
			for _, action := range f.Actions {
				p.Line("    %s %s", p.Arrow(), output.Inline(action))
			}
		}
	}
}
