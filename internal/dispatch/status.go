package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// trouble is what the dispatcher fails to do on a board. It is tried again each
// boardsEvery.
type trouble struct{ board, verb string }

const (
	taking   = "take up"
	tending  = "tend"
	starting = "start work on"
)

// report keeps what went wrong on a board, for explain, and logs it; nil ends it.
func (d *Dispatcher) report(slug, verb string, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		delete(d.troubles, trouble{slug, verb})
		return
	}
	d.troubles[trouble{slug, verb}] = err
	d.Log.Error("the dispatcher cannot "+verb+" a board", "board", slug, "error", err)
}

// Situation is what explain needs to know of the dispatcher, for one board or,
// with "", for the home.
func (d *Dispatcher) Situation(slug string) board.Situation {
	c := d.Config()
	caps := map[string]int{}
	for name, a := range c.Accounts {
		caps[name] = a.MaxParallel
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	total, lanes := d.count(laneOf)
	_, accounts := d.count(accountOf)
	closed := d.closed
	for _, verb := range []string{taking, tending, starting} {
		if err := d.troubles[trouble{slug, verb}]; err != nil && closed == nil {
			closed = &kanban.Gate{
				Kind: kanban.GateDispatcher, Reason: "the dispatcher cannot " + verb + " this board: " + err.Error(), Command: "andon dispatch  tries again",
			}
		}
	}
	return board.Situation{
		Closed: closed, Holds: d.holds, HomeCap: c.Dispatch.MaxParallel, HomeRunning: total,
		LaneRunning: lanes, AccountCap: caps, AccountRuns: accounts, Spending: d.spent,
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
	fits, full, err := d.fit(ctx, start)
	return fits, append(wait, full...), err
}

// fit takes the most urgent tasks that fit below the caps together, beside those
// that run.
func (d *Dispatcher) fit(ctx context.Context, tasks []Planned) (fits []Planned, full []board.Explanation, err error) {
	slices.SortStableFunc(tasks, func(a, b Planned) int { return b.Task.Priority - a.Task.Priority })
	c := d.Config()
	used, err := d.used(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range tasks {
		lane := c.Lanes[p.Task.Assignee]
		caps := append(homeCaps(c, p.Task.Assignee, lane.Account), boardCaps(c, p.Board, p.Task.Tenant)...)
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

// StopRuns ends the open runs of a scope without cost; their tasks go back to
// the queue. It returns how many. What the scope's hold was too late for is
// claimed by then, and ended with the rest.
func (d *Dispatcher) StopRuns(ctx context.Context, scope string) (stopped int, err error) {
	d.claiming.take() // only waited for
	d.claiming.give()
	var errs []error
	for _, t := range d.tendedBoards() {
		live, err := t.LiveRuns(ctx)
		errs = append(errs, err)
		for _, r := range live {
			if !r.Open() {
				continue
			}
			in, err := d.inScope(ctx, t, r, scope)
			if err != nil || !in {
				errs = append(errs, err)
				continue
			}
			_, err = t.Fail(ctx, r.ID, board.Ending{Outcome: kanban.Stopped, Error: "the cord was pulled", Started: r.Started})
			if errs = append(errs, err); err == nil {
				stopped++
			}
		}
	}
	return stopped, errors.Join(errs...)
}

func (d *Dispatcher) inScope(ctx context.Context, b *tended, r kanban.Run, scope string) (bool, error) {
	kind, name, _ := strings.Cut(scope, ":")
	switch kind {
	case "all":
		return true, nil
	case "board":
		return name == b.Slug(), nil
	case "lane":
		return name == r.Lane, nil
	case "repo":
		t, err := b.Task(ctx, r.Task)
		return name == t.Workspace.Source(), err
	}
	account := d.Config().Lanes[r.Lane].Account
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.runs[runKey{b.Slug(), r.ID}]; known != nil {
		account = accountOf(known)
	}
	return kind == "account" && name == account, nil
}

// Running counts the live runs, all and by lane.
func (d *Dispatcher) Running() (int, map[string]int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.count(laneOf)
}
