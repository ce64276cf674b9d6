package board

import (
	"context"
	"fmt"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Meter notes what a run has used so far, all of it each time: numbers that are
// smaller than those on record change nothing. A run that has used more than was
// reserved for it ends, and its task is left to a human. What is still told of a
// run that has ended counts until its processes are gone. The dispatcher's only.
//
// Errors: invalid for numbers that nothing can have.
func (b *Board) Meter(ctx context.Context, run int64, u kanban.Usage) (kanban.Run, error) {
	return b.metered(ctx, u, func(tx store.Tx) (kanban.Run, error) { return tx.Run(run) }, true)
}

// MeterEnd is Meter for a run whose processes are gone: it ends nothing, since
// what they did is done. The dispatcher's only.
func (b *Board) MeterEnd(ctx context.Context, run int64, u kanban.Usage) (kanban.Run, error) {
	return b.metered(ctx, u, func(tx store.Tx) (kanban.Run, error) { return tx.Run(run) }, false)
}

// Used is Meter by the word of the worker itself. It cannot take back what was
// metered.
//
// Errors: stale; invalid.
func (b *Board) Used(ctx context.Context, l kanban.Lease, u kanban.Usage) (kanban.Run, error) {
	return b.metered(ctx, u, func(tx store.Tx) (kanban.Run, error) {
		_, r, err := b.fence(tx, l)
		return r, err
	}, true)
}

func (b *Board) metered(ctx context.Context, u kanban.Usage, find func(store.Tx) (kanban.Run, error), stop bool) (kanban.Run, error) {
	if err := u.Check(); err != nil {
		return kanban.Run{}, err
	}
	return store.Update(ctx, b.store, func(tx store.Tx) (kanban.Run, error) {
		r, err := find(tx)
		if err != nil {
			return r, err
		}
		more := r.Usage.Max(u)
		if more == r.Usage || !r.Open() && !r.Live {
			return r, nil
		}
		was := overspent(r)
		r.Usage = more
		if err := tx.UpdateRun(r); err != nil {
			return r, err
		}
		if !r.Open() && !was {
			return r, b.noteOverspent(tx, r)
		}
		if !stop {
			return r, nil
		}
		return r, b.stopIfOver(tx, r)
	})
}

func overspent(r kanban.Run) bool { return policy.Over(r.Reserved, r.Usage.Budgeted()) }

// overspend says by how much a run is over its limit.
func overspend(r kanban.Run) string {
	used, limit := kanban.Budget{Cost: r.Usage.Cost}, kanban.Budget{Cost: r.Reserved.Cost}
	if !policy.Over(limit, used) {
		used, limit = kanban.Budget{Tokens: r.Usage.Tokens()}, kanban.Budget{Tokens: r.Reserved.Tokens}
	}
	return fmt.Sprintf("run %d used %s, more than the %s it may use", r.ID, used, limit)
}

// noteOverspent tells of a run that is over its limit and was not ended for it:
// what is known once the work is done keeps nobody from it.
func (b *Board) noteOverspent(tx store.Tx, r kanban.Run) error {
	if !overspent(r) {
		return nil
	}
	t, err := tx.Task(r.Task)
	if err != nil {
		return ignoreMissing(err)
	}
	e := event(t, kanban.EvOverBudget, map[string]any{"reason": overspend(r)})
	e.Run = r.ID
	return b.record(tx, e)
}

// stopIfOver ends a run that works on with more than it has. One that has handed
// in costs nothing more.
func (b *Board) stopIfOver(tx store.Tx, r kanban.Run) error {
	if !r.Open() || r.Pending != nil || !overspent(r) {
		return nil
	}
	t, err := tx.Task(r.Task)
	if err != nil || t.CurrentRun != r.ID || t.Status != kanban.Running {
		return err
	}
	_, err = b.overBudget(tx, t, Ending{Outcome: kanban.OverBudget, Error: overspend(r)})
	return err
}

// overBudget ends a task's run, if it has one, and leaves the task to a human.
// It costs no attempt.
func (b *Board) overBudget(tx store.Tx, t kanban.Task, e Ending) (kanban.Task, error) {
	if err := b.move(tx, &t, kanban.Block, kanban.Dispatcher, 0); err != nil {
		return t, err
	}
	t.BlockKind, t.BlockReason, t.BlockedAt = kanban.BudgetSpent, kanban.FirstLine(e.Error, 400), b.now()
	r, err := b.close(tx, &t, kanban.OverBudget, func(r *kanban.Run) {
		r.Error, r.ExitCode, r.Signal, r.Metadata = e.Error, e.ExitCode, e.Signal, e.Metadata
		r.Started = r.Started || e.Started
	})
	if err != nil {
		return t, err
	}
	held := map[string]any{"kind": string(kanban.BudgetSpent), "reason": t.BlockReason}
	if err := b.save(tx, t, r.ID, kanban.EvBlocked, held); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}
