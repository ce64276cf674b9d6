// Package prime is andon prime.
package prime

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/prime"
)

// Options are the flags.
type Options struct {
	*cmdutil.Factory
	Role string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "prime",
		Short: "Print what an agent has to know of Andon",
		Long: `Print what an agent has to know of Andon: how a worker reads its task, asks, and ends its run; how an orchestrator makes
tasks and watches them. Without --role it is the worker's inside a run, else the orchestrator's.`,
		Example: cmdutil.Examples(
			"$ andon prime --role worker",
			"$ andon prime --role orchestrator > AGENTS-andon.md"),
		Args: cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Role, "role", "", strings.Join(prime.Roles, " or "))
	return cmd
}

func show(_ context.Context, o *Options) error {
	role := prime.Role(strings.ToLower(strings.TrimSpace(o.Role)))
	if role == "" {
		role = prime.Orchestrator
		if o.Getenv("ANDON_TASK") != "" {
			role = prime.Worker
		}
	}
	text, err := prime.Text(role)
	if err != nil {
		return err
	}
	p := o.Printer()
	shown := struct {
		Role prime.Role `json:"role"`
		Text string     `json:"text"`
	}{role, text}
	return p.One(shown, string(role), func() { _ = p.Write(text) }) // One returns it
}
