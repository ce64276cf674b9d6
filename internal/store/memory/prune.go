package memory

import (
	"cmp"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// old is a row that may go.
type old[K comparable] struct {
	id K
	at time.Time
}

// Prune implements store.Tx. The oldest rows of each kind go first.
func (s *state) Prune(p store.Prune) (store.Pruned, error) {
	var deliveries, events []old[int64]
	for _, d := range s.deliveries {
		if d.State == store.Delivered && d.DoneAt.Before(p.Deliveries) {
			deliveries = append(deliveries, old[int64]{d.ID, d.DoneAt})
		}
	}
	gone := oldest(deliveries, p.Limit)
	s.deliveries = slices.DeleteFunc(s.deliveries, func(d delivery) bool { return gone[d.ID] })
	pruned := store.Pruned{Deliveries: len(gone)}

	for _, e := range s.events {
		if e.At.Before(p.Events) && !s.open(e.Task) && !s.awaited(e.ID) {
			events = append(events, old[int64]{e.ID, second(e.At)})
		}
	}
	gone = oldest(events, p.Limit)
	s.events = slices.DeleteFunc(s.events, func(e event) bool { return gone[e.ID] })
	pruned.Events = len(gone)

	var operations []old[string]
	for id, o := range s.operations {
		if o.at.Before(p.Operations) {
			operations = append(operations, old[string]{id, o.at})
		}
	}
	for id := range oldest(operations, p.Limit) {
		delete(s.operations, id)
		pruned.Operations++
	}
	s.dropSubscriptions(func(task string) bool { return task != "" && !s.exists(task) })
	return pruned, nil
}

// dropSubscriptions ends those of tasks that are gone and have nothing to tell
// any more.
func (s *state) dropSubscriptions(gone func(task string) bool) {
	s.subscriptions = filter(s.subscriptions, func(x store.Subscription) bool {
		return !gone(x.Task) || slices.ContainsFunc(s.deliveries, func(d delivery) bool {
			return d.Subscription == x.ID && d.State != store.Delivered
		})
	})
}

func oldest[K cmp.Ordered](rows []old[K], limit int) map[K]bool {
	slices.SortFunc(rows, func(a, b old[K]) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.id, b.id)) })
	gone := map[K]bool{}
	for _, row := range first(rows, limit) {
		gone[row.id] = true
	}
	return gone
}

// open reports whether a task exists and is neither done nor archived.
func (s *state) open(task string) bool {
	t, exists := s.tasks[task]
	return exists && t.Status != kanban.Done && t.Status != kanban.Archived
}

// awaited reports whether somebody has yet to hear of an event.
func (s *state) awaited(event int64) bool {
	return slices.ContainsFunc(s.deliveries, func(d delivery) bool {
		return d.event == event && d.State != store.Delivered
	})
}
