package board_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/andon-dev/andon/internal/board"
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

// since is what the card of a task says.
func (h *house) since(t tb, id string) time.Time {
	t.Helper()
	return must(h.CardsOf(bg, []string{id}))(t)[0].Since
}

// TestSince: a card tells when its task came to its status, by whichever way,
// whatever was said or edited since.
func TestSince(t *testing.T) {
	busy := func(t *testing.T, h *house, id string) {
		t.Helper()
		h.pass(time.Minute)
		must(h.Comment(bg, ann, id, "hm"))(t)
		title := "another title"
		_, err := h.Edit(bg, ann, id, board.Edit{Title: &title})
		if must(h.Task(bg, id))(t).Status != kanban.Archived {
			ok(t, err)
		}
	}
	for _, from := range kanban.Statuses {
		h := newHouse(t)
		h.pass(time.Hour)
		came := h.now
		task := h.as(t, from)
		busy(t, h, task.ID)
		same(t, "in "+string(from)+" since", h.since(t, task.ID), came)
		for _, way := range must(h.CardsOf(bg, []string{task.ID}))(t)[0].Moves {
			there := h.branch()
			there.pass(time.Hour)
			must(there.Move(bg, ann, task.ID, way.To, "so be it", ""))(t)
			went := there.now
			busy(t, there, task.ID)
			same(t, "from "+string(from)+" to "+string(way.To)+" at", there.since(t, task.ID), went)
		}
	}
}

// TestSinceFailed: what its dispatcher does to a task counts as well.
func TestSinceFailed(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "fails")
	for range 2 {
		w := h.start(t, task)
		same(t, "running since", h.since(t, task.ID), h.now)
		h.pass(time.Minute)
		h.end(t, w, kanban.Crashed, "exit status 1")
		failed := h.now
		h.pass(time.Hour)
		same(t, "failed at", h.since(t, task.ID), failed)
	}
	status(t, h, task.ID, kanban.Blocked)
}

// TestSinceArchived: what was done or blocked before it was put away is so since
// then.
func TestSinceArchived(t *testing.T) {
	for _, s := range []kanban.Status{kanban.Done, kanban.Blocked} {
		h := newHouse(t)
		task := h.as(t, s)
		came := h.now
		h.pass(time.Hour)
		must(h.Archive(bg, ann, task.ID))(t)
		same(t, "archived since", h.since(t, task.ID), h.now)
		h.pass(time.Hour)
		must(h.Unarchive(bg, ann, task.ID))(t)
		status(t, h, task.ID, s)
		same(t, string(s)+" since", h.since(t, task.ID), came)
	}
}
