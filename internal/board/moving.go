package board

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// moves lists where a human may send a task.
func moves(r store.Reader, t kanban.Task) ([]kanban.Move, error) {
	if t.Closed == kanban.Deleted {
		return nil, nil
	}
	var facts kanban.Facts
	if t.Status == kanban.Archived {
		facts = closedFacts(t)
	}
	open, err := openParents(r, t.ID)
	if len(open) > 0 {
		facts |= kanban.Waits
	}
	return kanban.Moves(t.Status, facts), err
}

// Moved is a task that a move has sent elsewhere, and from where.
type Moved struct {
	kanban.Task
	From kanban.Status
}

// Move sends a task to a status, by the verb that leads there. The reason is
// that verb's, the summary that of work which is done. Humans only.
//
// Errors: conflict if no verb leads there, naming where one does; invalid
// without a reason where one is needed; those of the verb.
func (b *Board) Move(ctx context.Context, a kanban.Actor, id string, to kanban.Status, reason, summary string) (Moved, error) {
	if err := onlyHuman(a, "move"); err != nil {
		return Moved{}, err
	}
	var m Moved
	var way kanban.Move
	done := false
	err := b.store.View(ctx, func(r store.Reader) (err error) {
		if m, done, err = sent(ctx, r, id); done || err != nil {
			return err
		}
		if m.Task, err = r.Task(id); err == nil {
			way, err = wayTo(r, m.Task, to)
		}
		return err
	})
	if err != nil || done {
		return m, err
	}
	if way.Reason && strings.TrimSpace(reason) == "" {
		return m, kanban.Errorf(kanban.Invalid, "to send %s to %s is to %s it, which needs a reason", id, to, way.Action).In(m.Status).Hint("say why")
	}
	m.From = m.Status
	m.Task, err = b.send(context.WithValue(ctx, fromKey{}, m.From), a, m.Task, way, reason, summary)
	return m, err
}

// sent is what a move was answered that was made before under this operation id,
// whichever verb it was.
func sent(ctx context.Context, r store.Reader, id string) (m Moved, done bool, err error) {
	o := operationOf(ctx)
	if o.id == "" {
		return m, false, nil
	}
	kept, done, err := recall[kanban.Task](r, o, func(op string) bool { return strings.HasSuffix(op, " "+id) })
	return Moved{kept.Result, kept.From}, done, err
}

func wayTo(r store.Reader, t kanban.Task, to kanban.Status) (kanban.Move, error) {
	ways, err := moves(r, t)
	if err != nil {
		return kanban.Move{}, err
	}
	names := make([]string, len(ways))
	for i, w := range ways {
		if w.To == to {
			return w, nil
		}
		names[i] = string(w.To)
	}
	e := kanban.Errorf(kanban.Conflict, "nothing leads from %s to %s", t.Status, to).In(t.Status)
	if len(ways) == 0 {
		return kanban.Move{}, e.Hint("it stays where it is")
	}
	return kanban.Move{}, e.Hint("it may go to %s", strings.Join(names, ", "))
}

// send does what a move means.
func (b *Board) send(ctx context.Context, a kanban.Actor, t kanban.Task, way kanban.Move, reason, summary string) (kanban.Task, error) {
	lease := kanban.Lease{Task: t.ID}
	switch way.Action {
	case kanban.Promote:
		return b.Promote(ctx, a, t.ID, false, reason)
	case kanban.Start:
		return b.Promote(ctx, a, t.ID, true, reason)
	case kanban.Unblock:
		return b.Unblock(ctx, a, t.ID, reason)
	case kanban.Approve:
		return b.Approve(ctx, a, t.ID, reason, "")
	case kanban.Reject:
		return b.Reject(ctx, a, t.ID, reason)
	case kanban.Release:
		return b.Reclaim(ctx, a, t.ID, reason)
	case kanban.Complete:
		return b.Complete(ctx, a, lease, kanban.Handoff{Summary: orElse(summary, reason)})
	case kanban.Submit:
		return b.Review(ctx, a, lease, kanban.Handoff{Summary: orElse(summary, reason)})
	case kanban.Stop:
		return b.Stop(ctx, a, t.ID, reason)
	case kanban.Block:
		return b.Block(ctx, a, lease, kanban.Operator, orElse(reason, "held by "+a.Name), kanban.Handoff{})
	case kanban.Schedule:
		return b.Schedule(ctx, a, lease, time.Time{}, reason)
	case kanban.Archive:
		return b.Archive(ctx, a, t.ID)
	case kanban.Unarchive:
		return b.Unarchive(ctx, a, t.ID)
	case kanban.Reopen:
		return b.Reopen(ctx, a, t.ID, reason)
	}
	return t, fmt.Errorf("no verb for %s", way.Action)
}
