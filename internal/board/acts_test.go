package board_test

import (
	"context"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// act is one use case as the machine tries it. draw decides who does what to
// which task; what it returns does that to a house, nil if it cannot be tried.
type act struct {
	weight int
	draw   func(m *machine, rt *rapid.T) done
}

type done func(h *house) (any, error)

// acts are all use cases that change a board, by the name of their method.
var acts = map[string]act{
	"Create": {6, create},
	"CreateGraph": {1, func(m *machine, rt *rapid.T) done {
		a, parent := m.someone(rt), m.task(rt, "parent")
		back := rapid.SampledFrom([]string{"", "second"}).Draw(rt, "back") // which would be a cycle
		return func(h *house) (any, error) {
			return anything(h.CreateGraph(bg, a, []board.GraphTask{
				{Key: "second", NewTask: board.NewTask{Title: "second", Assignee: "tester", Parents: []string{"first"}}},
				{Key: "first", NewTask: board.NewTask{Title: "first", Assignee: "builder", Parents: []string{parent, back}}},
			}))
		}
	}},
	"Edit": {1, edit},

	"AskPlan": {1, func(m *machine, rt *rapid.T) done {
		a, id, approve := m.someone(rt), m.task(rt, "task", kanban.Triage), rapid.Bool().Draw(rt, "approve")
		return func(h *house) (any, error) { return anything(h.AskPlan(bg, a, id, kanban.Decompose, approve)) }
	}},
	"Propose": {1, func(m *machine, rt *rapid.T) done {
		id := m.task(rt, "task", kanban.Triage)
		plan := rapid.SampledFrom([]kanban.Plan{diamond, {Title: "one is enough"}, {}}).Draw(rt, "plan")
		m.actor = ann // who approved it before, if anybody did
		return func(h *house) (any, error) { return anything(h.Propose(bg, h.wish(id), "model-x", plan)) }
	}},
	"FailPlan": {1, func(m *machine, rt *rapid.T) done {
		id := m.task(rt, "task", kanban.Triage)
		return func(h *house) (any, error) {
			return nil, h.FailPlan(bg, h.wish(id), board.PlanTrouble{Reason: "429", Retry: h.now.Add(time.Minute)})
		}
	}},
	"StartPlanTask": {1, func(m *machine, rt *rapid.T) done {
		id := m.task(rt, "task", kanban.Triage)
		return func(h *house) (any, error) { return nil, h.StartPlanTask(bg, h.wish(id), "plan it") }
	}},
	"ApprovePlan": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), m.task(rt, "task", kanban.Triage)
		return func(h *house) (any, error) { return anything(h.ApprovePlan(bg, a, id)) }
	}},
	"RejectPlan": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), m.task(rt, "task", kanban.Triage)
		return func(h *house) (any, error) { return anything(h.RejectPlan(bg, a, id, "no")) }
	}},
	"Assign": {1, func(m *machine, rt *rapid.T) done {
		a, id, lane := m.someone(rt), m.task(rt, "task", kanban.Ready, kanban.Blocked, kanban.Running), aLane.Draw(rt, "lane")
		reclaim := rapid.Bool().Draw(rt, "reclaim")
		return func(h *house) (any, error) {
			return anything(h.Assign(bg, a, id, board.Assignment{Lane: lane, Reclaim: reclaim}))
		}
	}},
	"Link": {2, func(m *machine, rt *rapid.T) done {
		a, parent, child := m.someone(rt), m.task(rt, "parent"), m.task(rt, "child", kanban.Ready, kanban.Running)
		when := rapid.SampledFrom(kanban.Conditions).Draw(rt, "when")
		return func(h *house) (any, error) { return anything(h.Link(bg, a, parent, child, when)) }
	}},
	"Unlink": {1, func(m *machine, rt *rapid.T) done {
		a, child := m.someone(rt), m.task(rt, "child", kanban.Todo)
		parent := m.task(rt, "parent")
		if t, there := m.seen.tasks[child]; there {
			parent = m.parentOr(rt, t, kanban.Task{ID: parent}).ID
		}
		return func(h *house) (any, error) { return anything(h.Unlink(bg, a, parent, child)) }
	}},
	"Comment": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), m.task(rt, "task")
		return func(h *house) (any, error) { return anything(h.Comment(bg, a, id, "hello")) }
	}},

	"Claim": {2, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), m.task(rt, "task", kanban.Ready)
		ttl := rapid.SampledFrom([]time.Duration{0, time.Minute, 2 * time.Hour}).Draw(rt, "ttl")
		return func(h *house) (any, error) { return anything(h.Claim(bg, a, id, ttl, nil)) }
	}},
	"Take": {1, func(m *machine, rt *rapid.T) done {
		o := board.Offer{By: m.someone(rt), TTL: time.Minute, Tree: true}
		id := m.task(rt, "task", kanban.Ready)
		return func(h *house) (any, error) { return anything(h.Take(bg, id, o)) }
	}},
	"GiveBack": {1, func(m *machine, rt *rapid.T) done {
		if len(m.hands) == 0 {
			return nil
		}
		w := m.hand(rt)
		m.with = &w
		return func(h *house) (any, error) { return nil, h.GiveBack(bg, w.lease, "nobody waits for it") }
	}},
	"ClaimNext": {8, func(m *machine, rt *rapid.T) done {
		o := board.Offer{Lane: rapid.SampledFrom([]string{"builder", "tester"}).Draw(rt, "lane"), Epoch: m.epoch}
		if rapid.IntRange(0, 4).Draw(rt, "with a supervisor") > 0 {
			o.Supervisor = kanban.Process{Boot: "b", PID: 4711, Start: 1}
		}
		if rapid.IntRange(0, 9).Draw(rt, "former dispatcher") == 0 {
			o.Epoch--
		}
		return func(h *house) (any, error) {
			c, _, err := h.ClaimNext(bg, o)
			return c, err
		}
	}},
	"RefsMoved": {1, byRun(func(h *house, run int64) error { return h.RefsMoved(bg, run, []string{"refs/heads/main a..b"}) })},
	"Spawned":   {1, byRun(func(h *house, run int64) error { return h.Spawned(bg, run, 4712, "abc") })},
	"Heartbeat": {1, func(m *machine, rt *rapid.T) done {
		if len(m.hands) == 0 {
			return nil
		}
		w, note := m.hand(rt), rapid.SampledFrom([]string{"", "half way"}).Draw(rt, "note")
		m.actor, m.with = w.Actor, &w
		return func(h *house) (any, error) { return anything(h.Heartbeat(bg, w.lease, note)) }
	}},
	"Extend": {1, byRun(func(h *house, run int64) error { return h.Extend(bg, run, h.now) })},

	"Tell": {1, byRun(func(h *house, run int64) error { return h.Tell(bg, run, board.Told{Session: "s-1", Note: "half way"}) })},

	"Meter": {3, meter((*board.Board).Meter)},
	"MeterEnd": {1, func(m *machine, rt *rapid.T) done {
		run, u := m.run(rt), anUsage(rt)
		if r, err := m.Run(bg, run); err == nil && r.Open() {
			return nil // it is for runs whose processes are gone
		}
		return func(h *house) (any, error) { return anything(h.MeterEnd(bg, run, u)) }
	}},
	"RaiseBudget": {2, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.RaiseBudget(bg, a, id, usd(3)))
	}, kanban.Blocked, kanban.Ready)},
	"Used": {1, func(m *machine, rt *rapid.T) done {
		if len(m.hands) == 0 {
			return nil
		}
		w, u := m.hand(rt), anUsage(rt)
		m.actor, m.with = w.Actor, &w
		return func(h *house) (any, error) { return anything(h.Used(bg, w.lease, u)) }
	}},

	"Complete": {2, func(m *machine, rt *rapid.T) done {
		a, l := m.ender(rt, kanban.Ready, kanban.Blocked)
		said := kanban.Handoff{Summary: rapid.SampledFrom([]string{"", "done", "see t_0badc0de"}).Draw(rt, "summary")}
		return func(h *house) (any, error) { return anything(h.Complete(bg, a, l, said)) }
	}},
	"Fix":          {1, byRun(func(h *house, run int64) error { _, err := h.Fix(bg, run); return err })},
	"Verified":     {2, byRun(func(h *house, run int64) error { _, err := h.Verified(bg, run); return err })},
	"Unverifiable": {2, byRun(func(h *house, run int64) error { _, err := h.Unverifiable(bg, run, "no such program"); return err })},
	"Review": {2, func(m *machine, rt *rapid.T) done {
		a, l := m.ender(rt)
		return func(h *house) (any, error) { return anything(h.Review(bg, a, l, kanban.Handoff{Summary: "look"})) }
	}},
	"Block": {2, func(m *machine, rt *rapid.T) done {
		a, l := m.ender(rt, kanban.Ready, kanban.Todo, kanban.Scheduled)
		kind := rapid.SampledFrom([]kanban.BlockKind{kanban.NeedsInput, kanban.Transient, kanban.Operator}).Draw(rt, "kind")
		return func(h *house) (any, error) { return anything(h.Block(bg, a, l, kind, "may I?", kanban.Handoff{})) }
	}},
	"Schedule": {2, func(m *machine, rt *rapid.T) done {
		a, l := m.ender(rt, kanban.Ready, kanban.Todo, kanban.Blocked)
		until := rapid.SampledFrom([]time.Time{{}, m.now.Add(time.Minute), m.now.Add(2 * time.Hour)}).Draw(rt, "until")
		return func(h *house) (any, error) { return anything(h.Schedule(bg, a, l, until, "")) }
	}},
	"Fail": {3, func(m *machine, rt *rapid.T) done {
		run, until := m.run(rt), time.Time{}
		o := rapid.SampledFrom([]kanban.Outcome{
			kanban.SpawnFailed, kanban.Crashed, kanban.TimedOut, kanban.Stalled, kanban.ProtocolViolation, kanban.RateLimited, kanban.Lost, kanban.Stopped, kanban.OverBudget, kanban.VerifyFailed,
		}).Draw(rt, "outcome")
		if o == kanban.RateLimited {
			until = m.now.Add(time.Hour)
		}
		return func(h *house) (any, error) {
			return anything(h.Fail(bg, run, board.Ending{Outcome: o, Error: "it failed", Until: until}))
		}
	}},
	"Settle": {4, func(m *machine, rt *rapid.T) done {
		var over []int64
		for _, r := range must(m.LiveRuns(bg))(rt) {
			if !r.Open() {
				over = append(over, r.ID)
			}
		}
		if len(over) == 0 {
			return nil
		}
		run := rapid.SampledFrom(over).Draw(rt, "run")
		return func(h *house) (any, error) { return nil, h.Settle(bg, run, "") }
	}},

	"Promote": {2, func(m *machine, rt *rapid.T) done {
		a, id, force := m.someone(rt), m.task(rt, "task", kanban.Todo, kanban.Triage), rapid.Bool().Draw(rt, "force")
		return func(h *house) (any, error) { return anything(h.Promote(bg, a, id, force, "")) }
	}},
	"Unblock": {2, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Unblock(bg, a, id, "go on"))
	}, kanban.Blocked, kanban.Scheduled)},
	"Answer": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Answer(bg, a, id, "yes"))
	}, kanban.Blocked)},
	"Approve": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Approve(bg, a, id, "", ""))
	}, kanban.Review)},
	"Reject": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Reject(bg, a, id, "the tests fail"))
	}, kanban.Review)},
	"Move": {2, func(m *machine, rt *rapid.T) done {
		a, id, to := m.someone(rt), m.task(rt, "task", kanban.Statuses...), rapid.SampledFrom(kanban.Statuses).Draw(rt, "to")
		return func(h *house) (any, error) { return anything(h.Move(bg, a, id, to, "so be it", "")) }
	}},
	"Reclaim": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Reclaim(bg, a, id, ""))
	}, kanban.Running)},
	"Retry": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Retry(bg, a, id, "", ""))
	}, kanban.Running, kanban.Blocked, kanban.Ready)},
	"Stop": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Stop(bg, a, id, ""))
	}, kanban.Running)},
	"Cancel": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Cancel(bg, a, id, ""))
	}, kanban.Todo, kanban.Ready, kanban.Running)},
	"Archive": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Archive(bg, a, id))
	}, kanban.Done, kanban.Running)},
	"Unarchive": {2, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Unarchive(bg, a, id))
	}, kanban.Archived)},
	"Reopen": {1, byTask(func(h *house, a kanban.Actor, id string) (any, error) {
		return anything(h.Reopen(bg, a, id, "not yet"))
	}, kanban.Done)},
	"Delete": {1, func(m *machine, rt *rapid.T) done {
		a, id, stop := m.someone(rt), m.task(rt, "task", kanban.Running, kanban.Archived), rapid.Bool().Draw(rt, "stop")
		return func(h *house) (any, error) { return anything(h.Delete(bg, a, id, stop)) }
	}},

	"Wake": {2, func(*machine, *rapid.T) done { return func(h *house) (any, error) { return anything(h.Wake(bg)) } }},
	"Expire": {1, func(*machine, *rapid.T) done {
		return func(h *house) (any, error) {
			return anything(h.Expire(bg, h.now, func(kanban.Run) bool { return true }))
		}
	}},
	"Reconcile": {1, func(m *machine, rt *rapid.T) done {
		before := m.look(rt)
		return func(h *house) (any, error) {
			err := h.Reconcile(bg)
			same(rt, "events after a reconcile of what only we wrote", must(h.LastEvent(bg))(rt), before.last)
			return nil, err
		}
	}},
	"Own": {1, func(m *machine, _ *rapid.T) done {
		return func(h *house) (_ any, err error) {
			h.epoch, err = h.Own(bg)
			return h.epoch, err
		}
	}},
	"Prune": {1, func(m *machine, rt *rapid.T) done {
		keep := time.Duration(rapid.IntRange(0, 2).Draw(rt, "hours")) * time.Hour
		return func(h *house) (any, error) {
			return anything(h.Prune(bg, board.Retention{Events: keep, Operations: keep, Deliveries: keep}))
		}
	}},

	"Subscribe": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), rapid.SampledFrom([]string{"", m.task(rt, "task")}).Draw(rt, "of")
		lane := rapid.SampledFrom([]string{"", "builder"}).Draw(rt, "lane")
		return func(h *house) (any, error) {
			sub, created, err := h.Subscribe(bg, a, store.Subscription{Task: id, Lane: lane, Sink: "ops"})
			return [2]any{sub, created}, err
		}
	}},
	"ChangeKinds": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), int64(rapid.IntRange(2, 4).Draw(rt, "subscription")) // not that which the invariants count by
		kinds := kanban.EventKinds[:rapid.IntRange(0, 3).Draw(rt, "kinds")]
		return func(h *house) (any, error) { return anything(h.ChangeKinds(bg, a, id, kinds)) }
	}},
	"Unsubscribe": {1, func(m *machine, rt *rapid.T) done {
		id := m.everything + int64(rapid.IntRange(1, 3).Draw(rt, "subscription"))
		return func(h *house) (any, error) { return nil, h.Unsubscribe(bg, id) }
	}},
	"Mute": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), rapid.SampledFrom([]string{"", m.task(rt, "task")}).Draw(rt, "of")
		return func(h *house) (any, error) {
			return anything(h.Mute(bg, a, store.Destination{Sink: "ops"}, store.Mute{Task: id}))
		}
	}},
	"Unmute": {1, func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), rapid.SampledFrom([]string{"", m.task(rt, "task")}).Draw(rt, "of")
		return func(h *house) (any, error) { return nil, h.Unmute(bg, a, store.Destination{Sink: "ops"}, id) }
	}},
	"Bind": {1, func(m *machine, rt *rapid.T) done {
		d, _ := m.delivery(rt, store.Pending)
		limit := rapid.IntRange(1, 3).Draw(rt, "limit")
		return func(h *house) (any, error) {
			return nil, h.Bind(bg, max(1, d.Destination), limit, 1+limit, func(e kanban.Event) bool { return kanban.Asks(e.Kind) })
		}
	}},
	"Note": {1, func(m *machine, rt *rapid.T) done {
		d, found := m.delivery(rt, store.Pending)
		if !found {
			return nil
		}
		d.State, d.DoneAt = rapid.SampledFrom([]store.DeliveryState{store.Delivered, store.Parked}).Draw(rt, "state"), m.now
		ref := rapid.SampledFrom([]string{"", "m1", "m2"}).Draw(rt, "ref")
		return func(h *house) (any, error) {
			return nil, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{d}, Ref: ref, Until: d.NextAt})
		}
	}},
	"NoteReached": {1, func(m *machine, rt *rapid.T) done {
		return func(h *house) (any, error) { return nil, h.NoteReached(bg, []string{"builder", "tester"}, nil, nil) }
	}},
	"Replay": {1, func(m *machine, rt *rapid.T) done {
		a, only := m.someone(rt), int64(rapid.IntRange(2, 4).Draw(rt, "subscription")) // not that which the invariants count by
		since := m.seen.last - int64(rapid.IntRange(-1, 5).Draw(rt, "events"))
		return func(h *house) (any, error) {
			return anything(h.Replay(bg, a, board.Replay{Event: since, Subscription: only}))
		}
	}},
	"RetryParked": {1, func(m *machine, rt *rapid.T) done {
		d, _ := m.delivery(rt, store.Parked)
		return func(h *house) (any, error) { return anything(h.RetryParked(bg, d.ID)) }
	}},
}

var aLane = rapid.SampledFrom([]string{"builder", "builder", "tester", "nobody", ""})

// byTask is an act of somebody on a task, which may succeed in the statuses.
func byTask(do func(*house, kanban.Actor, string) (any, error), in ...kanban.Status) func(*machine, *rapid.T) done {
	return func(m *machine, rt *rapid.T) done {
		a, id := m.someone(rt), m.task(rt, "task", in...)
		return func(h *house) (any, error) { return do(h, a, id) }
	}
}

// byRun is an act of the dispatcher on any run.
func byRun(do func(*house, int64) error) func(*machine, *rapid.T) done {
	return func(m *machine, rt *rapid.T) done {
		run := m.run(rt)
		return func(h *house) (any, error) { return nil, do(h, run) }
	}
}

func create(m *machine, rt *rapid.T) done {
	n := board.NewTask{
		Title: fmt.Sprintf("task %d", len(m.ids)), Assignee: aLane.Draw(rt, "lane"),
		Tenant:   rapid.SampledFrom([]string{"", "acme"}).Draw(rt, "tenant"),
		Labels:   rapid.SampledFrom([][]string{nil, {"bug"}, {"ui", "bug"}, {"no label"}}).Draw(rt, "labels"),
		Priority: rapid.IntRange(0, 2).Draw(rt, "priority"), MaxAttempts: rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(rt, "attempts"),
		Key:    rapid.SampledFrom([]string{"", "", "k1", "k2"}).Draw(rt, "key"),
		Budget: usd(rapid.SampledFrom([]float64{0, 0, 1, 9}).Draw(rt, "budget")),
		Triage: rapid.IntRange(0, 5).Draw(rt, "triage") == 0, Held: rapid.IntRange(0, 5).Draw(rt, "held") == 0,
	}
	if rapid.IntRange(0, 5).Draw(rt, "scheduled") == 0 {
		n.NotBefore = m.now.Add(time.Minute)
	}
	for range rapid.IntRange(0, 2).Draw(rt, "parents") {
		n.Verify = rapid.SampledFrom([][][]string{nil, {{"make", "test"}}}).Draw(rt, "verify")
		n.Reviewer = rapid.SampledFrom([]string{"", "", "tester", kanban.ReviewedByHuman}).Draw(rt, "reviewer")
		n.Parents = append(n.Parents, kanban.WithWhen(m.task(rt, "parent"), rapid.SampledFrom(kanban.Conditions).Draw(rt, "when")))
	}
	a := m.someone(rt)
	return func(h *house) (any, error) { return anything(h.Create(bg, a, n)) }
}

// edit changes one field. A lower limit of attempts is left out: it does not
// take back those that were made.
func edit(m *machine, rt *rapid.T) done {
	a, id := m.someone(rt), m.task(rt, "task", kanban.Ready, kanban.Done)
	words, number := "new words", rapid.IntRange(0, 2).Draw(rt, "number")
	e, version := board.Edit{}, rapid.SampledFrom([]int64{0, 0, m.seen.tasks[id].Version, 1}).Draw(rt, "version")
	switch rapid.IntRange(0, 5).Draw(rt, "field") {
	case 0:
		e.Title = &words
	case 1:
		e.Priority = &number
	case 2:
		words = []string{"", "acme", "other"}[number]
		e.Tenant = &words
	case 3:
		number = 7
		e.MaxAttempts = &number
	case 4:
		e.Result, e.Summary = &words, &words
	case 5:
		e.AddLabels, e.DropLabels = []string{"bug", "docs"}[:number], []string{"ui"}
	}
	return func(h *house) (any, error) { return anything(h.Edit(board.WithVersion(bg, version), a, id, e)) }
}

// anUsage is a total that a worker may have reached.
func anUsage(rt *rapid.T) kanban.Usage {
	return kanban.Usage{
		Output: rapid.Int64Range(0, 600).Draw(rt, "tokens"),
		Cost:   rapid.Int64Range(0, 6).Draw(rt, "dollars") * kanban.Dollar,
	}
}

func meter(do func(*board.Board, context.Context, int64, kanban.Usage) (kanban.Run, error)) func(*machine, *rapid.T) done {
	return func(m *machine, rt *rapid.T) done {
		run, u := m.run(rt), anUsage(rt)
		return func(h *house) (any, error) { return anything(do(h.Board, bg, run, u)) }
	}
}
