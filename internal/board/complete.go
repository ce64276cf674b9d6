package board

import (
	"context"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// as returns the task an actor wants to end a run of, and the run: by lease for
// a worker, by run for the dispatcher, by task for a human. The run is zero if
// none is open.
func (b *Board) as(r store.Reader, a kanban.Actor, l kanban.Lease) (kanban.Task, kanban.Run, error) {
	if a.Kind == kanban.Worker && a.Run != 0 && l.Run != 0 && a.Run != l.Run {
		return kanban.Task{}, kanban.Run{}, kanban.Errorf(kanban.Unauthorized, "run %d may not end run %d", a.Run, l.Run).
			Hint("a worker ends its own run only")
	}
	if a.Kind == kanban.Worker || l.Token != "" {
		t, run, err := b.fence(r, l)
		if err == nil {
			err = refusePending(a, l.Token != "", t, run)
		}
		return t, run, err
	}
	t, err := r.Task(l.Task)
	if err != nil {
		return t, kanban.Run{}, err
	}
	if l.Run != 0 && t.CurrentRun != l.Run {
		run, err := r.Run(l.Run)
		if err != nil {
			return t, run, err
		}
		return t, run, staleBecause(t, run)
	}
	if t.CurrentRun == 0 {
		return t, kanban.Run{}, nil
	}
	run, err := r.Run(t.CurrentRun)
	if err == nil {
		err = refusePending(a, l.Token != "", t, run)
	}
	return t, run, err
}

// ofRun reports whether the word is that of a run, rather than of a human.
func ofRun(a kanban.Actor, l kanban.Lease) bool { return a.Kind != kanban.Human || l.Token != "" }

// Complete ends a task, with its run if one is open. Children that waited only
// for it become ready in the same transaction. Where something verifies or
// somebody reviews, a run's completion is handed in, and the task goes on
// running until the verification has succeeded, or waits for the verdict; a
// human's completion is done at once. Declared artifacts are kept, and
// a worktree's changes are on its branch, before that transaction starts.
//
// Errors: stale if the run is no longer the task's; conflict in the wrong
// status; invalid if an artifact is missing or a card is not the run's.
func (b *Board) Complete(ctx context.Context, a kanban.Actor, l kanban.Lease, h kanban.Handoff) (kanban.Task, error) {
	h, err := cleanHandoff(h)
	if err != nil {
		return kanban.Task{}, err
	}
	if err := b.refusePhantoms(ctx, a, l, h); err != nil {
		return kanban.Task{}, err
	}
	kept, err := b.keep(ctx, a, l, kanban.Complete, &h)
	if err != nil {
		return kanban.Task{}, err
	}
	return mutate(ctx, b, "complete", l.Task, func(tx store.Tx) (kanban.Task, error) {
		t, run, err := b.as(tx, a, l)
		if err != nil {
			return t, err
		}
		if err := sameRun(run, kept); err != nil {
			return t, err
		}
		if !ofRun(a, l) { // who has had a look
			if err := b.move(tx, &t, kanban.Complete, a.Kind, 0); err != nil {
				return t, err
			}
			return b.finish(tx, a, t, kanban.Completed, h, kept)
		}
		if len(b.commands(t)) > 0 {
			return b.handIn(tx, a, t, run, pending{Handoff: h}, kept)
		}
		return b.handOver(tx, a, t, run, pending{Handoff: h}, kept)
	})
}

// handOver ends a run's task as done, or leaves the verdict to its reviewer.
func (b *Board) handOver(tx store.Tx, a kanban.Actor, t kanban.Task, r kanban.Run, p pending, kept keptWork) (kanban.Task, error) {
	if p.Review || r.ID != 0 && b.reviewer(t) != "" {
		return b.submit(tx, a, t, p.Handoff, kept)
	}
	if err := b.move(tx, &t, kanban.Complete, a.Kind, 0); err != nil {
		return t, err
	}
	return b.finish(tx, a, t, kanban.Completed, p.Handoff, kept)
}

// sameRun refuses to file work that was kept of one run under another.
func sameRun(run kanban.Run, kept keptWork) error {
	if kept.run == run.ID {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "the task changed while its work was being kept").Hint("try again")
}

// finish closes the run as completed and frees the children.
func (b *Board) finish(tx store.Tx, a kanban.Actor, t kanban.Task, o kanban.Outcome, h kanban.Handoff, kept keptWork) (kanban.Task, error) {
	said := h.Summary != "" || h.Result != "" || len(h.Metadata) > 0
	revision := kept.revision()
	r, err := b.closeOrNote(tx, &t, o, said, fill(h, revision))
	if err != nil {
		return t, err
	}
	if err := tx.PutArtifacts(kept.of(t.ID, r.ID)); err != nil {
		return t, err
	}
	t.Revision = orElse(revision, t.Revision)
	t.Result, t.CompletedAt = h.Result, b.now()
	t.Failures, t.Losses, t.LastError = 0, 0, ""
	payload := by(a, map[string]any{"result_len": len(h.Result), "summary": kanban.FirstLine(orElse(h.Summary, h.Result), 400)})
	if len(h.Cards) > 0 {
		payload["verified_cards"] = h.Cards
	}
	if len(h.Artifacts) > 0 {
		payload["artifacts"] = h.Artifacts
	}
	if kept.rev != "" {
		payload["commit"] = kept.rev
	}
	if err := b.save(tx, t, r.ID, kanban.EvCompleted, payload); err != nil {
		return t, err
	}
	if err := b.noteUnknown(tx, t, r.ID, h); err != nil {
		return t, err
	}
	if err := b.reviewEnded(tx, t); err != nil {
		return t, err
	}
	if err := b.parentEnded(tx, t.ID); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

// handsOn reports whether a run ended with a handoff for children and people.
func handsOn(r kanban.Run) bool {
	return r.Outcome == kanban.Completed || r.Outcome == kanban.Submitted
}

// lastHandoff is the newest run that ended with one; zero if there is none.
func lastHandoff(r store.Reader, task string) (kanban.Run, error) {
	runs, err := r.Runs(task)
	for _, run := range slices.Backward(runs) {
		if handsOn(run) {
			return run, err
		}
	}
	return kanban.Run{}, err
}

// fill writes a handoff into a run.
func fill(h kanban.Handoff, revision string) func(*kanban.Run) {
	return func(r *kanban.Run) {
		r.Revision = revision
		r.Summary, r.Metadata = orElse(h.Summary, h.Result), h.Metadata
	}
}

// cleanHandoff trims and checks what a worker or human says at the end. A blank
// summary is none.
func cleanHandoff(h kanban.Handoff) (kanban.Handoff, error) {
	var err error
	if h.Summary, err = text("the summary", h.Summary, maxSummary); err != nil {
		return h, err
	}
	if h.Result, err = text("the result", h.Result, maxSummary); err != nil {
		return h, err
	}
	if err := object("the metadata", h.Metadata); err != nil {
		return h, err
	}
	if slices.ContainsFunc(h.Artifacts, func(path string) bool { return strings.TrimSpace(path) == "" }) {
		return h, kanban.Errorf(kanban.Invalid, "artifacts: one of the paths is empty").
			Hint("declare readable files inside the workspace, by their paths relative to it, or none")
	}
	h.Artifacts, h.Cards = distinct(h.Artifacts), distinct(h.Cards)
	if len(h.Cards) > maxCards {
		return h, kanban.Errorf(kanban.Invalid, "%d created cards are more than %d", len(h.Cards), maxCards).Hint("name the most important ones")
	}
	return h, nil
}

func distinct(in []string) []string {
	var out []string
	for _, s := range in {
		if s = strings.TrimSpace(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// keptWork is what was made durable before the ending transaction.
type keptWork struct {
	run       int64
	rev       string
	artifacts []kanban.Artifact
}

// revision names the work exactly: by its commit, else by its artifacts, "" if
// there is neither.
func (k keptWork) revision() string {
	if k.rev != "" || len(k.artifacts) == 0 {
		return k.rev
	}
	var lines []string
	for _, a := range k.artifacts {
		lines = append(lines, a.SHA256+"  "+a.Path+"\n")
	}
	slices.Sort(lines)
	return "sha256:" + hashToken(strings.Join(lines, ""))
}

func (k keptWork) of(task string, run int64) []kanban.Artifact {
	for i := range k.artifacts {
		k.artifacts[i].Task, k.artifacts[i].Run = task, run
	}
	return k.artifacts
}

// keep copies artifacts and, unless the work is unfinished, commits the worktree
// of the open run, after a look whether the ending would be accepted at all.
func (b *Board) keep(ctx context.Context, a kanban.Actor, l kanban.Lease, action kanban.Action, h *kanban.Handoff) (keptWork, error) {
	var t kanban.Task
	var r kanban.Run
	var done bool
	err := b.store.View(ctx, func(rd store.Reader) (err error) {
		if done, err = answered(ctx, rd); done || err != nil {
			return err
		}
		if t, r, err = b.as(rd, a, l); err != nil {
			return err
		}
		_, err = kanban.Next(t.Status, action, a.Kind, 0)
		return err
	})
	if done || err != nil {
		return keptWork{}, err
	}
	if r.ID == 0 {
		if len(h.Artifacts) > 0 {
			return keptWork{}, kanban.Errorf(kanban.Invalid, "artifacts need a run to come from").In(t.Status).Hint("leave them out")
		}
		return keptWork{}, nil
	}
	kept := keptWork{run: r.ID}
	if kept.artifacts, err = b.ports.Work.Keep(ctx, r, h.Artifacts); err != nil {
		return kept, err
	}
	for i, art := range kept.artifacts {
		if i < len(h.Artifacts) {
			h.Artifacts[i] = art.Path
		}
	}
	if action != kanban.Block {
		kept.rev, err = b.ports.Work.Commit(ctx, t, r, t.Title+"\n\nTask: "+t.ID)
	}
	return kept, err
}

// answered reports whether this operation was done before: then mutate answers
// as it did, although the run has ended since, and nothing needs to be kept.
func answered(ctx context.Context, r store.Reader) (bool, error) {
	o := operationOf(ctx)
	if o.id == "" {
		return false, nil
	}
	_, found, err := r.Operation(o.id)
	return found, err
}
