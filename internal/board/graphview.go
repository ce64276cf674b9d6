package board

import (
	"context"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Graph is a part of the board with what waits for what.
type Graph struct {
	Cards       []Card
	Links       []kanban.Link // between these
	LeftOut     int           // tasks that belong to it and would be more than the limit
	LatestEvent int64         // it shows what was so after this one
}

// GraphQuery selects linked tasks: all that a root waits for and that waits for
// it, else those that unfinished ones are linked with, however far.
type GraphQuery struct {
	Root     string // "" = none
	Finished bool   // also what nothing unfinished is linked with
	Limit    int    // the nearest to what is unfinished, or to the root, come first
}

// Graph returns the graph of one snapshot. Archived tasks are no part of it, but
// for a root.
func (b *Board) Graph(ctx context.Context, q GraphQuery) (Graph, error) {
	return store.View(ctx, b.store, func(r store.Reader) (g Graph, err error) {
		w, err := readWeb(r, q.Root)
		if err != nil {
			return g, err
		}
		ids := w.around(q)
		if len(ids) > q.Limit {
			ids, g.LeftOut = ids[:q.Limit], len(ids)-q.Limit
		}
		drawn := map[string]bool{}
		tasks := make([]kanban.Task, len(ids))
		for i, id := range ids {
			tasks[i], drawn[id] = w.tasks[id], true
		}
		for _, l := range w.links {
			if drawn[l.Parent] && drawn[l.Child] {
				g.Links = append(g.Links, l)
			}
		}
		if g.Cards, err = b.cards(r, tasks); err != nil {
			return g, err
		}
		g.LatestEvent, err = r.LastEvent()
		return g, err
	})
}

// web is all links of a board, and the tasks at their ends.
type web struct {
	tasks    map[string]kanban.Task
	order    []string // of the tasks
	links    []kanban.Link
	up, down map[string][]string
}

func readWeb(r store.Reader, root string) (*web, error) {
	w := &web{tasks: map[string]kanban.Task{}, up: map[string][]string{}, down: map[string][]string{}}
	linked := map[string]bool{}
	var ids []string
	note := func(id string) {
		if !linked[id] {
			linked[id] = true
			ids = append(ids, id)
		}
	}
	err := r.EachLink(func(l kanban.Link) error {
		w.links = append(w.links, l)
		note(l.Parent)
		note(l.Child)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if root != "" {
		if _, err := r.Task(root); err != nil {
			return nil, err
		}
		note(root)
	}
	tasks, err := tasksOf(r, ids)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if t.Status != kanban.Archived || t.ID == root {
			w.tasks[t.ID] = t
			w.order = append(w.order, t.ID)
		}
	}
	for _, l := range w.links {
		w.up[l.Child] = append(w.up[l.Child], l.Parent)
		w.down[l.Parent] = append(w.down[l.Parent], l.Child)
	}
	return w, nil
}

// around lists what a query selects, the nearest first.
func (w *web) around(q GraphQuery) []string {
	if q.Root != "" {
		above := w.reach([]string{q.Root}, w.up)
		below := w.reach([]string{q.Root}, w.down)
		return append(above, below[1:]...)
	}
	var from []string
	for _, id := range w.order {
		if q.Finished || w.tasks[id].Status != kanban.Done {
			from = append(from, id)
		}
	}
	return w.reach(from, w.up, w.down)
}

// reach walks from some tasks along edges, breadth first.
func (w *web) reach(from []string, along ...map[string][]string) []string {
	seen := map[string]bool{}
	var found []string
	visit := func(id string) {
		if _, there := w.tasks[id]; there && !seen[id] {
			seen[id] = true
			found = append(found, id)
		}
	}
	for _, id := range from {
		visit(id)
	}
	for at := 0; at < len(found); at++ {
		for _, next := range along {
			for _, id := range next[found[at]] {
				visit(id)
			}
		}
	}
	return found
}
