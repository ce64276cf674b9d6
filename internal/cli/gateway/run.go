package gateway

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

func newRun(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, serve, &cobra.Command{
		Use:   "run",
		Short: "Run the gateway in the foreground, until SIGTERM or Ctrl-C",
		Long: `Run the gateway in the foreground, until SIGTERM or Ctrl-C. Its workers go on, and the next gateway adopts them.

It reads andon.yaml again when that changes, or on SIGHUP. It logs to stderr.`,
	})
}

func serve(ctx context.Context, o *Options) error {
	if err := o.outside(); err != nil {
		return err
	}
	home, err := o.Home()
	if err != nil {
		return err
	}
	return o.Gateway.Run(ctx, home)
}
