package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Planned is a task that would be started now.
type Planned struct {
	Board string
	Task  kanban.Task
}

// Plan lists what a pass would start, and the ready tasks that it would not. It
// writes nothing.
func (d *Dispatcher) Plan(ctx context.Context, slug string) (start []Planned, wait []board.Explanation, err error) {
	d.claiming.take()
	spent := d.spending(ctx)
	d.claiming.give()
	var may []candidate
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
				if slices.ContainsFunc(e.Gates, func(g kanban.Gate) bool { return g.Kind != kanban.GateBudget }) {
					wait = append(wait, e)
				} else {
					may = append(may, candidate{t.Board, e})
				}
			}
			if q.Cursor = next; next == "" {
				break
			}
		}
	}
	start, full, err := d.fit(ctx, may, board.NewForesight(spent))
	return start, append(wait, full...), err
}

// candidate is a task that only caps and budgets may keep.
type candidate struct {
	b *board.Board
	board.Explanation
}

// fit takes the most urgent tasks that fit below the caps and into the budgets
// together, beside those that run.
func (d *Dispatcher) fit(ctx context.Context, tasks []candidate, f *board.Foresight) (fits []Planned, full []board.Explanation, err error) {
	slices.SortStableFunc(tasks, func(a, b candidate) int { return b.Task.Priority - a.Task.Priority })
	c := d.Config()
	used, err := d.used(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range tasks {
		lane := c.Lanes[p.Task.Assignee]
		caps := append(homeCaps(c, p.Task.Assignee, lane.Account), boardCaps(c, p.b.Slug(), p.Task.Tenant)...)
		closed := slices.IndexFunc(caps, func(l limit) bool { return !policy.Room(l.max, used[l.name]) })
		if closed >= 0 {
			gate := kanban.Gate{Kind: kanban.GateCap, Reason: fmt.Sprintf("cap: %s would be full (%d)", caps[closed].name, caps[closed].max)}
			full = append(full, board.Explanation{Task: p.Task, Gates: append([]kanban.Gate{gate}, p.Gates...)})
			continue
		}
		gates, err := f.Reserve(ctx, p.b, p.Task)
		if err != nil {
			return nil, nil, err
		}
		if len(gates) > 0 {
			full = append(full, board.Explanation{Task: p.Task, Gates: gates})
			continue
		}
		for _, l := range caps {
			used[l.name]++
		}
		fits = append(fits, Planned{Board: p.b.Slug(), Task: p.Task})
	}
	return fits, full, nil
}

// used counts the live runs under the names of the caps that they count against:
// claims of others fill boards and tenants, but not this dispatcher.
func (d *Dispatcher) used(ctx context.Context, c config.Config) (map[string]int, error) {
	used := map[string]int{}
	for _, t := range d.tendedBoards() {
		live, err := t.LiveRuns(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range live {
			task, err := t.Task(ctx, r.Task)
			if err != nil && kanban.CodeOf(err) != kanban.NotFound {
				return nil, err
			}
			for _, l := range boardCaps(c, t.Slug(), task.Tenant) {
				used[l.name]++
			}
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for r := range d.all() {
		for _, l := range homeCaps(c, laneOf(r), accountOf(r)) {
			used[l.name]++
		}
	}
	return used, nil
}

type limit struct {
	name string
	max  int
}

// homeCaps are those of the home that a run counts against, boardCaps its
// board's.
func homeCaps(c config.Config, lane, account string) []limit {
	caps := []limit{{"home", c.Dispatch.MaxParallel}, {"lane " + lane, c.Lanes[lane].MaxParallel}}
	if account != "" {
		caps = append(caps, limit{"account " + account, c.Accounts[account].MaxParallel})
	}
	return caps
}

func boardCaps(c config.Config, slug, tenant string) []limit {
	caps := []limit{{"board " + slug, c.Boards[slug].MaxParallel}}
	if tenant != "" {
		caps = append(caps, limit{"tenant " + tenant + " of " + slug, c.Boards[slug].Tenants[tenant].MaxParallel})
	}
	return caps
}
