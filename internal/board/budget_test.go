package board_test

import (
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

func usd(n float64) kanban.Budget { return kanban.Budget{Cost: int64(math.Round(n * kanban.Dollar))} }

func costs(n float64) kanban.Usage { return kanban.Usage{Cost: usd(n).Cost} }

func budget(n float64) func(*board.NewTask) { return func(t *board.NewTask) { t.Budget = usd(n) } }

// paid is a house whose lane builder is metered and whose runs may use 2 USD.
func paid(t tb, change func(*board.Settings)) *house {
	t.Helper()
	h := newHouse(t)
	h.settings.Lanes["builder"] = board.Lane{Metered: true, Budget: policy.Limits{Run: usd(2)}}
	change(&h.settings)
	return h
}

// budgetGate is the only gate of a task, which is one of its budget.
func (h *house) budgetGate(t tb, id string) kanban.Gate {
	t.Helper()
	gates := must(h.Explain(bg, id))(t).Gates
	if len(gates) != 1 || gates[0].Kind != kanban.GateBudget {
		t.Fatalf("the gates of %s are %+v, want one of its budget", id, gates)
	}
	return gates[0]
}

// TestG16_G18_AClaimReservesWhatItsRunMayUse: of a day's 5 USD two runs of 2 fit;
// a third has to wait until one of them has used less.
func TestG16_G18_AClaimReservesWhatItsRunMayUse(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Board.Day = usd(5) })
	for range 3 {
		h.add(t, "work")
	}
	first, second := handOf(h.next(t, "builder")), handOf(h.next(t, "builder"))
	same(t, "reserved", []kanban.Budget{first.run.Reserved, second.run.Reserved}, []kanban.Budget{usd(2), usd(2)})
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Fatalf("run %d was opened beyond the budget", c.Run.ID)
	}
	waiting, _, err := h.List(bg, store.TaskQuery{Statuses: []kanban.Status{kanban.Ready}}, true)
	ok(t, err)
	third := waiting[0]
	g := third.Gates[0]
	same(t, "reason", g.Reason, "board default has used 0.00USD and reserved 4.00USD of 5.00USD for today; a run may use 2.00USD")
	same(t, "command", g.Command, "raise budget.day of board default in andon.yaml, or wait")
	same(t, "until", g.Until, time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC))
	_, err = h.Claim(bg, ann, third.Task.ID, 0, nil)
	refused(t, err, kanban.Exhausted, "reserved 4.00USD")

	h.uses(t, first.run.ID, costs(0.75))
	must(h.Complete(bg, first.Actor, first.lease, kanban.Handoff{Summary: "done"}))(t)
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Fatal("its processes may still use what was reserved")
	}
	ok(t, h.Settle(bg, first.run.ID, ""))
	if c := h.next(t, "builder"); c.Task.ID != third.Task.ID { // 0.75 + 2 + 2
		t.Fatalf("the dispatcher took %q", c.Task.ID)
	}
}

// TestG15_G16_ATaskThatUsedItsBudgetWaitsForAHuman: what a run may use is cut to
// what is left; beyond it the run ends, without costing an attempt, and only a
// human lets it go on.
func TestG15_G16_ATaskThatUsedItsBudgetWaitsForAHuman(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Home.Task = usd(3) })
	task := h.add(t, "costly")
	w := handOf(h.next(t, "builder"))
	h.uses(t, w.run.ID, costs(1.5))
	h.end(t, w, kanban.Crashed, "exit 3")
	h.pass(time.Hour)
	w = handOf(h.next(t, "builder"))
	same(t, "reserved is what is left", w.run.Reserved, usd(1.5))
	h.uses(t, w.run.ID, costs(1.5))
	status(t, h, task.ID, kanban.Running)
	h.uses(t, w.run.ID, costs(1.6))
	held := status(t, h, task.ID, kanban.Blocked)
	if held.BlockKind != kanban.BudgetSpent || held.Failures != 1 || held.CurrentRun != 0 || held.LiveRun != w.run.ID {
		t.Errorf("held as %+v", held)
	}
	same(t, "outcome", must(h.Run(bg, w.run.ID))(t).Outcome, kanban.OverBudget)
	h.uses(t, w.run.ID, costs(1.7)) // until its processes are gone
	ok(t, h.Settle(bg, w.run.ID, ""))
	h.uses(t, w.run.ID, costs(9))
	same(t, "used", must(h.Run(bg, w.run.ID))(t).Usage, costs(1.7))
	same(t, "the way out", h.budgetGate(t, task.ID).Command, "andon budget raise "+task.ID+" 5USD  or  andon unblock "+task.ID)

	_, err := h.Unblock(bg, ann, task.ID, "")
	refused(t, err, kanban.Gated, "its runs have used 3.20USD of 3.00USD")
	_, err = h.RaiseBudget(bg, w.Actor, task.ID, usd(5))
	refused(t, err, kanban.Unauthorized)
	_, err = h.RaiseBudget(bg, ann, task.ID, kanban.Budget{})
	refused(t, err, kanban.Invalid)
	raised := must(h.RaiseBudget(bg, ann, task.ID, usd(5)))(t)
	if raised.Status != kanban.Ready || raised.Budget != usd(8.2) {
		t.Errorf("raised to %v, %s", raised.Budget, raised.Status)
	}
	same(t, "reserved again", h.next(t, "builder").Run.Reserved, usd(2))
}

// TestG16_ABudgetThatIsUsedUpBeforeTheClaim: the claim itself leaves the task to a
// human, once, and goes on to the next one.
func TestG16_ABudgetThatIsUsedUpBeforeTheClaim(t *testing.T) {
	h := paid(t, func(*board.Settings) {})
	spent, next := h.add(t, "spent", budget(1), priority(9)), h.add(t, "next")
	w := h.start(t, spent)
	h.uses(t, w.run.ID, costs(1))
	h.end(t, w, kanban.Stopped, "")
	same(t, "its gate", h.budgetGate(t, spent.ID).Command, "andon budget raise "+spent.ID+" 5USD")
	same(t, "lane", must(h.NextLane(bg, []string{"builder"}, nil, nil))(t), "builder")
	same(t, "claimed", h.next(t, "builder").Task.ID, next.ID)
	if held := status(t, h, spent.ID, kanban.Blocked); held.BlockKind != kanban.BudgetSpent {
		t.Errorf("held as %q", held.BlockKind)
	}
}

// TestG16_ADayEndsAtMidnight: a run counts for the day on which it was claimed;
// a clock that is set back opens nothing.
func TestG16_ADayEndsAtMidnight(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Board.Day = usd(3) })
	h.now = time.Date(2026, 11, 23, 23, 59, 0, 0, time.FixedZone("there", 3600))
	for range 3 {
		h.add(t, "work")
	}
	late := handOf(h.next(t, "builder"))
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Fatal("2 and 2 are more than 3")
	}
	h.pass(2 * time.Minute)
	h.uses(t, late.run.ID, costs(2))
	early := h.next(t, "builder")
	if early.Run.ID == 0 {
		t.Fatal("what was claimed yesterday counts for yesterday")
	}
	must(h.Complete(bg, late.Actor, late.lease, kanban.Handoff{Summary: "done"}))(t)
	ok(t, h.Settle(bg, late.run.ID, ""))
	h.pass(-10 * time.Minute) // back to yesterday: both days count
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Fatal("a clock that was set back opened a budget")
	}
	h.pass(25 * time.Hour)
	if c := h.next(t, "builder"); c.Run.ID == 0 {
		t.Fatal("a new day has begun")
	}
}

// TestG16_G18_LanesThatCannotMeter: they declare what a run costs, or do not run
// where a budget applies. What they declare is charged once a run has begun.
func TestG16_G18_LanesThatCannotMeter(t *testing.T) {
	h := newHouse(t)
	h.settings.Board.Day = usd(1)
	task := h.add(t, "work")
	if c := h.next(t, "builder"); c.Run.ID != 0 {
		t.Fatal("it was claimed")
	}
	g := h.budgetGate(t, task.ID)
	same(t, "reason", g.Reason, "nobody can tell what a run of lane builder uses, and board default has a budget")
	_, err := h.Claim(bg, ann, task.ID, 0, nil)
	refused(t, err, kanban.Exhausted, "nobody can tell")

	h.settings.Lanes["builder"] = board.Lane{Cost: usd(0.4).Cost}
	w := handOf(h.next(t, "builder"))
	same(t, "reserved", w.run.Reserved, usd(0.4))
	h.end(t, hand{Actor: w.Actor, lease: w.lease, run: w.run}, kanban.Crashed, "exit 3")
	same(t, "charged", must(h.Run(bg, w.run.ID))(t).Usage, costs(0.4))
	h.pass(time.Hour)
	w = handOf(h.next(t, "builder"))
	must(h.Fail(bg, w.run.ID, board.Ending{Outcome: kanban.Lost}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	same(t, "what never began costs nothing", must(h.Run(bg, w.run.ID))(t).Usage, kanban.Usage{})
	h.pass(time.Hour)
	w = handOf(h.next(t, "builder"))
	ok(t, h.Spawned(bg, w.run.ID, 4712, ""))
	same(t, "charged at its start", must(h.Run(bg, w.run.ID))(t).Usage, costs(0.4))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	another := h.add(t, "another")
	same(t, "a third does not fit", h.budgetGate(t, another.ID).Reason,
		"board default has used 0.80USD and reserved 0.00USD of 1.00USD for today; a run may use 0.40USD")
	h.settings.Lanes["builder"] = board.Lane{Cost: usd(0.4).Cost, Budget: policy.Limits{Run: usd(0.1)}}
	h.settings.Board.Day = kanban.Budget{}
	same(t, "more than a run may", h.budgetGate(t, another.ID).Reason, "a run of lane builder costs 0.40USD, and under lane builder one may use 0.10USD")
}

// TestG16_ATaskWithABudgetInALaneThatCannotMeter is a human's matter at once, and
// keeps nobody else.
func TestG16_ATaskWithABudgetInALaneThatCannotMeter(t *testing.T) {
	h := newHouse(t)
	own, next := h.add(t, "own", budget(5), priority(9)), h.add(t, "next")
	same(t, "claimed", h.next(t, "builder").Task.ID, next.ID)
	status(t, h, own.ID, kanban.Blocked)
	_, err := h.Unblock(bg, ann, own.ID, "")
	refused(t, err, kanban.Gated, "nobody can tell")
	none := kanban.Budget{}
	must(h.Edit(bg, ann, own.ID, board.Edit{Budget: &none}))(t)
	must(h.Unblock(bg, ann, own.ID, ""))(t)
	same(t, "claimed without a budget", h.next(t, "builder").Task.ID, own.ID)
}

// TestG16_ATenantsDayKeepsNobodyElse, although its tasks are the more urgent.
func TestG16_ATenantsDayKeepsNobodyElse(t *testing.T) {
	h := paid(t, func(s *board.Settings) {
		s.Tenants = map[string]policy.Limits{"acme": {Day: usd(1)}, "idle": {Run: usd(1)}}
	})
	for range 2 {
		h.add(t, "acme", tenant("acme"), priority(9))
	}
	other := h.add(t, "other", tenant("idle"))
	same(t, "cut to the day of its tenant", h.next(t, "builder").Run.Reserved, usd(1))
	same(t, "lane", must(h.NextLane(bg, []string{"builder"}, nil, nil))(t), "builder")
	c := h.next(t, "builder")
	if c.Task.ID != other.ID || c.Run.Reserved != usd(1) {
		t.Errorf("%s was claimed with %v", c.Task.Title, c.Run.Reserved)
	}
}

// TestG16_WhatSpansBoardsIsToldByTheDispatcher: the days of home, lane and account
// are summed over all boards by whoever claims for all.
func TestG16_WhatSpansBoardsIsToldByTheDispatcher(t *testing.T) {
	for name, set := range map[string]func(*board.Settings){
		"the home": func(s *board.Settings) { s.Home.Day = usd(5) },
		"lane builder": func(s *board.Settings) {
			s.Lanes["builder"] = board.Lane{Metered: true, Budget: policy.Limits{Run: usd(2), Day: usd(5)}}
		},
		"account claude": func(s *board.Settings) { s.Accounts = map[string]policy.Limits{"claude": {Day: usd(5)}} },
	} {
		h := paid(t, func(*board.Settings) {})
		l := h.settings.Lanes["builder"]
		l.Account = "claude"
		h.settings.Lanes["builder"] = l
		set(&h.settings)
		if l := h.settings.Lanes["builder"]; l.Account == "" {
			l.Account = "claude"
			h.settings.Lanes["builder"] = l
		}
		task := h.add(t, "work")
		claim := func(used float64, unknown string) kanban.Run {
			all := &board.Spending{Unknown: unknown}
			all.Add([]store.Spent{{Lane: "builder", Account: "claude", Used: usd(used), Reserved: usd(0.5)}, {Lane: "other", Account: "other"}})
			h.situation.Spending = all
			b := h.branch()
			c, _, err := b.ClaimNext(bg, board.Offer{Lane: "builder", Epoch: h.epoch, Spending: all})
			ok(t, err)
			return c.Run
		}
		if r := claim(2.5, ""); r.ID == 0 {
			t.Errorf("%s: 2.5, 0.5 and 2 are 5", name)
		}
		if r := claim(2.6, ""); r.ID != 0 {
			t.Errorf("%s: 2.6, 0.5 and 2 are more than 5", name)
		}
		same(t, name, h.budgetGate(t, task.ID).Reason, ""+name+" has used 2.60USD and reserved 0.50USD of 5.00USD for today; a run may use 2.00USD")
		if r := claim(0, "web"); r.ID != 0 {
			t.Errorf("%s: nobody knows what web has spent", name)
		}
		same(t, name, h.budgetGate(t, task.ID).Reason, ""+name+" has one for the day, and what board web has spent cannot be read")
	}
}

// TestG16_TheOvershootIsOneReport: a run that uses more than it may ends with the
// report that tells so; what it used until then is all that it can overdraw.
func TestG16_TheOvershootIsOneReport(t *testing.T) {
	const step = 0.3
	h := paid(t, func(*board.Settings) {})
	task := h.add(t, "work")
	w := handOf(h.next(t, "builder"))
	reports := 0
	for must(h.Task(bg, task.ID))(t).Status == kanban.Running {
		reports++
		_, err := h.Used(bg, w.lease, costs(step*float64(reports)))
		ok(t, err)
	}
	used := must(h.Run(bg, w.run.ID))(t).Usage.Cost
	if limit := usd(2).Cost; used <= limit || used > limit+usd(step).Cost {
		t.Errorf("it used %s of %s in steps of %v", kanban.FormatCost(used), kanban.FormatCost(limit), step)
	}
	_, err := h.Used(bg, w.lease, costs(9))
	refused(t, err, kanban.Stale, "over_budget")
}

// TestG16_WhatIsKnownTooLateCounts: a run whose use is told only when it is over. What
// it handed in stands, with one event that says so; what failed waits for a human.
func TestG16_WhatIsKnownTooLateCounts(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Home.Task = usd(9) })
	told := func(task string) (reasons []any) {
		for _, e := range must(h.Events(bg, store.EventQuery{Task: task, Kinds: []kanban.EventKind{kanban.EvOverBudget}}))(t) {
			reasons = append(reasons, e.Payload["reason"])
		}
		return reasons
	}
	finished, after := h.add(t, "finished"), h.add(t, "told after its end")
	w := handOf(h.next(t, "builder"))
	must(h.MeterEnd(bg, w.run.ID, costs(2.5)))(t)
	must(h.MeterEnd(bg, w.run.ID, costs(2.6)))(t)
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "ok"}))(t)
	status(t, h, finished.ID, kanban.Done)
	same(t, "told", told(finished.ID), []any{"run 1 used 2.60USD, more than the 2.00USD it may use"})

	w = handOf(h.next(t, "builder"))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "ok"}))(t)
	h.uses(t, w.run.ID, costs(2.5))
	must(h.MeterEnd(bg, w.run.ID, costs(3)))(t)
	status(t, h, after.ID, kanban.Done)
	same(t, "told", told(after.ID), []any{"run 2 used 2.50USD, more than the 2.00USD it may use"})

	failed := h.add(t, "failed")
	w = handOf(h.next(t, "builder"))
	must(h.MeterEnd(bg, w.run.ID, costs(2.5)))(t)
	h.end(t, w, kanban.Crashed, "exit status 3")
	held := status(t, h, failed.ID, kanban.Blocked)
	if held.BlockKind != kanban.BudgetSpent || held.Failures != 0 || !strings.HasSuffix(held.BlockReason, "it may use; exit status 3") {
		t.Errorf("held as %+v", held)
	}
	same(t, "told by the block", told(failed.ID), []any(nil))
}

// TestG16_G18_ADryRunReservesAsClaimsDo: what is planned leaves so much less for
// what comes next, of the board and of all boards; whoever does not fit holds
// back those behind it, and only those.
func TestG16_G18_ADryRunReservesAsClaimsDo(t *testing.T) {
	for name, set := range map[string]func(*board.Settings){
		"board default": func(s *board.Settings) { s.Board.Day = usd(3) },
		"the home":      func(s *board.Settings) { s.Home.Day = usd(3) },
		"tenant acme":   func(s *board.Settings) { s.Tenants = map[string]policy.Limits{"acme": {Day: usd(3)}} },
	} {
		h := paid(t, set)
		first, second := h.add(t, "first", tenant("acme")), h.add(t, "second", tenant("acme"))
		cheap, other := h.add(t, "cheap", tenant("acme"), budget(1)), h.add(t, "other", tenant("idle"), budget(1))
		spent := &board.Spending{}
		f := board.NewForesight(spent)
		plan := func(task kanban.Task) string {
			gates := must(f.Reserve(bg, h.Board, task))(t)
			if len(gates) == 0 {
				return ""
			}
			return gates[0].Reason
		}
		same(t, name, plan(first), "")
		same(t, name, plan(second), name+" has used 0.00USD and reserved 2.00USD of 3.00USD for today; a run may use 2.00USD")
		same(t, name, plan(cheap), "task "+second.ID+" of the same lane is more urgent and does not fit into a budget")
		same(t, name, plan(other), "")
		same(t, name+": what was spent stays so", spent.Home, policy.Spend{})
	}
}

// TestMeter: what is told counts as a total, never less than before, and only
// numbers that can be.
func TestMeter(t *testing.T) {
	h := newHouse(t)
	h.add(t, "work")
	w := handOf(h.next(t, "builder"))
	h.uses(t, w.run.ID, kanban.Usage{Input: 10, Output: 5, Cost: 7})
	h.uses(t, w.run.ID, kanban.Usage{Input: 4, Output: 6, Turns: 1})
	same(t, "usage", must(h.Run(bg, w.run.ID))(t).Usage, kanban.Usage{Input: 10, Output: 6, Turns: 1, Cost: 7})
	for _, u := range []kanban.Usage{{Cost: -1}, {Cost: kanban.MaxAmount + 1}, {Input: kanban.MaxAmount + 1}, {Turns: -1 << 62}} {
		_, err := h.Meter(bg, w.run.ID, u)
		refused(t, err, kanban.Invalid)
	}
	_, err := h.Meter(bg, 4711, kanban.Usage{Cost: 1})
	refused(t, err, kanban.NotFound)
	_, err = h.Used(bg, kanban.Lease{Task: w.lease.Task, Run: w.lease.Run, Token: "guess"}, kanban.Usage{Cost: 1})
	refused(t, err, kanban.Stale)
	// One that has handed in is not ended for what it cost.
	h.foreignRun(t, w.run.ID, func(r *kanban.Run) { r.Reserved, r.Pending = kanban.Budget{Cost: 8}, []byte(`{"summary":"ready"}`) })
	h.uses(t, w.run.ID, kanban.Usage{Cost: 9})
	status(t, h, w.lease.Task, kanban.Running)
	must(h.MeterEnd(bg, w.run.ID, kanban.Usage{Cost: 10}))(t)
	status(t, h, w.lease.Task, kanban.Running)
}

// TestG15_AWorkerGivesNoMoreThanIsSet: a budget of a child may be smaller than
// what is set for all tasks, and only a human sets a larger one.
func TestG15_AWorkerGivesNoMoreThanIsSet(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Board.Task = usd(3) })
	h.add(t, "parent")
	w := handOf(h.next(t, "builder"))
	create := func(a kanban.Actor, n float64) error {
		_, err := h.Create(context.Background(), a, board.NewTask{Title: "child", Assignee: "builder", Budget: usd(n)})
		return err
	}
	ok(t, create(w.Actor, 2))
	agent := kanban.Actor{Kind: kanban.Human, Name: "ann", Agent: true}
	for _, a := range []kanban.Actor{w.Actor, agent} {
		refused(t, create(a, 4), kanban.Unauthorized, "more than the 3.00USD that is set")
	}
	_, err := h.RaiseBudget(bg, agent, w.lease.Task, usd(1))
	refused(t, err, kanban.Unauthorized)
	ok(t, create(ann, 4))
	refused(t, create(ann, -1), kanban.Invalid)
}

// TestMetadataIsNotNestedWithoutEnd: what is kept can be read again by all that
// reads JSON. Brackets within texts are none.
func TestMetadataIsNotNestedWithoutEnd(t *testing.T) {
	h := newHouse(t)
	nested := func(n int) kanban.Handoff {
		return kanban.Handoff{Summary: "done", Metadata: []byte(`{"quote\"[[": "` + strings.Repeat("[", 500) + `", "a": ` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}")}
	}
	h.add(t, "work")
	w := handOf(h.next(t, "builder"))
	_, err := h.Complete(bg, w.Actor, w.lease, nested(100))
	refused(t, err, kanban.Invalid, "nested more than 100 deep")
	must(h.Complete(bg, w.Actor, w.lease, nested(99)))(t)
}

// TestG20_ABudgetOfTheDayIsToldOnce, when nothing more fits before the day ends:
// with the first task that waits, and again the next day.
func TestG20_ABudgetOfTheDayIsToldOnce(t *testing.T) {
	h := paid(t, func(s *board.Settings) { s.Board.Day = usd(3) })
	must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Kinds: []kanban.EventKind{kanban.EvBudgetReached}}))(t)
	look := func() { ok(t, h.NoteReached(bg, []string{"builder", "tester"}, nil, nil)) }
	for range 3 {
		h.add(t, "work")
	}
	w := handOf(h.next(t, "builder"))
	look()
	same(t, "while a run may yet use less", h.told(t), []kanban.EventKind{})
	h.uses(t, w.run.ID, costs(2))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	look()
	look()
	same(t, "once", h.told(t), []kanban.EventKind{kanban.EvBudgetReached})
	e := must(h.Deliveries(bg, store.Pending, 1))(t)[0].Event
	same(t, "which", e.Payload["scope"], any("board default"))
	same(t, "why", e.Payload["reason"], any("board default has used 2.00USD and reserved 0.00USD of 3.00USD for today; a run may use 2.00USD"))
	status(t, h, e.Task, kanban.Ready)

	h.pass(24 * time.Hour)
	w = handOf(h.next(t, "builder"))
	h.uses(t, w.run.ID, costs(2))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{Summary: "done"}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	look()
	same(t, "the next day", len(h.told(t)), 2)
}
