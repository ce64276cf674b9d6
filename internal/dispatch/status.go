package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
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
		for q := (store.TaskQuery{Statuses: []kanban.Status{kanban.Ready}, Limit: 1000}); ; {
			page, next, err := t.List(ctx, q, true)
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
			if q.Cursor = next; next == "" {
				break
			}
		}
	}
	fits, full := d.fit(start)
	return fits, append(wait, full...), nil
}

// fit takes the most urgent tasks that fit below the caps together.
func (d *Dispatcher) fit(tasks []Planned) (fits []Planned, full []board.Explanation) {
	slices.SortStableFunc(tasks, func(a, b Planned) int { return b.Task.Priority - a.Task.Priority })
	c := d.Config()
	used := map[string]int{}
	d.mu.Lock()
	for key, r := range d.runs {
		for _, cap := range capsOf(c, key.board, r.row.Lane, "") {
			used[cap.name]++
		}
	}
	d.mu.Unlock()
	for _, p := range tasks {
		caps := capsOf(c, p.Board, p.Task.Assignee, p.Task.Tenant)
		closed := slices.IndexFunc(caps, func(l limit) bool { return !policy.Room(l.max, used[l.name]) })
		if closed >= 0 {
			gate := kanban.Gate{Kind: kanban.GateCap, Reason: fmt.Sprintf("cap: %s would be full (%d)", caps[closed].name, caps[closed].max)}
			full = append(full, board.Explanation{Task: p.Task, Gates: []kanban.Gate{gate}})
			continue
		}
		for _, l := range caps {
			used[l.name]++
		}
		fits = append(fits, p)
	}
	return fits, full
}

type limit struct {
	name string
	max  int
}

// capsOf lists the caps that one run counts against.
func capsOf(c config.Config, slug, lane, tenant string) []limit {
	caps := []limit{
		{"home", c.Dispatch.MaxParallel},
		{"board " + slug, c.Boards[slug].MaxParallel},
		{"lane " + lane, c.Lanes[lane].MaxParallel},
	}
	if account := c.Lanes[lane].Account; account != "" {
		caps = append(caps, limit{"account " + account, c.Accounts[account].MaxParallel})
	}
	if tenant != "" {
		caps = append(caps, limit{"tenant " + tenant + " of " + slug, c.Boards[slug].Tenants[tenant].MaxParallel})
	}
	return caps
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
