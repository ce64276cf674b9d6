package board

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// hashToken is how a lease's token is kept.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// fence returns task and run of a lease if they are still each other's and the
// token is the run's; otherwise a stale error that says what happened.
func (b *Board) fence(tx store.Reader, l kanban.Lease) (kanban.Task, kanban.Run, error) {
	t, err := tx.Task(l.Task)
	if err != nil {
		return t, kanban.Run{}, err
	}
	r, err := tx.Run(l.Run)
	if kanban.CodeOf(err) == kanban.NotFound {
		return t, r, kanban.Errorf(kanban.Stale, "task %s has no run %d", l.Task, l.Run).In(t.Status).Hint("stop working on it")
	}
	if err != nil {
		return t, r, err
	}
	if r.Task != t.ID || t.CurrentRun != r.ID || !r.Open() {
		return t, r, staleBecause(t, r)
	}
	if !holds(r, l.Token) {
		return t, r, kanban.Errorf(kanban.Stale, "the token is not that of run %d of %s", r.ID, t.ID).In(t.Status).
			Hint("use the ANDON_TOKEN of this run, or claim the task")
	}
	return t, r, nil
}

// holds compares in constant time. The claim lock is the token of workers of
// the reference system.
func holds(r kanban.Run, token string) bool {
	same := func(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	return same(r.TokenHash, hashToken(token)) || same(r.ClaimLock, token)
}

func staleBecause(t kanban.Task, r kanban.Run) error {
	e := kanban.Errorf(kanban.Stale, "run %d of %s ended: %s", r.ID, t.ID, r.Outcome).In(t.Status)
	if t.CurrentRun != 0 && t.CurrentRun != r.ID {
		e = kanban.Errorf(kanban.Stale, "run %d of %s ended (%s) and run %d works on it now", r.ID, t.ID, r.Outcome, t.CurrentRun).In(t.Status)
	}
	return e.Hint("stop working on it; nothing was changed")
}

// Owner returns the run of a lease, for surfaces that must know who calls.
func (b *Board) Owner(ctx context.Context, l kanban.Lease) (kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Run, error) {
		_, run, err := b.fence(r, l)
		return run, err
	})
}

// Heartbeat says that a worker lives, and extends its lease. A note is progress
// and makes an event; a bare heartbeat makes none.
//
// Errors: stale.
func (b *Board) Heartbeat(ctx context.Context, l kanban.Lease, note string) (time.Time, error) {
	note, err := text("the note", note, maxNote)
	if err != nil {
		return time.Time{}, err
	}
	return mutate(ctx, b, "heartbeat", func(tx store.Tx) (time.Time, error) {
		t, r, err := b.fence(tx, l)
		if err != nil {
			return time.Time{}, err
		}
		now := b.now()
		t.Heartbeat, r.Heartbeat = now, now
		if note != "" {
			r.Progress = now
			e := event(t, kanban.EvHeartbeat, map[string]any{"note": note})
			e.Run = r.ID
			if err := b.record(tx, e); err != nil {
				return time.Time{}, err
			}
		}
		return b.extend(tx, t, r)
	})
}

func (b *Board) extend(tx store.Tx, t kanban.Task, r kanban.Run) (time.Time, error) {
	ends := b.now().Add(b.settings().Lease)
	t.ClaimEnds, r.ClaimEnds = ends, ends
	if err := tx.UpdateTask(t); err != nil {
		return ends, err
	}
	return ends, tx.UpdateRun(r)
}

// Extend renews the lease of a run whose worker is known to live. progress is
// the time of its last output, zero if there was none. The dispatcher's only.
func (b *Board) Extend(ctx context.Context, run int64, progress time.Time) error {
	_, err := mutate(ctx, b, "extend", func(tx store.Tx) (time.Time, error) {
		r, err := tx.Run(run)
		if err != nil || !r.Open() {
			return time.Time{}, err
		}
		t, err := tx.Task(r.Task)
		if err != nil {
			return time.Time{}, err
		}
		if progress.After(r.Progress) {
			r.Progress = progress
		}
		return b.extend(tx, t, r)
	})
	return err
}
