package gateway

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// stopLimit is how long a gateway may take to end after it was told to.
const stopLimit = 30 * time.Second

// said is what the verbs tell that change the gateway.
type said struct {
	Home string `json:"home"`
	Done string `json:"done"`
}

func newStop(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, stop, &cobra.Command{
		Use:   "stop",
		Short: "End the gateway; its workers go on",
		Long:  "End the gateway and return when it has. Its workers go on, and the next gateway adopts them.",
	})
}

func newDrain(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, drain, &cobra.Command{
		Use:   "drain",
		Short: "Start nothing new, and end the gateway when its runs have ended",
		Long: "Start nothing new, and end the gateway when its runs have ended. The command returns at once.\n\n" +
			"andon gateway stop  and  andon gateway start  call it off: workers go on, and the next gateway starts new ones again.",
	})
}

func newReload(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, reload, &cobra.Command{
		Use:   "reload",
		Short: "Make the gateway read andon.yaml again",
	})
}

func stop(ctx context.Context, o *Options) error {
	return o.tell(ctx, "stopped", func(c *client.Client) error {
		if err := c.StopGateway(ctx, false); err != nil {
			return err
		}
		return o.awaitEnd(ctx)
	})
}

func drain(ctx context.Context, o *Options) error {
	return o.tell(ctx, "draining", func(c *client.Client) error { return c.StopGateway(ctx, true) })
}

func reload(ctx context.Context, o *Options) error {
	return o.tell(ctx, "reloaded", func(c *client.Client) error { return c.Reload(ctx) })
}

// tell asks the gateway to do something to itself.
func (o *Options) tell(ctx context.Context, done string, ask func(*client.Client) error) error {
	home, err := o.Home()
	if err != nil {
		return err
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	if o.Alone() {
		return kanban.Errorf(kanban.Unavailable, "no gateway runs for %s", home).Hint("andon gateway start")
	}
	if err := ask(c); err != nil {
		return err
	}
	return o.Printer().Said(said{home, done}, home, "Gateway %s", done)
}

// awaitEnd returns when the gateway has let go of the home, so that the next
// one can start.
func (o *Options) awaitEnd(ctx context.Context) error {
	home, err := o.Home()
	if err != nil {
		return err
	}
	limit, soon := time.After(stopLimit), time.After(cmdutil.Soon)
	tick := time.NewTicker(between)
	defer tick.Stop()
	for {
		pid, held, err := o.Gateway.Owner(home)
		if err != nil || !held {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-limit:
			return kanban.Errorf(kanban.Unavailable, "the gateway, pid %d, was told to stop and is still there", pid)
		case <-soon:
			o.Progress("waiting for the gateway, pid %d, to end", pid)
		case <-tick.C:
		}
	}
}
