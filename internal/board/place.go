package board

import (
	"cmp"
	"slices"

	"github.com/andon-dev/andon/internal/store"
)

// names are what a target of a sink is called, itself among them, the one that a
// new place gets first.
func (b *Board) names(sink, target string) []string {
	if called := b.ports.Called; called != nil {
		if names := called(sink, target); slices.Contains(names, target) {
			return names
		}
	}
	return []string{target}
}

// SamePlace reports whether two places are one, whatever they are called.
func (b *Board) SamePlace(p, q store.Destination) bool {
	return p.Sink == q.Sink && p.Thread == q.Thread && slices.Contains(b.names(p.Sink, p.Target), q.Target)
}

// queues are the destinations that a place has under its names, the oldest first.
// There are several if it was not known that the names are of one place.
func (b *Board) queues(r store.OutboxReader, p store.Destination) (all []store.Destination, err error) {
	for _, name := range b.names(p.Sink, p.Target) {
		id, err := r.DestinationAt(p.Sink, name, p.Thread)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			all = append(all, store.Destination{ID: id, Sink: p.Sink, Target: name, Thread: p.Thread})
		}
	}
	slices.SortFunc(all, func(p, q store.Destination) int { return cmp.Compare(p.ID, q.ID) })
	return all, nil
}

// queue is the destination of a place that it is told through, the oldest one: a
// place that gets another name keeps its queue. ID is 0 if there is none yet.
func (b *Board) queue(r store.OutboxReader, p store.Destination) (store.Destination, error) {
	all, err := b.queues(r, p)
	if err != nil || len(all) > 0 {
		return append(all, p)[0], err
	}
	p.ID, p.Target = 0, b.names(p.Sink, p.Target)[0]
	return p, nil
}

// queued is a subscription with the destination that it is told through.
func (b *Board) queued(r store.OutboxReader, s store.Subscription) (store.Subscription, error) {
	if len(b.names(s.Sink, s.Target)) == 1 {
		return s, nil
	}
	p, err := b.queue(r, s.Place())
	s.Destination, s.Target = p.ID, p.Target
	return s, err
}

// muted reports whether a place hears nothing of a task now.
func (b *Board) muted(r store.Reader, p store.Destination, task string) (bool, error) {
	all, err := b.queues(r, p)
	for _, d := range all {
		muted, err := r.Muted(d.ID, task, b.now())
		if err != nil || muted {
			return muted, err
		}
	}
	return false, err
}
