package memory

import (
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func (s *state) Destination(id int64) (store.Destination, error) {
	for _, d := range s.destinations {
		if d.ID == id {
			return d, nil
		}
	}
	return store.Destination{}, kanban.Errorf(kanban.NotFound, "there is no destination %d", id)
}

func (s *state) Destinations() ([]store.Destination, error) { return slices.Clone(s.destinations), nil }

func (s *state) DestinationAt(sink, target, thread string) (int64, error) {
	for _, d := range s.destinations {
		if d.Sink == sink && d.Target == target && d.Thread == thread {
			return d.ID, nil
		}
	}
	return 0, nil
}

func (s *state) PutDestination(sink, target, thread string) (int64, error) {
	if id, _ := s.DestinationAt(sink, target, thread); id != 0 {
		return id, nil
	}
	s.last.destination++
	s.destinations = append(s.destinations, store.Destination{ID: s.last.destination, Sink: sink, Target: target, Thread: thread})
	return s.last.destination, nil
}

func (s *state) HoldDestination(id int64, until time.Time) error {
	for i := range s.destinations {
		if s.destinations[i].ID == id {
			s.destinations[i].Until = stamp(until)
			return nil
		}
	}
	_, err := s.Destination(id)
	return err
}

func (s *state) Posts(destination int64, task string) (root, prior string, err error) {
	of := filter(s.posts, func(p store.Post) bool { return p.Destination == destination && p.Task == task })
	if len(of) == 0 {
		return "", "", nil
	}
	return of[0].Ref, of[len(of)-1].Ref, nil
}

func (s *state) Posted(sink, ref string) (store.Post, error) {
	for _, p := range slices.Backward(s.posts) {
		if d, err := s.Destination(p.Destination); err == nil && d.Sink == sink && p.Ref == ref {
			return p, nil
		}
	}
	return store.Post{}, nil
}

func (s *state) PutPost(p store.Post) error {
	p.At = stamp(p.At)
	same := func(q store.Post) bool { return q.Destination == p.Destination && q.Ref == p.Ref }
	if i := slices.IndexFunc(s.posts, same); i >= 0 && s.posts[i].Task == p.Task {
		s.posts[i].At = p.At
		return nil
	}
	s.posts = append(slices.DeleteFunc(s.posts, same), p)
	return nil
}
