package notify

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

type testOptions struct {
	*cmdutil.Factory
	Place client.Place
}

func newTest(f *cmdutil.Factory, run func(context.Context, *testOptions) error) *cobra.Command {
	o := &testOptions{Factory: f}
	cmd := &cobra.Command{
		Use:     "test SINK",
		Short:   "Send a message that says only that it is one, now, and tell the answer",
		Example: cmdutil.Examples("$ andon notify test ops", "$ andon notify test team --target C0123456789"),
		Args:    cmdutil.Exactly(1, "the sink"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Place.Sink = args[0]
			if run == nil {
				run = test
			}
			return run(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Place.Target, "target", "", "destination within the sink (also --chat-id)")
	cmd.Flags().StringVar(&o.Place.Thread, "thread", "", "thread within the destination (also --thread-id)")
	return cmd
}

func test(ctx context.Context, o *testOptions) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	said, err := c.TestSink(ctx, board, o.Place)
	if err != nil {
		return err
	}
	if said.Ref == "" {
		return o.Printer().Said(said, said.Sink, "%s has the message", spot(said.Place))
	}
	return o.Printer().Said(said, said.Sink, "%s has the message: %s", spot(said.Place), said.Ref)
}
