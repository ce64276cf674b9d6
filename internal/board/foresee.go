package board

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Foresight is what runs would reserve that are only planned: a dry run gives no
// budget away twice.
type Foresight struct {
	all     *Spending                // with what is planned; nil as in an Offer
	planned map[string][]store.Spent // by board
	behind  map[queue]string         // tasks that do not fit and hold back what is less urgent
}

// queue is what a task that does not fit holds back.
type queue struct {
	board, lane, tenant string
	whole               bool // all tenants of the lane
}

// NewForesight begins with what the day has cost, and nothing planned.
func NewForesight(all *Spending) *Foresight {
	if all != nil {
		all = &Spending{Day: all.Day, Home: all.Home, Lanes: maps.Clone(all.Lanes), Accounts: maps.Clone(all.Accounts), Unknown: all.Unknown}
	}
	return &Foresight{all: all, planned: map[string][]store.Spent{}, behind: map[queue]string{}}
}

// Reserve sets aside what a run of a task would, or tells why its claim would not
// come to that: more urgent tasks are asked for first, as pick takes them.
func (f *Foresight) Reserve(ctx context.Context, b *Board, t kanban.Task) ([]kanban.Gate, error) {
	mine := queue{board: b.slug, lane: t.Assignee, tenant: t.Tenant}
	whole := queue{board: b.slug, lane: t.Assignee, whole: true}
	if first := orElse(f.behind[whole], f.behind[mine]); first != "" {
		reason := fmt.Sprintf("task %s of the same lane is more urgent and does not fit into a budget", first)
		return []kanban.Gate{{Kind: kanban.GateBudget, Reason: reason, Command: "andon why " + first}}, nil
	}
	var limit kanban.Budget
	var shorts []policy.Short
	gates, err := store.View(ctx, b.store, func(r store.Reader) (gates []kanban.Gate, err error) {
		l := b.ledger(r, f.all)
		l.planned = f.planned[b.slug]
		limit, shorts, err = l.allow(t)
		return l.gatesOf(t, shorts), err
	})
	switch {
	case err != nil || slices.ContainsFunc(shorts, policy.Short.Own):
	case slices.ContainsFunc(shorts, policy.Short.ForAll):
		f.behind[whole] = t.ID
	case len(shorts) > 0:
		f.behind[mine] = t.ID
	default:
		row := store.Spent{Lane: t.Assignee, Account: b.settings().Lanes[t.Assignee].Account, Tenant: t.Tenant, Reserved: limit}
		f.planned[b.slug] = append(f.planned[b.slug], row)
		if f.all != nil {
			f.all.Add([]store.Spent{row})
		}
	}
	return gates, err
}
