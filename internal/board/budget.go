package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Spending is what a day has cost on all boards together. The dispatcher sums it,
// since it alone claims for all of them.
type Spending struct {
	Day             policy.Day
	Home            policy.Spend
	Lanes, Accounts map[string]policy.Spend
	Unknown         string // a board whose spending cannot be read; "" = none
}

// Add counts what one board has spent.
func (s *Spending) Add(rows []store.Spent) {
	if s.Lanes == nil {
		s.Lanes, s.Accounts = map[string]policy.Spend{}, map[string]policy.Spend{}
	}
	for _, row := range rows {
		one := policy.Spend{Used: row.Used, Reserved: row.Reserved}
		s.Home = s.Home.Plus(one)
		s.Lanes[row.Lane] = s.Lanes[row.Lane].Plus(one)
		s.Accounts[row.Account] = s.Accounts[row.Account].Plus(one)
	}
}

// Spent sums the runs of this board that began at a time or later.
func (b *Board) Spent(ctx context.Context, since time.Time) ([]store.Spent, error) {
	return store.View(ctx, b.store, func(r store.Reader) ([]store.Spent, error) { return r.Spent(since) })
}

// ledger answers what runs may use, from one snapshot. The board's own day is
// summed at most once, and only if a budget asks for it.
type ledger struct {
	b       *Board
	planned []store.Spent // by runs that are only foreseen
	r       store.Reader
	s       Settings
	all     *Spending // nil: nobody here knows the days of home, lanes and accounts, so they are not asked
	day     policy.Day
	summed  bool
	board   policy.Spend
	tenants map[string]policy.Spend
	shorts  []short // what pick went past
}

func (b *Board) ledger(r store.Reader, all *Spending) *ledger {
	return &ledger{b: b, r: r, s: b.settings(), all: all, day: policy.DayOf(b.now()), tenants: map[string]policy.Spend{}}
}

func (l *ledger) sum() error {
	if l.summed {
		return nil
	}
	rows, err := l.r.Spent(l.day.Start)
	for _, row := range append(rows, l.planned...) {
		one := policy.Spend{Used: row.Used, Reserved: row.Reserved}
		l.board = l.board.Plus(one)
		l.tenants[row.Tenant] = l.tenants[row.Tenant].Plus(one)
	}
	l.summed = err == nil
	return err
}

// allow tells what a run of a task may use, and which budgets it does not fit
// into. What no lane here works on costs nothing here.
func (l *ledger) allow(t kanban.Task) (kanban.Budget, []policy.Short, error) {
	a, known, err := l.ask(t)
	if err != nil || !known {
		return kanban.Budget{}, nil, err
	}
	limit, shorts := policy.Allow(a)
	return limit, shorts, nil
}

func (l *ledger) ask(t kanban.Task) (a policy.Ask, known bool, err error) {
	lane, known := l.s.Lanes[t.Assignee]
	if !known {
		return a, false, nil
	}
	a = policy.Ask{Metered: lane.Metered, Unpriced: lane.Unpriced, Declared: lane.Cost, Own: t.Budget}
	if a.Scopes, err = l.scopes(t, lane); err != nil {
		return a, true, err
	}
	if policy.TaskLimit(a) != (kanban.Budget{}) {
		a.Used, err = l.used(t.ID)
	}
	return a, true, err
}

func (l *ledger) scopes(t kanban.Task, lane Lane) (scopes []policy.Scope, err error) {
	across := func(name string, limits policy.Limits, spend func(*Spending) policy.Spend) {
		s := policy.Scope{Name: name, Limits: limits, Blind: l.all == nil}
		if l.all != nil {
			s.Spend, s.Unknown = spend(l.all), l.all.Unknown
		}
		scopes = append(scopes, s)
	}
	across("the home", l.s.Home, func(s *Spending) policy.Spend { return s.Home })
	if lane.Account != "" {
		across("account "+lane.Account, l.s.Accounts[lane.Account], func(s *Spending) policy.Spend { return s.Accounts[lane.Account] })
	}
	across("lane "+t.Assignee, lane.Budget, func(s *Spending) policy.Spend { return s.Lanes[t.Assignee] })
	here := l.s.Tenants[t.Tenant]
	if l.s.Board.Day != (kanban.Budget{}) || here.Day != (kanban.Budget{}) {
		if err := l.sum(); err != nil {
			return nil, err
		}
	}
	scopes = append(scopes, policy.Scope{Name: "board " + l.b.slug, Limits: l.s.Board, Spend: l.board})
	if t.Tenant != "" {
		scopes = append(scopes, policy.Scope{Name: "tenant " + t.Tenant, Tenant: t.Tenant, Limits: here, Spend: l.tenants[t.Tenant]})
	}
	return slices.DeleteFunc(scopes, func(s policy.Scope) bool { return s.Limits == policy.Limits{} }), nil
}

// used is what all runs of a task have used.
func (l *ledger) used(task string) (kanban.Budget, error) {
	runs, err := l.r.Runs(task)
	var sum kanban.Budget
	for _, r := range runs {
		sum = sum.Plus(r.Usage.Budgeted())
	}
	return sum, err
}

// pick finds the task that a lane runs next, and what its run may use. A task
// that is short of its own budget comes with that, to be left to a human; past
// others that do not fit, tenant by tenant, it looks on.
func (l *ledger) pick(lane string, skip store.Skip) (t kanban.Task, limit kanban.Budget, own *policy.Short, err error) {
	skip.Tenants = slices.Clone(skip.Tenants)
	for {
		id, err := l.r.NextReady(lane, l.b.now(), skip)
		if err != nil || id == "" {
			return kanban.Task{}, limit, nil, err
		}
		if t, err = l.r.Task(id); err != nil {
			return t, limit, nil, err
		}
		limit, shorts, err := l.allow(t)
		if err != nil || len(shorts) == 0 {
			return t, limit, nil, err
		}
		if at := slices.IndexFunc(shorts, policy.Short.Own); at >= 0 {
			return t, limit, &shorts[at], nil
		}
		for _, s := range shorts {
			l.shorts = append(l.shorts, short{t, s})
		}
		if slices.ContainsFunc(shorts, policy.Short.ForAll) {
			return kanban.Task{}, limit, nil, nil
		}
		skip.Tenants = append(skip.Tenants, t.Tenant)
	}
}

// budgetGates are the budgets that a task does not fit into.
func (l *ledger) budgetGates(t kanban.Task) ([]kanban.Gate, error) {
	_, shorts, err := l.allow(t)
	return l.gatesOf(t, shorts), err
}

func (l *ledger) gatesOf(t kanban.Task, shorts []policy.Short) (gates []kanban.Gate) {
	for _, s := range shorts {
		if s.What == policy.ShortOfTask && t.Status == kanban.Blocked && t.BlockKind == kanban.BudgetSpent {
			continue // that is what it is blocked for
		}
		g := kanban.Gate{Kind: kanban.GateBudget, Reason: shortage(s, t.Assignee), Command: remedy(s, t)}
		if s.What == policy.ShortOfDay {
			g.Until = l.day.End
		}
		gates = append(gates, g)
	}
	return gates
}

// shortage says in words what there is too little of.
func shortage(s policy.Short, lane string) string {
	amount := kanban.FormatCost
	if s.Tokens {
		amount = func(n int64) string { return kanban.FormatTokens(n) + " tokens" }
	}
	of := orElse(s.Scope.Name, "the task")
	switch s.What {
	case policy.ShortOfMeter:
		return fmt.Sprintf("nobody can tell what a run of lane %s uses, and %s has a budget", lane, of)
	case policy.ShortOfRun:
		return fmt.Sprintf("a run of lane %s costs %s, and under %s one may use %s", lane, amount(s.Want), of, amount(s.Limit))
	case policy.ShortOfTask:
		said := fmt.Sprintf("its runs have used %s of %s", amount(s.Used), amount(s.Limit))
		if s.Want > 0 && s.Used < s.Limit {
			said += ", and the next one costs " + amount(s.Want)
		}
		return said
	}
	if s.Scope.Unknown != "" {
		return fmt.Sprintf("%s has one for the day, and what board %s has spent cannot be read", of, s.Scope.Unknown)
	}
	said := fmt.Sprintf("%s has used %s and reserved %s of %s for today", of, amount(s.Used), amount(s.Held), amount(s.Limit))
	if s.Want > 0 {
		said += "; a run may use " + amount(s.Want)
	}
	return said
}

// remedy is what opens a budget. All of it is a human's.
func remedy(s policy.Short, t kanban.Task) string {
	switch {
	case s.What == policy.ShortOfMeter:
		return fmt.Sprintf("in andon.yaml, lane %s:  cost: 0.50USD  for each run, or  metered: true  if its worker reports its usage", t.Assignee)
	case s.What == policy.ShortOfRun:
		return fmt.Sprintf("raise budget.run of %s in andon.yaml", s.Scope.Name)
	case s.What == policy.ShortOfTask && s.Tokens:
		return fmt.Sprintf("andon budget raise %s --tokens 500k", t.ID)
	case s.What == policy.ShortOfTask:
		return fmt.Sprintf("andon budget raise %s 5USD", t.ID)
	case s.Scope.Unknown != "":
		return "andon boards list  says what is wrong with it"
	case s.Tokens:
		return fmt.Sprintf("raise budget.tokens_day of %s in andon.yaml, or wait", s.Scope.Name)
	}
	return fmt.Sprintf("raise budget.day of %s in andon.yaml, or wait", s.Scope.Name)
}

// charge notes a declared cost once a run has begun.
func (b *Board) charge(r *kanban.Run) {
	if b.settings().Lanes[r.Lane].Cost > 0 {
		r.Usage.Cost = max(r.Usage.Cost, r.Reserved.Cost)
	}
}

// affordable refuses to let a task run again whose own budget is used up.
func (b *Board) affordable(tx store.Reader, t kanban.Task) error {
	_, shorts, err := b.ledger(tx, nil).allow(t)
	if at := slices.IndexFunc(shorts, policy.Short.Own); err == nil && at >= 0 {
		return kanban.Errorf(kanban.Gated, "task %s cannot run: %s", t.ID, shortage(shorts[at], t.Assignee)).In(t.Status).
			Hint("%s", remedy(shorts[at], t))
	}
	return err
}

// ownBudget checks what a task is to have for itself. Agents may give tasks less
// than is set for all, never more.
func (b *Board) ownBudget(a kanban.Actor, t kanban.Task) error {
	if err := t.Budget.Check(); err != nil {
		return err
	}
	if a.Kind != kanban.Worker && !a.Agent {
		return nil
	}
	s := b.settings()
	lane := s.Lanes[t.Assignee]
	var scopes []policy.Scope
	for _, limits := range []policy.Limits{s.Home, s.Accounts[lane.Account], lane.Budget, s.Board, s.Tenants[t.Tenant]} {
		scopes = append(scopes, policy.Scope{Limits: limits})
	}
	if set := policy.TaskLimit(policy.Ask{Scopes: scopes}); policy.Over(set, t.Budget) {
		return kanban.Errorf(kanban.Unauthorized, "only a human may give a task %s, more than the %s that is set", t.Budget, set).
			Hint("leave it away, or ask a human to raise it")
	}
	return nil
}

// RaiseBudget lets a task's runs use so much more than they may now, and lets it
// run again if it waits for that. Humans only.
//
// Errors: invalid if it is nothing; conflict if the task has ended.
func (b *Board) RaiseBudget(ctx context.Context, a kanban.Actor, id string, more kanban.Budget) (kanban.Task, error) {
	if err := onlyHuman(a, "raising a budget"); err != nil {
		return kanban.Task{}, err
	}
	if a.Agent {
		return kanban.Task{}, kanban.Errorf(kanban.Unauthorized, "only a human raises a budget").Hint("tell your user what task %s waits for", id)
	}
	if err := more.Check(); err != nil {
		return kanban.Task{}, err
	}
	if more == (kanban.Budget{}) {
		return kanban.Task{}, kanban.Errorf(kanban.Invalid, "this raises the budget by nothing").Hint("for example andon budget raise %s 5USD", id)
	}
	return mutate(ctx, b, "raise budget", id, func(tx store.Tx) (kanban.Task, error) {
		t, err := tx.Task(id)
		if err != nil {
			return t, err
		}
		if t.Status == kanban.Done || t.Status == kanban.Archived {
			return t, kanban.Errorf(kanban.Conflict, "task %s is %s and uses nothing any more", id, t.Status).In(t.Status).Hint("andon reopen %s  makes it run again", id)
		}
		return b.raise(tx, a, t, more)
	})
}

func (b *Board) raise(tx store.Tx, a kanban.Actor, t kanban.Task, more kanban.Budget) (kanban.Task, error) {
	l := b.ledger(tx, nil)
	ask, _, err := l.ask(t)
	if err != nil {
		return t, err
	}
	used, err := l.used(t.ID)
	if err != nil {
		return t, err
	}
	now := policy.TaskLimit(ask)
	if more.Cost > 0 {
		t.Budget.Cost = min(max(now.Cost, used.Cost)+more.Cost, kanban.MaxAmount)
	}
	if more.Tokens > 0 {
		t.Budget.Tokens = min(max(now.Tokens, used.Tokens)+more.Tokens, kanban.MaxAmount)
	}
	t.UpdatedAt = b.now()
	if err := b.save(tx, t, 0, kanban.EvEdited, by(a, map[string]any{"fields": []string{"budget"}, "budget": t.Budget.String()})); err != nil {
		return t, err
	}
	if t, err = tx.Task(t.ID); err != nil || t.Status != kanban.Blocked || t.BlockKind != kanban.BudgetSpent {
		return t, err
	}
	return b.unblock(tx, a, t, "", "")
}
