// Package stats is andon stats.
package stats

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
	"github.com/andon-dev/andon/internal/kanban"
)

// Options of the command: it has none of its own.
type Options struct{ *cmdutil.Factory }

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	return &cobra.Command{
		Use:     "stats",
		Short:   "Count what is on the board",
		Example: cmdutil.Examples("$ andon stats", "$ andon stats --board web -o json"),
		Args:    cmdutil.None,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = stats
			}
			return run(cmd.Context(), o)
		},
	}
}

func stats(ctx context.Context, o *Options) error {
	c, board, err := o.Open(ctx)
	if err != nil {
		return err
	}
	s, err := c.Stats(ctx, board)
	if err != nil {
		return err
	}
	p := o.Printer()
	return p.One(s, "", func() { draw(p, s) })
}

func draw(p *output.Printer, s client.Stats) {
	for _, status := range kanban.Statuses {
		p.Field(string(status), "%d", s.ByStatus[string(status)])
	}
	p.Section("Now")
	p.Field("runs", "%d", s.RunsInProgress)
	if s.OldestReadyAge > 0 {
		p.Field("waiting", "the oldest ready task for %s", output.Span(time.Duration(s.OldestReadyAge*float64(time.Second))))
	}
	if s.ParkedDeliveries > 0 {
		p.Field("parked", "%d messages; andon notify parked", s.ParkedDeliveries)
	}
	if len(s.ByAssignee) == 0 {
		return
	}
	p.Section("Lanes")
	t := p.Table("LANE", "OPEN", "TASKS")
	for _, lane := range slices.Sorted(maps.Keys(s.ByAssignee)) {
		counts := s.ByAssignee[lane]
		open := 0
		for status, n := range counts {
			if status != string(kanban.Done) && status != string(kanban.Archived) {
				open += n
			}
		}
		t.Row(output.Or(lane), strconv.Itoa(open), output.Counts(counts))
	}
	t.Flush()
}
