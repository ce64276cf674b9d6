package board

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// reviewer is who judges what a run of a task hands in: a lane,
// kanban.ReviewedByHuman, or "" for nobody. Nobody reviews a review, and no lane
// its own work.
func (b *Board) reviewer(t kanban.Task) string {
	if t.Reviews != "" {
		return ""
	}
	by := orElse(t.Reviewer, b.settings().Lanes[t.Assignee].Reviewer)
	if by != "" && by == t.Assignee {
		return kanban.ReviewedByHuman
	}
	return by
}

// maxRounds is how often changes requested lead to a new run of a task.
func (b *Board) maxRounds(t kanban.Task) int {
	if t.MaxRounds > 0 {
		return t.MaxRounds
	}
	if n := b.settings().Lanes[t.Assignee].MaxRounds; n > 0 {
		return n
	}
	if by := b.reviewer(t); by == "" || by == kanban.ReviewedByHuman {
		return humanRounds
	}
	return laneRounds
}

// askForReview makes the task in which a lane judges what a run handed in. It
// belongs to nobody's subtree: its author has no hold over it.
func (b *Board) askForReview(tx store.Tx, t kanban.Task, r kanban.Run, lane string) (string, error) {
	review := kanban.Task{
		Title: kanban.Clip("Review: "+t.Title, maxTitle/4), Assignee: lane, Status: kanban.Ready, Priority: t.Priority, Tenant: t.Tenant, Labels: t.Labels,
		CreatedBy: kanban.System.Name, CreatedAt: b.now(), UpdatedAt: b.now(),
		Workspace: reviewPlace(t, r), Reviews: t.ID, Revision: r.Revision,
		Body: fmt.Sprintf("Judge what was handed in for %s (%s), revision %s.\n\nGive one verdict:\n\n"+
			"    andon approve %s --comment \"what you checked\"\n    andon reject %s \"what has to change\"\n\n"+
			"%s If you cannot judge it, complete this task without a verdict; then a human does.",
			t.ID, kanban.FirstLine(t.Title, 200), orElse(r.Revision, "none"), t.ID, t.ID, afterRejection(b.maxRounds(t)-t.ReviewRounds)),
	}
	review, err := b.insertUnique(tx, review)
	if err != nil {
		return "", err
	}
	return review.ID, b.recordCreation(tx, kanban.System, review, nil)
}

// afterRejection says what changes requested lead to.
func afterRejection(left int) string {
	switch {
	case left <= 0:
		return "Its rounds are used up: if you reject it, a human says how it goes on."
	case left == 1:
		return "If you reject it, it is worked on once more; the next time a human says how it goes on."
	}
	return fmt.Sprintf("If you reject it, it is worked on again, as up to %d times from now; after that a human says how it goes on.", left)
}

// reviewPlace is where a reviewer looks: a work tree of its own at the revision,
// or the folder of the work itself if that is under no version control.
func reviewPlace(t kanban.Task, r kanban.Run) kanban.Workspace {
	if t.Workspace.OfGit() {
		return kanban.Workspace{Kind: kanban.Worktree, Repo: orElse(t.Workspace.Repo, r.Workspace)}
	}
	if r.Workspace == "" {
		return kanban.Workspace{Kind: kanban.Scratch}
	}
	return kanban.Workspace{Kind: kanban.Dir, Path: r.Workspace}
}

// mayJudge says as what an actor judges a task. It refuses everybody a verdict
// but humans and the run of its review, and that run a verdict on another revision than it was asked about.
func mayJudge(r store.Reader, a kanban.Actor, t kanban.Task, verb, revision string) (kanban.ActorKind, error) {
	about, judge := revision, kanban.Human
	if a.Kind != kanban.Human {
		review, err := r.Task(a.Task)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return judge, err
		}
		if a.Kind != kanban.Worker || err != nil || review.Reviews != t.ID || review.CurrentRun != a.Run || a.Run == 0 {
			return judge, kanban.Errorf(kanban.Unauthorized, "%s is for a human, or for the run of the review of %s", verb, t.ID).In(t.Status).
				Hint("ask a human, for example with `andon block --kind needs_input`")
		}
		asked, err := reviewOf(r, t)
		if err != nil {
			return judge, err
		}
		if t.Status == kanban.Review && asked != review.ID {
			return judge, kanban.Errorf(kanban.Conflict, "%s was handed in anew since this review was asked for", t.ID).In(t.Status).
				Hint("complete this review; another one was asked for")
		}
		if about == "" {
			about = review.Revision
		}
		judge = kanban.Reviewer
	}
	if about != "" && about != t.Revision {
		return judge, kanban.Errorf(kanban.Conflict, "the verdict is about revision %s of %s, and %s was handed in last", about, t.ID, orElse(t.Revision, "none")).
			In(t.Status).Hint("andon diff %s  shows what was handed in last; andon reject %s REASON  sends it back", t.ID, t.ID)
	}
	return judge, nil
}

// reviewOf is the task in which what was handed in last is judged, "" if that
// was left to a human.
func reviewOf(r store.Reader, t kanban.Task) (string, error) {
	asked, err := r.Events(store.EventQuery{Task: t.ID, Kinds: []kanban.EventKind{kanban.EvReview}, Last: true, Limit: 1})
	if err != nil || len(asked) == 0 {
		return "", err
	}
	id, _ := asked[0].Payload["review_task"].(string)
	return id, nil
}

// dropReviews puts the reviews of a task away that nobody needs now, with their
// runs, at no cost. One that gave up is among them.
func (b *Board) dropReviews(tx store.Tx, t kanban.Task) error {
	asked, err := tx.Events(store.EventQuery{Task: t.ID, Kinds: []kanban.EventKind{kanban.EvReview}, Last: true})
	if err != nil {
		return err
	}
	for _, e := range asked {
		id, _ := e.Payload["review_task"].(string)
		if id == "" {
			continue
		}
		review, err := tx.Task(id)
		if kanban.CodeOf(err) == kanban.NotFound || err == nil && (review.Status == kanban.Done || review.Status == kanban.Archived) {
			continue
		}
		if err != nil {
			return err
		}
		if err := b.dropReview(tx, review); err != nil {
			return err
		}
	}
	return nil
}

func (b *Board) dropReview(tx store.Tx, review kanban.Task) error {
	from := string(review.Status)
	if err := b.move(tx, &review, kanban.Drop, kanban.Dispatcher, 0); err != nil {
		return err
	}
	review.Closed = kanban.NotNeeded
	r, err := b.close(tx, &review, kanban.CancelledOut, func(r *kanban.Run) { r.Error = "its verdict is not needed any more" })
	if err != nil {
		return err
	}
	payload := map[string]any{"from": from, "reason": kanban.NotNeeded, "parent": review.Reviews}
	if err := b.save(tx, review, r.ID, kanban.EvArchived, payload); err != nil {
		return err
	}
	return b.parentEnded(tx, review.ID)
}

// reviewElsewhere leaves the verdict to whom the task names now, if another one
// was asked for it.
func (b *Board) reviewElsewhere(tx store.Tx, a kanban.Actor, t kanban.Task) error {
	if t.Status != kanban.Review {
		return nil
	}
	asked, err := reviewOf(tx, t)
	if err != nil {
		return err
	}
	lane := b.reviewer(t)
	if lane == kanban.ReviewedByHuman {
		lane = ""
	}
	if asked != "" && lane != "" {
		review, err := tx.Task(asked)
		if kanban.CodeOf(err) != kanban.NotFound && (err != nil || review.Assignee == lane) {
			return err
		}
	}
	if err := b.dropReviews(tx, t); err != nil || asked == "" && lane == "" {
		return err
	}
	r, err := lastHandoff(tx, t.ID)
	if err != nil {
		return err
	}
	payload := by(a, map[string]any{"summary": kanban.FirstLine(r.Summary, 400)})
	if lane != "" {
		if payload["review_task"], err = b.askForReview(tx, t, r, lane); err != nil {
			return err
		}
		payload["reviewer"] = lane
	}
	return b.record(tx, event(t, kanban.EvReview, payload))
}

// reviewEnded leaves the verdict to a human when a review ends without one.
func (b *Board) reviewEnded(tx store.Tx, review kanban.Task) error {
	if review.Reviews == "" {
		return nil
	}
	t, err := tx.Task(review.Reviews)
	if kanban.CodeOf(err) == kanban.NotFound || err == nil && t.Status != kanban.Review {
		return nil
	}
	asked, err := reviewOf(tx, t)
	if err != nil || asked != review.ID {
		return err
	}
	payload := map[string]any{"summary": "its review " + review.ID + " ended without a verdict", "reviewed": review.ID}
	return b.record(tx, event(t, kanban.EvReview, payload))
}

// reviewGate is why a task in review waits.
func reviewGate(r store.Reader, t kanban.Task) (kanban.Gate, error) {
	g := kanban.Gate{
		Kind: kanban.GateHuman, Reason: "it waits for a review", Since: t.UpdatedAt,
		Command: fmt.Sprintf("andon approve %s  or  andon reject %s REASON", t.ID, t.ID),
	}
	id, err := reviewOf(r, t)
	if err != nil || id == "" {
		return g, err
	}
	review, err := r.Task(id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return g, nil
	}
	if err != nil {
		return g, err
	}
	if ended := slices.Contains([]kanban.Status{kanban.Done, kanban.Archived, kanban.Blocked}, review.Status); ended {
		return g, nil
	}
	g.Kind = kanban.GateReview
	g.Reason = fmt.Sprintf("%s reviews it in %s (%s)", review.Assignee, id, review.Status)
	g.Command = "andon why " + id + "; a human may decide first: " + g.Command
	return g, nil
}

const reviewDiff = 32 << 10 // bytes of changes in the context of a review

// submission is what a reviewer reads of the work that it judges.
type submission struct {
	task    kanban.Task
	run     kanban.Run
	about   string // the revision
	changes []byte
	cut     bool
	fault   error // why there are no changes to show
}

// toJudge is what a review is about; nil for other tasks, and if that was deleted.
func (b *Board) toJudge(ctx context.Context, id string) (*submission, error) {
	s := &submission{}
	err := b.store.View(ctx, func(rd store.Reader) error {
		review, err := rd.Task(id)
		if err != nil || review.Reviews == "" {
			s = nil
			return err
		}
		s.about = review.Revision
		if s.task, err = rd.Task(review.Reviews); err == nil {
			s.run, err = lastHandoff(rd, s.task.ID)
		}
		if kanban.CodeOf(err) == kanban.NotFound {
			s, err = nil, nil
		}
		return err
	})
	if err != nil || s == nil || !s.task.Workspace.OfGit() || s.run.Base == "" || s.about == "" {
		return s, err
	}
	s.changes, s.cut, s.fault = b.ports.Work.Diff(ctx, s.task, s.run, s.run.Base, s.about, false, reviewDiff)
	return s, nil
}

func (w *contextWriter) submission(s submission) {
	w.line("\n## What was asked for: %s %s\n\n%s\n", s.task.ID, kanban.FirstLine(s.task.Title, maxTitle), quote(w.cut(s.task.Body, contextBody)))
	w.line("\n## What was handed in\n\nRevision: %s\n", orElse(s.about, "none"))
	w.handoff(s.run)
	switch {
	case s.fault != nil:
		w.line("(its changes cannot be shown: %s)\n", kanban.FirstLine(s.fault.Error(), 400))
	case len(s.changes) > 0:
		w.line("## Its changes since %.12s\n\n%s\n", s.run.Base, quote(w.cut(strings.ToValidUTF8(string(s.changes), "?"), reviewDiff)))
	}
	if s.cut {
		w.line("(cut off; andon diff %s  shows all of it)\n", s.task.ID)
	}
}
