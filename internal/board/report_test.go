package board_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// uses puts what a run used on record.
func (h *house) uses(t tb, run int64, u kanban.Usage) {
	t.Helper()
	must(h.Meter(bg, run, u))(t)
}

func tenant(name string) func(*board.NewTask) { return func(n *board.NewTask) { n.Tenant = name } }

// TestReport: runs and waits of one week, summed by what is asked for.
func TestReport(t *testing.T) {
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Account: "claude"}
	h.add(t, "good", tenant("acme"))
	w := handOf(h.next(t, "builder"))
	h.uses(t, w.run.ID, kanban.Usage{Input: 100, Output: 20, Turns: 3, Cost: 2 * kanban.Dollar})
	h.pass(10 * time.Minute)
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))

	bad := h.add(t, "bad")
	for range 2 {
		h.pass(time.Hour)
		w = handOf(h.next(t, "builder"))
		h.uses(t, w.run.ID, kanban.Usage{Output: 5, Cost: kanban.Dollar / 2})
		h.pass(time.Minute)
		must(h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.Crashed, Error: "exit 3", Metadata: json.RawMessage(`{}`), Started: true}))(t)
		ok(t, h.Settle(bg, w.run.ID, ""))
	}
	h.pass(3 * time.Hour) // the breaker waits for a human, and goes on waiting
	status(t, h, bad.ID, kanban.Blocked)

	report := func(q board.ReportQuery) []board.ReportRow {
		into := board.Report{}
		ok(t, q.Check())
		ok(t, h.Report(bg, q, into))
		return into.Rows()
	}
	week := board.ReportQuery{From: t0.Add(-time.Hour), To: h.now.Add(time.Second)}
	failed := map[kanban.Outcome]int{kanban.Crashed: 2}
	sum := board.ReportRow{
		Runs: 3, Done: 1, Failed: failed, Usage: kanban.Usage{Input: 100, Output: 30, Turns: 3, Cost: 3 * kanban.Dollar},
		FailedUsage: kanban.Usage{Output: 10, Cost: kanban.Dollar}, Running: 12 * time.Minute, Waits: 1, OpenWaits: 1, Waited: 3 * time.Hour,
	}
	same(t, "in one row", report(week), []board.ReportRow{sum})

	week.By = []board.Dimension{board.ByAccount, board.ByTenant}
	acme, others := sum, sum
	acme.ReportKey = board.ReportKey{Tenant: "acme", Account: "claude"}
	acme.Runs, acme.Failed, acme.FailedUsage, acme.Running, acme.Waits, acme.OpenWaits, acme.Waited = 1, nil, kanban.Usage{}, 10*time.Minute, 0, 0, 0
	acme.Usage = kanban.Usage{Input: 100, Output: 20, Turns: 3, Cost: 2 * kanban.Dollar}
	others.ReportKey = board.ReportKey{Account: "claude"}
	others.Runs, others.Done, others.Running, others.Usage = 2, 0, 2*time.Minute, others.FailedUsage
	same(t, "by account and tenant", report(week), []board.ReportRow{others, acme})

	week.By = []board.Dimension{board.ByTask, board.ByLane, board.ByBoard}
	if rows := report(week); len(rows) != 2 || rows[0].Board != "default" || rows[0].Lane != "builder" || rows[0].Task == rows[1].Task {
		t.Errorf("by task: %+v", rows)
	}
	total := board.Report{}
	for _, row := range report(week) {
		total.Add(row)
	}
	same(t, "total", total.Rows(), []board.ReportRow{sum})
}

// TestReportByDay: days are those of the clock's zone, and only whole runs are
// counted, on the day on which they began.
func TestReportByDay(t *testing.T) {
	h := newHouse(t)
	h.now = time.Date(2026, 11, 23, 23, 30, 0, 0, time.FixedZone("there", -5*3600))
	from := h.now.Add(-time.Hour)
	for range 3 {
		h.add(t, "work")
		w := handOf(h.next(t, "builder"))
		h.pass(12 * time.Hour) // into the next day
		h.uses(t, w.run.ID, kanban.Usage{Cost: 1})
		must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
		ok(t, h.Settle(bg, w.run.ID, ""))
	}
	q := board.ReportQuery{From: from, To: h.now, By: []board.Dimension{board.ByDay}}
	into := board.Report{}
	ok(t, h.Report(bg, q, into))
	var days []string
	for _, row := range into.Rows() {
		days = append(days, row.Day)
		if want := map[string]int64{"2026-11-23": 1, "2026-11-24": 2}[row.Day]; row.Usage.Cost != want {
			t.Errorf("%s cost %d, want %d", row.Day, row.Usage.Cost, want)
		}
	}
	same(t, "days", days, []string{"2026-11-23", "2026-11-24"})

	q.By, into = []board.Dimension{board.ByHour, board.ByDay}, board.Report{}
	ok(t, h.Report(bg, q, into))
	var hours []string
	for _, row := range into.Rows() {
		if row.Runs > 0 {
			hours = append(hours, row.Day+" "+row.Hour)
		}
	}
	same(t, "hours", hours, []string{"2026-11-23 2026-11-23T23:00-05:00", "2026-11-24 2026-11-24T11:00-05:00", "2026-11-24 2026-11-24T23:00-05:00"})
}

func TestReportRefusals(t *testing.T) {
	for _, q := range []board.ReportQuery{
		{From: t0, To: t0},
		{From: t0, To: t0.Add(time.Hour), By: []board.Dimension{"colour"}},
		{From: t0, To: t0.AddDate(2, 0, 0), By: []board.Dimension{board.ByDay}},
		{From: t0, To: t0.AddDate(0, 1, 0), By: []board.Dimension{board.ByHour}},
	} {
		refused(t, q.Check(), kanban.Invalid)
	}
}
