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
	pruned.Posts = s.prunePosts(p)
	s.pruneNotify(p.Now)
	return pruned, nil
}

// prunePosts forgets messages about tasks that have ended.
func (s *state) prunePosts(p store.Prune) int {
	var posts []old[int]
	for i, post := range s.posts {
		if post.At.Before(p.Events) && !s.open(post.Task) {
			posts = append(posts, old[int]{i, post.At})
		}
	}
	gone := oldest(posts, p.Limit)
	var left []store.Post
	for i, post := range s.posts {
		if !gone[i] {
			left = append(left, post)
		}
	}
	s.posts = left
	return len(gone)
}

// pruneNotify drops what nothing refers to any more, or what is over.
func (s *state) pruneNotify(now time.Time) {
	s.subscriptions = filter(s.subscriptions, func(x store.Subscription) bool {
		t, exists := s.tasks[x.Task]
		return x.Task == "" || exists && t.Status != kanban.Archived
	})
	s.mutes = filter(s.mutes, func(m store.Mute) bool {
		over := !m.Until.IsZero() && !m.Until.After(stamp(now))
		return !over && (m.Task == "" || s.exists(m.Task))
	})
	s.destinations = filter(s.destinations, func(d store.Destination) bool {
		return slices.ContainsFunc(s.subscriptions, func(x store.Subscription) bool { return x.Destination == d.ID }) ||
			slices.ContainsFunc(s.deliveries, func(x delivery) bool { return x.Destination == d.ID }) ||
			slices.ContainsFunc(s.mutes, func(x store.Mute) bool { return x.Destination == d.ID }) ||
			slices.ContainsFunc(s.posts, func(x store.Post) bool { return x.Destination == d.ID })
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
