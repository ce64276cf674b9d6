// Package initialize is andon init.
package initialize

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// starter is the first andon.yaml: everything in it is commented out but one
// lane that works anywhere.
const starter = `# Lanes are the kinds of worker that tasks are assigned to.
# andon config check  tells what is wrong with this file; the gateway reads it again when it changes.
lanes:
  echo:
    description: prints the title of its task
    command: [echo, "{{.Title}}"]   # argv, never a shell string
    done_when: exit                 # exit status 0 completes the task

# dispatch:
#   max_parallel: 8                 # workers at once
#   max_attempts: 2                 # failed attempts before a task is left to you
# notify:
#   sinks:
#     ops: {type: webhook, url: "https://example.org/hook", secret_env: OPS_SECRET}
`

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
		Example: cmdutil.Examples("$ andon init", "$ andon --home ~/work/andon init"),
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
	if d.Created, err = writeStarter(paths); err != nil {
		return err
	}
	p := o.Printer()
	return p.One(d, d.Home, func() { draw(p, d) })
}

// writeStarter makes andon.yaml unless there is one.
func writeStarter(paths config.Paths) (created bool, err error) {
	if err := os.MkdirAll(paths.Dir, 0o700); err != nil {
		return false, kanban.Errorf(kanban.Unavailable, "cannot make the home: %w", err)
	}
	f, err := os.OpenFile(paths.Config, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return false, nil
	}
	if err != nil {
		return false, kanban.Errorf(kanban.Unavailable, "cannot write the first configuration: %w", err)
	}
	_, err = f.WriteString(starter)
	return true, errors.Join(err, f.Close())
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
