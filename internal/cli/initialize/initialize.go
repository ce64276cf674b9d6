// Package initialize is andon init.
package initialize

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
)

// Options of the command: it has none of its own.
type Options struct{ *cmdutil.Factory }

// done is what it tells.
type done struct {
	Home    string `json:"home"`
	Config  string `json:"config"`
	Created bool   `json:"created"`
	Board   string `json:"board"`
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     "init",
		Short:   "Make a home with a first board and a first andon.yaml",
		Long:    "Make a home with a first board and a first andon.yaml. What is there stays. Any other command makes a missing board by itself.",
		Example: cmdutil.Examples("$ andon init", "$ andon --home ~/boards init"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = initialize
			}
			return run(cmd.Context(), o)
		},
	}
}

func initialize(ctx context.Context, o *Options) error {
	paths, err := o.Paths()
	if err != nil {
		return err
	}
	c, name, err := o.Open(ctx)
	if err != nil {
		return err
	}
	board, err := c.Board(ctx, name)
	if err != nil {
		return err
	}
	d := done{Home: paths.Home, Config: paths.Config, Board: board.Slug}
	if d.Created, err = config.WriteStarter(paths); err != nil {
		return err
	}
	p := o.Printer()
	return p.One(d, d.Home, func() { draw(p, d) })
}

func draw(p *output.Printer, d done) {
	was := "is there already"
	if d.Created {
		was = "written; it has one lane, echo"
	}
	p.Field("home", "%s", d.Home)
	p.Field("board", "%s", d.Board)
	p.Field("config", "%s (%s)", d.Config, was)
	p.Section("Next")
	p.Line("  andon gateway start")
	p.Line("  andon add \"hello\" --lane echo")
	p.Line("  andon logs @last -f")
}
