package gateway

import (
	"context"
	"fmt"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
)

// reserve makes this process the home's only one to claim until done, as a
// gateway is, and refuses if a cap of home, lane or account is reached. A gateway
// that starts meanwhile waits for the moment that a claim takes.
//
// Errors: exhausted; unavailable if another one is at it.
func (a *app) reserve(ctx context.Context, lane string) (done func(), err error) {
	l, err := takeLock(a.paths, a.Version)
	if kanban.CodeOf(err) == kanban.Conflict {
		return nil, kanban.Errorf(kanban.Unavailable, "a gateway or another claim is at work in %s", a.paths.Home).Hint("try again")
	}
	if err != nil {
		return nil, err
	}
	if err := a.room(ctx, lane); err != nil {
		l.release()
		return nil, err
	}
	return l.release, nil
}

// room counts what runs on all boards. A lane that was configured anew meanwhile
// counts as it is now.
func (a *app) room(ctx context.Context, lane string) error {
	infos, err := a.boards.List(ctx, false)
	if err != nil {
		return err
	}
	c := a.config.Load()
	account := c.Lanes[lane].Account
	home, lanes, accounts := 0, 0, 0
	for _, info := range infos {
		b, err := a.boards.Board(ctx, info.Slug)
		if err != nil {
			return err
		}
		live, err := b.LiveRuns(ctx)
		if err != nil {
			return err
		}
		for _, r := range live {
			home++
			if r.Lane == lane {
				lanes++
			}
			if account != "" && c.Lanes[r.Lane].Account == account {
				accounts++
			}
		}
	}
	for _, limit := range []struct {
		what    string
		max, is int
	}{
		{"home", c.Dispatch.MaxParallel, home},
		{"lane " + lane, c.Lanes[lane].MaxParallel, lanes},
		{"account " + account, c.Accounts[account].MaxParallel, accounts},
	} {
		if !policy.Room(limit.max, limit.is) {
			return kanban.Errorf(kanban.Exhausted, "nothing more can be claimed: %s", fmt.Sprintf("cap: %s %d/%d", limit.what, limit.is, limit.max)).
				Hint("raise max_parallel in andon.yaml, or wait for a run to end")
		}
	}
	return nil
}
