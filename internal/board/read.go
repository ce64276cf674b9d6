package board

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Details is all there is to show of one task.
type Details struct {
	Task      kanban.Task
	Parents   []kanban.Link
	Children  []kanban.Link
	Comments  []kanban.Comment
	Runs      []kanban.Run
	Artifacts []kanban.Artifact
	Events    []kanban.Event // the newest 50
	Gates     []kanban.Gate
	Verify    [][]string // what verifies it, its lane's commands if it says nothing itself
	Reviewer  string     // who reviews it likewise; "" = nobody
	HeldAfter int        // failed attempts in a row, likewise
}

// Show returns one task with all that belongs to it.
func (b *Board) Show(ctx context.Context, id string) (Details, error) {
	return store.View(ctx, b.store, func(r store.Reader) (d Details, err error) {
		read := func(f func() error) {
			if err == nil {
				err = f()
			}
		}
		read(func() (err error) { d.Task, err = r.Task(id); return })
		d.Verify, d.Reviewer, d.HeldAfter = b.commands(d.Task), b.reviewer(d.Task), b.settings().Retry.Limit(d.Task)
		read(func() (err error) { d.Parents, err = r.Parents(id); return })
		read(func() (err error) { d.Children, err = r.Children(id); return })
		read(func() (err error) { d.Comments, err = r.Comments(id, 0); return })
		read(func() (err error) { d.Runs, err = r.Runs(id); return })
		read(func() (err error) { d.Artifacts, err = r.Artifacts(id); return })
		read(func() (err error) {
			d.Events, err = r.Events(store.EventQuery{Task: id, Limit: 50, Last: true})
			return
		})
		read(func() (err error) { d.Gates, err = b.gates(r, d.Task); return })
		return d, err
	})
}

// Resolve turns a unique prefix of a task id into the id.
//
// Errors: not_found, or invalid if it is blank or several tasks start so.
func (b *Board) Resolve(ctx context.Context, prefix string) (string, error) {
	prefix = strings.ToLower(strings.TrimSpace(prefix))
	full := "t_" + strings.TrimPrefix(prefix, "t_")
	if full == "t_" {
		return "", kanban.Errorf(kanban.Invalid, "the id of a task is empty").Hint("give the id, or a unique start of it")
	}
	return store.View(ctx, b.store, func(r store.Reader) (string, error) {
		ids, err := r.TaskIDs(full, 5)
		if err != nil {
			return "", err
		}
		switch {
		case len(ids) == 0:
			return "", kanban.Errorf(kanban.NotFound, "there is no task %s on board %s", prefix, b.slug).Hint("andon list  shows those there are")
		case len(ids) == 1 || ids[0] == full:
			return ids[0], nil
		}
		return "", kanban.Errorf(kanban.Invalid, "%s stands for several tasks: %s", prefix, strings.Join(ids, ", ")).Hint("give more of the id")
	})
}

// List returns one page of tasks, with the gates of those that wait if asked.
func (b *Board) List(ctx context.Context, q store.TaskQuery, gates bool) (tasks []Explanation, next string, err error) {
	err = b.store.View(ctx, func(r store.Reader) error {
		page, cursor, err := r.Tasks(q)
		if err != nil {
			return err
		}
		next = cursor
		l := b.ledger(r, b.spending())
		for _, t := range page {
			e := Explanation{Task: t}
			if gates {
				if e.Gates, err = b.gatesBy(l, r, t); err != nil {
					return err
				}
			}
			tasks = append(tasks, e)
		}
		return nil
	})
	return tasks, next, err
}

// Runs lists a task's runs, oldest first.
func (b *Board) Runs(ctx context.Context, id string) ([]kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]kanban.Run, error) {
		if _, err := r.Task(id); err != nil {
			return nil, err
		}
		return r.Runs(id)
	})
}

// Run returns one run.
func (b *Board) Run(ctx context.Context, id int64) (kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Run, error) { return r.Run(id) })
}

// Events reads the log after a cursor.
func (b *Board) Events(ctx context.Context, q store.EventQuery) ([]kanban.Event, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]kanban.Event, error) { return r.Events(q) })
}

// LastEvent is the cursor of "now".
func (b *Board) LastEvent(ctx context.Context) (int64, error) {
	return store.View(ctx, b.store, func(r store.Reader) (int64, error) { return r.LastEvent() })
}

// Stats counts what is on the board.
func (b *Board) Stats(ctx context.Context) (store.Stats, error) {
	return store.View(ctx, b.store, func(r store.Reader) (store.Stats, error) { return r.Stats() })
}

// maxNames bounds the tenants, and the labels, that one is told to choose from.
const maxNames = 500

// Tenants are those that the tasks of the board have, and those that andon.yaml names,
// by name.
func (b *Board) Tenants(ctx context.Context) ([]string, error) {
	names, err := store.View(ctx, b.store, func(r store.Reader) ([]string, error) { return r.Tenants(maxNames) })
	if err != nil {
		return nil, err
	}
	names = slices.AppendSeq(names, maps.Keys(b.settings().Tenants))
	slices.Sort(names)
	return slices.Compact(names), nil
}

// Labels are those that the tasks of the board have, by name.
func (b *Board) Labels(ctx context.Context) ([]string, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]string, error) { return r.Labels(maxNames) })
}

// Use is how much some lanes do on a board.
type Use struct{ Running, Ready int }

// Use counts the live runs and the ready tasks of lanes.
func (b *Board) Use(ctx context.Context, lanes []string) (u Use, err error) {
	return store.View(ctx, b.store, func(r store.Reader) (Use, error) {
		stats, err := r.Stats()
		if err != nil {
			return u, err
		}
		for _, lane := range lanes {
			u.Ready += stats.ByLane[lane][kanban.Ready]
		}
		live, err := r.LiveRuns()
		for _, run := range live {
			if slices.Contains(lanes, run.Lane) {
				u.Running++
			}
		}
		return u, err
	})
}

// LiveRuns lists the runs that are open or whose process tree may live.
func (b *Board) LiveRuns(ctx context.Context) ([]kanban.Run, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]kanban.Run, error) { return r.LiveRuns() })
}

// Task returns one task.
func (b *Board) Task(ctx context.Context, id string) (kanban.Task, error) {
	return store.View(ctx, b.store, func(r store.Reader) (kanban.Task, error) { return r.Task(id) })
}

// ArtifactKept reports whether a run of this board refers to a content.
func (b *Board) ArtifactKept(ctx context.Context, sha256 string) (bool, error) {
	return store.View(ctx, b.store, func(r store.Reader) (bool, error) { return r.ArtifactKept(sha256) })
}
