package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

func (s *server) reportRoutes() {
	route(s, http.MethodGet, "/report", "report", "Sum what work cost and brought", s.report)
}

type reportInput struct {
	Board string    `query:"board" doc:"only this board"`
	Since time.Time `query:"since" doc:"7 days ago if absent"`
	Until time.Time `query:"until" doc:"now if absent"`
	By    []string  `query:"by,explode" doc:"what rows are told apart by: day, hour, board, tenant, lane, account, task"`
}

// usualReport is how far a report goes back that does not say.
const usualReport = 7 * 24 * time.Hour

func (s *server) report(ctx context.Context, in *reportInput) (*message[client.Report], error) {
	if _, err := human(ctx, "report"); err != nil {
		return nil, err
	}
	now := s.o.Clock()
	q := board.ReportQuery{From: in.Since, To: in.Until}
	if q.To.IsZero() {
		q.To = now.Add(time.Second) // to the second: what began in this one counts
	}
	if q.From.IsZero() {
		q.From = q.To.Add(-usualReport)
	}
	q.From, q.To = q.From.In(now.Location()), q.To.In(now.Location())
	for _, by := range in.By {
		q.By = append(q.By, board.Dimension(by))
	}
	if err := q.Check(); err != nil {
		return nil, err
	}
	out := client.Report{Since: q.From, Until: q.To, By: list(in.By)}
	boards, err := s.boardsOf(ctx, in.Board, func(slug string, _ error) { out.Missing = append(out.Missing, slug) })
	if err != nil {
		return nil, err
	}
	rows, total := board.Report{}, board.Report{}
	for _, b := range boards {
		if err := b.Report(ctx, q, rows); err != nil {
			return nil, err
		}
	}
	for _, row := range rows {
		total.Add(*row)
	}
	out.Items = each(rows.Rows(), wireReportRow)
	for _, row := range total.Rows() {
		out.Total = wireReportRow(row)
	}
	return answer(out, nil)
}

func wireReportRow(r board.ReportRow) client.ReportRow {
	w := client.ReportRow{
		Day: r.Day, Hour: r.Hour, Board: r.Board, Tenant: r.Tenant, Lane: r.Lane, Account: r.Account, Task: r.Task,
		Runs: r.Runs, Done: r.Done, Submitted: r.Submitted, FailedOf: failures(r.Failed),
		Usage: wireUsage(r.Usage), FailedUsage: wireUsage(r.FailedUsage), Running: r.Running.Seconds(),
		Waits: r.Waits, OpenWaits: r.OpenWaits, Waited: r.Waited.Seconds(),
	}
	for _, n := range r.Failed {
		w.Failed += n
	}
	return w
}

func failures(counts map[kanban.Outcome]int) map[string]int {
	out := make(map[string]int, len(counts))
	for o, n := range counts {
		out[string(o)] = n
	}
	return out
}
