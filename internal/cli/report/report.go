// Package report is andon report.
package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/output"
)

// Options of the command.
type Options struct {
	*cmdutil.Factory
	Since, Until string
	By           []string
}

// New returns the command.
func New(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	o := &Options{Factory: f}
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Sum what work cost and brought",
		Long: "Runs count for the time at which they began, and so does what was left to people: blocked, or in review.\n" +
			"All boards of the home are summed, or the one that --board names.",
		Example: cmdutil.Examples(
			"$ andon report --since 7d --by lane,account",
			"$ andon report --since 2026-01-01 --by day,tenant -o csv",
			"$ andon report --since 24h --by task --board web"),
		Args:        cmdutil.None,
		Annotations: map[string]string{cmdutil.CSV: "yes"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if run == nil {
				run = report
			}
			return run(cmd.Context(), o)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&o.Since, "since", "7d", "from when: 24h, 7d, or a date")
	fl.StringVar(&o.Until, "until", "", "until when (default: now)")
	fl.StringSliceVar(&o.By, "by", []string{"lane"}, "rows by day, hour, board, tenant, lane, account, task")
	return cmd
}

func report(ctx context.Context, o *Options) error {
	q := client.ReportQuery{Board: o.Globals.Board, By: o.By}
	var err error
	if q.Since, err = cmdutil.ParsePast(o.Since, o.Now()); err != nil {
		return err
	}
	if o.Until != "" {
		if q.Until, err = cmdutil.ParsePast(o.Until, o.Now()); err != nil {
			return err
		}
	}
	c, err := o.Client(ctx)
	if err != nil {
		return err
	}
	r, err := c.Report(ctx, q)
	if err != nil {
		return err
	}
	for _, slug := range r.Missing {
		o.Warn("board %s cannot be read and is missing here: andon doctor", slug)
	}
	p := o.Printer()
	switch p.Format {
	case output.FormatCSV:
		return table(p, r)
	case output.FormatJSONL:
		return output.List(p, r.Items, "", nil, nil)
	}
	return p.One(r, "", func() { draw(p, r) })
}

// key are the cells that tell what a row is about.
func key(by []string, r client.ReportRow) []string {
	cells := make([]string, len(by))
	for i, b := range by {
		cells[i] = map[string]string{
			"day": r.Day, "hour": r.Hour, "board": r.Board, "tenant": r.Tenant, "lane": r.Lane, "account": r.Account, "task": r.Task,
		}[b]
	}
	return cells
}

func draw(p *output.Printer, r client.Report) {
	if len(r.Items) == 0 {
		p.Line("nothing ran and nothing waited since %s", p.Stamp(r.Since))
		return
	}
	var header []string
	for _, by := range r.By {
		header = append(header, strings.ToUpper(by))
	}
	t := p.Table(append(header, "RUNS", "DONE", "REVIEW", "COST", "ON FAILED", "TOKENS", "RUNNING", "WAITED", "FAILED")...)
	for _, row := range r.Items {
		cells := key(r.By, row)
		for i := range cells {
			cells[i] = output.Or(output.Inline(cells[i]))
		}
		t.Row(append(cells, figures(row)...)...)
	}
	if len(r.Items) > 1 && len(r.By) > 0 {
		cells := make([]string, len(r.By))
		cells[0] = "total"
		t.Row(append(cells, figures(r.Total)...)...)
	}
	t.Flush()
}

func figures(r client.ReportRow) []string {
	failed := strconv.Itoa(r.Failed)
	if causes := causes(r.FailedOf); r.Failed > 0 {
		failed += " (" + causes + ")"
	}
	waited := output.Span(seconds(r.Waited))
	if r.OpenWaits > 0 {
		waited += fmt.Sprintf(" (%d wait)", r.OpenWaits)
	}
	return []string{
		strconv.Itoa(r.Runs), strconv.Itoa(r.Done), strconv.Itoa(r.Submitted), output.Cost(r.Usage.CostUSD), output.Cost(r.FailedUsage.CostUSD),
		strconv.FormatInt(r.Usage.Tokens(), 10), output.Span(seconds(r.Running)), waited, failed,
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

func causes(of map[string]int) string {
	words := make([]string, 0, len(of))
	for _, cause := range slices.Sorted(maps.Keys(of)) {
		words = append(words, fmt.Sprintf("%d %s", of[cause], cause))
	}
	return strings.Join(words, ", ")
}

// table writes CSV: what a row is about, then plain numbers. Costs are in
// dollars, times in seconds.
func table(p *output.Printer, r client.Report) error {
	var b strings.Builder
	w := csv.NewWriter(&b)
	if !p.Plain {
		_ = w.Write(append(slices.Clone(r.By), "runs", "done", "submitted", "failed", "failed_of", "cost_usd", "failed_cost_usd",
			"tokens_in", "tokens_out", "cache_read", "cache_write", "turns", "running_seconds", "waits", "open_waits", "waited_seconds"))
	}
	for _, row := range r.Items {
		cells := key(r.By, row)
		for i := range cells {
			cells[i] = inert(cells[i])
		}
		u := row.Usage
		for _, n := range []int{row.Runs, row.Done, row.Submitted, row.Failed} {
			cells = append(cells, strconv.Itoa(n))
		}
		cells = append(cells, causes(row.FailedOf), dollars(u.CostUSD), dollars(row.FailedUsage.CostUSD))
		for _, n := range []int64{u.Input, u.Output, u.CacheRead, u.CacheWrite, u.Turns} {
			cells = append(cells, strconv.FormatInt(n, 10))
		}
		cells = append(cells, number(row.Running), strconv.Itoa(row.Waits), strconv.Itoa(row.OpenWaits), number(row.Waited))
		_ = w.Write(cells) // a builder takes everything
	}
	w.Flush()
	return p.Write(b.String())
}

// inert is a cell that no spreadsheet takes for a formula: tenants are named by
// anybody.
func inert(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func dollars(n float64) string { return strings.TrimSuffix(output.Cost(n), "USD") }

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
