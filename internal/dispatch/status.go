package dispatch

import (
	"context"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// Situation is what explain needs to know of the dispatcher.
func (d *Dispatcher) Situation() board.Situation {
	c := d.Config()
	caps := map[string]int{}
	for name, a := range c.Accounts {
		caps[name] = a.MaxParallel
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return board.Situation{
		Closed: d.closed, Holds: d.holds, HomeCap: c.Dispatch.MaxParallel, HomeRunning: len(d.runs),
		LaneRunning: d.count(func(r *run) string { return r.row.Lane }),
		AccountCap:  caps,
		AccountRuns: d.count(func(r *run) string { return c.Lanes[r.row.Lane].Account }),
	}
}

// Planned is a task that would be started now.
type Planned struct {
	Board string
	Task  kanban.Task
}

// Plan lists what a pass would start, and the ready tasks that it would not. It
// writes nothing.
func (d *Dispatcher) Plan(ctx context.Context, slug string) (start []Planned, wait []board.Explanation, err error) {
	for _, t := range d.tendedBoards() {
		if slug != "" && t.Slug() != slug {
			continue
		}
		cursor := ""
		for {
			page, next, err := t.List(ctx, store.TaskQuery{Statuses: []kanban.Status{kanban.Ready}, Limit: 1000, Cursor: cursor}, true)
			if err != nil {
				return nil, nil, err
			}
			for _, e := range page {
				if len(e.Gates) == 0 {
					start = append(start, Planned{Board: t.Slug(), Task: e.Task})
				} else {
					wait = append(wait, e)
				}
			}
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return start, wait, nil
}

// StopRuns ends the open runs of a scope without cost; their tasks go back to
// the queue. It returns how many.
func (d *Dispatcher) StopRuns(ctx context.Context, scope string) (int, error) {
	kind, name, _ := strings.Cut(scope, ":")
	c := d.Config()
	stopped := 0
	for _, t := range d.tendedBoards() {
		live, err := t.LiveRuns(ctx)
		if err != nil {
			return stopped, err
		}
		for _, r := range live {
			in := kind == "all" || kind == "board" && name == t.Slug() || kind == "lane" && name == r.Lane ||
				kind == "account" && name == c.Lanes[r.Lane].Account
			if !in || !r.Open() {
				continue
			}
			if _, err := t.Fail(ctx, r.ID, board.Ending{Outcome: kanban.Stopped, Error: "the cord was pulled", Started: r.Started}); err != nil {
				return stopped, err
			}
			stopped++
		}
	}
	return stopped, nil
}

// Running counts the live runs, all and by lane.
func (d *Dispatcher) Running() (int, map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.runs), d.count(func(r *run) string { return r.row.Lane })
}
