package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/workspace"
)

// start claims and starts what may run, one task of each board in turn: first
// that with the fewest live runs, then that which had its last turn longest ago.
// So a full board does not starve another.
func (d *Dispatcher) start(ctx context.Context, boards []*tended) {
	now := d.Clock()
	busy := slices.DeleteFunc(slices.Clone(boards), func(t *tended) bool {
		return !t.sound || t.pausedTo.After(now) || t.Store().Latched() != nil
	})
	live := map[*tended]int{}
	for _, t := range busy {
		live[t] = d.liveOn(t.Slug())
	}
	slices.SortFunc(busy, func(a, b *tended) int {
		return cmp.Or(cmp.Compare(live[a], live[b]), cmp.Compare(a.served, b.served), cmp.Compare(a.Slug(), b.Slug()))
	})
	for len(busy) > 0 {
		busy = slices.DeleteFunc(busy, func(t *tended) bool { return !d.startOne(ctx, t) })
	}
}

// startOne starts the best task of a board whose lane has room. false means that
// the board has had its turn.
func (d *Dispatcher) startOne(ctx context.Context, t *tended) bool {
	d.claiming.take()
	defer d.claiming.give()
	if ctx.Err() != nil || !d.open(ctx) {
		return false
	}
	c := d.Config()
	lanes := d.openLanes(c, t.Slug())
	if len(lanes) == 0 {
		return false
	}
	spending := d.spending(ctx)
	lane, err := t.NextLane(ctx, lanes, d.heldRepos(), spending)
	if err == nil && lane != "" {
		var started bool
		if started, err = d.claim(ctx, t, c.Lanes[lane], lane, spending); started {
			t.unsummed.Store(true)
			d.starts++
			t.served = d.starts
			return true
		}
	}
	if ctx.Err() != nil {
		return false
	}
	if err == nil && lane == "" {
		err = t.NoteReached(ctx, lanes, d.heldRepos(), spending)
	}
	if d.report(t.Slug(), starting, err); err != nil {
		t.pausedTo = d.Clock().Add(restOf(err))
	}
	return false
}

// claim takes a spare and claims for it.
func (d *Dispatcher) claim(ctx context.Context, t *tended, lane config.Lane, name string, spending *board.Spending) (bool, error) {
	spare, err := d.Host.Take(ctx)
	if err != nil {
		return false, fmt.Errorf("no supervisor: %w", err)
	}
	handed := false
	defer func() {
		if !handed {
			spare.Discard()
		}
	}()
	claimed, ok, err := t.ClaimNext(ctx, board.Offer{
		Lane: name, Epoch: t.epoch, Supervisor: kanban.Process(spare.Identity()), HeldRepos: d.heldRepos(), Spending: spending,
		Place: d.placing(t.Slug()),
	})
	if err != nil || !ok {
		return false, err
	}
	r := d.newRun(t.Board, claimed.Run)
	r.terms = termsOf(claimed.Run, lane)
	r.early = len(lane.Hooks.AfterCreate)+len(lane.Hooks.BeforeRun) > 0
	handed = true
	d.watch(r, func(ctx context.Context) { r.begin(ctx, start{claimed, lane, spare}) })
	return true, nil
}

// placing says where the runs of a board work.
func (d *Dispatcher) placing(slug string) func(kanban.Task) (path, branch string) {
	return func(t kanban.Task) (string, string) { return d.Host.Workspaces(slug).Where(workspace.SpecOf(t)) }
}

// openLanes lists the lanes that may start one more run on a board.
func (d *Dispatcher) openLanes(c config.Config, slug string) []string {
	now := d.Clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	total, perLane := d.count(laneOf)
	if !policy.Room(c.Dispatch.MaxParallel, total) {
		return nil
	}
	_, perAccount := d.count(accountOf)
	var lanes []string
	for name, lane := range c.Lanes {
		if lane.External() {
			continue
		}
		if lane.Account != "" && !policy.Room(c.Accounts[lane.Account].MaxParallel, perAccount[lane.Account]) {
			continue
		}
		if policy.Room(lane.MaxParallel, perLane[name]) && !d.held(slug, name, lane.Account, now) {
			lanes = append(lanes, name)
		}
	}
	slices.Sort(lanes)
	return lanes
}

// takeRoom lets a run start processes again whose own have ended. Its room is
// gone if others began while its board could not be read; it has that of the next
// one to end.
func (d *Dispatcher) takeRoom(r *run) bool {
	c := d.Config()
	d.mu.Lock()
	defer d.mu.Unlock()
	r.waits = true
	total, ofLane, ofAccount := 0, 0, 0
	for other := range d.all() {
		if other.waits {
			continue
		}
		total++
		if other.terms.Lane == r.terms.Lane {
			ofLane++
		}
		if other.terms.Account == r.terms.Account {
			ofAccount++
		}
	}
	r.waits = !policy.Room(c.Dispatch.MaxParallel, total) || !policy.Room(c.Lanes[r.terms.Lane].MaxParallel, ofLane) ||
		r.terms.Account != "" && !policy.Room(c.Accounts[r.terms.Account].MaxParallel, ofAccount)
	return !r.waits
}

// held reports whether the cord or a cool-down keeps a lane on a board. The lock
// is held.
func (d *Dispatcher) held(slug, lane, account string, now time.Time) bool {
	of := board.Held{Board: slug, Lane: lane, Account: account}
	return slices.ContainsFunc(d.holds, func(h store.Hold) bool { return board.Holds(h, of, now) })
}

// heldRepos lists the repositories on which nothing starts.
func (d *Dispatcher) heldRepos() (repos []string) {
	now := d.Clock()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range d.holds {
		repo, is := strings.CutPrefix(h.Scope, "repo:")
		if is && board.Holds(h, board.Held{Repo: repo}, now) {
			repos = append(repos, repo)
		}
	}
	return repos
}

func (d *Dispatcher) liveOn(slug string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, boards := d.count(func(r *run) string { return r.key.board })
	return boards[slug]
}
