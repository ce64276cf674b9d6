package board

import (
	"context"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Free checks that a board of this name and description can be made, and brings
// the name into its one spelling. Humans only.
//
// Errors: invalid; conflict if the slug is taken.
func (b *Boards) Free(ctx context.Context, a kanban.Actor, info *store.BoardInfo) (err error) {
	if err := onlyHuman(a, "import a board"); err != nil {
		return err
	}
	if info.Slug, err = kanban.Slug(info.Slug); err != nil {
		return err
	}
	if err := cleanInfo(info); err != nil {
		return err
	}
	_, err = b.store.Info(ctx, info.Slug)
	switch {
	case err == nil:
		return kanban.Errorf(kanban.Conflict, "there is a board %s already; an import makes a new one", info.Slug).
			Hint("give it another name: andon import FILE --board NAME")
	case kanban.CodeOf(err) == kanban.NotFound:
		return nil
	}
	return err
}

// Found makes a board from the rows of another one, all of them or none. Nothing
// starts on it before a human resumes it, for the other board may do the same
// work. Its runs stayed behind: those that were open at a time have been lost
// then, and ended counts them. Humans only.
//
// Errors: as Free; those of fill.
func (b *Boards) Found(ctx context.Context, a kanban.Actor, info store.BoardInfo, at time.Time, fill func(store.Filler) error) (ended int, err error) {
	if err := b.Free(ctx, a, &info); err != nil {
		return 0, err
	}
	hold := store.Hold{Kind: store.Pulled, Reason: "imported; the board that it comes from may do the same work", By: a.Name, Since: b.clock()}
	err = b.store.CreateFilled(ctx, info, hold, func(f store.Filler) error {
		if err := fill(f); err != nil {
			return err
		}
		ended, err = leaveRuns(f, a, at)
		return err
	})
	if err != nil {
		return 0, err
	}
	return ended, b.told(nil)
}

// leaveRuns ends what the board's workers did not take along.
func leaveRuns(f store.Filler, a kanban.Actor, at time.Time) (ended int, err error) {
	runs, err := f.LiveRuns()
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		r.Live = false
		if r.Open() {
			ended++
			r.Outcome, r.EndedAt, r.ClaimEnds = kanban.Lost, at, time.Time{}
			r.Error = "it was open when its board was exported"
		}
		if err := f.UpdateRun(r); err != nil {
			return 0, err
		}
	}
	return ended, leaveTasks(f, a, at)
}

func leaveTasks(f store.Filler, a kanban.Actor, at time.Time) error {
	var held []kanban.Task
	err := f.EachTask(true, func(t kanban.Task) error {
		if t.Status == kanban.Running || t.CurrentRun != 0 || t.LiveRun != 0 {
			held = append(held, t)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, t := range held {
		if err := leaveTask(f, a, t, at); err != nil {
			return err
		}
	}
	return nil
}

func leaveTask(f store.Filler, a kanban.Actor, t kanban.Task, at time.Time) error {
	if t.Closed == kanban.Deleted {
		return f.DeleteTask(t.ID)
	}
	run, running := t.CurrentRun, t.Status == kanban.Running
	release(&t, kanban.Run{})
	t.LiveRun = 0
	if running {
		open, err := openParents(f, t.ID)
		if err != nil {
			return err
		}
		facts := kanban.Facts(0)
		if len(open) > 0 {
			facts = kanban.Waits
		}
		if t.Status, err = kanban.Next(t.Status, kanban.Release, kanban.Dispatcher, facts); err != nil {
			return err
		}
		t.UpdatedAt = at
		e := event(t, kanban.EvLost, by(a, map[string]any{"error": "its board was imported while it ran elsewhere"}))
		e.Run, e.At = run, at
		if _, err := f.AddEvent(e); err != nil {
			return err
		}
	}
	return f.UpdateTask(t)
}
