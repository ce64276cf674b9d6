package board_test

import (
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// TestGraph: what is linked with unfinished tasks is drawn, near ones first; a
// root narrows it to what it waits for and what waits for it.
func TestGraph(t *testing.T) {
	h := newHouse(t)
	child := func(parents ...string) string {
		return h.add(t, "child", func(n *board.NewTask) { n.Parents = parents }).ID
	}
	plan := h.as(t, kanban.Done).ID
	build, test := child(plan), child(plan)
	ship := child(build, test)
	other := child(test)
	old := h.as(t, kanban.Done).ID
	after := h.done(t, must(h.Task(bg, child(old)))(t), kanban.Handoff{Summary: "done"}).ID
	h.add(t, "alone")

	for _, c := range []struct {
		name  string
		q     board.GraphQuery
		want  []string
		links int
		left  int
	}{
		{name: "unfinished, and what it is linked with", q: board.GraphQuery{Limit: 9}, want: []string{build, test, ship, other, plan}, links: 5},
		{name: "the finished too", q: board.GraphQuery{Finished: true, Limit: 9}, want: []string{build, test, ship, other, plan, old, after}, links: 6},
		{name: "no more than the limit", q: board.GraphQuery{Limit: 4}, want: []string{build, test, ship, other}, links: 3, left: 1},
		{name: "around a root", q: board.GraphQuery{Root: build, Limit: 9}, want: []string{build, plan, ship}, links: 2},
		{name: "around a root that is finished", q: board.GraphQuery{Root: old, Limit: 9}, want: []string{old, after}, links: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := must(h.Graph(bg, c.q))(t)
			got := map[string]bool{}
			for _, card := range g.Cards {
				got[card.Task.ID] = true
			}
			for _, id := range c.want {
				if !got[id] {
					t.Errorf("%s is missing", id)
				}
			}
			same(t, "cards", len(g.Cards), len(c.want))
			same(t, "links", len(g.Links), c.links)
			same(t, "left out", g.LeftOut, c.left)
		})
	}
	_, err := h.Graph(bg, board.GraphQuery{Root: "t_00000000", Limit: 9})
	refused(t, err, kanban.NotFound)
}
