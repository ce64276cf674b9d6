package dispatch

import (
	"cmp"
	"context"
	"slices"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// start claims and starts what may run, one task of each board in turn, so that
// a full board does not starve another.
func (d *Dispatcher) start(ctx context.Context, boards []*tended) {
	slices.SortFunc(boards, func(a, b *tended) int { return cmp.Compare(d.liveOn(a.Slug()), d.liveOn(b.Slug())) })
	idle := map[string]bool{}
	for len(idle) < len(boards) {
		for _, t := range boards {
			if idle[t.Slug()] {
				continue
			}
			started, err := d.startOne(ctx, t)
			if err != nil {
				d.Log.Error("nothing can be started", "board", t.Slug(), "error", err)
			}
			if !started || err != nil {
				idle[t.Slug()] = true
			}
		}
	}
}

// startOne claims the best task of a board whose lane has room.
func (d *Dispatcher) startOne(ctx context.Context, t *tended) (bool, error) {
	lanes := d.openLanes(t.Slug())
	if len(lanes) == 0 {
		return false, nil
	}
	lane, err := t.NextLane(ctx, lanes)
	if err != nil || lane == "" {
		return false, err
	}
	spare, err := d.Pool.Take(ctx)
	if err != nil {
		d.close(&kanban.Gate{Kind: kanban.GateDispatcher, Reason: "no supervisor can be started: " + err.Error()})
		return false, err
	}
	offer := board.Offer{
		Lane: lane, Epoch: t.epoch, Supervisor: kanban.Process(spare.Identity()),
		Place: func(task kanban.Task) (string, string) { return d.Workspaces(t.Slug()).Where(workspace.SpecOf(task)) },
	}
	claimed, ok, err := t.ClaimNext(ctx, offer)
	if err != nil || !ok {
		spare.Discard()
		return false, err
	}
	r := d.newRun(t, claimed.Run)
	d.mu.Lock()
	d.runs[runKey{t.Slug(), r.row.ID}] = r
	d.mu.Unlock()
	go r.guard(func() { r.begin(claimed, spare) })
	return true, nil
}

// openLanes lists the lanes that may start one more run on a board.
func (d *Dispatcher) openLanes(slug string) []string {
	c := d.Config()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !policy.Room(c.Dispatch.MaxParallel, len(d.runs)) {
		return nil
	}
	perLane, perAccount := d.count(func(r *run) string { return r.row.Lane }), d.count(func(r *run) string { return c.Lanes[r.row.Lane].Account })
	var lanes []string
	for name, lane := range c.Lanes {
		if lane.Account != "" && !policy.Room(c.Accounts[lane.Account].MaxParallel, perAccount[lane.Account]) {
			continue
		}
		if policy.Room(lane.MaxParallel, perLane[name]) && !d.held(slug, name, lane.Account) {
			lanes = append(lanes, name)
		}
	}
	return lanes
}

// count groups the live runs. The lock is held.
func (d *Dispatcher) count(by func(*run) string) map[string]int {
	n := map[string]int{}
	for _, r := range d.runs {
		n[by(r)]++
	}
	return n
}

// held reports whether the cord or a cool-down keeps a lane on a board. The lock
// is held.
func (d *Dispatcher) held(slug, lane, account string) bool {
	return slices.ContainsFunc(d.holds, func(h store.Hold) bool {
		return board.Holds(h, slug, lane, account, d.Clock())
	})
}

func (d *Dispatcher) liveOn(slug string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for key := range d.runs {
		if key.board == slug {
			n++
		}
	}
	return n
}

// newRun describes a run that is about to be watched.
func (d *Dispatcher) newRun(t *tended, row kanban.Run) *run {
	return &run{
		d: d, board: t.Board, row: row, dir: d.runDir(t.Slug(), row.ID), ended: make(chan kanban.Outcome, 1),
		supervisor: worker.Identity(row.Supervisor),
	}
}
