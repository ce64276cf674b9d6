// Package verify is andon verify.
package verify

import (
	"context"

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
	All       bool
	Artifacts bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Hold a board's rows against its events",
		Long: `Hold a board's rows against its events, and its file against what SQLite expects. Nothing is changed.

It ends with status 8 if there are errors. Where another program has written, which may work by other rules, findings are warnings.
docs/care.md explains the rules.`,
		Example: cmdutil.Examples("$ andon verify", "$ andon verify --all --artifacts", "$ andon verify --board web -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = verify
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.All, "all", false, "every board that is not archived")
	cmd.Flags().BoolVar(&o.Artifacts, "artifacts", false, "also read every file that runs have left")
	return cmd
}

func verify(ctx context.Context, o *Options) error {
	if o.All && o.Globals.Board != "" {
		return kanban.Errorf(kanban.Invalid, "--all and --board contradict one another").Hint("leave one of them away")
	}
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	names := []string{board}
	if o.All {
		boards, err := c.Boards(ctx, false)
		if err != nil {
			return err
		}
		names = nil
		for _, b := range boards {
			names = append(names, b.Slug)
		}
	}
	var found []client.Verification
	var failed error
	errors := 0
	for _, name := range names {
		v, err := c.Verify(ctx, name, o.Artifacts)
		if err != nil {
			o.Complain(err)
			failed = err
			continue
		}
		found, errors = append(found, v), errors+v.Errors
	}
	p := o.Printer()
	err = output.List(p, found, "", func(v client.Verification) string { return v.Board }, func(found []client.Verification) { draw(p, found) })
	switch {
	case err != nil:
		return err
	case failed != nil:
		return exit.Said{Status: exit.Of(failed)}
	case errors > 0:
		return exit.Said{Status: exit.Findings}
	}
	return nil
}

func draw(p *output.Printer, found []client.Verification) {
	for _, v := range found {
		if len(v.Findings) == 0 {
			p.Line("%s: nothing contradicts itself", p.Bold(v.Board))
			continue
		}
		p.Line("%s: errors %d, warnings %d", p.Bold(v.Board), v.Errors, max(len(v.Findings)-v.Errors, 0))
		for _, c := range v.Findings {
			p.Line("  %s %s %s  %s", c.Rule, p.Status(c.Severity), output.Or(c.Task), output.Inline(c.What))
		}
	}
}
