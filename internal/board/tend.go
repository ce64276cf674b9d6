package board

import (
	"context"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// tendBatch bounds how much one transaction of tending changes.
const tendBatch = 200

// Wake moves scheduled tasks whose time has come. It returns when the next
// scheduled or backed-off task is due, zero if none is. The dispatcher's only.
func (b *Board) Wake(ctx context.Context) (next time.Time, err error) {
	for {
		var due []string
		err = b.store.View(ctx, func(r store.Reader) (err error) {
			if due, err = r.Due(b.now(), tendBatch); err == nil {
				next, err = r.NextDue(b.now())
			}
			return err
		})
		if err != nil || len(due) == 0 {
			return next, err
		}
		if err := b.wakeAll(ctx, due); err != nil || len(due) < tendBatch {
			return next, err
		}
	}
}

func (b *Board) wakeAll(ctx context.Context, due []string) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		for _, id := range due {
			if err := b.wake(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *Board) wake(tx store.Tx, id string) error {
	t, err := tx.Task(id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return nil // deleted meanwhile
	}
	if err != nil || t.Status != kanban.Scheduled || t.NotBefore.IsZero() || t.NotBefore.After(b.now()) {
		return err
	}
	if err := b.move(tx, &t, kanban.Wake, kanban.Dispatcher, 0); err != nil {
		return err
	}
	if err := b.save(tx, t, 0, kanban.EvWoken, map[string]any{"status": string(t.Status)}); err != nil {
		return err
	}
	_, err = b.dropIfPointless(tx, id)
	return err
}

const ingestKey = "ingest_cursor"

// Reconcile takes in what other programs wrote: their events reach our
// subscribers, and what their changes released becomes ready. The dispatcher's
// only, after a foreign commit.
func (b *Board) Reconcile(ctx context.Context) error {
	for {
		more, err := store.Update(ctx, b.store, func(tx store.Tx) (bool, error) {
			ingested, err := b.ingest(tx)
			if err != nil {
				return false, err
			}
			free, err := tx.Promotable(tendBatch)
			if err != nil {
				return false, err
			}
			for _, id := range free {
				if err := b.promoteIfFree(tx, id); err != nil {
					return false, err
				}
			}
			return ingested == tendBatch || len(free) == tendBatch, nil
		})
		if err != nil || !more {
			return err
		}
	}
}

// ingest makes outbox rows of foreign events that it has not seen yet. The
// first time it starts from now.
func (b *Board) ingest(tx store.Tx) (int, error) {
	at, err := tx.Meta(ingestKey)
	if err != nil {
		return 0, err
	}
	last, err := tx.LastEvent()
	if err != nil {
		return 0, err
	}
	if at == "" {
		return 0, tx.SetMeta(ingestKey, strconv.FormatInt(last, 10))
	}
	after, err := strconv.ParseInt(at, 10, 64)
	if err != nil || after >= last {
		return 0, err
	}
	events, err := tx.Events(store.EventQuery{After: after, Limit: tendBatch, Foreign: true})
	if err != nil {
		return 0, err
	}
	for _, e := range events {
		if err := b.deliver(tx, e); err != nil {
			return 0, err
		}
	}
	if len(events) == tendBatch {
		last = events[tendBatch-1].ID
	}
	return len(events), tx.SetMeta(ingestKey, strconv.FormatInt(last, 10))
}

func (b *Board) ingestAll(tx store.Tx) error {
	for {
		if n, err := b.ingest(tx); err != nil || n < tendBatch {
			return err
		}
	}
}

// Expire ends the claims of workers that nobody here watches and whose lease
// has run out by now, which the caller took before it looked whether the clock
// leapt. It returns when the next one ends. Runs of our supervisors are
// judged by their processes instead. foreignAlive tells of a claim that another
// program made whether its worker may live. The dispatcher's only.
func (b *Board) Expire(ctx context.Context, now time.Time, foreignAlive func(kanban.Run) bool) (next time.Time, err error) {
	runs, err := b.LiveRuns(ctx)
	if err != nil {
		return next, err
	}
	for _, r := range runs {
		if r.Supervisor.PID != 0 || !r.Open() {
			continue
		}
		gone := r.TokenHash == "" && !foreignAlive(r)
		if !gone && r.ClaimEnds.After(now) {
			if next.IsZero() || r.ClaimEnds.Before(next) {
				next = r.ClaimEnds
			}
			continue
		}
		reason := "its lease ran out without a heartbeat"
		if gone {
			reason = "its worker is gone"
		}
		if _, err := b.Fail(ctx, r.ID, Ending{Outcome: kanban.Lost, Error: reason}); err != nil {
			return next, err
		}
	}
	return next, nil
}

// Retention says how long what has ended is kept.
type Retention struct{ Events, Operations, Deliveries time.Duration }

// Prune removes rows that retention no longer asks for, in short transactions.
func (b *Board) Prune(ctx context.Context, keep Retention) (store.Pruned, error) {
	var total store.Pruned
	now := b.now()
	p := store.Prune{
		Limit: 1000, Now: now, Events: now.Add(-keep.Events), Operations: now.Add(-keep.Operations), Deliveries: now.Add(-keep.Deliveries),
	}
	for {
		var n store.Pruned
		err := b.store.Update(ctx, func(tx store.Tx) (err error) {
			if n, err = tx.Prune(p); err != nil || n.Events == 0 {
				return err
			}
			return notePruned(tx, p.Events)
		})
		if err != nil {
			return total, err
		}
		total.Events += n.Events
		total.Operations += n.Operations
		total.Deliveries += n.Deliveries
		total.Posts += n.Posts
		if max(n.Events, n.Operations, n.Deliveries, n.Posts) < p.Limit {
			return total, nil
		}
	}
}

// PrunedKey is where a board keeps the time, in milliseconds, before which
// retention has taken events: a gap in the log after it has another cause.
const PrunedKey = "pruned_before"

// Forgotten reports whether retention may have taken events after one.
func Forgotten(r store.Reader, after int64) (bool, error) {
	text, err := r.Meta(PrunedKey)
	if err != nil || text == "" {
		return false, err
	}
	before, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return true, nil
	}
	at, err := r.Events(store.EventQuery{After: after - 1, Limit: 1})
	if err != nil || len(at) == 0 {
		return false, err
	}
	return at[0].ID != after || at[0].At.UnixMilli() < before, nil
}

func notePruned(tx store.Tx, before time.Time) error {
	known, err := tx.Meta(PrunedKey)
	if err != nil {
		return err
	}
	if at, err := strconv.ParseInt(known, 10, 64); err == nil && at >= before.UnixMilli() {
		return nil
	}
	return tx.SetMeta(PrunedKey, strconv.FormatInt(before.UnixMilli(), 10))
}
