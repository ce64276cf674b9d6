// Package block is andon block.
package block

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Words    []string // id and reason
	More     []string // further ids
	Block    client.BlockRequest
	Metadata cmdutil.Metadata
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "block ID REASON...",
		Short: "Leave a task to a human, with a question or a reason",
		Long: `Leave a task to a human, with a question or a reason; its run ends. andon answer or andon unblock goes on with it.

Inside a run the id may be left out.`,
		Example: cmdutil.Examples(
			`$ andon block "Which of the two APIs should I keep?"`,
			"$ andon block t_1f3a9c20 --kind capability no access to the registry",
			"$ andon block t_1f3a9c20 --ids t_77d0be11,t_0c51aa02 release freeze"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Words = args
			if _, err := kanban.ParseBlockKind(o.Block.Kind); err != nil {
				return err
			}
			if run == nil {
				run = block
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Block.Kind, "kind", "", "needs_input (default), capability, transient, dependency or operator")
	fl.StringSliceVar(&o.More, "ids", nil, "`IDs` of further tasks to block for the same reason")
	fl.StringVar(&o.Metadata.Text, "metadata", "", "facts for programs: a JSON object, or @file")
	fl.StringVar(&o.Metadata.File, "metadata-file", "", "the same from a file, - is stdin")
	fl.StringArrayVar(&o.Block.Artifacts, "artifact", nil, "a `file` in the workspace to keep; repeatable")
	f.LeaseFlags(cmd)
	return cmd
}

func block(ctx context.Context, o *Options) error {
	id, reason, err := o.IDAndText(o.Words)
	if err != nil {
		return err
	}
	if reason == "" {
		return kanban.Errorf(kanban.Invalid, "the reason is missing: it is what the human reads").Hint("andon block %s REASON...", id)
	}
	o.Block.Reason = reason
	if o.Block.Metadata, err = o.Metadata.Read(o.Factory); err != nil {
		return err
	}
	if len(o.More) > 0 {
		return o.Each(ctx, append([]string{id}, o.More...), "Blocked", o.send)
	}
	b := o.Block
	r := cmdutil.Result{Status: "blocked", Reason: b.Reason, Kind: b.Kind, Metadata: b.Metadata, Artifacts: b.Artifacts}
	return o.Report(ctx, id, "Blocked", r, o.send)
}

func (o *Options) send(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
	b := o.Block
	b.Lease = o.Lease(id)
	return c.Block(ctx, board, id, b)
}
