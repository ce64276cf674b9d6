package board

import (
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// move takes a task along the transition table and clears what belonged to the
// status that it leaves, a review that was asked for included. The caller saves it
// and records the event.
func (b *Board) move(tx store.Tx, t *kanban.Task, action kanban.Action, by kanban.ActorKind, facts kanban.Facts) error {
	open, err := openParents(tx, t.ID)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		facts |= kanban.Waits
	}
	to, err := kanban.Next(t.Status, action, by, facts)
	if err != nil {
		return err
	}
	if t.Status == kanban.Review && by != kanban.Reviewer { // whose review ends by itself
		if err := b.dropReviews(tx, *t); err != nil {
			return err
		}
	}
	if to != kanban.Blocked && to != kanban.Archived { // a question is still one after the archive
		t.BlockKind, t.BlockReason, t.BlockedAt = "", "", time.Time{}
	}
	if t.Status == kanban.Archived {
		t.Closed = ""
	}
	if action != kanban.Demote && (action != kanban.Promote || by != kanban.Dispatcher) {
		t.NotBefore = time.Time{} // a backoff outlasts what parents do; whoever waits on purpose sets it after the move
	}
	t.Status = to
	t.UpdatedAt = b.now()
	return nil
}

// openEdge is an edge that keeps its child from starting, and the parent.
type openEdge struct {
	kanban.Link
	parent kanban.Task
}

// openParents returns the edges to the parents that a task still waits for.
func openParents(r store.Reader, id string) ([]openEdge, error) {
	links, err := r.Parents(id)
	if err != nil {
		return nil, err
	}
	var open []openEdge
	for _, l := range links {
		p, err := r.Task(l.Parent)
		if err != nil {
			return nil, err
		}
		if !l.Satisfied(p) {
			open = append(open, openEdge{l, p})
		}
	}
	return open, nil
}

// parentEnded makes the children ready that waited only for this parent to end
// as it did, and puts those away that nobody needs now.
func (b *Board) parentEnded(tx store.Tx, parent string) error {
	links, err := tx.Children(parent)
	if err != nil {
		return err
	}
	for _, l := range links {
		if dropped, err := b.dropIfPointless(tx, l.Child); dropped || err != nil {
			if err != nil {
				return err
			}
			continue
		}
		if err := b.promoteIfFree(tx, l.Child); err != nil {
			return err
		}
	}
	return nil
}

// dropIfPointless puts a task away whose start would have no point, with those
// that waited for it in turn. What somebody holds in hand stays: a run, a
// question, a verdict, a schedule.
func (b *Board) dropIfPointless(tx store.Tx, id string) (bool, error) {
	t, err := tx.Task(id)
	if err != nil || t.Status != kanban.Todo && t.Status != kanban.Ready {
		return false, err
	}
	open, err := openParents(tx, id)
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(open, func(e openEdge) bool { return e.Pointless(e.parent) })
	if at < 0 {
		return false, nil
	}
	from := string(t.Status)
	if err := b.move(tx, &t, kanban.Drop, kanban.Dispatcher, 0); err != nil {
		return false, err
	}
	t.Closed = kanban.NotNeeded
	if err := tx.ReleaseKeys(id); err != nil {
		return false, err
	}
	payload := map[string]any{"from": from, "reason": kanban.NotNeeded, "parent": open[at].Parent}
	if err := b.save(tx, t, 0, kanban.EvArchived, payload); err != nil {
		return false, err
	}
	return true, b.parentEnded(tx, id)
}

// promoteIfFree makes one task ready if it is in todo and waits for nothing.
func (b *Board) promoteIfFree(tx store.Tx, id string) error {
	t, err := tx.Task(id)
	if err != nil || t.Status != kanban.Todo {
		return err
	}
	if err := b.move(tx, &t, kanban.Promote, kanban.Dispatcher, 0); err != nil || t.Status != kanban.Ready {
		return err
	}
	return b.save(tx, t, 0, kanban.EvPromoted, nil)
}

// demoteChildren takes the children back to todo that may no longer start,
// because their parent is unsatisfied again. Running ones go on.
func (b *Board) demoteChildren(tx store.Tx, parent string) error {
	links, err := tx.Children(parent)
	if err != nil {
		return err
	}
	for _, l := range links {
		t, err := tx.Task(l.Child)
		if err != nil {
			return err
		}
		if _, err := b.demoteIfWaiting(tx, t, parent); err != nil {
			return err
		}
	}
	return nil
}

// demoteIfWaiting returns the task as it is afterwards. parent is why, "" if
// that is not known.
func (b *Board) demoteIfWaiting(tx store.Tx, t kanban.Task, parent string) (kanban.Task, error) {
	if t.Status != kanban.Ready {
		return t, nil
	}
	open, err := openParents(tx, t.ID)
	if err != nil || len(open) == 0 {
		return t, err
	}
	if err := b.move(tx, &t, kanban.Demote, kanban.Dispatcher, 0); err != nil {
		return t, err
	}
	return t, b.save(tx, t, 0, kanban.EvDemoted, map[string]any{"parent": orElse(parent, open[0].Parent)})
}
