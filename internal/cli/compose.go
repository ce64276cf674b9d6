package cli

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/gateway"
)

// gatewayOf is the only place that knows the composition root.
func gatewayOf(version string) cmdutil.Gateway {
	return cmdutil.Gateway{
		Run: func(ctx context.Context, home string) error {
			log := slog.New(slog.NewTextHandler(os.Stderr, nil))
			return gateway.Run(ctx, gateway.Options{Home: home, Log: log, Version: version, Clock: now, Command: guestLine(version, home)})
		},
		Direct: func(ctx context.Context, home string) (http.Handler, io.Closer, error) {
			return gateway.Direct(ctx, gateway.Options{Home: home, Version: version, Clock: now})
		},
		Examine: func(ctx context.Context, home string) (http.Handler, io.Closer, error) {
			return gateway.Examine(ctx, gateway.Options{Home: home, Version: version, Clock: now})
		},
		Owner: gateway.Owner,
	}
}
