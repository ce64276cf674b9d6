// Package dashboard is andon dashboard.
package dashboard

import (
	"context"
	"os/exec"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options of andon dashboard.
type Options struct {
	*cmdutil.Factory
	client.LoginCreate
	Browse bool
}

// New returns andon dashboard.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "dashboard",
		Short: "Print a link that logs a browser in, once",
		Long: `Print a link that logs a browser in. It is good once and for five minutes; the session that it begins lasts until it
is not used for 30 days, or andon tokens revoke ends it.

Unless andon.yaml says otherwise (api: {listen: ...}), the gateway listens on 127.0.0.1:8420 from now on, or on a free
port if that is taken: on this machine only, and for nobody without a credential.`,
		Example: cmdutil.Examples("$ andon dashboard", "$ andon dashboard --open", "$ andon dashboard --scope read --board default"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Board = f.Globals.Board
			if run == nil {
				run = show
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().BoolVar(&o.Browse, "open", false, "open the link in your browser")
	cmd.Flags().StringVar(&o.Scope, "scope", kanban.ScopeAdmin.String(), "what the browser may do: read, comment, operate or admin")
	return cmd
}

func show(ctx context.Context, o *Options) error {
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	link, err := c.CreateLogin(ctx, o.LoginCreate)
	if err != nil {
		return err
	}
	if o.Browse {
		if err := browse(ctx, link.URL); err != nil {
			o.Warn("no browser can be opened (%s); open the link yourself", err)
		}
	}
	p := o.Printer()
	return p.One(link, link.URL, func() {
		p.Line("%s", link.URL)
		o.Progress("It logs one browser in, once, within %s.", link.ExpiresAt.Sub(o.Now()).Round(time.Minute))
	})
}

// browse hands a link to the desktop's browser. Other processes of yours can read
// it from the command line while that starts; it is used up then.
func browse(ctx context.Context, url string) error {
	program := "xdg-open"
	if runtime.GOOS == "darwin" {
		program = "open"
	}
	return exec.CommandContext(ctx, program, url).Run()
}
