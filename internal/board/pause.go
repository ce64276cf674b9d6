package board

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Pause is what several failures in a row that are alike bring about: their lane,
// or their repository if it is one for several lanes, starts nothing more until
// a human resumes it. One more failure of the same kind after that pauses it
// again; a run that gets further begins a new count.
type Pause struct {
	Scope string // "lane:NAME" or "repo:PATH"
	Error string
	Tasks []store.TaskRef // that failed so, the newest first
}

func (p *Pause) reason() string {
	names := make([]string, len(p.Tasks))
	for i, t := range p.Tasks {
		names[i] = t.Task
	}
	return fmt.Sprintf("%d tasks in a row failed alike (%s), the last with: %s", len(names), strings.Join(names, ", "), firstLine(p.Error, 300))
}

func (p *Pause) payload() map[string]any {
	return map[string]any{
		"scope": p.Scope, "reason": p.reason(), "count": len(p.Tasks), "tasks": p.Tasks, "error": clip(p.Error, 500),
		"command": ResumeCommand(p.Scope),
	}
}

// Fail is Board.Fail in the light of what else failed in the home: what is alike
// pauses where it happens, and from then on costs no attempts. One failure is
// judged at a time. The dispatcher's only.
func (b *Boards) Fail(ctx context.Context, bd *Board, run int64, e Ending) (kanban.Task, error) {
	e.Error = clip(e.Error, maxError)
	if bd.settings().Retry.PauseAfter <= 0 || policy.CostOf(e.Outcome) == policy.Free {
		return bd.Fail(ctx, run, e)
	}
	select {
	case b.failing <- struct{}{}:
	case <-ctx.Done():
		return kanban.Task{}, ctx.Err()
	}
	defer func() { <-b.failing }()
	if err := b.compare(ctx, bd, run, &e); err != nil {
		return kanban.Task{}, err
	}
	t, err := bd.Fail(ctx, run, e)
	if err != nil || e.Pause == nil {
		return t, err
	}
	return t, b.told(b.store.PutHold(ctx, store.Hold{
		Scope: e.Pause.Scope, Kind: store.Paused, Reason: e.Pause.reason(), By: "andon", Since: b.clock(), Tasks: e.Pause.Tasks,
	}))
}

// compare says whether a failure is one of several, and whether it pauses.
func (b *Boards) compare(ctx context.Context, bd *Board, run int64, e *Ending) error {
	r, err := bd.Run(ctx, run)
	if err != nil || !r.Open() || overspent(r) { // which is a matter of its own
		return ignoreMissing(err)
	}
	repo, err := bd.source(ctx, r.Task)
	if err != nil {
		return err
	}
	here := store.TaskRef{Board: bd.slug, Task: r.Task}
	after := bd.settings().Retry.PauseAfter
	cause := policy.Cause(e.Outcome, e.ExitCode, e.Signal, e.Error)
	for _, within := range []struct{ lane, repo string }{{"", repo}, {r.Lane, ""}} {
		if within.lane+within.repo == "" {
			continue
		}
		s := policy.Streak{Cause: cause}
		tasks, err := b.streak(ctx, &s, within.lane, within.repo)
		if err != nil {
			return err
		}
		before := len(tasks)
		if !slices.Contains(tasks, here) {
			tasks = append([]store.TaskRef{here}, tasks...)
		}
		if len(tasks) < after || within.repo != "" && !slices.ContainsFunc(s.Lanes, func(lane string) bool { return lane != r.Lane }) {
			continue
		}
		e.Shared = before >= after
		scope := "lane:" + within.lane
		if within.repo != "" {
			scope = "repo:" + within.repo
		}
		held, err := b.paused(ctx, scope)
		if err == nil && !held {
			e.Pause = &Pause{Scope: scope, Error: e.Error, Tasks: tasks}
		}
		return err
	}
	return nil
}

func ignoreMissing(err error) error {
	if kanban.CodeOf(err) == kanban.NotFound {
		return nil
	}
	return err
}

func (b *Boards) paused(ctx context.Context, scope string) (bool, error) {
	holds, err := b.store.Holds(ctx)
	return slices.ContainsFunc(holds, func(h store.Hold) bool { return h.Scope == scope && h.Kind == store.Paused }), err
}

// source is the repository that a task works on, "" if none.
func (b *Board) source(ctx context.Context, id string) (string, error) {
	return store.View(ctx, b.store, func(r store.Reader) (string, error) {
		t, err := r.Task(id)
		return t.Workspace.Source(), ignoreMissing(err)
	})
}

// How far back a streak is looked for: runs of each outcome in a lane, or runs of
// any lane on a board.
const (
	streakInLane = 50
	streakInRepo = 200
)

// ended is a run of one of the boards.
type ended struct {
	store.TaskRef
	kanban.Run
}

// streak follows the failures of a lane, or of a repository, over all boards. One
// that cannot be read is left out.
func (b *Boards) streak(ctx context.Context, s *policy.Streak, lane, repo string) ([]store.TaskRef, error) {
	infos, err := b.store.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var runs []ended
	for _, info := range infos {
		bd, err := b.Board(ctx, info.Slug)
		if err == nil {
			runs, err = bd.lastRuns(ctx, runs, lane, repo)
		}
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(runs, func(x, y ended) int { return y.EndedAt.Compare(x.EndedAt) })
	var tasks []store.TaskRef
	for _, r := range runs {
		known := len(s.Tasks)
		if !s.Add(r.Board+"/"+r.TaskRef.Task, r.Run) {
			break
		}
		if len(s.Tasks) > known {
			tasks = append(tasks, r.TaskRef)
		}
	}
	return tasks, nil
}

// lastRuns appends the last runs of a lane, or of tasks of a repository.
func (b *Board) lastRuns(ctx context.Context, all []ended, lane, repo string) ([]ended, error) {
	err := b.store.View(ctx, func(r store.Reader) error {
		limit := streakInLane
		if repo != "" {
			lane, limit = "", streakInRepo
		}
		runs, err := r.LastRuns(lane, limit)
		if err != nil {
			return err
		}
		sources := map[string]string{}
		for _, run := range runs {
			if repo != "" {
				source, known := sources[run.Task]
				if !known {
					t, err := r.Task(run.Task)
					if ignoreMissing(err) != nil {
						return err
					}
					source = t.Workspace.Source()
					sources[run.Task] = source
				}
				if source != repo {
					continue
				}
			}
			all = append(all, ended{store.TaskRef{Board: b.slug, Task: run.Task}, run})
		}
		return nil
	})
	return all, err
}
