package policy

import "github.com/andon-dev/andon/internal/kanban"

// Limits are the budgets that a home, an account, a lane, a board or a tenant
// sets. Zero = unlimited. Those of all that a run belongs to apply.
type Limits struct {
	Run  kanban.Budget // what one run may use
	Task kanban.Budget // what all runs of a task may use
	Day  kanban.Budget // what all runs that begin on one day may use
}

// Scope is one of the limits that a run is under, with what is gone of its day.
type Scope struct {
	Name   string // board web, lane builder
	Tenant string // if the limit is one of a tenant
	Limits
	Spend
	Blind   bool   // what is gone of its day is not known here, and not asked
	Unknown string // what is gone of its day cannot be known, because of this board
}

// Spend is what runs used, and what those that are alive may still use.
type Spend struct{ Used, Reserved kanban.Budget }

// Plus is the sum of two.
func (s Spend) Plus(t Spend) Spend {
	return Spend{Used: s.Used.Plus(t.Used), Reserved: s.Reserved.Plus(t.Reserved)}
}

// Ask is a run that wants to begin.
type Ask struct {
	Metered  bool          // what it uses is told while it uses it
	Unpriced bool          // but not what that costs
	Declared int64         // what a run costs whatever it does, in micro-dollars; 0 = not declared
	Own      kanban.Budget // the task's own budget, which replaces what Scopes say of tasks
	Used     kanban.Budget // by the task's runs until now
	Scopes   []Scope
}

// Short says which budget a run does not fit into.
type Short struct {
	What   ShortOf
	Scope  Scope // which limits; without a name it is the task's own
	Tokens bool  // of tokens, not of money
	Limit  int64 // micro-dollars or tokens, as the rest
	Used   int64
	Held   int64 // reserved by live runs
	Want   int64 // by this run; 0 = what is left
}

// ShortOf says which kind of budget it is.
type ShortOf string

// The kinds of shortage.
const (
	ShortOfMeter ShortOf = "meter" // a budget applies to a run whose usage nobody tells
	ShortOfRun   ShortOf = "run"   // a run costs more than one may
	ShortOfTask  ShortOf = "task"  // a human must give the task more
	ShortOfDay   ShortOf = "day"   // it fits when others have ended, or tomorrow
)

// Own reports whether it is about this one task, and not about others like it.
func (s Short) Own() bool { return s.What == ShortOfTask || s.Scope.Name == "" }

// ForAll reports whether no task of the same lane and board can fit.
func (s Short) ForAll() bool {
	nothing := s.What == ShortOfDay && s.Used+s.Held >= s.Limit
	return !s.Own() && s.Scope.Tenant == "" && (s.What != ShortOfDay || nothing || s.Scope.Unknown != "")
}

// Allow tells what a run may use, zero where nothing limits it, and every budget
// that it does not fit into. Used, reserved and the run's own limit together
// never exceed the limit of a day.
//
// A run without a limit of its own gets what is left of the day and of its
// task, so that it runs alone; a limit makes several fit.
func Allow(a Ask) (limit kanban.Budget, shorts []Short) {
	costs := side{of: func(b kanban.Budget) int64 { return b.Cost }}
	tokens := side{of: func(b kanban.Budget) int64 { return b.Tokens }, tokens: true}
	if s, limited := limitedBy(a, !a.Metered); limited && (!a.Metered || a.Unpriced) && a.Declared == 0 {
		shorts = append(shorts, Short{What: ShortOfMeter, Scope: s})
	}
	limit.Cost = costs.allow(a, a.Declared, &shorts)
	if a.Metered {
		limit.Tokens = tokens.allow(a, 0, &shorts)
	}
	return limit, shorts
}

// limitedBy names what limits a run, if anything does: in money, or at all.
func limitedBy(a Ask, atAll bool) (Scope, bool) {
	limits := func(b kanban.Budget) bool { return b.Cost > 0 || atAll && b.Tokens > 0 }
	for _, s := range a.Scopes {
		if limits(s.Run) || limits(s.Task) || limits(s.Day) {
			return s, true
		}
	}
	return Scope{}, limits(a.Own)
}

// side is one of the two things that are budgeted.
type side struct {
	of     func(kanban.Budget) int64
	tokens bool
}

// allow works out one side. A declared amount is what the run takes; else it may
// take up to its limit.
func (d side) allow(a Ask, declared int64, shorts *[]Short) int64 {
	short := func(s Short) { s.Tokens = d.tokens; *shorts = append(*shorts, s) }
	fixed, want := declared > 0, declared
	for _, s := range a.Scopes {
		switch limit := d.of(s.Run); {
		case limit == 0:
		case fixed && want > limit:
			short(Short{What: ShortOfRun, Scope: s, Limit: limit, Want: want})
		case !fixed:
			want = least(want, limit)
		}
	}
	if !fixed && want > 0 {
		for _, s := range a.Scopes {
			want = least(want, d.of(s.Day)) // a run cannot take more than a whole day
		}
	}
	explicit := want > 0
	if limit, scope := d.taskLimit(a); limit > 0 {
		left := limit - d.of(a.Used)
		if left <= 0 || fixed && want > left {
			short(Short{What: ShortOfTask, Scope: scope, Limit: limit, Used: d.of(a.Used), Want: want})
		} else if !fixed {
			want = least(want, left)
		}
	}
	for _, s := range a.Scopes {
		limit := d.of(s.Day)
		left := limit - d.of(s.Used) - d.of(s.Reserved)
		switch {
		case limit == 0 || s.Blind:
		case left <= 0 || s.Unknown != "" || explicit && want > left:
			w := want
			if !explicit {
				w = 0
			}
			short(Short{What: ShortOfDay, Scope: s, Limit: limit, Used: d.of(s.Used), Held: d.of(s.Reserved), Want: w})
		case !explicit:
			want = least(want, left)
		}
	}
	return want
}

// taskLimit is the task's own budget, else the tightest that is set for tasks.
func (d side) taskLimit(a Ask) (limit int64, by Scope) {
	if own := d.of(a.Own); own > 0 {
		return own, Scope{}
	}
	for _, s := range a.Scopes {
		if n := d.of(s.Task); n > 0 && (limit == 0 || n < limit) {
			limit, by = n, s
		}
	}
	return limit, by
}

// TaskLimit is what all runs of a task may use together; zero where nothing
// limits them.
func TaskLimit(a Ask) kanban.Budget {
	cost, _ := side{of: func(b kanban.Budget) int64 { return b.Cost }}.taskLimit(a)
	tokens, _ := side{of: func(b kanban.Budget) int64 { return b.Tokens }}.taskLimit(a)
	return kanban.Budget{Cost: cost, Tokens: tokens}
}

// least is the smaller of two limits, of which 0 is none.
func least(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
