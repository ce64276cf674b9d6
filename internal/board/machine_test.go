package board_test

import (
	"flag"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

// TestG10_G14_G15_G17_G18_RandomHistories: humans, workers and the dispatcher do
// anything they can think of, in any order; after each act every invariant of
// the board holds.
func TestG10_G14_G15_G17_G18_RandomHistories(t *testing.T) {
	t.Run("memory", func(t *testing.T) {
		usually(t, "rapid.checks", "100")
		usually(t, "rapid.steps", "100")
		rapid.Check(t, func(rt *rapid.T) { play(rt, memory.New()) })
	})
	t.Run("sqlite", func(t *testing.T) {
		usually(t, "rapid.checks", "15")
		usually(t, "rapid.steps", "80")
		rapid.Check(t, func(rt *rapid.T) {
			home := must(sqlite.OpenHome(t.TempDir(), sqlite.Options{}))(rt)
			defer func() { ok(rt, home.Close()) }()
			play(rt, must(home.Open(bg, kanban.DefaultBoard))(rt))
		})
	})
}

var given = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
})

// usually sets a flag of rapid for one test, unless it was given.
func usually(t *testing.T, name, value string) {
	t.Helper()
	if given()[name] {
		return
	}
	before := flag.Lookup(name).Value.String()
	ok(t, flag.Set(name, value))
	t.Cleanup(func() { ok(t, flag.Set(name, before)) })
}

// machine is a house in which random things happen.
type machine struct {
	*house
	ids   []string // of all tasks that were ever made
	hands []hand   // of all runs that were ever opened
	actor kanban.Actor
	seen  snapshot // before the present act

	everything int64 // the subscription that hears of it
}

func play(rt *rapid.T, s store.Store) {
	m := &machine{house: houseOn(rt, s)}
	m.settings.BoardCap, m.settings.TenantCap = 4, map[string]int{"acme": 2}
	m.settings.Lanes["builder"] = board.Lane{Account: "claude"}
	m.everything = must2(m.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "all", Kinds: kanban.EventKinds}))(rt).ID
	m.seen = m.look(rt)
	acts := map[string]func(*rapid.T){"": func(rt *rapid.T) { m.check(rt) }}
	for name, do := range map[string]func(*rapid.T) error{
		"human creates": m.create, "human acts": m.human, "human acts again": m.human, "human acts and acts": m.human,
		"worker acts": m.worker, "worker acts again": m.worker,
		"worker ends its run": m.ending, "dispatcher claims": m.claim, "dispatcher claims more": m.claim,
		"dispatcher fails a run": m.fail, "dispatcher settles": m.settle, "dispatcher tends": m.tend, "time passes": m.wait,
	} {
		acts[name] = func(rt *rapid.T) {
			m.actor = kanban.System
			m.refusal(rt, do(rt))
		}
	}
	rt.Repeat(acts)
}

// refusal fails unless err is a refusal in words that changed nothing.
func (m *machine) refusal(rt *rapid.T, err error) {
	if err == nil {
		return
	}
	switch code := kanban.CodeOf(err); code {
	case kanban.Invalid, kanban.NotFound, kanban.Conflict, kanban.Stale, kanban.Gated, kanban.Exhausted, kanban.Unauthorized:
	default:
		rt.Fatalf("code %q: %v", code, err)
	}
	now := m.look(rt)
	if now.last != m.seen.last {
		rt.Fatalf("%v, and yet there are new events", err)
	}
	same(rt, "tasks after "+err.Error(), now.tasks, m.seen.tasks)
}

func (m *machine) create(rt *rapid.T) error {
	m.actor = ann
	n := board.NewTask{
		Title: fmt.Sprintf("task %d", len(m.ids)), Assignee: rapid.SampledFrom([]string{"builder", "builder", "tester", "nobody", ""}).Draw(rt, "lane"),
		Tenant: rapid.SampledFrom([]string{"", "acme"}).Draw(rt, "tenant"), Priority: rapid.IntRange(0, 2).Draw(rt, "priority"),
		Key:    rapid.SampledFrom([]string{"", "", "k1", "k2"}).Draw(rt, "key"),
		Triage: rapid.IntRange(0, 5).Draw(rt, "triage") == 0, Held: rapid.IntRange(0, 5).Draw(rt, "held") == 0,
	}
	if rapid.IntRange(0, 5).Draw(rt, "scheduled") == 0 {
		n.NotBefore = m.now.Add(time.Minute)
	}
	for range rapid.IntRange(0, 2).Draw(rt, "parents") {
		n.Parents = append(n.Parents, m.task(rt, "parent"))
	}
	if rapid.IntRange(0, 3).Draw(rt, "by a worker") == 0 && len(m.hands) > 0 {
		m.actor = m.hand(rt).Actor
	}
	made, err := m.Create(bg, m.actor, n)
	if err == nil && made.Created {
		m.ids = append(m.ids, made.Task.ID)
	}
	return err
}

// fitting draws a task on which a verb might succeed, if there is one.
func (m *machine) fitting(rt *rapid.T, v verb) string {
	var fit []string
	for _, id := range m.ids {
		if t, there := m.seen.tasks[id]; there && t.Status == v.from {
			fit = append(fit, id)
		}
	}
	if len(fit) > 0 && rapid.IntRange(0, 4).Draw(rt, "any") > 0 {
		return rapid.SampledFrom(fit).Draw(rt, "task")
	}
	return m.task(rt, "task")
}

// task draws one of all tasks, deleted ones and one that never was included.
func (m *machine) task(rt *rapid.T, label string) string {
	return rapid.SampledFrom(append([]string{"t_00000000"}, m.ids...)).Draw(rt, label)
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

// verb lets somebody try something: on the task of the lease, or if it names
// none on one that is drawn.
func (m *machine) verb(rt *rapid.T, a kanban.Actor, l kanban.Lease) error {
	m.actor = a
	name := rapid.SampledFrom(verbNames).Draw(rt, "verb")
	if l.Task == "" {
		l.Task = m.fitting(rt, verbs[name])
	}
	before, other := m.runs(rt, l.Task), m.task(rt, "other")
	if name == "Unlink" && m.seen.tasks[l.Task].ID != "" {
		other = m.parentOr(rt, m.seen.tasks[l.Task], kanban.Task{ID: other}).ID
	}
	answer, err := verbs[name].do(bg, m.house, a, l, other)
	switch made, _ := answer.(board.Created); {
	case err != nil:
	case name == "Create":
		m.ids = append(m.ids, made.Task.ID)
	case name == "Claim":
		for _, r := range m.runs(rt, l.Task)[len(before):] {
			m.hands = append(m.hands, handOf(board.Claimed{Run: r, Task: kanban.Task{ID: r.Task}, Token: "lost"}))
		}
	}
	return err
}

func (m *machine) runs(rt *rapid.T, task string) []kanban.Run {
	runs, err := m.Runs(bg, task)
	if kanban.CodeOf(err) != kanban.NotFound {
		ok(rt, err)
	}
	return runs
}

func (m *machine) human(rt *rapid.T) error { return m.verb(rt, ann, kanban.Lease{}) }

func (m *machine) worker(rt *rapid.T) error {
	if len(m.hands) == 0 {
		return nil
	}
	w := m.hand(rt)
	l := w.lease
	if rapid.Bool().Draw(rt, "on another task") {
		l.Task = ""
	}
	return m.verb(rt, w.Actor, l)
}

// ending lets a worker end its run, which works exactly as long as it has one.
func (m *machine) ending(rt *rapid.T) error {
	if len(m.hands) == 0 {
		return nil
	}
	w := m.hand(rt)
	m.actor = w.Actor
	current := m.seen.tasks[w.Task].CurrentRun == w.run.ID && w.lease.Token != "lost"
	err := writes[rapid.SampledFrom([]string{"review", "block", "schedule", "heartbeat"}).Draw(rt, "word")](m.house, w)
	if current {
		ok(rt, err)
	} else {
		refused(rt, err, kanban.Stale)
	}
	return err
}

// claim takes the next task of a lane. If there is none, every task of the lane
// has a gate that says why.
func (m *machine) claim(rt *rapid.T) error {
	lane := rapid.SampledFrom([]string{"builder", "tester"}).Draw(rt, "lane")
	c := m.next(rt, lane)
	if c.Run.ID != 0 {
		m.hands = append(m.hands, handOf(c))
		return nil
	}
	for id, t := range m.look(rt).tasks {
		if t.Assignee == lane && t.Status != kanban.Running && len(m.gates(rt, id)) == 0 {
			rt.Fatalf("task %s (%s) has no gate, and is not claimed", id, t.Status)
		}
	}
	return nil
}

func (m *machine) fail(rt *rapid.T) error {
	if len(m.hands) == 0 {
		return nil
	}
	o := rapid.SampledFrom([]kanban.Outcome{
		kanban.SpawnFailed, kanban.Crashed, kanban.TimedOut, kanban.Stalled, kanban.ProtocolViolation, kanban.RateLimited, kanban.Lost, kanban.Stopped,
	}).Draw(rt, "outcome")
	_, err := m.Fail(bg, m.hand(rt).run.ID, board.Ending{Outcome: o, Error: "it failed"})
	ok(rt, err)
	return nil
}

// settle says of an ended run that its processes are gone.
func (m *machine) settle(rt *rapid.T) error {
	for _, r := range must(m.LiveRuns(bg))(rt) {
		if !r.Open() && rapid.Bool().Draw(rt, "settled") {
			ok(rt, m.Settle(bg, r.ID, ""))
		}
	}
	return nil
}

func (m *machine) tend(rt *rapid.T) error {
	must(m.Wake(bg))(rt)
	must(m.Expire(bg, m.now, func(kanban.Run) bool { return true }))(rt)
	for _, r := range must(m.LiveRuns(bg))(rt) {
		ok(rt, m.Extend(bg, r.ID, m.now))
	}
	before := m.look(rt)
	ok(rt, m.Reconcile(bg))
	same(rt, "events after a reconcile of what only we wrote", m.look(rt).last, before.last)
	return nil
}

func (m *machine) wait(rt *rapid.T) error {
	m.pass(time.Duration(rapid.SampledFrom([]int{1, 30, 3600}).Draw(rt, "seconds")) * time.Second)
	return nil
}

// snapshot is what the invariants speak of.
type snapshot struct {
	tasks map[string]kanban.Task
	last  int64
}

func (m *machine) look(rt *rapid.T) snapshot {
	s := snapshot{tasks: map[string]kanban.Task{}}
	ok(rt, m.store.View(bg, func(r store.Reader) error {
		tasks, _, err := r.Tasks(store.TaskQuery{Archived: true, Limit: 1000})
		ok(rt, err)
		for _, t := range tasks {
			s.tasks[t.ID] = t
		}
		s.last, err = r.LastEvent()
		return err
	}))
	return s
}
