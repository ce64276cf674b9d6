package board

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Promote ends triage, or makes a task ready that waits for nothing any more.
// With force, parents that are still open are waived on record, and the task
// starts without them; only a human may force. A worker may only end the triage
// of tasks that its own task created.
//
// Errors: gated while a parent is open and force is false; conflict in a status
// that neither parents nor triage hold back.
func (b *Board) Promote(ctx context.Context, a kanban.Actor, id string, force bool, reason string) (kanban.Task, error) {
	reason, err := text("the reason", reason, maxReason)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "promote", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if err := b.within(tx, a, t); err != nil {
			return t, err
		}
		open, err := openParents(tx, id)
		if err != nil {
			return t, err
		}
		waived := []string{}
		switch {
		case force && t.Status == kanban.Blocked && t.BlockKind == kanban.MergeConflict:
			waived, err = b.startUnmerged(tx, a, &t, reason)
		case force:
			waived, err = b.start(tx, a, &t, open, reason)
		case t.Status == kanban.Ready: // it drops a backoff
			err = b.move(tx, &t, kanban.Start, a.Kind, 0)
		default:
			err = b.promote(tx, a, &t, open)
		}
		if err != nil {
			return t, err
		}
		payload := by(a, map[string]any{"actor": a.Name, "reason": reason, "forced": force, "waived": waived})
		if err := b.save(tx, t, 0, kanban.EvPromotedManual, payload); err != nil {
			return t, err
		}
		return tx.Task(id)
	})
}

// promote takes a task as far as its parents let it.
func (b *Board) promote(tx store.Tx, a kanban.Actor, t *kanban.Task, open []openEdge) error {
	from := t.Status
	if err := b.move(tx, t, kanban.Promote, a.Kind, 0); err != nil {
		return err
	}
	if from == kanban.Todo && len(open) > 0 {
		return waitsFor(*t, open)
	}
	return nil
}

// start makes a task ready without the parents that are open, and returns them.
func (b *Board) start(tx store.Tx, a kanban.Actor, t *kanban.Task, open []openEdge, reason string) ([]string, error) {
	if t.Status == kanban.Triage {
		if err := b.move(tx, t, kanban.Promote, a.Kind, 0); err != nil {
			return nil, err
		}
	}
	if err := b.move(tx, t, kanban.Start, a.Kind, 0); err != nil {
		return nil, err
	}
	waived := []string{}
	for _, e := range open {
		e.Waived, e.WaivedBy, e.WaivedReason = true, a.Name, reason
		if err := tx.PutLink(e.Link); err != nil {
			return nil, err
		}
		waived = append(waived, e.Parent)
	}
	return waived, nil
}

// startUnmerged lets a task whose parents' branches do not merge start from that
// of the first one: the others are waived.
func (b *Board) startUnmerged(tx store.Tx, a kanban.Actor, t *kanban.Task, reason string) ([]string, error) {
	if a.Agent {
		return nil, kanban.Errorf(kanban.Unauthorized, "only a human leaves the work of parents away").In(t.Status).Hint("tell your user: andon why %s", t.ID)
	}
	links, err := tx.Parents(t.ID)
	if err != nil {
		return nil, err
	}
	if err := b.move(tx, t, kanban.Unblock, a.Kind, 0); err != nil {
		return nil, err
	}
	waived := []string{}
	links = slices.DeleteFunc(links, func(l kanban.Link) bool { return l.Waived })
	for _, l := range links[min(1, len(links)):] {
		l.Waived, l.WaivedBy, l.WaivedReason = true, a.Name, reason
		if err := tx.PutLink(l); err != nil {
			return nil, err
		}
		waived = append(waived, l.Parent)
	}
	return waived, nil
}
