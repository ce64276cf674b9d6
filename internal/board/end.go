package board

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// close ends the open run of a task, if there is one, and frees the claim. If
// a supervisor owns the run, its process tree counts as alive until Settle. The
// caller saves the task.
func (b *Board) close(tx store.Tx, t *kanban.Task, outcome kanban.Outcome, change func(*kanban.Run)) (kanban.Run, error) {
	if t.CurrentRun == 0 {
		return kanban.Run{}, nil
	}
	r, err := tx.Run(t.CurrentRun)
	if err != nil {
		return r, err
	}
	b.endRun(&r, outcome)
	if change != nil {
		change(&r)
	}
	release(t, r)
	if err := tx.UpdateRun(r); err != nil || r.Outcome == kanban.OverBudget {
		return r, err
	}
	return r, b.noteOverspent(tx, r)
}

func (b *Board) endRun(r *kanban.Run, o kanban.Outcome) {
	r.Outcome, r.EndedAt = o, b.now()
	r.ClaimLock, r.ClaimEnds = "", time.Time{}
	unpend(r)
}

// release frees a task from a run that has ended, but for its processes.
func release(t *kanban.Task, r kanban.Run) {
	if r.Live {
		t.LiveRun = r.ID
	}
	t.CurrentRun, t.ClaimLock, t.ClaimEnds, t.WorkerPID = 0, "", time.Time{}, 0
}

// note adds a run of no length: it holds a handoff or a reason that was given
// while no run was open.
func (b *Board) note(tx store.Tx, t kanban.Task, o kanban.Outcome, change func(*kanban.Run)) (kanban.Run, error) {
	runs, err := tx.Runs(t.ID)
	if err != nil {
		return kanban.Run{}, err
	}
	r := kanban.Run{Task: t.ID, Lane: t.Assignee, Attempt: len(runs) + 1, Outcome: o, StartedAt: b.now(), EndedAt: b.now()}
	change(&r)
	r.ID, err = tx.InsertRun(r)
	return r, err
}

// closeOrNote closes the open run, or keeps what was said in an instant one.
func (b *Board) closeOrNote(tx store.Tx, t *kanban.Task, o kanban.Outcome, said bool, change func(*kanban.Run)) (kanban.Run, error) {
	if t.CurrentRun != 0 || !said {
		return b.close(tx, t, o, change)
	}
	return b.note(tx, *t, o, change)
}

// save writes the task and the event of what happened to it.
func (b *Board) save(tx store.Tx, t kanban.Task, run int64, kind kanban.EventKind, payload map[string]any) error {
	if err := tx.UpdateTask(t); err != nil {
		return err
	}
	e := event(t, kind, payload)
	e.Run = run
	return b.record(tx, e)
}

// Ending is how a run ended without a word of its worker.
type Ending struct {
	Outcome  kanban.Outcome // crashed, timed_out, stale, spawn_failed, protocol_violation, rate_limited, lost, stopped, over_budget
	Error    string
	ExitCode *int
	Signal   string
	Metadata json.RawMessage
	Started  bool      // whether a worker was ever started
	Until    time.Time // rate limits: not before
	Pause    *Pause    // what this failure pauses

	tooLong bool // it has been told too often, or for too long, to come later
}

// failureEvents names the event of each ending.
var failureEvents = map[kanban.Outcome]kanban.EventKind{
	kanban.Crashed: kanban.EvCrashed, kanban.TimedOut: kanban.EvTimedOut, kanban.Stalled: kanban.EvStalled,
	kanban.SpawnFailed: kanban.EvSpawnFailed, kanban.ProtocolViolation: kanban.EvProtocolViolation,
	kanban.RateLimited: kanban.EvRateLimited, kanban.Lost: kanban.EvLost, kanban.Stopped: kanban.EvStopped,
	kanban.Reclaimed: kanban.EvReclaimed, kanban.OverBudget: kanban.EvBlocked,
	kanban.VerifyFailed: kanban.EvVerifyFailed,
}

// Fail ends a run that its worker did not end. The task may run again after a
// backoff, or is blocked for a human when the breaker opens. If the run has
// ended already, nothing changes. The task is zero if it was deleted. The
// dispatcher's only.
func (b *Board) Fail(ctx context.Context, run int64, e Ending) (kanban.Task, error) {
	if failureEvents[e.Outcome] == "" {
		return kanban.Task{}, kanban.Errorf(kanban.Internal, "a run cannot fail as %q", e.Outcome)
	}
	e.Error = kanban.Clip(e.Error, maxError)
	return store.Update(ctx, b.store, func(tx store.Tx) (kanban.Task, error) {
		r, err := tx.Run(run)
		if kanban.CodeOf(err) == kanban.NotFound {
			return kanban.Task{}, nil
		}
		if err != nil {
			return kanban.Task{}, err
		}
		t, err := tx.Task(r.Task)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return t, err
		}
		if err == nil && t.CurrentRun == run && t.Status == kanban.Running {
			if overspent(r) { // another attempt would use even more
				e.Outcome, e.Error = kanban.OverBudget, kanban.Clip(overspend(r)+"; "+orElse(e.Error, string(e.Outcome)), maxError)
			}
			return b.fail(tx, kanban.System, t, e)
		}
		if err == nil && t.CurrentRun == run { // another program moved the task and left its run
			if _, err := b.close(tx, &t, e.Outcome, func(r *kanban.Run) { r.Error = e.Error }); err != nil {
				return t, err
			}
			return t, tx.UpdateTask(t)
		}
		if !r.Open() {
			return t, nil
		}
		b.endRun(&r, e.Outcome) // another program took the task away, or deleted it, and left the run
		r.Error = e.Error
		return t, tx.UpdateRun(r)
	})
}

func (b *Board) fail(tx store.Tx, a kanban.Actor, t kanban.Task, e Ending) (kanban.Task, error) {
	if e.Outcome == kanban.OverBudget {
		return b.overBudget(tx, t, e)
	}
	if err := b.boundCooldown(tx, t, &e); err != nil {
		return t, err
	}
	v := policy.Judge(b.settings().Retry, t, e.Outcome, b.dice())
	v.Open = v.Open || e.tooLong
	charged := policy.CostOf(e.Outcome) != policy.Free
	action, facts := kanban.Release, kanban.Facts(0)
	if charged {
		action = kanban.Fail
	}
	if v.Open {
		facts = kanban.NoAttempts
	}
	if err := b.move(tx, &t, action, a.Kind, facts); err != nil {
		return t, err
	}
	t.Failures, t.Losses = v.Failures, v.Losses
	if action == kanban.Fail {
		t.LastError = e.Error
	}
	if v.Wait > 0 {
		t.NotBefore = b.now().Add(v.Wait)
	}
	if !v.Open && e.Until.After(t.NotBefore) {
		t.NotBefore = e.Until
	}
	gaveUp := v.Open && charged && policy.CostOf(e.Outcome) == policy.Attempt
	r, err := b.close(tx, &t, e.Outcome, func(r *kanban.Run) {
		r.Error, r.ExitCode, r.Signal, r.Metadata = e.Error, e.ExitCode, e.Signal, e.Metadata
		if r.Started = r.Started || e.Started; r.Started {
			b.charge(r)
		}
		if gaveUp {
			r.Outcome = kanban.GaveUp
			r.Metadata = withFields(e.Metadata, map[string]any{"failures": v.Failures, "effective_limit": v.Limit, "trigger_outcome": e.Outcome})
		}
	})
	if err != nil {
		return t, err
	}
	return b.recordFailure(tx, a, t, r, e, v)
}

// boundCooldown leaves a task to a human whose rate limits would hold it longer in
// all than is allowed.
func (b *Board) boundCooldown(tx store.Tx, t kanban.Task, e *Ending) error {
	limit := b.settings().Retry.MaxCooldown
	if limit <= 0 || e.Outcome != kanban.RateLimited {
		return nil
	}
	runs, err := tx.Runs(t.ID)
	if err != nil {
		return err
	}
	total := max(0, e.Until.Sub(b.now()))
	runs = runs[max(0, len(runs)-1-t.Losses-t.Failures):] // those since a human last let it run, and this one
	for i, r := range runs[:max(0, len(runs)-1)] {
		if r.Outcome == kanban.RateLimited {
			total += runs[i+1].StartedAt.Sub(r.EndedAt)
		}
	}
	if total > limit {
		e.tooLong = true
		e.Error = fmt.Sprintf("rate limits would make it wait %s in all, more than max_cooldown (%s): %s", total.Round(time.Second), limit, e.Error)
	}
	return nil
}

// recordFailure writes what happened and, when the breaker opened, that it did:
// one message for people (gave_up) and one row that makes the block hold for
// the reference system (blocked).
func (b *Board) recordFailure(tx store.Tx, a kanban.Actor, t kanban.Task, r kanban.Run, e Ending, v policy.Verdict) (kanban.Task, error) {
	payload := by(a, map[string]any{"error": kanban.Clip(e.Error, 500), "failures": v.Failures})
	if e.ExitCode != nil {
		payload["exit_code"] = *e.ExitCode
	}
	if e.Signal != "" {
		payload["signal"] = e.Signal
	}
	if !t.NotBefore.IsZero() {
		payload["not_before"] = t.NotBefore.Unix()
	}
	if r.Outcome != kanban.GaveUp {
		ev := event(t, failureEvents[e.Outcome], payload)
		ev.Run = r.ID
		if err := b.record(tx, ev); err != nil {
			return t, err
		}
	}
	if v.Open {
		if err := b.openBreaker(tx, &t, r, e, v); err != nil {
			return t, err
		}
	}
	if e.Pause != nil {
		paused := event(t, kanban.EvPaused, e.Pause.payload())
		paused.Run = r.ID
		if err := b.record(tx, paused); err != nil {
			return t, err
		}
	}
	if err := tx.UpdateTask(t); err != nil {
		return t, err
	}
	if v.Open {
		if err := b.reviewEnded(tx, t); err != nil {
			return t, err
		}
	}
	if err := b.parentEnded(tx, t.ID); err != nil {
		return t, err
	}
	if _, err := b.dropIfPointless(tx, t.ID); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

func (b *Board) openBreaker(tx store.Tx, t *kanban.Task, r kanban.Run, e Ending, v policy.Verdict) error {
	t.BlockKind, t.BlockedAt = kanban.BreakerOpen, b.now()
	t.BlockReason = kanban.FirstLine(e.Error, 400)
	gaveUp := event(*t, kanban.EvGaveUp, map[string]any{
		"failures": v.Failures, "effective_limit": v.Limit, "trigger_outcome": string(e.Outcome), "error": kanban.Clip(e.Error, 500),
	})
	held := event(*t, kanban.EvBlocked, map[string]any{"kind": string(kanban.BreakerOpen), "reason": t.BlockReason})
	gaveUp.Run, held.Run = r.ID, r.ID
	if err := b.record(tx, gaveUp); err != nil {
		return err
	}
	return b.record(tx, held)
}

// withFields adds facts to a JSON object.
func withFields(raw json.RawMessage, facts map[string]any) json.RawMessage {
	all := map[string]any{}
	if json.Unmarshal(raw, &all) != nil {
		all = map[string]any{}
	}
	for k, v := range facts {
		all[k] = v
	}
	out, err := json.Marshal(all)
	if err != nil {
		return raw
	}
	return out
}

// RefsMoved notes that refs of the repository moved while a run worked in a work
// tree of it, which were not the run's to move. The dispatcher's only.
func (b *Board) RefsMoved(ctx context.Context, run int64, refs []string) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		t, err := tx.Task(r.Task)
		if err != nil {
			return err
		}
		e := event(t, kanban.EvRefsMoved, map[string]any{"refs": refs})
		e.Run = run
		return b.record(tx, e)
	})
}

// Settle notes that the process tree of an ended run is gone and its work kept
// under a ref ("" = nothing to keep). Until then the task cannot run again. The
// dispatcher's only.
func (b *Board) Settle(ctx context.Context, run int64, snapshot string) error {
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if kanban.CodeOf(err) == kanban.NotFound {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		r.Live, r.Snapshot = false, orElse(snapshot, r.Snapshot)
		if err := tx.UpdateRun(r); err != nil {
			return err
		}
		t, err := tx.Task(r.Task)
		if kanban.CodeOf(err) == kanban.NotFound {
			return nil
		}
		if err != nil || t.LiveRun != run {
			return err
		}
		if t.Closed == kanban.Deleted {
			return b.remove(tx, t)
		}
		t.LiveRun = 0
		return tx.NoteTask(t)
	})
}
