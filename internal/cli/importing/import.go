// Package importing is andon import.
package importing

import (
	"context"
	"os"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	File string // "-" = the standard input
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Make a new board of an export",
		Long: `Make a new board of an export, all of it or none. The board is called as in the export, or as --board says; one that exists is refused.

Nothing starts on it before andon resume --board NAME, for the board that it comes from may do the same work. Runs that were open
when it was exported have been lost; their tasks are free again.`,
		Example: cmdutil.Examples("$ andon import board.jsonl --board copy", "$ gunzip -c web.jsonl.gz | andon import - --board web2"),
		Args:    cmdutil.Exactly(1, "the file, or - for the standard input,"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.File = args[0]
			if run == nil {
				run = importBoard
			}
			return run(cmd.Context(), o)
		},
	}
	return cmd
}

func importBoard(ctx context.Context, o *Options) error {
	stream := o.In
	if o.File != "-" {
		file, err := open(o.File)
		if err != nil {
			return err
		}
		defer file.Close()
		stream = file
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	r, err := c.Import(ctx, o.Globals.Board, stream)
	if err != nil {
		return err
	}
	err = o.Printer().Said(r, r.Board, "Imported %s: tasks %d, runs %d, events %d\nNothing starts on it before  andon resume --board %s",
		r.Board, r.Counts["task"], r.Counts["run"], r.Counts["event"], r.Board)
	if r.Ended > 0 {
		o.Warn("%d runs were open when it was exported; they have been lost, and their tasks are free", r.Ended)
	}
	if err == nil && r.Contradictions > 0 {
		o.Warn("%d rows contradict one another: andon verify --board %s", r.Contradictions, r.Board)
		return exit.Said{Status: exit.Findings}
	}
	return err
}

func open(path string) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, kanban.Errorf(kanban.Invalid, "the export cannot be read: %w", err).Hint("andon export > FILE  writes one; andon import -  reads the standard input")
	}
	if info, err := file.Stat(); err == nil && info.IsDir() {
		file.Close()
		return nil, kanban.Errorf(kanban.Invalid, "%s is a folder, not an export", path).Hint("andon restore  takes backups; andon export > FILE  writes an export")
	}
	return file, nil
}
