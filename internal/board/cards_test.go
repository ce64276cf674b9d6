package board_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/andon-dev/andon/internal/kanban"
)

// checkCards: what is read for a page at once is what is read one by one.
func (w *watch) checkCards(t tb, now snapshot) {
	cards := must(w.CardsOf(bg, slices.Collect(maps.Keys(now.tasks))))(t)
	if len(cards) != len(now.tasks) {
		t.Fatalf("%d cards of %d tasks", len(cards), len(now.tasks))
	}
	for _, c := range cards {
		if diff := cmp.Diff(must(w.Explain(bg, c.Task.ID))(t).Gates, c.Gates, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("the gates of %s, alone and on its card:\n%s", c.Task.ID, diff)
		}
		if (c.Run != nil) != (c.Task.CurrentRun != 0) {
			t.Fatalf("the card of %s has run %v", c.Task.ID, c.Run)
		}
	}
}

// TestMove: a card's moves lead where they say, and nothing else leads anywhere.
func TestMove(t *testing.T) {
	for _, from := range kanban.Statuses {
		for _, to := range kanban.Statuses {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				h := newHouse(t)
				task := h.as(t, from)
				card := must(h.CardsOf(bg, []string{task.ID}))(t)[0]
				moved, err := h.Move(bg, ann, task.ID, to, "so be it", "")
				if !slices.ContainsFunc(card.Moves, func(m kanban.Move) bool { return m.To == to }) {
					refused(t, err, kanban.Conflict, "nothing leads from")
					return
				}
				ok(t, err)
				same(t, "status", moved.Status, to)
			})
		}
	}
}
