package board

import (
	"context"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Delete removes a task and leaves a tombstone event. Children of unfinished
// work are held for a human, since nobody can satisfy them any more. Humans
// only.
//
// Errors: conflict while a run is alive, unless stop is true; then its run ends
// and the task goes with its last process.
func (b *Board) Delete(ctx context.Context, a kanban.Actor, id string, stop bool) (kanban.Task, error) {
	if err := onlyHuman(a, "delete"); err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "delete", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if t.Closed == kanban.Deleted {
			return t, nil
		}
		if (t.CurrentRun != 0 || t.LiveRun != 0) && !stop {
			return t, kanban.Errorf(kanban.Conflict, "a run of %s is alive", id).In(t.Status).Hint("andon delete %s --stop  ends it first", id)
		}
		return b.delete(tx, a, t)
	})
}

func (b *Board) delete(tx store.Tx, a kanban.Actor, t kanban.Task) (kanban.Task, error) {
	if err := b.holdChildren(tx, a, t); err != nil {
		return t, err
	}
	tombstone := by(a, map[string]any{"title": kanban.FirstLine(t.Title, 200), "status": string(t.Status)})
	if err := b.record(tx, event(t, kanban.EvDeleted, tombstone)); err != nil {
		return t, err
	}
	if t.Status != kanban.Archived {
		if err := b.move(tx, &t, kanban.Archive, a.Kind, 0); err != nil {
			return t, err
		}
	}
	if _, err := b.close(tx, &t, kanban.CancelledOut, func(r *kanban.Run) { r.Error = "deleted by " + a.Name }); err != nil {
		return t, err
	}
	if t.LiveRun == 0 {
		return t, b.remove(tx, t)
	}
	t.Closed = kanban.Deleted
	if err := tx.UpdateTask(t); err != nil {
		return t, err
	}
	return t, freeChildren(tx, t.ID)
}

// freeChildren removes the edges to the children at once: nothing may come to
// wait for a task that is about to go.
func freeChildren(tx store.Tx, parent string) error {
	links, err := tx.Children(parent)
	if err != nil {
		return err
	}
	for _, l := range links {
		if err := tx.DeleteLink(parent, l.Child); err != nil {
			return err
		}
	}
	return nil
}

// living is a task that a child may wait for.
func living(r store.Reader, id string) (kanban.Task, error) {
	t, err := r.Task(id)
	if err == nil && t.Closed == kanban.Deleted {
		err = kanban.Errorf(kanban.NotFound, "task %s was deleted", id).Hint("andon list  shows the tasks of this board")
	}
	return t, err
}

// remove takes the rows away.
func (b *Board) remove(tx store.Tx, t kanban.Task) error {
	if err := tx.ReleaseKeys(t.ID); err != nil {
		return err
	}
	return tx.DeleteTask(t.ID)
}

func unfinished(t kanban.Task) string {
	if t.Satisfies() {
		return ""
	}
	return " unfinished"
}

// holdChildren blocks the children that wait for a task which is about to go.
// Those in the hands of a human or a worker stay there; their log says what they
// lost.
func (b *Board) holdChildren(tx store.Tx, a kanban.Actor, parent kanban.Task) error {
	links, err := tx.Children(parent.ID)
	if err != nil {
		return err
	}
	for _, l := range links {
		t, err := tx.Task(l.Child)
		if err != nil {
			return err
		}
		if !l.Waived && l.Satisfied(parent) {
			continue
		}
		if err := b.record(tx, event(t, kanban.EvUnlinked, by(a, map[string]any{"parent": parent.ID, "child": t.ID, "reason": "deleted"}))); err != nil {
			return err
		}
		if l.Waived || (t.Status != kanban.Todo && t.Status != kanban.Scheduled) {
			continue
		}
		if err := b.move(tx, &t, kanban.Block, a.Kind, 0); err != nil {
			return err
		}
		t.BlockKind, t.BlockedAt = kanban.Operator, b.now()
		t.BlockReason = "it waited for " + parent.ID + " (" + kanban.FirstLine(parent.Title, 80) + "), which was deleted" + unfinished(parent)
		payload := by(a, map[string]any{"kind": string(t.BlockKind), "reason": t.BlockReason})
		if err := b.save(tx, t, 0, kanban.EvBlocked, payload); err != nil {
			return err
		}
	}
	return nil
}
