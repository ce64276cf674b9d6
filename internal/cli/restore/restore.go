// Package restore is andon restore.
package restore

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/backup"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Backup string
	New    string
	Force  bool
	DryRun bool
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Put a backup in the place of its board",
		Long: `Put a backup in the place of its board, or of the one that --board names, while no gateway runs and nobody has the board open.

The backup is checked first. The board's old files are set aside, never removed. Killed at any moment, it leaves the old board or
the new one; giving the command again finishes it. Runs that were open in the backup have ended: their tasks are ready again.`,
		Example: cmdutil.Examples("$ andon gateway stop", "$ andon restore web-20261123T030000Z --dry-run", "$ andon restore web-20261123T030000Z",
			"$ andon restore /mnt/usb/andon/web-20261123T030000Z --new web-before"),
		Args: cmdutil.Exactly(1, "the backup's id or path"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if o.Backup, err = backup.Ref(args[0]); err != nil {
				return err
			}
			if run == nil {
				run = restore
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.New, "new", "", "make a new board of this name instead")
	cmd.Flags().BoolVar(&o.Force, "force", false, "also in the place of another board than the one it is of; nothing starts on it then")
	cmd.Flags().BoolVar(&o.DryRun, "dry-run", false, "only check whether it can be done")
	return cmd
}

func restore(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	r, err := c.RestoreBackup(ctx, client.RestoreRequest{Backup: o.Backup, Board: o.Globals.Board, New: o.New, Force: o.Force, DryRun: o.DryRun})
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(r, r.Board, func() {
		switch {
		case r.DryRun:
			p.Line("Board %s would be as it was on %s: %d tasks, %d events", r.Board, p.Stamp(r.Backup.At), r.Backup.Tasks, r.Backup.Events)
		case r.Finished:
			p.Line("Board %s is restored: an interrupted restore of this backup is finished", r.Board)
		default:
			p.Line("Board %s is as it was on %s: %d tasks, %d events", r.Board, p.Stamp(r.Backup.At), r.Backup.Tasks, r.Backup.Events)
		}
		if r.Ended > 0 {
			p.Line("  open then and over now: %d runs; their tasks are ready again", r.Ended)
		}
		switch {
		case r.Aside == "":
		case r.DryRun:
			p.Line("  its files of now would go to %s", r.Aside)
		default:
			p.Line("  its files of before: %s", r.Aside)
		}
		if r.Held {
			p.Line("  nothing starts on it until  andon resume --board %s", r.Board)
		}
	})
}
