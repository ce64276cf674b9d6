package board

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
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
	if kanban.CodeOf(err) == kanban.NotFound {
		return t, kanban.Run{}, kanban.Errorf(kanban.Stale, "task %s was deleted, if it ever was", l.Task).Hint("stop working on it")
	}
	if err != nil {
		return t, kanban.Run{}, err
	}
	r, err := tx.Run(l.Run)
	if kanban.CodeOf(err) == kanban.NotFound || err == nil && r.Task != t.ID {
		return t, r, kanban.Errorf(kanban.Stale, "task %s has no run %d", l.Task, l.Run).In(t.Status).Hint("stop working on it")
	}
	if err != nil {
		return t, r, err
	}
	if t.CurrentRun != r.ID || !r.Open() {
		return t, r, staleBecause(t, r)
	}
	if !holds(r, l.Token) {
		return t, r, kanban.Errorf(kanban.Stale, "the token is not that of run %d of %s", r.ID, t.ID).In(t.Status).
			Hint("use the ANDON_TOKEN of this run, or claim the task")
	}
	return t, r, nil
}

// holds compares in constant time. The claim lock stands in the event log for
// everybody to read, so it is the token only of claims that have no other: those
// of the reference system.
func holds(r kanban.Run, token string) bool {
	same := func(a, b string) bool { return a != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	if r.TokenHash == "" {
		return same(r.ClaimLock, token)
	}
	return same(r.TokenHash, hashToken(token))
}

// staleBecause tells a former owner how its run ended and what came after it.
func staleBecause(t kanban.Task, r kanban.Run) error {
	how := orElse(string(r.Outcome), "taken away by another program")
	if r.Error != "" {
		how += ", " + kanban.FirstLine(r.Error, 200)
	}
	now := "is " + string(t.Status)
	if t.CurrentRun != 0 && t.CurrentRun != r.ID {
		now = fmt.Sprintf("is worked on by run %d", t.CurrentRun)
	}
	return kanban.Errorf(kanban.Stale, "run %d has ended (%s) and task %s %s now", r.ID, how, t.ID, now).In(t.Status).
		Hint("stop working on it; nothing was changed")
}

// working refuses a worker whose run is no longer its task's: what a stale
// process still wants to write is not wanted any more. It says nothing of
// others.
func (b *Board) working(r store.Reader, a kanban.Actor) error {
	if a.Kind != kanban.Worker {
		return nil
	}
	t, err := r.Task(a.Task)
	if err == nil && t.CurrentRun != 0 && t.CurrentRun == a.Run {
		return nil
	}
	if err != nil && kanban.CodeOf(err) != kanban.NotFound {
		return err
	}
	run, err := r.Run(a.Run)
	if kanban.CodeOf(err) == kanban.NotFound {
		return kanban.Errorf(kanban.Stale, "run %d is gone, and its task with it", a.Run).Hint("stop working on it; nothing was changed")
	}
	if err != nil {
		return err
	}
	return staleBecause(t, run)
}

// writing is working for what changes something: what verifies a run looks only,
// in its process tree and without its token.
func (b *Board) writing(r store.Reader, a kanban.Actor) error {
	if err := b.working(r, a); err != nil || a.Kind != kanban.Worker {
		return err
	}
	t, err := r.Task(a.Task)
	if err != nil {
		return err
	}
	run, err := r.Run(a.Run)
	if err != nil {
		return err
	}
	return refusePending(a, false, t, run)
}

// Bearer returns who shows the credential of a run: that run's worker. Once the
// run has ended it opens nothing any more, but for the answer to an operation
// that was carried out before.
//
// Errors: unauthorized, without telling what is wrong with it, if there is no
// such run or the token is not its own; stale if the run has ended.
func (b *Board) Bearer(ctx context.Context, run int64, token, operation string) (kanban.Actor, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Actor, error) {
		row, err := r.Run(run)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return kanban.Actor{}, err
		}
		// The claim lock of the reference system is no secret, so it is none here.
		if !holds(row, token) || row.TokenHash == "" {
			return kanban.Actor{}, kanban.Errorf(kanban.Unauthorized, "this is no run's credential").
				Hint("use ANDON_BOARD, ANDON_RUN_ID and ANDON_TOKEN of the run together, or none of them")
		}
		a := kanban.Actor{Kind: kanban.Worker, Name: orElse(row.Lane, "worker"), Board: b.slug, Task: row.Task, Run: row.ID}
		stale := b.working(r, a)
		if kanban.CodeOf(stale) != kanban.Stale {
			return a, stale
		}
		if _, done, err := r.Operation(operation); done || err != nil {
			return a, err
		}
		return a, kanban.Errorf(kanban.Stale, "%w", stale).In(stateOf(stale)).
			Hint("stop working on it; to go on as yourself, unset ANDON_TASK, ANDON_RUN_ID and ANDON_TOKEN")
	})
}

func stateOf(err error) kanban.Status {
	var e *kanban.Error
	if errors.As(err, &e) {
		return kanban.Status(e.State)
	}
	return ""
}

// Owner returns the run of a lease, for surfaces that must know who calls.
func (b *Board) Owner(ctx context.Context, l kanban.Lease) (kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Run, error) {
		_, run, err := b.fence(r, l)
		return run, err
	})
}

// Former returns the run of a lease, ended or not, for a caller that was its
// owner.
//
// Errors: stale if it never was.
func (b *Board) Former(ctx context.Context, l kanban.Lease) (kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Run, error) {
		run, err := r.Run(l.Run)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return run, err
		}
		if err != nil || run.Task != l.Task || !holds(run, l.Token) {
			return kanban.Run{}, kanban.Errorf(kanban.Stale, "this is not the token of run %d of task %s", l.Run, l.Task).
				Hint("use run and token of one claim")
		}
		return run, nil
	})
}

// GiveBack ends a claim whose owner never began: the task is ready for another.
// The dispatcher's only.
//
// Errors: stale.
func (b *Board) GiveBack(ctx context.Context, l kanban.Lease, reason string) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		t, _, err := b.fence(tx, l)
		if err == nil {
			_, err = b.fail(tx, kanban.System, t, Ending{Outcome: kanban.Reclaimed, Error: kanban.Clip(reason, maxError)})
		}
		return err
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
	return mutate(ctx, b, "heartbeat", l.Task, func(tx store.Tx) (time.Time, error) {
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
	if ends.Before(r.ClaimEnds) {
		ends = r.ClaimEnds // it was claimed for longer
	}
	t.ClaimEnds, r.ClaimEnds = ends, ends
	if err := tx.NoteTask(t); err != nil {
		return ends, err
	}
	return ends, tx.UpdateRun(r)
}

// Extend renews the lease of a run whose worker is known to live, unless it has
// ended. progress is the time of its last output, zero if there was none. The
// dispatcher's only.
func (b *Board) Extend(ctx context.Context, run int64, progress time.Time) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if err != nil || !r.Open() {
			return err
		}
		t, err := tx.Task(r.Task)
		if err != nil || t.CurrentRun != run {
			return err
		}
		if progress.After(r.Progress) {
			r.Progress = progress
		}
		_, err = b.extend(tx, t, r)
		return err
	})
}
