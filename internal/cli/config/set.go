package config

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// SetOptions are the arguments of andon config set.
type SetOptions struct {
	*cmdutil.Factory
	Key, Value string
}

func newSet(f *cmdutil.Factory, run func(context.Context, *SetOptions) error) *cobra.Command {
	o := &SetOptions{Factory: f}
	return &cobra.Command{
		Use:   "set KEY VALUE",
		Short: "Change a setting of andon.yaml, and put it in force",
		Long: "Change a setting of andon.yaml, and put it in force. Comments and order of the file stay. An empty VALUE takes the key out,\n" +
			"so that its default counts. The settings are how much and how often, never what is run: dispatch.max_parallel,\n" +
			"dispatch.max_attempts, dispatch.pause_after, planner.auto, budget.day, and max_parallel of lanes.NAME, boards.NAME and\n" +
			"accounts.NAME. Everything else is changed in the file.",
		Example: cmdutil.Examples("$ andon config set dispatch.max_parallel 4", "$ andon config set lanes.builder.max_parallel 2", "$ andon config set budget.day 20USD"),
		Args:    cmdutil.Exactly(2, "the setting and its value"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Key, o.Value = args[0], args[1]
			if run == nil {
				run = set
			}
			return run(cmd.Context(), o)
		},
	}
}

func set(ctx context.Context, o *SetOptions) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	now, err := c.EditConfig(ctx, client.SettingsEdit{Set: map[string]string{o.Key: o.Value}}, "")
	if err != nil {
		return err
	}
	var s client.Setting
	for _, one := range now.Items {
		if one.Key == o.Key {
			s = one
		}
	}
	if s.Value == "" {
		return o.Printer().Said(s, o.Key, "There is no %s now (version %s of %s)", o.Key, now.Version, now.File)
	}
	return o.Printer().Said(s, o.Key, "%s is %s now (version %s of %s)", o.Key, s.Value, now.Version, now.File)
}
