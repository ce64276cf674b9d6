// Package config is andon config check, andon config show and andon config set.
package config

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the arguments.
type Options struct {
	*cmdutil.Factory
	File string // to check; "" = the home's
}

// New returns andon config.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("config", "Check andon.yaml, show what is in force, or change a setting", newCheck(f, nil), newShow(f, nil), newSet(f, nil))
	cmd.Example = cmdutil.Examples("$ andon config check", "$ andon config show", "$ andon config set dispatch.max_parallel 4")
	return cmd
}

func newCheck(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     "check [FILE]",
		Short:   "Check andon.yaml, and tell everything that is wrong with it",
		Example: cmdutil.Examples("$ andon config check", "$ andon config check ./andon.yaml"),
		Args:    cmdutil.Between(0, 1, "the file"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				o.File = args[0]
			}
			if run == nil {
				run = check
			}
			return run(cmd.Context(), o)
		},
	}
}

func check(_ context.Context, o *Options) error {
	given := o.File != ""
	if !given {
		paths, err := o.Paths()
		if err != nil {
			return err
		}
		o.File = paths.Config
	}
	c, err := config.LoadServed(o.File)
	if err == nil {
		err = c.CheckSecrets()
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(o.File); errors.Is(err, fs.ErrNotExist) {
		if given {
			return kanban.Errorf(kanban.NotFound, "there is no %s", o.File)
		}
		return o.Printer().Said(struct {
			File  string `json:"file"`
			Found bool   `json:"found"`
		}{o.File, false}, o.File, "there is no %s; defaults are in force", o.File)
	}
	said := struct {
		File  string `json:"file"`
		Lanes int    `json:"lanes"`
		Sinks int    `json:"sinks"`
	}{o.File, len(c.Lanes), len(c.Notify.Sinks)}
	return o.Printer().Said(said, o.File, "%s is good (lanes: %d, sinks: %d)", o.File, said.Lanes, said.Sinks)
}

func newShow(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     "show",
		Short:   "Show the configuration in force, without secrets",
		Example: cmdutil.Examples("$ andon config show", "$ andon config show -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
}

func show(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	raw, err := c.Config(ctx)
	if err != nil {
		return err
	}
	text, err := output.ToYAML(raw)
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(raw, "", func() { _ = p.Write(string(text)) }) // One returns it
}
