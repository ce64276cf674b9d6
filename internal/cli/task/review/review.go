// Package review is andon review.
package review

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Task     []string
	Handoff  client.Handoff
	Metadata cmdutil.Metadata
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "review [ID]",
		Short: "Submit a run's work for a verdict",
		Long: `Submit a run's work for a verdict, andon approve or andon reject, of its reviewer, or of a human if it has none. What a run hands in is
verified first, if something verifies it. Inside a run the id may be left out.`,
		Example: cmdutil.Examples(
			`$ andon review --summary "parser rewritten, two tests still slow"`,
			`$ andon review t_1f3a9c20 --artifact diff.html`),
		Args: cmdutil.Between(0, 1, "the id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Task = args
			if run == nil {
				run = review
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Handoff.Summary, "summary", "", "what was done, in a few sentences")
	fl.StringVar(&o.Metadata.Text, "metadata", "", "facts for programs: a JSON object, or @file")
	fl.StringVar(&o.Metadata.File, "metadata-file", "", "the same from a file, - is stdin")
	fl.StringArrayVar(&o.Handoff.Artifacts, "artifact", nil, "a `file` in the workspace to keep; repeatable")
	fl.StringSliceVar(&o.Handoff.Created, "created-card", nil, "`ID` of a task that this run created; repeatable")
	f.LeaseFlags(cmd)
	return cmd
}

func review(ctx context.Context, o *Options) error {
	id, err := o.ID(o.Task...)
	if err != nil {
		return err
	}
	if o.Handoff.Metadata, err = o.Metadata.Read(o.Factory); err != nil {
		return err
	}
	h := o.Handoff
	r := cmdutil.Result{Status: "review", Summary: h.Summary, Metadata: h.Metadata, Artifacts: h.Artifacts, Created: h.Created}
	return o.Report(ctx, id, cmdutil.Submitted, r, func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
		h.Lease = o.Lease(id)
		return c.Review(ctx, board, id, h)
	})
}
