package dispatch

import (
	"context"
	"errors"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
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
// That the gateway ends is no trouble of a board.
func (d *Dispatcher) report(slug, verb string, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
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
