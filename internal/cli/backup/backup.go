// Package backup is andon backup and what stands below it.
package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
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
	All    bool
	To     string
	Backup string // of check: its id or path
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy a board, and check the copy",
		Long: `Copy a board while work on it goes on, and check the copy: its rows, its description, and the files that its runs left.

The gateway does so by itself once a day, as backup in andon.yaml says, and keeps the newest seven. Those made by hand stay until
somebody removes them. docs/backups.md tells what is in a backup and what is not.`,
		Example: cmdutil.Examples("$ andon backup", "$ andon backup --all --to /mnt/usb/andon", "$ andon backup list", "$ andon backup check web-20261123T030000Z"),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return cmdutil.UnknownVerb(cmd, args[0])
			}
			return nil
		},
		RunE: verb(run, o, makeAll),
	}
	cmd.Flags().BoolVar(&o.All, "all", false, "every board that is not archived")
	cmd.Flags().StringVar(&o.To, "to", "", "folder that gets the copy (default: that of backup.to in andon.yaml, else andon/backups in the home)")
	cmd.AddCommand(&cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List backups, of all boards or the one that --board names", Args: cmdutil.None,
		Example: cmdutil.Examples("$ andon backup list", "$ andon backup list --board web -o json"),
		RunE:    verb(run, o, list),
	})
	check := &cobra.Command{
		Use: "check ID|PATH", Short: "Read a backup whole again; status 8 if it is damaged", Args: cmdutil.Exactly(1, "the backup's id or path"),
		Example: cmdutil.Examples("$ andon backup check web-20261123T030000Z", "$ andon backup check /mnt/usb/andon/web-20261123T030000Z"),
	}
	check.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if o.Backup, err = Ref(args[0]); err != nil {
			return err
		}
		return verb(run, o, recheck)(cmd, args)
	}
	cmd.AddCommand(check)
	return cmd
}

func verb(run func(context.Context, *Options) error, o *Options, do func(context.Context, *Options) error) func(*cobra.Command, []string) error {
	if run == nil {
		run = do
	}
	return func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), o) }
}

// Ref is a backup as the server knows it: an id, or an absolute path.
func Ref(arg string) (string, error) {
	if !strings.ContainsRune(arg, filepath.Separator) && arg != "." && arg != ".." {
		return arg, nil
	}
	return filepath.Abs(arg)
}

func makeAll(ctx context.Context, o *Options) (err error) {
	if o.All && o.Globals.Board != "" {
		return kanban.Errorf(kanban.Invalid, "--all and --board contradict one another").Hint("leave one of them away")
	}
	if o.To != "" {
		if o.To, err = filepath.Abs(o.To); err != nil {
			return err
		}
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
	var made []client.Backup
	var failed []error
	for _, name := range names {
		b, err := c.MakeBackup(ctx, name, client.BackupRequest{To: o.To})
		if err != nil {
			failed = append(failed, exit.About{ID: name, Err: err})
			continue
		}
		made = append(made, b)
	}
	if !o.All && len(made) == 1 {
		b := made[0]
		if b.Missing > 0 {
			o.Warn("%d files that runs left are lost, and so not in the backup", b.Missing)
		}
		return o.Printer().Said(b, b.ID, "Backup %s: %d tasks, %s, checked\n  %s", b.ID, b.Tasks, size(b.Size), b.Path)
	}
	if len(made) > 0 {
		if err := show(o, made); err != nil {
			return err
		}
	}
	if len(made) > 0 && len(failed) > 0 {
		for _, err := range failed {
			o.Complain(err)
		}
		return exit.Said{Status: exit.Partly}
	}
	return errors.Join(failed...)
}

func list(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	all, err := c.Backups(ctx, o.Globals.Board)
	if err != nil {
		return err
	}
	return show(o, all)
}

func show(o *Options, all []client.Backup) error {
	p := o.Printer()
	return output.List(p, all, "", func(b client.Backup) string { return b.ID }, func(all []client.Backup) {
		t := p.Table("BACKUP", "BOARD", "KIND", p.AgeHeader(), "TASKS", "SIZE", "STATE")
		for _, b := range all {
			t.Row(output.Inline(b.ID), output.Inline(b.Board), b.Kind, p.Age(b.At), tasks(b), size(b.Size), state(p, b))
		}
		t.Flush()
	})
}

// state says whether a backup was found good, and when.
func state(p *output.Printer, b client.Backup) string {
	switch {
	case b.Problem != "":
		return "! " + output.Inline(b.Problem)
	case b.VerifiedAt == nil:
		return "checked when it was made"
	}
	return "checked " + p.Time(b.VerifiedAt)
}

func tasks(b client.Backup) string {
	if b.SHA256 == "" {
		return "-" // a bare file, which is not read for a list
	}
	return strconv.FormatInt(b.Tasks, 10)
}

func recheck(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	b, err := c.CheckBackup(ctx, o.Backup)
	if err != nil {
		return err
	}
	p := o.Printer()
	if b.Problem == "" {
		return p.Said(b, b.ID, "Backup %s is sound: %d tasks, %d events, %d files", b.ID, b.Tasks, b.Events, b.Artifacts)
	}
	if err := p.Said(b, b.ID, "Backup %s is damaged: %s", b.ID, output.Inline(b.Problem)); err != nil {
		return err
	}
	return exit.Said{Status: exit.Findings}
}

// size is a length in bytes for people.
func size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%d KiB", (n+1023)/1024)
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
