package board

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Dimension is something that a report tells its rows apart by.
type Dimension string

// The dimensions.
const (
	ByBoard   Dimension = "board"
	ByLane    Dimension = "lane"
	ByAccount Dimension = "account"
	ByTenant  Dimension = "tenant"
	ByTask    Dimension = "task"
	ByDay     Dimension = "day"
	ByHour    Dimension = "hour"
)

// Dimensions lists them.
var Dimensions = []Dimension{ByDay, ByHour, ByBoard, ByTenant, ByLane, ByAccount, ByTask}

// maxReportDays and maxReportHours bound a report by day, and by hour.
const (
	maxReportDays  = 400
	maxReportHours = 7 * 24
)

// ReportQuery selects the runs and waits that began in a period, to the second.
// Days are those of From's time zone.
type ReportQuery struct {
	From, To time.Time
	By       []Dimension
}

// Check refuses what cannot be reported.
func (q ReportQuery) Check() error {
	for _, d := range q.By {
		if !slices.Contains(Dimensions, d) {
			return kanban.Errorf(kanban.Invalid, "a report cannot be made by %s", kanban.Quote(d)).Hint("by any of lane, account, tenant, task, board, day and hour")
		}
	}
	if !q.From.Before(q.To) {
		return kanban.Errorf(kanban.Invalid, "the report ends before it begins").Hint("for example --since 7d")
	}
	if q.by(ByDay) && q.To.Sub(q.From) > maxReportDays*24*time.Hour {
		return kanban.Errorf(kanban.Invalid, "a report by day is of at most %d days", maxReportDays).Hint("--since 90d, or leave day away")
	}
	if q.by(ByHour) && q.To.Sub(q.From) > maxReportHours*time.Hour {
		return kanban.Errorf(kanban.Invalid, "a report by hour is of at most %d hours", maxReportHours).Hint("--since 24h, or by day")
	}
	return nil
}

func (q ReportQuery) by(d Dimension) bool { return slices.Contains(q.By, d) }

// ReportKey is what a row is about; what the report is not by is "".
type ReportKey struct{ Day, Hour, Board, Tenant, Lane, Account, Task string }

// ReportRow is what work cost and brought.
type ReportRow struct {
	ReportKey
	Runs        int
	Done        int                    // runs that completed
	Submitted   int                    // runs that were handed to a reviewer
	Failed      map[kanban.Outcome]int // runs by what they failed of
	Usage       kanban.Usage
	FailedUsage kanban.Usage // of these, that of failed runs
	Running     time.Duration
	Waits       int // times that a task was left to people
	OpenWaits   int // of these it still is
	Waited      time.Duration
}

// Report is rows that are being summed.
type Report map[ReportKey]*ReportRow

func (r Report) at(k ReportKey) *ReportRow {
	if r[k] == nil {
		r[k] = &ReportRow{ReportKey: k, Failed: map[kanban.Outcome]int{}}
	}
	return r[k]
}

// Add sums a row of another report into the row of this one that has no key.
func (r Report) Add(row ReportRow) {
	sum := r.at(ReportKey{})
	sum.Runs += row.Runs
	sum.Done += row.Done
	sum.Submitted += row.Submitted
	for o, n := range row.Failed {
		sum.Failed[o] += n
	}
	sum.Usage, sum.FailedUsage = sum.Usage.Plus(row.Usage), sum.FailedUsage.Plus(row.FailedUsage)
	sum.Running += row.Running
	sum.Waits += row.Waits
	sum.OpenWaits += row.OpenWaits
	sum.Waited += row.Waited
}

// Rows are the rows in order of their keys.
func (r Report) Rows() []ReportRow {
	keys := slices.SortedFunc(maps.Keys(r), func(a, b ReportKey) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Hour, b.Hour), cmp.Compare(a.Board, b.Board), cmp.Compare(a.Tenant, b.Tenant),
			cmp.Compare(a.Lane, b.Lane), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Task, b.Task))
	})
	rows := make([]ReportRow, len(keys))
	for i, k := range keys {
		rows[i] = *r[k]
	}
	return rows
}

// Report adds to a report what happened on this board. The query was checked.
func (b *Board) Report(ctx context.Context, q ReportQuery, into Report) error {
	return b.store.View(ctx, func(r store.Reader) error {
		for from := q.From; from.Before(q.To); {
			to, at := q.period(from)
			if err := b.reportPeriod(r, q, from, to, at, into); err != nil {
				return err
			}
			from = to
		}
		return nil
	})
}

// period is the end of the day or hour that a moment lies in, and its name: all
// that is left if the report is by neither.
func (q ReportQuery) period(from time.Time) (to time.Time, at ReportKey) {
	to = q.To
	if q.by(ByDay) {
		day := policy.DayOf(from)
		to, at.Day = day.End, day.Start.Format(time.DateOnly)
	}
	if q.by(ByHour) {
		hour := from.Truncate(time.Hour)
		at.Hour = hour.Format("2006-01-02T15:04Z07:00")
		if end := hour.Add(time.Hour); end.Before(to) {
			to = end
		}
	}
	if q.To.Before(to) {
		to = q.To
	}
	return to, at
}

func (b *Board) reportPeriod(r store.Reader, q ReportQuery, from, to time.Time, at ReportKey, into Report) error {
	p := store.Period{From: from, To: to, Now: b.now(), ByTask: q.by(ByTask)}
	row := func(lane, account, tenant, task string) *ReportRow {
		k := at
		k.Task = task
		for d, set := range map[Dimension]func(){
			ByBoard: func() { k.Board = b.slug }, ByTenant: func() { k.Tenant = tenant },
			ByLane: func() { k.Lane = lane }, ByAccount: func() { k.Account = account },
		} {
			if q.by(d) {
				set()
			}
		}
		return into.at(k)
	}
	efforts, err := r.Effort(p)
	if err != nil {
		return err
	}
	for _, e := range efforts {
		row(e.Lane, e.Account, e.Tenant, e.Task).add(e)
	}
	waits, err := r.Waits(p)
	if err != nil {
		return err
	}
	for _, w := range waits {
		at := row(w.Lane, w.Account, w.Tenant, w.Task)
		at.Waits += w.Times
		at.OpenWaits += w.Open
		at.Waited += w.Waited
	}
	return nil
}

func (row *ReportRow) add(e store.Effort) {
	row.Runs += e.Runs
	row.Usage = row.Usage.Plus(e.Usage)
	row.Running += e.Running
	switch {
	case e.Outcome == kanban.Completed:
		row.Done += e.Runs
	case e.Outcome == kanban.Submitted:
		row.Submitted += e.Runs
	case policy.Failed(e.Outcome):
		row.Failed[e.Outcome] += e.Runs
		row.FailedUsage = row.FailedUsage.Plus(e.Usage)
	}
}
