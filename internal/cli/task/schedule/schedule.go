// Package schedule is andon defer.
package schedule

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
)

// Options are the flags and arguments.
type Options struct {
	*cmdutil.Factory
	Words   []string // id and reason
	More    []string // further ids
	Until   string
	Request client.ScheduleRequest
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:     "defer ID [REASON...]",
		Aliases: []string{"schedule"},
		Short:   "Park a task until a time, or until somebody unblocks it",
		Long:    "Park a task until a time, or until somebody unblocks it; a run in progress ends without cost.\n\nInside a run the id may be left out.",
		Example: cmdutil.Examples(
			"$ andon defer t_1f3a9c20 --until +2h",
			"$ andon defer t_1f3a9c20 --until 09:00 wait for the office to open",
			"$ andon defer @last"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Words = args
			if o.Until != "" {
				at, err := cmdutil.ParseMoment(o.Until, o.Now())
				if err != nil {
					return err
				}
				o.Request.Until = &at
			}
			if run == nil {
				run = schedule
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Until, "until", "", "when it wakes: +2h, 15:04 or 2026-01-31T15:04:05Z")
	fl.StringVar(&o.Request.Reason, "reason", "", "why")
	fl.StringSliceVar(&o.More, "ids", nil, "`IDs` of further tasks to park")
	f.LeaseFlags(cmd)
	return cmd
}

func schedule(ctx context.Context, o *Options) error {
	id, words, err := o.IDAndText(o.Words)
	if err != nil {
		return err
	}
	o.Request.Reason = strings.TrimSpace(o.Request.Reason + " " + words)
	return o.Each(ctx, append([]string{id}, o.More...), "Deferred",
		func(ctx context.Context, c *client.Client, board, id string) (client.Task, error) {
			r := o.Request
			r.Lease = o.Lease(id)
			return c.Schedule(ctx, board, id, r)
		})
}
