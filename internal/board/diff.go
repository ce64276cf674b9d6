package board

import (
	"context"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
)

// Changes says between which states of a task's work tree to compare.
type Changes struct {
	Attempt int  // whose work; 0 = the newest run's
	Since   int  // an earlier attempt, whose end to compare with; 0 = where the run's branch began
	Stat    bool // lines are counted, not shown
	Limit   int  // bytes of text
}

// Diff is what runs changed, as git says it.
type Diff struct {
	From, To string // a commit or the ref of a snapshot; To is "" for files as they are now
	Text     []byte
	Cut      bool // it was longer than the limit
}

// Diff shows what a run changed: from where its branch began to what was kept at
// its end, or up to now while it works.
//
// Errors: not_found for an attempt that was not made; conflict, with the reason,
// if no states are kept to compare.
func (b *Board) Diff(ctx context.Context, id string, c Changes) (Diff, error) {
	t, err := b.Task(ctx, id)
	if err != nil {
		return Diff{}, err
	}
	if !t.Workspace.OfGit() {
		return Diff{}, kanban.Errorf(kanban.Conflict, "task %s works in a workspace of kind %s, of which no states are kept", id, t.Workspace.Kind).
			In(t.Status).Hint("what is added with --workspace worktree or clone can be compared")
	}
	runs, err := b.Runs(ctx, id)
	if err != nil {
		return Diff{}, err
	}
	r, d, err := ends(t, runs, c)
	if err != nil {
		return d, err
	}
	d.Text, d.Cut, err = b.ports.Work.Diff(ctx, t, r, d.From, d.To, c.Stat, c.Limit)
	return d, err
}

// ends are the run that is asked for and the two states.
func ends(t kanban.Task, runs []kanban.Run, c Changes) (r kanban.Run, d Diff, err error) {
	if r, err = attempt(t, runs, c.Attempt); err != nil {
		return r, d, err
	}
	if d.To = r.Snapshot; d.To == "" && !r.Open() && !r.Live {
		return r, d, nothingKept(t, r)
	}
	if c.Since == 0 {
		if d.From = r.Base; d.From == "" {
			err = kanban.Errorf(kanban.Conflict, "it is not known where attempt %d of %s began: it never started, or Andon did not make its work tree", r.Attempt, t.ID).
				In(t.Status).Hint("andon diff %s --attempt 1..2  compares what two attempts left", t.ID)
		}
		return r, d, err
	}
	earlier, err := attempt(t, runs, c.Since)
	if err != nil {
		return r, d, err
	}
	if d.From = earlier.Snapshot; d.From == "" {
		err = nothingKept(t, earlier)
	}
	return r, d, err
}

// attempt finds a run by its number; 0 is the newest that had a place to work.
func attempt(t kanban.Task, runs []kanban.Run, number int) (kanban.Run, error) {
	for _, r := range slices.Backward(runs) {
		if r.Workspace != "" && (number == 0 || r.Attempt == number) {
			return r, nil
		}
	}
	if number == 0 || len(runs) == 0 {
		return kanban.Run{}, kanban.Errorf(kanban.Conflict, "task %s was not worked on yet", t.ID).In(t.Status).Hint("andon why %s", t.ID)
	}
	return kanban.Run{}, kanban.Errorf(kanban.NotFound, "task %s has no attempt %d that worked in a tree", t.ID, number).
		In(t.Status).Hint("andon runs %s  lists them", t.ID)
}

func nothingKept(t kanban.Task, r kanban.Run) error {
	return kanban.Errorf(kanban.Conflict, "attempt %d of %s left nothing that was kept", r.Attempt, t.ID).In(t.Status).
		Hint("andon runs %s -o json  shows the snapshot of each run", t.ID)
}
