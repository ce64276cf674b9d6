package board

import (
	"context"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Mute keeps a place from hearing of a task and of what its runs create, or of
// anything with task "", from now on. What is on its way arrives. Until is set
// by the caller, zero for good; a mute that there was is replaced. Humans only.
//
// Errors: invalid; not_found for an unknown task.
func (b *Board) Mute(ctx context.Context, a kanban.Actor, place store.Destination, m store.Mute) (store.Mute, error) {
	if err := onlyHuman(a, "mute"); err != nil {
		return m, err
	}
	if err := cleanPlace(&place.Sink, &place.Target, &place.Thread); err != nil {
		return m, err
	}
	if !m.Until.IsZero() && !m.Until.After(b.now()) {
		return m, kanban.Errorf(kanban.Invalid, "it would be over already").Hint("a time that is to come, or none for good")
	}
	return mutate(ctx, b, "mute", m.Task, func(tx store.Tx) (store.Mute, error) {
		if m.Task != "" {
			if _, err := tx.Task(m.Task); err != nil {
				return m, err
			}
		}
		// What others wrote before now is heard.
		if err := b.ingestAll(tx); err != nil {
			return m, err
		}
		p, err := b.queue(tx, place)
		if err != nil {
			return m, err
		}
		id, err := tx.PutDestination(p.Sink, p.Target, p.Thread)
		if err != nil {
			return m, err
		}
		m.Destination, m.By, m.At = id, a.Name, b.now()
		return m, tx.PutMute(m)
	})
}

// Unmute lets a place hear of a task again, from now on. Humans only.
//
// Errors: not_found if it was not muted.
func (b *Board) Unmute(ctx context.Context, a kanban.Actor, place store.Destination, task string) error {
	if err := onlyHuman(a, "unmute"); err != nil {
		return err
	}
	if err := cleanPlace(&place.Sink, &place.Target, &place.Thread); err != nil {
		return err
	}
	_, err := mutate(ctx, b, "unmute", task, func(tx store.Tx) (none struct{}, err error) {
		if err := b.ingestAll(tx); err != nil {
			return none, err
		}
		queues, err := b.queues(tx, place)
		if err != nil {
			return none, err
		}
		var was bool
		for _, q := range queues {
			err := tx.DeleteMute(q.ID, task)
			if ignoreMissing(err) != nil {
				return none, err
			}
			was = was || err == nil
		}
		if !was {
			return none, kanban.Errorf(kanban.NotFound, "that is not muted there").Hint("andon notify list  shows what is")
		}
		return none, nil
	})
	return err
}

// Muted is a mute and where it holds.
type Muted struct {
	store.Mute
	Place store.Destination
}

// Mutes lists those that hold.
func (b *Board) Mutes(ctx context.Context) ([]Muted, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]Muted, error) {
		all, err := r.Mutes()
		if err != nil {
			return nil, err
		}
		places, err := destinations(r)
		if err != nil {
			return nil, err
		}
		var out []Muted
		for _, m := range all {
			if m.Until.IsZero() || m.Until.After(b.now()) {
				out = append(out, Muted{m, places[m.Destination]})
			}
		}
		return out, nil
	})
}

// placeName is a place as people know it.
func placeName(d store.Destination) string {
	return orElse(strings.TrimSpace(d.Sink+" "+d.Target), "a sink")
}

func destinations(r store.Reader) (map[int64]store.Destination, error) {
	all, err := r.Destinations()
	known := map[int64]store.Destination{}
	for _, d := range all {
		known[d.ID] = d
	}
	return known, err
}
