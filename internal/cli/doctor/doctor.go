// Package doctor is andon doctor.
package doctor

import (
	"context"
	"slices"

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
	Fix    []string
	DryRun bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look for what is wrong with home, gateway and boards",
		Long: `Look for what is wrong with home, gateway and boards, and tell what repairs it. Nothing is changed without --fix.

It works in any state: without a gateway, beside one that does not answer, with a broken andon.yaml. It ends with status 8 if a
finding wants something done, which are those above info. docs/care.md explains the findings.`,
		Example: cmdutil.Examples(
			"$ andon doctor",
			"$ andon doctor --fix permissions --dry-run",
			"$ andon doctor --fix temporary-files --fix run-folders",
			"$ andon doctor -o json"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.DryRun && len(o.Fix) == 0 {
				return kanban.Errorf(kanban.Invalid, "--dry-run goes with --fix NAME").Hint("andon doctor  changes nothing by itself")
			}
			if run == nil {
				run = examine
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringArrayVar(&o.Fix, "fix", nil, "do the repair of this name first: permissions, temporary-files, run-folders or orphans; repeatable")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "with --fix: only tell what it would do")
	return cmd
}

// report is everything that was done and found.
type report struct {
	client.Checkup
	Fixes []client.Repair `json:"fixes,omitempty"`
}

func examine(ctx context.Context, o *Options) error {
	var r report
	err := o.Examine(ctx, func(c *client.Client) (err error) {
		r, err = look(ctx, o, c)
		return err
	})
	if err != nil {
		return err
	}
	p := o.Printer()
	if err := p.One(r, "", func() { draw(p, r) }); err != nil {
		return err
	}
	if slices.ContainsFunc(r.Findings, func(s client.Symptom) bool { return s.Severity != "info" }) {
		return exit.Said{Status: exit.Findings}
	}
	return nil
}

// look does the repairs that are asked for, and then the checkup.
func look(ctx context.Context, o *Options, c *client.Client) (r report, err error) {
	for _, name := range o.Fix {
		done, err := c.Repair(ctx, name, o.DryRun)
		if err != nil {
			return r, err
		}
		r.Fixes = append(r.Fixes, done)
	}
	r.Checkup, err = c.Checkup(ctx, o.Version)
	return r, err
}

func draw(p *output.Printer, r report) {
	for _, f := range r.Fixes {
		verb := "done"
		if f.DryRun {
			verb = "would"
		}
		if len(f.Done) == 0 {
			p.Line("%s: nothing to do", p.Bold(f.Name))
		}
		for _, what := range f.Done {
			p.Line("%s: %s: %s", p.Bold(f.Name), verb, output.Inline(what))
		}
	}
	if len(r.Findings) == 0 {
		p.Line("%s: nothing is wrong", r.Home)
		return
	}
	for _, s := range r.Findings {
		p.Line("%s %s: %s", p.Status(s.Severity), p.Bold(s.Name), output.Inline(s.What))
		p.Line("    %s", p.Dim(output.Inline(s.Why)))
		if s.Command != "" {
			p.Line("    %s %s", p.Arrow(), output.Inline(s.Command))
		}
	}
}
