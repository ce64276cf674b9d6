package board_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/store/storetest"
)

// TestG10_G14_G15_G16_G17_G18_RandomHistories: humans, workers and the
// dispatcher do anything they can think of, in any order; after each act every
// invariant of the board holds. Beside memory, an adapter gives the same answers
// and holds the same rows. To look for longer, and to see a failure again:
//
//	go test ./internal/board -run RandomHistories -rapid.checks=10000
//	go test ./internal/board -run RandomHistories -rapid.seed=SEED
func TestG10_G14_G15_G16_G17_G18_RandomHistories(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		storetest.Fewer(t, "rapid.checks", "60")
		storetest.Fewer(t, "rapid.steps", "100")
		rapid.Check(t, func(rt *rapid.T) { play(rt, houseOn(rt, memory.New())) })
	})
	t.Run("sqlite", func(t *testing.T) {
		storetest.Fewer(t, "rapid.checks", "10")
		storetest.Fewer(t, "rapid.steps", "60")
		rapid.Check(t, func(rt *rapid.T) {
			home := must(sqlite.OpenHome(t.TempDir(), sqlite.Options{}))(rt)
			defer func() { ok(rt, home.Close()) }()
			play(rt, houseOn(rt, memory.New()), houseOn(rt, must(home.Open(bg, kanban.DefaultBoard))(rt)))
		})
	})
}

// reading are the methods of a board that leave it as it is. All others stand in
// acts.
var reading = strings.Fields("ArtifactKept Barriers Bearer Begin CardOf Cards CardsOf Context ContextWithin Deliveries Diff Events Explain Former Graph Labels LastEvent List LiveRuns MayRead Messages Mutes NextLane Outbox Outside Owner PlanAnswer PlanNews Planning Posted Queue " +
	"Report Resolve ReviewerWarning Run Runs SamePlace Show Sight SinkWarning Sinks Slug Spent StartsFrom Stats Store Subscriptions Task Tenants ToPlan Undelivered Untold Use Verifies Watchers")

// TestMachineKnowsEveryUseCase, so that a new one cannot be forgotten.
func TestMachineKnowsEveryUseCase(t *testing.T) {
	b := reflect.TypeFor[*board.Board]()
	for i := range b.NumMethod() {
		name := b.Method(i).Name
		if _, acted := acts[name]; acted == slices.Contains(reading, name) {
			t.Errorf("%s: stands in acts: %v", name, acted)
		}
	}
}

// machine is a house in which random things happen, and a twin of it on each
// further store, in which the same happens.
type machine struct {
	*watch
	twins []*house
	ids   []string // of all tasks that were ever made
	hands []hand   // of all runs that were ever opened
	with  *hand    // whose lease the present act carries
}

func play(rt *rapid.T, houses ...*house) {
	for _, h := range houses {
		h.settings.Planner.Lane = "tester"
		h.settings.BoardCap, h.settings.TenantCap = 2, map[string]int{"acme": 1}
		h.settings.Lanes["builder"] = board.Lane{Account: "claude", Metered: true}
		h.settings.Lanes["tester"] = board.Lane{Cost: kanban.Dollar}
		h.settings.Home = policy.Limits{Run: usd(2), Task: usd(5)}
		h.settings.Board, h.settings.Tenants = policy.Limits{Day: usd(15)}, map[string]policy.Limits{"acme": {Day: usd(7)}}
	}
	m := &machine{watch: watching(rt, houses[0]), twins: houses[1:]}
	for _, h := range m.twins {
		watching(rt, h)
	}
	steps := map[string]func(*rapid.T){
		"":            func(rt *rapid.T) { m.check(rt); m.compare(rt) },
		"time passes": m.wait,
	}
	for name, a := range acts {
		for i := range a.weight {
			steps[name+strings.Repeat(" again", i)] = func(rt *rapid.T) { m.act(rt, a) }
		}
	}
	rt.Repeat(steps)
}

// act draws what is done, does it, and holds the answer against what is known.
func (m *machine) act(rt *rapid.T, a act) {
	m.actor, m.with = kanban.System, nil
	do := a.draw(m, rt)
	if do == nil {
		rt.Skip("there is nothing to do it to")
	}
	answer, err := do(m.house)
	m.fenced(rt, err)
	m.refusal(rt, err)
	for _, h := range m.twins {
		twin, twinErr := do(h)
		same(rt, "answer", twin, answer)
		same(rt, "refusal", fmt.Sprint(twinErr), fmt.Sprint(err))
	}
	if err == nil {
		m.remember(answer)
	}
}

// fenced: a worker's word counts exactly as long as it has its run, and has not
// handed in.
func (m *machine) fenced(rt *rapid.T, err error) {
	if m.with == nil {
		return
	}
	if m.seen.tasks[m.with.Task].CurrentRun != m.with.run.ID {
		refused(rt, err, kanban.Stale)
		return
	}
	if r, none := m.Run(bg, m.with.run.ID); err != nil && none == nil && len(r.Pending) > 0 {
		refused(rt, err, kanban.Conflict)
		return
	}
	ok(rt, err)
}

func (m *machine) remember(answer any) {
	switch got := answer.(type) {
	case board.Created:
		if !slices.Contains(m.ids, got.Task.ID) {
			m.ids = append(m.ids, got.Task.ID)
		}
	case board.Planning:
		for _, key := range slices.Sorted(maps.Keys(got.IDs)) {
			if !slices.Contains(m.ids, got.IDs[key]) {
				m.ids = append(m.ids, got.IDs[key])
			}
		}
	case board.Claimed:
		if got.Run.ID != 0 {
			m.hands = append(m.hands, handOf(got))
		}
	}
}

// compare holds the twins against the first house.
func (m *machine) compare(rt *rapid.T) {
	for _, h := range m.twins {
		same(rt, "the twin", strings.Split(h.all(rt), "\n"), strings.Split(m.all(rt), "\n"))
		for id := range m.seen.tasks {
			same(rt, "the twin's gates of "+id, must(h.Explain(bg, id))(rt).Gates, must(m.Explain(bg, id))(rt).Gates)
		}
	}
}

func (m *machine) wait(rt *rapid.T) {
	d := time.Duration(rapid.SampledFrom([]int{1, 30, 3600}).Draw(rt, "seconds")) * time.Second
	m.pass(d)
	for _, h := range m.twins {
		h.pass(d)
	}
}

// task draws one of all tasks, deleted ones and one that never was included;
// mostly one in the statuses, if there is any.
func (m *machine) task(rt *rapid.T, label string, in ...kanban.Status) string {
	var fit []string
	for _, id := range m.ids {
		if t, there := m.seen.tasks[id]; there && slices.Contains(in, t.Status) {
			fit = append(fit, id)
		}
	}
	if len(fit) > 0 && rapid.IntRange(0, 5).Draw(rt, "any") > 0 {
		return rapid.SampledFrom(fit).Draw(rt, label)
	}
	return rapid.SampledFrom(append([]string{"t_00000000"}, m.ids...)).Draw(rt, label)
}

// someone draws who acts: mostly a human, sometimes a worker or the dispatcher.
func (m *machine) someone(rt *rapid.T) kanban.Actor {
	m.actor = ann
	switch n := rapid.IntRange(0, 9).Draw(rt, "who"); {
	case n == 9:
		m.actor = kanban.System
	case n > 6 && len(m.hands) > 0:
		m.actor = m.hand(rt).Actor
	}
	return m.actor
}

// hand draws one of all workers; half of the draws are one that works.
func (m *machine) hand(rt *rapid.T) hand {
	var now []hand
	for _, w := range m.hands {
		if m.seen.tasks[w.Task].CurrentRun == w.run.ID {
			now = append(now, w)
		}
	}
	if len(now) > 0 && rapid.Bool().Draw(rt, "at work") {
		return rapid.SampledFrom(now).Draw(rt, "worker")
	}
	return rapid.SampledFrom(m.hands).Draw(rt, "worker")
}

// ender draws who ends a run and by what right: mostly a worker by its lease,
// else anybody by the task.
func (m *machine) ender(rt *rapid.T, in ...kanban.Status) (kanban.Actor, kanban.Lease) {
	if len(m.hands) > 0 && rapid.IntRange(0, 3).Draw(rt, "by lease") > 0 {
		w := m.hand(rt)
		m.actor, m.with = w.Actor, &w
		return w.Actor, w.lease
	}
	return m.someone(rt), kanban.Lease{Task: m.task(rt, "task", append(in, kanban.Running)...)}
}

// run draws one of all runs that were ever opened, 0 if there is none.
func (m *machine) run(rt *rapid.T) int64 {
	if len(m.hands) == 0 {
		return 0
	}
	return m.hand(rt).run.ID
}

// delivery draws one that is in a state and not to the destination that the
// invariants count by.
func (m *machine) delivery(rt *rapid.T, s store.DeliveryState) (store.Delivery, bool) {
	all := must(m.Deliveries(bg, s, 1000))(rt)
	all = slices.DeleteFunc(all, func(d store.Delivery) bool { return d.Destination == m.everything })
	if len(all) == 0 {
		return store.Delivery{}, false
	}
	return rapid.SampledFrom(all).Draw(rt, "delivery"), true
}
