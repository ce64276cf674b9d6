package board

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// A place that a human resumed after a pause is on trial as long as the last
// failures there are alike: one run at a time is started, until one gets further.
// That stands in the history of its runs and nowhere else; suspects are only
// where to look.

func (b *Boards) suspect(p place, pausing *Pause) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.suspects[p] = pausing
}

// Recall looks back where alike failures have paused or are on trial, as an
// earlier process may have left it. Nothing is known to be on trial before it.
func (b *Boards) Recall(ctx context.Context) error {
	s := b.ports(kanban.DefaultBoard).Settings()
	if s.Retry.PauseAfter <= 0 {
		return nil
	}
	places := map[place]bool{}
	for lane := range s.Lanes {
		places[place{lane: lane}] = true
	}
	_, err := b.eachBoard(ctx, func(bd *Board) ([]ended, error) {
		return nil, bd.store.View(ctx, func(r store.Reader) error {
			runs, err := r.LastRuns("", streakInRepo)
			if err != nil {
				return err
			}
			for _, run := range runs {
				t, err := r.Task(run.Task)
				if ignoreMissing(err) != nil {
					return err
				}
				if repo := t.Workspace.Source(); repo != "" {
					places[place{repo: repo}] = true
				}
			}
			return nil
		})
	})
	for p := range places {
		if err != nil {
			return err
		}
		var alike streak
		if alike, err = b.streak(ctx, p); err == nil && alike.pauses(p, s.Retry.PauseAfter) {
			b.suspect(p, nil)
		}
	}
	return err
}

// suspected are the places that may be on trial.
func (b *Boards) suspected() map[place]*Pause {
	b.mu.Lock()
	defer b.mu.Unlock()
	return maps.Clone(b.suspects)
}

// trials are the places on trial, each held by the run that tries it, while
// there is one, and those whose pause is just being recorded.
func (b *Boards) trials(ctx context.Context, suspects map[place]*Pause, holds []store.Hold) (all []store.Hold, err error) {
	for _, p := range slices.SortedFunc(maps.Keys(suspects), func(x, y place) int { return cmp.Compare(x.scope(), y.scope()) }) {
		switch pausing := suspects[p]; {
		case paused(holds, p.scope()):
		case pausing != nil:
			all = append(all, pausing.hold())
		default:
			if all, err = b.trial(ctx, p, all); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// trial appends what a place is held by while a run tries it.
func (b *Boards) trial(ctx context.Context, p place, all []store.Hold) ([]store.Hold, error) {
	s, err := b.streak(ctx, p)
	if err != nil {
		return nil, err
	}
	if !s.pauses(p, b.ports(kanban.DefaultBoard).Settings().Retry.PauseAfter) {
		b.acquit(p)
		return all, nil
	}
	begun, err := b.begunSince(ctx, p, s.last)
	if err != nil || len(begun) == 0 {
		return all, err
	}
	first := slices.MinFunc(begun, func(x, y ended) int { return x.StartedAt.Compare(y.StartedAt) })
	before := Pause{Error: s.last.Error, Tasks: s.tasks}
	return append(all, store.Hold{
		Scope: p.scope(), Kind: store.Trial, By: "andon", Since: first.StartedAt, Tasks: []store.TaskRef{first.TaskRef},
		Reason: fmt.Sprintf("being tried with %s after a pause: %s", first.TaskRef.Task, before.reason()),
	}), nil
}

// acquit ends the suspicion, unless it was just confirmed.
func (b *Boards) acquit(p place) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.suspects[p] == nil {
		delete(b.suspects, p)
	}
}

// begunSince are the open runs in a place that were begun after a failure had
// ended; what was under way by then tries nothing.
func (b *Boards) begunSince(ctx context.Context, p place, failure kanban.Run) ([]ended, error) {
	return b.eachBoard(ctx, func(bd *Board) ([]ended, error) {
		return store.View(ctx, bd.store, func(r store.Reader) ([]ended, error) {
			runs, err := r.LiveRuns()
			if err != nil {
				return nil, err
			}
			return bd.placed(r, p, slices.DeleteFunc(runs, func(r kanban.Run) bool { return !r.Open() || r.StartedAt.Before(failure.EndedAt) }))
		})
	})
}
