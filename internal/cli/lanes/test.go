package lanes

import (
	"context"
	"os/exec"
	"slices"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/cli/output"
)

func newTest(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, test, &cobra.Command{
		Use:   "test [LANE...]",
		Short: "Look whether the workers of lanes could start",
		Long: `Look whether the workers of lanes could start: in the environment of the gateway, which is theirs, and not in this one.

The program must be on the gateway's PATH and tell its version, the variables that the lane asks for must be set, and the
program's login or key must be there. Nothing is started but the program's --version, and nothing goes over the network.
The status is 8 if something is missing; each finding comes with its way out.`,
		Example: cmdutil.Examples("$ andon lanes test", "$ andon lanes test claude -o json"),
	})
}

func test(ctx context.Context, o *Options) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	tests, err := c.TestLanes(ctx, board, o.Names...)
	if err != nil {
		return err
	}
	p := o.Printer()
	err = output.List(p, tests, "", func(t client.LaneTest) string { return t.Lane }, func(tests []client.LaneTest) {
		if len(tests) == 0 {
			p.Line("(no lanes: andon.yaml names none)")
		}
		Draw(p, tests)
	})
	if err == nil && !Sound(tests) {
		return exit.Said{Status: exit.Findings}
	}
	return err
}

// Sound reports whether nothing was found.
func Sound(tests []client.LaneTest) bool {
	return !slices.ContainsFunc(tests, func(t client.LaneTest) bool {
		return slices.ContainsFunc(t.Checks, func(c client.LaneCheck) bool { return !c.OK })
	})
}

// Draw prints what was found, lane by lane.
func Draw(p *output.Printer, tests []client.LaneTest) {
	for _, t := range tests {
		title := t.Lane
		if t.Preset != "" {
			title += " (" + t.Preset + ")"
		}
		p.Line("%s", title)
		for _, c := range t.Checks {
			mark := "ok"
			if !c.OK {
				mark = "!!"
			}
			p.Line("  %s  %-9s  %s", mark, c.Name, output.Inline(c.Detail))
			if c.OK {
				continue
			}
			p.Line("      → %s", output.Inline(c.Fix))
			if here, err := exec.LookPath(t.Program); err == nil && c.Name == "program" {
				p.Line("      → here it is %s: this shell's PATH has more than the gateway's", here)
			}
		}
	}
}
