package board

import (
	"context"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// refusePhantoms checks the tasks that a run says it created: each must exist
// and come from this task, as its child or as made by one of its runs. A
// refusal is on record, and the run goes on.
func (b *Board) refusePhantoms(ctx context.Context, a kanban.Actor, l kanban.Lease, h kanban.Handoff) error {
	if len(h.Cards) == 0 {
		return nil
	}
	var phantom, real []string
	err := b.store.View(ctx, func(r store.Reader) error {
		if done, err := answered(ctx, r); done || err != nil {
			return err
		}
		t, _, err := b.as(r, a, l)
		if err != nil {
			return err
		}
		for _, id := range h.Cards {
			ok, err := createdBy(r, t, id)
			if err != nil {
				return err
			}
			if ok {
				real = append(real, id)
			} else {
				phantom = append(phantom, id)
			}
		}
		return nil
	})
	if err != nil || len(phantom) == 0 {
		return err
	}
	return b.recordPhantoms(ctx, a, l, h, phantom, real)
}

func (b *Board) recordPhantoms(ctx context.Context, a kanban.Actor, l kanban.Lease, h kanban.Handoff, phantom, real []string) error {
	t, err := store.Update(ctx, b.store, func(tx store.Tx) (kanban.Task, error) {
		t, r, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		e := event(t, kanban.EvPhantomCards, map[string]any{
			"phantom_cards": phantom, "verified_cards": real, "summary_preview": kanban.FirstLine(h.Summary, 200),
		})
		e.Run = r.ID
		return t, b.record(tx, e)
	})
	if err != nil {
		return err
	}
	return kanban.Errorf(kanban.Invalid, "these are no tasks that %s created: %s; it is still in-flight", t.ID, strings.Join(phantom, ", ")).
		In(t.Status).Hint("complete again with the ids that `andon create` returned, or with no created cards")
}

func createdBy(r store.Reader, t kanban.Task, id string) (bool, error) {
	card, err := r.Task(id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return false, nil
	}
	if err != nil || card.Origin == t.ID || card.CreatedBy == t.ID {
		return err == nil, err
	}
	links, err := r.Children(t.ID)
	if err != nil {
		return false, err
	}
	for _, l := range links {
		if l.Child == id {
			return true, nil
		}
	}
	return false, nil
}

// noteUnknown puts on record that a summary names tasks which do not exist. It
// is advice for people, not a refusal.
func (b *Board) noteUnknown(tx store.Tx, t kanban.Task, run int64, h kanban.Handoff) error {
	var unknown []string
	for _, id := range kanban.Mentions(h.Summary + "\n" + h.Result) {
		_, err := tx.Task(id)
		if kanban.CodeOf(err) == kanban.NotFound {
			unknown = append(unknown, id)
		} else if err != nil {
			return err
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	e := event(t, kanban.EvPhantomReferences, map[string]any{"phantom_refs": unknown, "source": "completion_summary"})
	e.Run = run
	return b.record(tx, e)
}
