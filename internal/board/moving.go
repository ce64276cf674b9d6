package board

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
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

// Move sends a task to a status, by the verb that leads there. The reason is
// that verb's, the summary that of work which is done. Humans only.
//
// Errors: conflict if no verb leads there, naming where one does; invalid
// without a reason where one is needed; those of the verb.
func (b *Board) Move(ctx context.Context, a kanban.Actor, id string, to kanban.Status, reason, summary string) (kanban.Task, error) {
	if err := onlyHuman(a, "move"); err != nil {
		return kanban.Task{}, err
	}
	var t kanban.Task
	var way kanban.Move
	done := false
	err := b.store.View(ctx, func(r store.Reader) (err error) {
		if t, done, err = sent(ctx, r, id); done || err != nil {
			return err
		}
		if t, err = r.Task(id); err == nil {
			way, err = wayTo(r, t, to)
		}
		return err
	})
	if err != nil || done {
		return t, err
	}
	if way.Reason && strings.TrimSpace(reason) == "" {
		return t, kanban.Errorf(kanban.Invalid, "to send %s to %s is to %s it, which needs a reason", id, to, way.Action).In(t.Status).Hint("say why")
	}
	return b.send(ctx, a, t, way, reason, summary)
}

// sent is what a move was answered that was made before under this operation id,
// whichever verb it was.
func sent(ctx context.Context, r store.Reader, id string) (t kanban.Task, done bool, err error) {
	key, _ := ctx.Value(operationKey{}).(string)
	if key == "" {
		return t, false, nil
	}
	raw, done, err := r.Operation(key)
	if err != nil || !done {
		return t, false, err
	}
	var kept answer[kanban.Task]
	if json.Unmarshal(raw, &kept) != nil || !strings.HasSuffix(kept.Op, " "+id) {
		return t, false, usedBefore(key, kept.Op)
	}
	return kept.Result, true, nil
}

// WayBack reports whether a move undoes that of a task from a status.
func (b *Board) WayBack(ctx context.Context, t kanban.Task, from kanban.Status) (bool, error) {
	if t.Status == from {
		return false, nil
	}
	ways, err := store.View(ctx, b.store, func(r store.Reader) ([]kanban.Move, error) { return moves(r, t) })
	return slices.ContainsFunc(ways, func(m kanban.Move) bool { return m.To == from && !m.Reason }), err
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
