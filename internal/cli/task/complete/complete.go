// Package complete is andon complete.
package complete

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
	Tasks    []string
	Handoff  client.Handoff
	Metadata cmdutil.Metadata
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "complete [ID...]",
		Short: "Say that a task is done, and hand its result on",
		Long: `Say that a task is done, and hand its result on: the tasks that wait for it read summary and metadata.

A handoff belongs to one run, so only --result may be given to several tasks. Inside a run the id may be left out.`,
		Example: cmdutil.Examples(
			`$ andon complete --summary "rate limiter in place" --metadata '{"tests": 12}' --artifact report.html`,
			`$ andon complete t_1f3a9c20 --metadata @handoff.json`,
			`$ andon complete t_1f3a9c20 t_77d0be11 --result "not needed any more"`),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Tasks = args
			if run == nil {
				run = complete
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Handoff.Summary, "summary", "", "what was done, in a few sentences")
	fl.StringVar(&o.Handoff.Result, "result", "", "the result in a line")
	fl.StringVar(&o.Metadata.Text, "metadata", "", "facts for programs: a JSON object, or @file")
	fl.StringVar(&o.Metadata.File, "metadata-file", "", "the same from a file, - is stdin")
	fl.StringArrayVar(&o.Handoff.Artifacts, "artifact", nil, "a `file` in the workspace to keep; repeatable")
	fl.StringSliceVar(&o.Handoff.Created, "created-card", nil, "`ID` of a task that this run created; repeatable")
	f.LeaseFlags(cmd)
	return cmd
}

func complete(ctx context.Context, o *Options) error {
	ids, err := o.IDs(o.Tasks)
	if err != nil {
		return err
	}
	if o.Handoff.Metadata, err = o.Metadata.Read(o.Factory); err != nil {
		return err
	}
	if len(ids) > 1 {
		if o.personal() {
			return kanban.Errorf(kanban.Invalid, "a handoff belongs to one task, %d were given", len(ids)).
				Hint("complete them one by one, or give only --result")
		}
		return o.Each(ctx, ids, cmdutil.Completed, o.send)
	}
	h := o.Handoff
	r := cmdutil.Result{Status: "done", Summary: h.Summary, Metadata: h.Metadata, Artifacts: h.Artifacts, Created: h.Created}
	if r.Summary == "" {
		r.Summary = h.Result
	}
	return o.Report(ctx, ids[0], cmdutil.Completed, r, o.send)
}

// personal reports whether anything was given that is of one run only.
func (o *Options) personal() bool {
	h := o.Handoff
	return h.Summary != "" || h.Metadata != nil || len(h.Artifacts) > 0 || len(h.Created) > 0
}

func (o *Options) send(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
	h := o.Handoff
	h.Lease = o.Lease(id)
	return c.Complete(ctx, board, id, h)
}
