package board

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Edit is a change of a task's fields; nil leaves a field as it is.
type Edit struct {
	Title, Body, Tenant, Result, Summary, Model *string
	OnRetry                                     *string // Continue, Fresh, or "" = the lane's
	Priority, MaxAttempts                       *int
	MaxRuntime                                  *time.Duration
	Skills                                      *[]string
	Labels                                      *[]string // instead of those before
	AddLabels, DropLabels                       []string  // beside them
	Workspace                                   *kanban.Workspace
	Budget                                      *kanban.Budget
	Verify                                      *[][]string // nil in it = the lane's
	Reviewer                                    *string
	MaxRounds                                   *int
	Metadata                                    []byte // like Summary, of the newest run that handed something on
}

// Edit changes fields of a task. Result, Summary and Metadata belong to a done
// task; workspace and tenant cannot change while a run is alive. A worker may
// edit nothing.
//
// Errors: conflict in the wrong status; invalid.
func (b *Board) Edit(ctx context.Context, a kanban.Actor, id string, e Edit) (kanban.Task, error) {
	if err := onlyHuman(a, "edit"); err != nil {
		return kanban.Task{}, err
	}
	if e.Workspace != nil {
		w, err := cleanWorkspace(*e.Workspace)
		if err == nil && b.ports.Usable != nil {
			w, err = b.ports.Usable(ctx, w)
		}
		if err != nil {
			return kanban.Task{}, err
		}
		e.Workspace = &w
	}
	return mutate(ctx, b, "edit", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		before := t
		fields, err := e.apply(&t)
		if err != nil {
			return t, err
		}
		if err := b.ownBudget(a, t); err != nil {
			return t, err
		}
		if err := b.backfill(tx, &t, e, &fields); err != nil {
			return t, err
		}
		if len(fields) == 0 {
			return t, kanban.Errorf(kanban.Invalid, "nothing to change was named").Hint("for example --title or --priority")
		}
		return b.saveEdit(tx, a, before, t, fields)
	})
}

func (b *Board) saveEdit(tx store.Tx, a kanban.Actor, before, t kanban.Task, fields []string) (kanban.Task, error) {
	t.UpdatedAt = b.now()
	if err := tx.UpdateTask(t); err != nil {
		return t, err
	}
	kind, payload := kanban.EvEdited, by(a, map[string]any{"fields": fields})
	if slices.Equal(fields, []string{"priority"}) {
		kind, payload = kanban.EvReprioritized, by(a, map[string]any{"priority": t.Priority})
	}
	if before.Result != t.Result {
		payload["result_len"] = len(t.Result)
	}
	if err := b.record(tx, event(t, kind, payload)); err != nil {
		return t, err
	}
	if slices.Contains(fields, "reviewer") {
		if err := b.reviewElsewhere(tx, a, t); err != nil {
			return t, err
		}
	}
	return tx.Task(t.ID)
}

// apply sets the plain fields and names those that it set.
func (e Edit) apply(t *kanban.Task) (fields []string, err error) {
	set := func(name string, wanted bool, change func() error) {
		if wanted && err == nil {
			err = change()
			fields = append(fields, name)
		}
	}
	set("title", e.Title != nil, func() (err error) {
		if t.Title, err = line("the title", *e.Title, maxTitle); err == nil && t.Title == "" {
			err = kanban.Errorf(kanban.Invalid, "the title is empty").Hint("give it some words")
		}
		return err
	})
	set("labels", e.Labels != nil || len(e.AddLabels)+len(e.DropLabels) > 0, func() (err error) { t.Labels, err = e.labels(t.Labels); return })
	set("body", e.Body != nil, func() (err error) { t.Body, err = text("the body", *e.Body, maxBody); return })
	set("tenant", e.Tenant != nil, func() (err error) {
		if t.LiveRun != 0 || t.CurrentRun != 0 {
			return kanban.Errorf(kanban.Conflict, "a run of %s counts in its tenant's cap", t.ID).In(t.Status).Hint("andon stop %s", t.ID)
		}
		t.Tenant, err = line("the tenant", *e.Tenant, maxName)
		return err
	})
	set("model", e.Model != nil, func() (err error) { t.Model, err = line("the model", *e.Model, maxName); return })
	set("on_retry", e.OnRetry != nil, func() error { t.OnRetry = *e.OnRetry; return checkFrom(t.OnRetry, t.Workspace.Kind) })
	set("priority", e.Priority != nil, func() error { t.Priority = *e.Priority; return nil })
	set("max_attempts", e.MaxAttempts != nil, func() error { t.MaxAttempts = *e.MaxAttempts; return checkLimits(*t, 0) })
	set("max_runtime", e.MaxRuntime != nil, func() error { t.MaxRuntime = *e.MaxRuntime; return checkLimits(*t, 0) })
	set("budget", e.Budget != nil, func() error { t.Budget = *e.Budget; return nil })
	set("skills", e.Skills != nil, func() (err error) { t.Skills, err = cleanSkills(*e.Skills); return })
	set("verify", e.Verify != nil, func() (err error) { t.Verify, err = cleanVerify(*e.Verify); return })
	set("reviewer", e.Reviewer != nil, func() (err error) {
		if t.Reviewer, err = reviewerName(*e.Reviewer); err != nil {
			return err
		}
		return refuseOwnJudge(*t, ownJudgeHint)
	})
	set("max_rounds", e.MaxRounds != nil, func() error { t.MaxRounds = *e.MaxRounds; return checkRounds(t.MaxRounds) })
	set("workspace", e.Workspace != nil, func() (err error) {
		if t.LiveRun != 0 || t.CurrentRun != 0 {
			return kanban.Errorf(kanban.Conflict, "a run works in the workspace of %s", t.ID).In(t.Status).Hint("andon stop %s", t.ID)
		}
		t.Workspace = *e.Workspace
		return nil
	})
	return fields, err
}

// labels are those of a task that has some before.
func (e Edit) labels(before []string) ([]string, error) {
	added, err := kanban.Labels(e.AddLabels)
	if err != nil {
		return nil, err
	}
	dropped, err := kanban.Labels(e.DropLabels)
	if err != nil {
		return nil, err
	}
	for _, l := range added {
		if slices.Contains(dropped, l) {
			return nil, kanban.Errorf(kanban.Invalid, "the label %s is to be added and to be taken away", l).Hint("keep one of them")
		}
	}
	if e.Labels != nil {
		if len(added)+len(dropped) > 0 {
			return nil, kanban.Errorf(kanban.Invalid, "all labels are given, and changes of them").Hint("give all of them, or +label and -label only")
		}
		return kanban.Labels(*e.Labels)
	}
	kept := slices.DeleteFunc(slices.Clone(before), func(l string) bool { return slices.Contains(dropped, l) })
	return kanban.Labels(append(kept, added...))
}

// backfill corrects the handoff of a done task without losing the worker's own
// summary: what is not named stays.
func (b *Board) backfill(tx store.Tx, t *kanban.Task, e Edit, fields *[]string) error {
	if e.Result == nil && e.Summary == nil && e.Metadata == nil {
		return nil
	}
	if t.Status != kanban.Done {
		return kanban.Errorf(kanban.Conflict, "task %s is %s; only a done task has a result to edit", t.ID, t.Status).
			In(t.Status).Hint("andon complete %s --summary ...", t.ID)
	}
	if err := object("the metadata", e.Metadata); err != nil {
		return err
	}
	if e.Result != nil {
		var err error
		if t.Result, err = text("the result", *e.Result, maxSummary); err != nil {
			return err
		}
		*fields = append(*fields, "result")
	}
	if e.Summary == nil && e.Metadata == nil {
		return nil
	}
	return b.backfillRun(tx, *t, e, fields)
}

func (b *Board) backfillRun(tx store.Tx, t kanban.Task, e Edit, fields *[]string) error {
	r, err := lastHandoff(tx, t.ID)
	if err != nil {
		return err
	}
	if e.Summary != nil {
		if r.Summary, err = text("the summary", *e.Summary, maxSummary); err != nil {
			return err
		}
		*fields = append(*fields, "summary")
	}
	if e.Metadata != nil {
		r.Metadata = e.Metadata
		*fields = append(*fields, "metadata")
	}
	if r.ID != 0 {
		return tx.UpdateRun(r)
	}
	_, err = b.note(tx, t, kanban.Completed, func(n *kanban.Run) { n.Summary, n.Metadata = r.Summary, r.Metadata })
	return err
}

func orElse(s, other string) string {
	if s = strings.TrimSpace(s); s != "" {
		return s
	}
	return other
}
