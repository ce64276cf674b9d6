package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *state) CountTasks(q store.TaskQuery) (map[kanban.Status]int, error) {
	q.Statuses = nil
	counts := map[kanban.Status]int{}
	for _, t := range s.tasks {
		if s.matches(q, t.Task) {
			counts[t.Status]++
		}
	}
	return counts, nil
}

func (s *state) Beside(ids []string) (map[string]store.Beside, error) {
	out := make(map[string]store.Beside, len(ids))
	for _, id := range ids {
		out[id] = store.Beside{}
	}
	count := func(id string, change func(*store.Beside)) {
		if b, asked := out[id]; asked {
			change(&b)
			out[id] = b
		}
	}
	for _, l := range s.links {
		if s.exists(l.Parent) {
			count(l.Child, func(b *store.Beside) { b.Parents++ })
		}
		child, exists := s.tasks[l.Child]
		if !exists {
			continue
		}
		count(l.Parent, func(b *store.Beside) {
			if b.Children++; child.Satisfies() {
				b.Satisfied++
			}
		})
	}
	for _, c := range s.comments {
		count(c.Task, func(b *store.Beside) { b.Comments++ })
	}
	for _, r := range s.runs {
		count(r.Task, func(b *store.Beside) { b.Runs++ })
	}
	return out, nil
}

func (s *state) ParentsOf(children []string) ([]kanban.Link, error) {
	found := s.edges(func(l kanban.Link) bool { return slices.Contains(children, l.Child) && s.exists(l.Parent) })
	slices.SortFunc(found, func(a, b kanban.Link) int {
		return cmp.Or(cmp.Compare(a.Child, b.Child), cmp.Compare(a.Parent, b.Parent))
	})
	return found, nil
}

func (s *state) MovedAt(ids []string) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	for _, e := range s.events {
		if slices.Contains(ids, e.Task) && slices.Contains(kanban.Moving, e.Kind) {
			out[e.Task] = e.At
		}
	}
	return out, nil
}
