package dispatch_test

import (
	"context"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

func usd(n int64) kanban.Budget { return kanban.Budget{Cost: n * kanban.Dollar} }

// TestG16_ADayOfTheHomeSpansItsBoards: of 3 USD three runs of 1 USD begin, on
// whatever boards; what they used is used up, and the next gateway knows.
func TestG16_ADayOfTheHomeSpansItsBoards(t *testing.T) {
	h := newHouse(t, map[string]string{"work": held}, func(c *config.Config) {
		c.Budget = config.Budget{Run: usd(1), Day: usd(3)}
		edit(c, "work", func(l *config.Lane) { l.Metered = true })
	})
	tell := h.hear()
	h.open()
	h.newBoard("other")
	ctx := context.Background()
	gates, boards := map[string]*pipe{}, map[string]string{}
	for i := range 6 {
		slug := []string{"default", "other"}[i%2]
		id := h.addTo(slug, board.NewTask{Assignee: "work", Triage: true})
		gates[id], boards[id] = h.fifo(id), slug
		_, err := h.board(slug).Promote(ctx, ann, id, false, "")
		fail(t, err)
	}
	started := func() (slug, id string) {
		words := strings.Fields(tell.line())
		return words[0], words[1]
	}
	run := func(id string) kanban.Run {
		runs, err := h.board(boards[id]).Runs(ctx, id)
		fail(t, err)
		return runs[len(runs)-1]
	}
	waits := func(words string) func() bool {
		return func() bool {
			waiting, full := 0, 0
			for id, slug := range boards {
				if why := h.gates(slug, id); strings.HasPrefix(why, "budget: ") {
					if waiting++; strings.Contains(why, words) {
						full++
					}
				}
			}
			return waiting > 0 && waiting == full
		}
	}
	var running []string
	for range 3 {
		_, id := started()
		running = append(running, id)
		if r := run(id); r.Reserved != usd(1) {
			t.Errorf("%v is reserved", r.Reserved)
		}
	}
	h.await("the others to wait for the budget", waits("the home has used 0.00USD and reserved 3.00USD of 3.00USD"))
	h.open() // the next gateway
	h.await("the others to wait for it still", waits("reserved 3.00USD of 3.00USD"))
	if n, _ := h.d.Running(); n != 3 {
		t.Errorf("%d run", n)
	}

	gates[running[0]].say("go") // it has used nothing
	_, id := started()
	_, err := h.board(boards[id]).Meter(ctx, run(id).ID, kanban.Usage{Cost: kanban.Dollar})
	fail(t, err)
	gates[id].say("go")
	h.await("its end", func() bool { return h.ended(id) })
	h.await("the others to wait", waits("the home has used 1.00USD and reserved 2.00USD of 3.00USD for today; a run may use 1.00USD"))

	h.change(func(c *config.Config) { c.Budget.Day = usd(4) })
	started()
}

// TestG16_ARunThatUsesMoreIsStopped: its processes end, its work is kept, and a
// human decides.
func TestG16_ARunThatUsesMoreIsStopped(t *testing.T) {
	h := newHouse(t, map[string]string{"work": held}, func(c *config.Config) {
		c.Budget = config.Budget{Run: usd(1)}
		edit(c, "work", func(l *config.Lane) { l.Metered = true })
	})
	tell := h.hear()
	h.open()
	id := h.addTo("default", board.NewTask{Assignee: "work", Triage: true})
	h.fifo(id)
	_, err := h.board("default").Promote(context.Background(), ann, id, false, "")
	fail(t, err)
	tell.line()
	r := h.runs(id)[0]
	_, err = h.board("default").Meter(context.Background(), r.ID, kanban.Usage{Cost: kanban.Dollar + 1})
	fail(t, err)
	h.is(id, kanban.Blocked)
	same(t, "outcomes", h.outcomes(id), kanban.OverBudget)
	if task := h.task(id); task.BlockKind != kanban.BudgetSpent || task.Failures != 0 || task.Losses != 0 {
		t.Errorf("held as %q with %d failures and %d losses", task.BlockKind, task.Failures, task.Losses)
	}
	if why := h.gates("default", id); !strings.HasPrefix(why, "budget: run 1 used 1.000001USD, more than the 1.00USD it may use") {
		t.Errorf("it waits since %s", why)
	}
}

// TestG16_ABoardThatCannotBeReadHoldsTheDayOfAll: nobody knows what it has spent.
func TestG16_ABoardThatCannotBeReadHoldsTheDayOfAll(t *testing.T) {
	h := newHouse(t, map[string]string{"work": held}, func(c *config.Config) {
		c.Budget = config.Budget{Run: usd(1), Day: usd(3)}
		edit(c, "work", func(l *config.Lane) { l.Metered = true })
	})
	tell := h.hear()
	h.newBoard("other")
	h.homes.fall("other")
	h.open()
	id := h.addTo("default", board.NewTask{Assignee: "work", Triage: true})
	h.fifo(id)
	_, err := h.board("default").Promote(context.Background(), ann, id, false, "")
	fail(t, err)
	h.await("that it is told", func() bool {
		return strings.Contains(h.gates("default", id), "what board other has spent cannot be read")
	})
	h.homes.heal()
	h.d.Nudge()
	tell.line()
}

// TestG16_APlanGivesNothingAwayTwice: two tasks that each fit into the day, but not
// together, are not both planned.
func TestG16_APlanGivesNothingAwayTwice(t *testing.T) {
	h := newHouse(t, map[string]string{"work": "true"}, func(c *config.Config) {
		c.Budget = config.Budget{Run: usd(2), Day: usd(3)}
		edit(c, "work", func(l *config.Lane) { l.Metered = true })
	})
	h.open().close() // it starts nothing any more
	h.newBoard("other")
	ctx := context.Background()
	fail(t, h.d.Adopt(ctx))
	h.addTo("other", board.NewTask{Assignee: "work", Priority: 1})
	urgent := h.addTo("default", board.NewTask{Assignee: "work", Priority: 2})
	start, wait, err := h.d.Plan(ctx, "")
	fail(t, err)
	if len(start) != 1 || start[0].Task.ID != urgent || len(wait) != 1 {
		t.Fatalf("%d are planned, %d wait", len(start), len(wait))
	}
	if why := wait[0].Gates[0].Reason; why != "the home has used 0.00USD and reserved 2.00USD of 3.00USD for today; a run may use 2.00USD" {
		t.Error("it waits for: " + why)
	}
}
