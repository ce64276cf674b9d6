package dispatch

import (
	"context"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// bill is what one board's runs of a day have used and reserved.
type bill struct {
	day  time.Time // when it began; zero = never summed
	rows []store.Spent
}

// spending sums what the day has cost on all boards, nil if no budget that spans
// boards asks for it. The rows of runs are the reservation: whoever holds claiming
// is the only one who adds to them, so there is nothing to rebuild after a restart.
// A board that has not changed since is not read again; what is summed too late
// counts as still reserved.
func (d *Dispatcher) spending(ctx context.Context) *board.Spending {
	var sum *board.Spending
	if d.daysSpanBoards() {
		sum = &board.Spending{Day: policy.DayOf(d.Clock())}
		for _, t := range d.tendedBoards() {
			if err := t.add(ctx, sum); err != nil {
				sum.Unknown = t.Slug()
			}
		}
		sum.Unknown = firstOf(sum.Unknown, d.untaken())
	}
	d.mu.Lock()
	d.spent = sum
	d.mu.Unlock()
	return sum
}

// add counts a board's day. One that cannot be read any more counts as it was
// last read: nothing new starts on it.
func (t *tended) add(ctx context.Context, sum *board.Spending) error {
	if t.unsummed.Swap(false) || !t.bill.day.Equal(sum.Day.Start) {
		rows, err := t.Spent(ctx, sum.Day.Start)
		if err == nil {
			t.bill = bill{sum.Day.Start, rows}
		} else {
			t.unsummed.Store(true)
		}
		if err != nil && !t.bill.day.Equal(sum.Day.Start) {
			return err
		}
	}
	sum.Add(t.bill.rows)
	return nil
}

func (d *Dispatcher) daysSpanBoards() bool {
	c := d.Config()
	spans := func(b config.Budget) bool { return b.Day != kanban.Budget{} }
	if spans(c.Budget) {
		return true
	}
	for _, l := range c.Lanes {
		if spans(l.Budget) || spans(c.Accounts[l.Account].Budget) {
			return true
		}
	}
	return false
}

// untaken names a board that could not be taken up, so that nobody knows what it
// has spent.
func (d *Dispatcher) untaken() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for t := range d.troubles {
		if t.verb == taking && d.boards[t.board] == nil {
			return t.board
		}
	}
	return ""
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
