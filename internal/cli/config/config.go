// Package config is andon config check and andon config show.
package config

import (
	"context"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/config"
)

// Options are the arguments.
type Options struct {
	*cmdutil.Factory
	File string // to check; "" = the home's
}

// New returns andon config.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("config", "Check andon.yaml, or show what is in force", newCheck(f, nil), newShow(f, nil))
	cmd.Example = cmdutil.Examples("$ andon config check", "$ andon config show")
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
	if o.File == "" {
		paths, err := o.Paths()
		if err != nil {
			return err
		}
		o.File = paths.Config
	}
	c, err := config.Load(o.File)
	if err != nil {
		return err
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
	text, err := yaml.JSONToYAML(raw)
	if err != nil {
		return fmt.Errorf("cannot write the configuration as YAML: %w", err)
	}
	p := o.Printer()
	return p.One(raw, "", func() { _ = p.Write(string(text)) }) // One returns it
}
