package lanes

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker/preset"
)

func newAdd(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "add NAME [-- COMMAND ARG...]",
		Short: "Write a lane into andon.yaml",
		Long: `Write a lane into andon.yaml, which keeps everything else as it is; what it was stays in andon.yaml.bak. The gateway takes
it up at once.`,
		Example: cmdutil.Examples(
			"$ andon lanes add claude --preset claude-code --max-parallel 2",
			"$ andon lanes add builder -- make test",
			"$ andon lanes add ci --preset external"),
		Args: cmdutil.AtLeast(1, "the name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.New.Name = args[0]
			if len(args) > 1 && cmd.ArgsLenAtDash() != 1 {
				return kanban.Errorf(kanban.Invalid, "%s is one argument too many", kanban.Quote(args[1])).
					Hint("a command stands after --: andon lanes add %s -- %s", args[0], strings.Join(args[1:], " "))
			}
			o.New.Command = append(o.New.Command, args[1:]...)
			if err := o.checkNew(); err != nil {
				return err
			}
			if run == nil {
				run = add
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.SetInterspersed(true)
	fl.StringVar(&o.New.Preset, "preset", "", "an agent program that Andon knows how to drive, or external")
	fl.StringArrayVar(&o.New.Command, "command", nil, "one `WORD` of the command; repeatable, or all of it after --")
	fl.StringVar(&o.New.Model, "model", "", "the model that the agent uses")
	fl.StringVar(&o.New.Description, "description", "", "what the lane is for, for people and planners")
	fl.StringVar(&o.New.Account, "account", "", "the account whose limits count")
	fl.IntVar(&o.New.MaxParallel, "max-parallel", 0, "workers at once (default: no limit of its own)")
	return cmd
}

func (o *Options) checkNew() error {
	_, agent := preset.Named(o.New.Preset)
	if o.New.Name == "" {
		return kanban.Errorf(kanban.Invalid, "the name is empty").Hint("for example builder")
	}
	if o.New.MaxParallel < 0 {
		return kanban.Errorf(kanban.Invalid, "--max-parallel is negative").Hint("1 or more; without it there is no limit")
	}
	if o.New.Preset == "" && len(o.New.Command) == 0 {
		return kanban.Errorf(kanban.Invalid, "neither --preset nor a command is given").
			Hint("andon lanes add %s --preset claude-code,  or  andon lanes add %s -- COMMAND ARG...", o.New.Name, o.New.Name)
	}
	if o.New.Model != "" && !agent {
		return kanban.Errorf(kanban.Invalid, "--model is for agents' presets").Hint("put the model into the command")
	}
	return nil
}

func add(ctx context.Context, o *Options) error {
	if o.Inside() {
		return kanban.Errorf(kanban.Unauthorized, "a run does not configure lanes").Hint("ask a human")
	}
	paths, err := o.Paths()
	if err != nil {
		return err
	}
	if _, err := config.WriteStarter(paths); err != nil {
		return err
	}
	_, err = config.Rewrite(paths.Config, func(data []byte) ([]byte, error) {
		return config.AddLanes(data, []config.NewLane{o.New})
	})
	if err != nil {
		return err
	}
	if err := Reload(ctx, o.Factory); err != nil {
		return err
	}
	said := struct {
		Lane   string `json:"lane"`
		Config string `json:"config"`
	}{o.New.Name, paths.Config}
	return o.Printer().Said(said, o.New.Name, "Added lane %s to %s; andon lanes test %s  looks whether it can start", o.New.Name, paths.Config, o.New.Name)
}

// Reload has a gateway, if one runs, take up the configuration now.
func Reload(ctx context.Context, f *cmdutil.Factory) error {
	c, err := f.Client(ctx)
	if err != nil || f.Alone() {
		return err
	}
	err = c.Reload(ctx)
	if errors.Is(err, client.ErrNoGateway) {
		return nil // it is gone, and the next one reads it
	}
	return err
}
