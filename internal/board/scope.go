package board

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// A run may look at its own task, the parents of that, the task whose work it
// judges, and everything that its task or those below it created. The chain of
// origins leads from a task to whose run created it.

// MayRead refuses a worker every other task. A task that is not there is
// nobody's secret: then it returns nil.
//
// Errors: unauthorized.
func (b *Board) MayRead(ctx context.Context, a kanban.Actor, id string) error {
	if a.Kind != kanban.Worker {
		return nil
	}
	return b.store.View(ctx, func(r store.Reader) error {
		t, err := r.Task(id)
		if kanban.CodeOf(err) == kanban.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return b.mayRead(r, a, t)
	})
}

func (b *Board) mayRead(r store.Reader, a kanban.Actor, t kanban.Task) error {
	if a.Kind != kanban.Worker {
		return nil
	}
	below, err := inSubtree(r, a, t)
	if err != nil || below {
		return err
	}
	near, err := near(r, a)
	if err != nil || slices.Contains(near, t.ID) {
		return err
	}
	return kanban.Errorf(kanban.Unauthorized, "the run of %s may not look at %s", a.Task, t.ID).
		Hint("a worker sees its own task, the parents of that, and what it created")
}

// Sight lists the tasks that a worker may read.
func (b *Board) Sight(ctx context.Context, a kanban.Actor) ([]string, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]string, error) {
		seen, err := near(r, a)
		if err != nil {
			return nil, err
		}
		below := []string{a.Task}
		for len(below) > 0 && len(seen) < maxSight {
			made, err := r.MadeBy(below[0], time.Time{}, maxSight)
			if err != nil {
				return nil, err
			}
			seen, below = append(seen, below[0]), append(below[1:], made...)
		}
		return seen, nil
	})
}

// maxSight bounds how many tasks a list for a worker looks through.
const maxSight = 10_000

// near are the tasks beside a worker's own that it may read: parents, and the
// one that it judges.
func near(r store.Reader, a kanban.Actor) ([]string, error) {
	own, err := r.Task(a.Task)
	if kanban.CodeOf(err) == kanban.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	if own.Reviews != "" {
		ids = append(ids, own.Reviews)
	}
	links, err := r.Parents(a.Task)
	for _, l := range links {
		ids = append(ids, l.Parent)
	}
	return ids, err
}

// inSubtree reports whether a task is the worker's own, or was created by a run
// of it or of one below it.
func inSubtree(r store.Reader, a kanban.Actor, t kanban.Task) (bool, error) {
	for at := t; ; {
		if at.ID == a.Task {
			return true, nil
		}
		if at.Origin == "" || at.Origin == at.ID {
			return false, nil
		}
		up, err := r.Task(at.Origin)
		if kanban.CodeOf(err) == kanban.NotFound {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		at = up
	}
}

// within refuses a worker everything outside its own task and what it made, and
// everything once its run has ended.
func (b *Board) within(tx store.Tx, a kanban.Actor, t kanban.Task) error {
	if a.Kind != kanban.Worker {
		return nil
	}
	if err := b.writing(tx, a); err != nil {
		return err
	}
	below, err := inSubtree(tx, a, t)
	if err != nil || below {
		return err
	}
	return kanban.Errorf(kanban.Unauthorized, "the run of %s may not change %s", a.Task, t.ID).In(t.Status).
		Hint("a worker changes its own task and those it created; comment on %s instead: andon comment %s ...", a.Task, a.Task)
}

// mayCreate bounds what a worker may make: how much, and where it works.
func (b *Board) mayCreate(tx store.Tx, a kanban.Actor, n NewTask, w kanban.Workspace) error {
	if a.Kind != kanban.Worker {
		return nil
	}
	run, err := tx.Run(a.Run)
	if err != nil {
		return err
	}
	if limit := b.settings().MaxChildren; limit > 0 {
		made, err := tx.MadeBy(a.Task, run.StartedAt, limit)
		if err != nil {
			return err
		}
		if len(made) >= limit {
			return kanban.Errorf(kanban.Exhausted, "run %d has created %d tasks, which is all that a run may", a.Run, len(made)).
				Hint("complete with what there is, or block and ask a human; dispatch.max_children in andon.yaml is the limit")
		}
	}
	own, err := tx.Task(a.Task)
	if err != nil {
		return err
	}
	return mayWorkIn(a, own, run, w, n.Registered)
}

// mayWorkIn refuses every place but the very ones that people gave: the folder
// of the worker's own task, its repository, and that of the board. Whatever else
// it names, inside its workspace too, it can have made to lead elsewhere, or be a
// repository of its own making. Branches are Andon's own: another may be one that
// people work on.
func mayWorkIn(a kanban.Actor, own kanban.Task, run kanban.Run, w kanban.Workspace, registered string) error {
	if w.Branch != "" && !strings.HasPrefix(w.Branch, "andon/") {
		return kanban.Errorf(kanban.Unauthorized, "the run of %s may not send others to work on the branch %s", a.Task, w.Branch).
			Hint("leave the branch out: each task gets one of its own; or begin it with andon/")
	}
	switch {
	case w.Repo != "" && w.Repo != own.Workspace.Repo && w.Repo != registered:
		return kanban.Errorf(kanban.Unauthorized, "the run of %s may not send others to work in a copy of %s", a.Task, w.Repo).
			Hint("leave the repository out, or name that of its own task%s", named(own.Workspace.Repo))
	case w.Path != "" && (w.Kind != kanban.Dir || w.Path != run.Workspace):
		return kanban.Errorf(kanban.Unauthorized, "the run of %s may not send others to work in %s", a.Task, w.Path).
			Hint("leave the workspace out, or name its own, and nothing inside that%s", named(run.Workspace))
	}
	return nil
}

func named(path string) string {
	if path == "" {
		return ""
	}
	return ": " + path
}
