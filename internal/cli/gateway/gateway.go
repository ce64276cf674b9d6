// Package gateway is andon gateway and its verbs, one file each.
package gateway

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options of the verbs: most have none of their own.
type Options struct{ *cmdutil.Factory }

// New returns andon gateway.
func New(f *cmdutil.Factory) *cobra.Command {
	cmd := cmdutil.Group("gateway", "Run, start and stop what starts the workers",
		newRun(f, nil), newStart(f, nil), newStatus(f, nil), newStop(f, nil), newReload(f, nil), newDrain(f, nil), newInstall(f, nil))
	cmd.Example = cmdutil.Examples("$ andon gateway start", "$ andon gateway status")
	return cmd
}

// simple makes a verb without flags and arguments.
func simple(f *cmdutil.Factory, run, do func(context.Context, *Options) error, cmd *cobra.Command) *cobra.Command {
	o := &Options{Factory: f}
	cmd.Args = cmdutil.None
	cmd.Example = cmdutil.Examples("$ andon gateway " + cmd.Name())
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if run == nil {
			run = do
		}
		return run(cmd.Context(), o)
	}
	return cmd
}

// outside refuses to make a gateway part of a run: it would end with it.
func (o *Options) outside() error {
	if o.Inside() {
		return kanban.Errorf(kanban.Unauthorized, "a run does not start gateways").Hint("ask a human")
	}
	return nil
}
