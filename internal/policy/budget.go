package policy

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// Failed reports whether a run ended without the result that it was for, by its
// own fault.
func Failed(o kanban.Outcome) bool {
	return CostOf(o) != Free || o == kanban.GaveUp || o == kanban.OverBudget
}

// Over reports whether more was used than a limit allows.
func Over(limit, used kanban.Budget) bool {
	return limit.Cost > 0 && used.Cost > limit.Cost || limit.Tokens > 0 && used.Tokens > limit.Tokens
}

// Day is a day of the calendar: what its budgets count from, and when they begin
// anew. A run belongs to the day on which it was claimed, to its end.
type Day struct{ Start, End time.Time }

// DayOf is the day of a time in that time's zone. It may have 23 or 25 hours.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	day := Day{Start: midnight(y, m, d, t.Location())}
	for next := d + 1; !day.End.After(t); next++ { // a zone may leave out a day
		if at := midnight(y, m, next, t.Location()); at.Day() != d {
			day.End = at
		}
	}
	return day
}

// midnight is the first moment of a day. Where the clock is put forward at
// midnight, that is one o'clock.
func midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	at := time.Date(y, m, d, 0, 0, 0, 0, zone)
	if noon := time.Date(y, m, d, 12, 0, 0, 0, zone); at.Day() != noon.Day() || at.Hour() != 0 {
		at = time.Date(y, m, d, 1, 0, 0, 0, zone)
	}
	return at
}
