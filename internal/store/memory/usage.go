package memory

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// group is what sums are told apart by.
type group struct {
	lane, account, tenant, task string
	outcome                     kanban.Outcome
}

// sums are one row for each group, in order.
type sums[T any] map[group]*T

func (s sums[T]) at(g group) *T {
	if s[g] == nil {
		s[g] = new(T)
	}
	return s[g]
}

func (s sums[T]) list(name func(group, *T)) []T {
	groups := slices.SortedFunc(maps.Keys(s), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.lane, b.lane), cmp.Compare(a.account, b.account), cmp.Compare(a.tenant, b.tenant),
			cmp.Compare(a.task, b.task), cmp.Compare(a.outcome, b.outcome))
	})
	var out []T
	for _, g := range groups {
		name(g, s[g])
		out = append(out, *s[g])
	}
	return out
}

func (s *state) Spent(since time.Time) ([]store.Spent, error) {
	rows := sums[store.Spent]{}
	for _, r := range s.runs {
		if r.StartedAt.Unix() < since.Unix() {
			continue
		}
		row := rows.at(group{lane: r.Lane, account: r.Account, tenant: s.tasks[r.Task].Tenant})
		row.Used.Cost += r.Usage.Cost
		row.Used.Tokens += r.Usage.Tokens()
		if r.Open() || r.Live {
			row.Reserved.Cost += max(r.Reserved.Cost-r.Usage.Cost, 0)
			row.Reserved.Tokens += max(r.Reserved.Tokens-r.Usage.Tokens(), 0)
		}
	}
	return rows.list(func(g group, row *store.Spent) { row.Lane, row.Account, row.Tenant = g.lane, g.account, g.tenant }), nil
}

func began(p store.Period, at time.Time) bool {
	return at.Unix() >= p.From.Unix() && (p.To.IsZero() || at.Unix() < p.To.Unix())
}

func (s *state) Effort(p store.Period) ([]store.Effort, error) {
	rows := sums[store.Effort]{}
	for _, r := range s.runs {
		if !began(p, r.StartedAt) {
			continue
		}
		g := group{lane: r.Lane, account: r.Account, tenant: s.tasks[r.Task].Tenant, outcome: cause(r)}
		if p.ByTask {
			g.task = r.Task
		}
		row := rows.at(g)
		row.Runs++
		row.Usage = row.Usage.Plus(r.Usage)
		end := r.EndedAt
		if r.Open() {
			end = stamp(p.Now)
		}
		row.Running += max(end.Sub(r.StartedAt), 0)
	}
	return rows.list(func(g group, row *store.Effort) {
		row.Lane, row.Account, row.Tenant, row.Task, row.Outcome = g.lane, g.account, g.tenant, g.task, g.outcome
	}), nil
}

// cause is the outcome of a run, and of one that gave up the last failure.
func cause(r kanban.Run) kanban.Outcome {
	var gaveUp struct {
		Trigger kanban.Outcome `json:"trigger_outcome"`
	}
	if r.Outcome == kanban.GaveUp && json.Unmarshal(r.Metadata, &gaveUp) == nil && gaveUp.Trigger != "" {
		return gaveUp.Trigger
	}
	return r.Outcome
}

func (s *state) Waits(p store.Period) ([]store.Wait, error) {
	rows := sums[store.Wait]{}
	for i, e := range s.events {
		if !slices.Contains(store.WaitsBegin, e.Kind) || !began(p, e.At) {
			continue
		}
		t := s.tasks[e.Task]
		g := group{lane: t.Assignee, tenant: t.Tenant}
		if at := s.runAt(e.Run); at >= 0 {
			g.lane, g.account = s.runs[at].Lane, s.runs[at].Account
		}
		if p.ByTask {
			g.task = e.Task
		}
		row := rows.at(g)
		row.Times++
		until, left := s.leaves(e.Task, i)
		if waiting := t.Status == kanban.Blocked || t.Status == kanban.Review; !left && waiting {
			until, left = stamp(p.Now), true
			row.Open++
		}
		if left {
			row.Waited += max(until.Sub(e.At), 0)
		}
	}
	return rows.list(func(g group, row *store.Wait) {
		row.Lane, row.Account, row.Tenant, row.Task = g.lane, g.account, g.tenant, g.task
	}), nil
}

// leaves is when a task went on after its event at a place.
func (s *state) leaves(task string, at int) (time.Time, bool) {
	for _, e := range s.events[at+1:] {
		if e.Task == task && slices.Contains(store.WaitsEnd, e.Kind) {
			return e.At, true
		}
	}
	return time.Time{}, false
}
