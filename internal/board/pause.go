package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Pause is what several failures in a row that are alike bring about: their lane,
// or their repository if it is one for several lanes, starts nothing more until
// a human resumes it. Then one run tries it: one more failure of the same kind
// pauses it again; a run that gets further begins a new count.
type Pause struct {
	Scope string // "lane:NAME" or "repo:PATH"
	Error string
	Tasks []store.TaskRef // that failed so, the newest first
	Since time.Time
}

func (p *Pause) hold() store.Hold {
	return store.Hold{Scope: p.Scope, Kind: store.Paused, Reason: p.reason(), By: "andon", Since: p.Since, Tasks: p.Tasks}
}

func (p *Pause) reason() string {
	names := make([]string, len(p.Tasks))
	for i, t := range p.Tasks {
		names[i] = t.Task
	}
	return fmt.Sprintf("%d tasks in a row failed alike (%s), the last with: %s", len(names), strings.Join(names, ", "), kanban.FirstLine(p.Error, 300))
}

func (p *Pause) payload() map[string]any {
	return map[string]any{
		"scope": p.Scope, "reason": p.reason(), "count": len(p.Tasks), "tasks": p.Tasks, "error": kanban.Clip(p.Error, 500),
		"command": ResumeCommand(p.Scope),
	}
}

// Fail is Board.Fail in the light of what else failed in the home: what is alike
// pauses where it happens. One failure is judged at a time. The dispatcher's only.
func (b *Boards) Fail(ctx context.Context, bd *Board, run int64, e Ending) (kanban.Task, error) {
	e.Error = kanban.Clip(e.Error, maxError)
	if bd.settings().Retry.PauseAfter <= 0 || policy.CostOf(e.Outcome) == policy.Free {
		return bd.Fail(ctx, run, e)
	}
	select {
	case b.failing <- struct{}{}:
	case <-ctx.Done():
		return kanban.Task{}, ctx.Err()
	}
	defer func() { <-b.failing }()
	where, err := b.compare(ctx, bd, run, &e)
	if err != nil {
		return kanban.Task{}, err
	}
	if e.Pause == nil {
		return bd.Fail(ctx, run, e)
	}
	b.suspect(where, e.Pause) // nothing starts between the two
	defer b.suspect(where, nil)
	t, err := bd.Fail(ctx, run, e)
	if err != nil {
		return t, err
	}
	return t, b.told(b.store.PutHold(ctx, e.Pause.hold()))
}

// compare says what a failure pauses as one of several, and where.
func (b *Boards) compare(ctx context.Context, bd *Board, run int64, e *Ending) (place, error) {
	r, err := bd.Run(ctx, run)
	if err != nil || !r.Open() || overspent(r) { // which is a matter of its own
		return place{}, ignoreMissing(err)
	}
	repo, err := bd.source(ctx, r.Task)
	if err != nil {
		return place{}, err
	}
	r.Outcome, r.ExitCode, r.Signal, r.Error = e.Outcome, e.ExitCode, e.Signal, e.Error
	for _, p := range []place{{repo: repo}, {lane: r.Lane}} {
		if p == (place{}) {
			continue
		}
		s, err := b.streak(ctx, p, ended{store.TaskRef{Board: bd.slug, Task: r.Task}, r})
		if err != nil {
			return p, err
		}
		if !s.pauses(p, bd.settings().Retry.PauseAfter) {
			continue
		}
		holds, err := b.store.Holds(ctx)
		if err == nil && !paused(holds, p.scope()) {
			e.Pause = &Pause{Scope: p.scope(), Error: e.Error, Tasks: s.tasks, Since: b.clock()}
		}
		return p, err
	}
	return place{}, nil
}

func ignoreMissing(err error) error {
	if kanban.CodeOf(err) == kanban.NotFound {
		return nil
	}
	return err
}

func paused(holds []store.Hold, scope string) bool {
	return slices.ContainsFunc(holds, func(h store.Hold) bool { return h.Scope == scope && h.Kind == store.Paused })
}

// place is where failures are compared: a lane or a repository.
type place struct{ lane, repo string }

func (p place) scope() string {
	if p.repo != "" {
		return "repo:" + p.repo
	}
	return "lane:" + p.lane
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

// streak are the newest failures in a place that are alike.
type streak struct {
	policy.Streak
	tasks []store.TaskRef // the newest first
	last  kanban.Run      // the newest of them
}

// pauses reports whether these are enough: of a repository, in several lanes.
func (s *streak) pauses(p place, after int) bool {
	return after > 0 && len(s.tasks) >= after && (p.repo == "" || len(s.Lanes) > 1)
}

// streak follows the failures in a place over all boards, after those that are
// not on record yet. A board that cannot be read is left out.
func (b *Boards) streak(ctx context.Context, p place, newest ...ended) (s streak, err error) {
	runs, err := b.eachBoard(ctx, func(bd *Board) ([]ended, error) { return bd.lastRuns(ctx, p) })
	if err != nil {
		return s, err
	}
	slices.SortStableFunc(runs, func(x, y ended) int { return y.EndedAt.Compare(x.EndedAt) })
	for _, r := range append(newest, runs...) {
		known := len(s.Tasks)
		if !s.Add(r.Board+"/"+r.TaskRef.Task, r.Run) {
			break
		}
		if len(s.Tasks) > known {
			s.tasks = append(s.tasks, r.TaskRef)
		}
		if known == 0 && len(s.Tasks) == 1 {
			s.last = r.Run
		}
	}
	return s, nil
}

// eachBoard gathers runs of all boards that can be read.
func (b *Boards) eachBoard(ctx context.Context, of func(*Board) ([]ended, error)) (all []ended, err error) {
	infos, err := b.store.List(ctx, false)
	if err != nil {
		return nil, err
	}
	for _, info := range infos {
		var runs []ended
		bd, err := b.Board(ctx, info.Slug)
		if err == nil {
			runs, err = of(bd)
		}
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		all = append(all, runs...)
	}
	return all, nil
}

// lastRuns are the last runs in a place.
func (b *Board) lastRuns(ctx context.Context, p place) ([]ended, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]ended, error) {
		limit := streakInLane
		if p.repo != "" {
			limit = streakInRepo
		}
		runs, err := r.LastRuns(p.lane, limit)
		if err != nil {
			return nil, err
		}
		return b.placed(r, p, runs)
	})
}

// placed are those of the runs that are in a place.
func (b *Board) placed(r store.Reader, p place, runs []kanban.Run) (all []ended, err error) {
	sources := map[string]string{}
	for _, run := range runs {
		if p.repo != "" {
			source, known := sources[run.Task]
			if !known {
				t, err := r.Task(run.Task)
				if ignoreMissing(err) != nil {
					return nil, err
				}
				source = t.Workspace.Source()
				sources[run.Task] = source
			}
			if source != p.repo {
				continue
			}
		} else if run.Lane != p.lane {
			continue
		}
		all = append(all, ended{store.TaskRef{Board: b.slug, Task: run.Task}, run})
	}
	return all, nil
}

// noteHold tells with a run's task what its provider holds.
func (b *Board) noteHold(ctx context.Context, run int64, h store.Hold) error {
	kind, payload := kanban.EvCooling, map[string]any{"scope": h.Scope, "until": h.Until.Unix()}
	payload["reason"] = fmt.Sprintf("%s rests until %s: %s", strings.Replace(h.Scope, ":", " ", 1), h.Until.Format("2006-01-02 15:04"), kanban.FirstLine(h.Reason, 300))
	if h.Until.IsZero() {
		kind, payload = kanban.EvPaused, map[string]any{
			"kind": "refused", "scope": h.Scope, "reason": kanban.FirstLine(h.Reason, 400), "command": ResumeCommand(h.Scope),
		}
	}
	return b.store.Update(ctx, func(tx store.Tx) error {
		r, err := tx.Run(run)
		if err != nil {
			return ignoreMissing(err)
		}
		t, err := tx.Task(r.Task)
		if err != nil {
			return ignoreMissing(err)
		}
		e := event(t, kind, payload)
		e.Run = run
		return b.record(tx, e)
	})
}
