package board

import (
	"context"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Told is what the output of a run's worker tells beside its usage. What is empty
// was not told, and changes nothing.
type Told struct {
	Session string // of the agent program
	Model   string
	Note    string // what it does, in a line; makes an event
}

// Tell keeps what a run's worker told; it is a sign of life. It holds for a run
// until its processes are gone; later, nothing changes. The dispatcher's only.
func (b *Board) Tell(ctx context.Context, run int64, told Told) error {
	note, err := text("the note", told.Note, maxNote)
	if err != nil {
		return err
	}
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if kanban.CodeOf(err) == kanban.NotFound || err == nil && !r.Open() && !r.Live {
			return nil
		}
		if err != nil {
			return err
		}
		r.Session, r.Model = orElse(told.Session, r.Session), orElse(told.Model, r.Model)
		if !r.Open() {
			return tx.UpdateRun(r)
		}
		r.Heartbeat, r.Progress = b.now(), b.now()
		if err := tx.UpdateRun(r); err != nil || note == "" {
			return err
		}
		return b.noteProgress(tx, r, note)
	})
}

func (b *Board) noteProgress(tx store.Tx, r kanban.Run, note string) error {
	t, err := tx.Task(r.Task)
	if err != nil || t.CurrentRun != r.ID {
		return err
	}
	t.Heartbeat = b.now()
	if err := tx.NoteTask(t); err != nil {
		return err
	}
	e := event(t, kanban.EvHeartbeat, map[string]any{"note": note})
	e.Run = r.ID
	return b.record(tx, e)
}
