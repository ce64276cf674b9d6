package board_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
)

// world is a task with a parent, in one of all the states they can be in, and
// those who do something to it.
type world struct {
	*watch
	task, parent string
	own          hand // who had the task's newest run
	other        hand // a worker on another task
	path         []string
}

// branch is a world in which something else can happen.
func (w *world) branch() *world {
	b := *w
	b.watch = &watch{house: w.house.branch(), everything: w.everything, since: w.since, seen: w.seen}
	return &b
}

// key says in which state a world is, as far as any rule may care.
func (w *world) key(t tb) string {
	task, there := w.seen.tasks[w.task]
	if !there {
		return "deleted"
	}
	waits := "waits for nothing"
	for _, l := range must(w.Show(bg, task.ID))(t).Parents {
		waits = fmt.Sprintf("waits %v %q, waived %v", !l.Satisfied(w.seen.tasks[l.Parent]), l.When, l.Waived)
	}
	return fmt.Sprintf("%s/%s/%s, failures %d, nearly lost %v, nearly sent back %v, timed %v, later %v, run %v, processes %v, %s",
		task.Status, task.BlockKind, task.Closed, task.Failures, task.Losses >= policy.MaxLosses-1, task.ReviewRounds >= 9,
		!task.NotBefore.IsZero(), task.NotBefore.After(w.now), task.CurrentRun != 0, task.LiveRun != 0, waits)
}

// step is one thing that somebody of a kind may do in a world.
type step struct {
	name string
	verb string // the use case, if it is tried on the task
	kind kanban.ActorKind
	do   func(w *world) error
}

// steps are all use cases by all kinds of actor, and what else happens.
func steps() []step {
	var all []step
	for name, v := range verbs {
		if name != "Claim" { // its variant tells the lease
			all = append(all, byEverybody(name, v.do)...)
		}
	}
	for name, v := range variants {
		all = append(all, byEverybody(name, v)...)
	}
	for name, do := range happenings {
		all = append(all, step{name: name, kind: kanban.Dispatcher, do: do})
	}
	for name, do := range ofTheParent {
		all = append(all, step{name: name, kind: kanban.Human, do: do})
	}
	slices.SortFunc(all, func(a, b step) int { return strings.Compare(a.name, b.name) })
	return all
}

func byEverybody(name string, do verbFunc) []step {
	verb, _, _ := strings.Cut(name, " ")
	as := func(who string, kind kanban.ActorKind, right func(w *world) (kanban.Actor, kanban.Lease)) step {
		return step{name: name + " by " + who, verb: verb, kind: kind, do: func(w *world) error {
			a, l := right(w)
			answer, err := do(bg, w.house, a, l, w.parent)
			if c, claimed := answer.(board.Claimed); claimed && err == nil {
				w.own = handOf(c)
			}
			return err
		}}
	}
	return []step{
		as("a human", kanban.Human, func(w *world) (kanban.Actor, kanban.Lease) { return ann, kanban.Lease{Task: w.task} }),
		as("its worker", kanban.Worker, func(w *world) (kanban.Actor, kanban.Lease) {
			own := w.own
			own.Kind, own.lease.Task = kanban.Worker, w.task
			return own.Actor, own.lease
		}),
		as("another worker", kanban.Worker, func(w *world) (kanban.Actor, kanban.Lease) {
			return w.other.Actor, kanban.Lease{Task: w.task, Run: w.other.run.ID, Token: w.other.lease.Token}
		}),
		as("the dispatcher", kanban.Dispatcher, func(w *world) (kanban.Actor, kanban.Lease) {
			return kanban.System, kanban.Lease{Task: w.task, Run: w.seen.tasks[w.task].CurrentRun}
		}),
	}
}

// variants are use cases that can be asked for in another way than in verbs.
var variants = map[string]verbFunc{
	"Promote without force": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Promote(ctx, a, l.Task, false, ""))
	},
	"Schedule without a time": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Schedule(ctx, a, l, time.Time{}, ""))
	},
	"Delete without stop": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Delete(ctx, a, l.Task, false))
	},
	"Complete without files": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Complete(ctx, a, l, kanban.Handoff{}))
	},
	"Block without files": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Block(ctx, a, l, kanban.Operator, "not now", kanban.Handoff{}))
	},
	"Claim with its answer": func(ctx context.Context, h *house, a kanban.Actor, l kanban.Lease, _ string) (any, error) {
		return anything(h.Claim(ctx, a, l.Task, 0, nil))
	},
}

// happenings are the dispatcher's, and time.
var happenings = map[string]func(*world) error{
	"time passes": func(w *world) error { w.pass(90 * time.Minute); return nil },
	"it wakes":    func(w *world) error { _, err := w.Wake(bg); return err },
	"it expires what is over": func(w *world) error {
		_, err := w.Expire(bg, w.now, func(kanban.Run) bool { return true })
		return err
	},
	"it reconciles":                func(w *world) error { return w.Reconcile(bg) },
	"it claims":                    func(w *world) error { return w.claim(kanban.Process{PID: 4711}) },
	"it claims for who is awaited": func(w *world) error { return w.claim(kanban.Process{}) },
	"it says spawned":              func(w *world) error { return w.Spawned(bg, w.own.run.ID, 4712, "") },
	"it extends":                   func(w *world) error { return w.Extend(bg, w.own.run.ID, w.now) },
	"it settles":                   func(w *world) error { return w.settle() },
	"a heartbeat":                  func(w *world) error { _, err := w.Heartbeat(bg, w.own.lease, "on it"); return err },
	"a crash":                      func(w *world) error { return w.fails(kanban.Crashed, time.Time{}) },
	"a protocol violation":         func(w *world) error { return w.fails(kanban.ProtocolViolation, time.Time{}) },
	"a loss":                       func(w *world) error { return w.fails(kanban.Lost, time.Time{}) },
	"a rate limit":                 func(w *world) error { return w.fails(kanban.RateLimited, w.now.Add(time.Hour)) },
	"an end for the cord":          func(w *world) error { return w.fails(kanban.Stopped, time.Time{}) },
}

var ofTheParent = map[string]func(*world) error{
	"the parent is done": func(w *world) error {
		_, err := w.Complete(bg, ann, kanban.Lease{Task: w.parent}, kanban.Handoff{})
		return err
	},
	"the parent is open again": func(w *world) error { _, err := w.Reopen(bg, ann, w.parent, ""); return err },
	"the parent is cancelled":  func(w *world) error { _, err := w.Cancel(bg, ann, w.parent, ""); return err },
	"the parent is deleted":    func(w *world) error { _, err := w.Delete(bg, ann, w.parent, true); return err },
}

func (w *world) claim(supervisor kanban.Process) error {
	c, found, err := w.ClaimNext(bg, board.Offer{Lane: w.seen.tasks[w.task].Assignee, Epoch: w.epoch, Supervisor: supervisor})
	if found {
		w.own = handOf(c)
	}
	return err
}

func (w *world) settle() error {
	if w.seen.tasks[w.task].LiveRun == 0 {
		return nil
	}
	return w.Settle(bg, w.seen.tasks[w.task].LiveRun, "")
}

func (w *world) fails(o kanban.Outcome, until time.Time) error {
	_, err := w.Fail(bg, w.own.run.ID, board.Ending{Outcome: o, Error: "it failed", Until: until})
	return err
}

// beginnings are worlds from which all others can be reached: with a new task
// that waits or is in triage, and with one that may be lost or sent back but
// once more.
func beginnings(t tb) []*world {
	var all []*world
	for _, triage := range []bool{false, true} {
		for _, tired := range []bool{false, true} {
			h := newHouse(t)
			h.settings.Lanes["elsewhere"] = board.Lane{}
			other := h.start(t, h.add(t, "another", func(n *board.NewTask) { n.Assignee = "elsewhere" }))
			parent := h.add(t, "parent", func(n *board.NewTask) { n.Assignee = "" })
			task := must(h.Create(bg, other.Actor, board.NewTask{Title: "task", Assignee: "builder", Triage: triage}))(t).Task
			must(h.Link(bg, ann, parent.ID, task.ID, ""))(t)
			if tired {
				h.foreign(t, task.ID, func(task *kanban.Task) { task.Losses, task.ReviewRounds = policy.MaxLosses-1, 9 })
			}
			all = append(all, &world{watch: watching(t, h), task: task.ID, parent: parent.ID, other: other})
		}
	}
	return all
}

var reach = flag.Int("reach", 3, "how many steps deep to explore what can be reached; about 20 is everything")

// TestG14_G15_G17_G18_EveryStateThatCanBeReached: from every state of a task, by
// every use case of everybody, nothing but the transition table leads on, and
// every invariant holds in the state that follows.
func TestG14_G15_G17_G18_EveryStateThatCanBeReached(t *testing.T) {
	all, queue, known := steps(), beginnings(t), map[string]bool{}
	taken, tried := map[kanban.Transition]bool{}, 0
	for len(queue) > 0 && len(queue[0].path) < *reach {
		w := queue[0]
		queue = queue[1:]
		for _, s := range all {
			next := w.branch()
			next.path = append(slices.Clone(w.path), s.name)
			next.take(t, s, taken)
			tried++
			if key := next.key(t); !known[key] {
				known[key] = true
				queue = append(queue, next)
			}
		}
	}
	t.Logf("%d steps between %d states; not gone on from: %d", tried, len(known), len(queue))
	if len(queue) > 0 {
		return
	}
	for _, row := range kanban.Transitions() {
		for _, by := range []kanban.ActorKind{kanban.Human, kanban.Worker, kanban.Dispatcher} {
			if move := (kanban.Transition{From: row.From, By: by, To: row.To}); row.By&by != 0 && row.From != row.To && !taken[move] {
				t.Errorf("nothing took a task from %s to %s by a %s (%s)", row.From, row.To, by, row.Action)
			}
		}
	}
}

// take does one step and holds it against table and invariants.
func (w *world) take(t tb, s step, taken map[kanban.Transition]bool) {
	w.actor = kanban.Actor{Kind: s.kind}
	was, there := w.seen.tasks[w.task]
	err := s.do(w)
	fatal := func(format string, args ...any) {
		t.Fatalf("%s: %s", strings.Join(w.path, ", "), fmt.Sprintf(format, args...))
	}
	on := onPath{tb: t, path: w.path}
	w.refusal(on, err)
	w.check(on)
	now, still := w.seen.tasks[w.task]
	if !there || !still {
		return
	}
	if was.Status != now.Status {
		by := s.kind
		if s.verb == "" {
			by = kanban.Dispatcher // it follows from something else
		}
		taken[kanban.Transition{From: was.Status, By: by, To: now.Status}] = true
		if !declared(was.Status, now.Status, s.kind) {
			fatal("a %s took it from %s to %s", s.kind, was.Status, now.Status)
		}
	}
	if actions := actionsOf[s.verb]; len(actions) > 0 {
		allowed := slices.ContainsFunc(actions, func(a kanban.Action) bool {
			_, err := kanban.Next(was.Status, a, s.kind, 0)
			return err == nil
		})
		if err == nil && !allowed {
			fatal("the table does not let a %s do that to a task that is %s", s.kind, was.Status)
		}
		if err != nil && kanban.CodeOf(err) != kanban.Invalid && allowed && s.kind == kanban.Human && slices.Contains(unconditional, s.verb) {
			fatal("the table lets a human do that to a task that is %s: %v", was.Status, err)
		}
	}
}

// onPath tells how a world came to be that breaks a rule.
type onPath struct {
	tb
	path []string
}

func (o onPath) Fatalf(format string, args ...any) {
	o.tb.Fatalf("%s: %s", strings.Join(o.path, ", "), fmt.Sprintf(format, args...))
}

// declared reports whether the table has a row for a change that somebody of a
// kind makes, or that follows from one.
func declared(from, to kanban.Status, by kanban.ActorKind) bool {
	return slices.ContainsFunc(kanban.Transitions(), func(row kanban.Transition) bool {
		follows := row.By&kanban.Dispatcher != 0 && (row.Action == kanban.Promote || row.Action == kanban.Demote)
		return row.From == from && row.To == to && (row.By&by != 0 || follows)
	})
}

// actionsOf are the actions of the table that a use case takes; it takes one of
// them. Those that are not here may leave the status as it is.
var actionsOf = map[string][]kanban.Action{
	"Claim": {kanban.Claim}, "Complete": {kanban.Complete}, "Review": {kanban.Submit}, "Block": {kanban.Block},
	"Schedule": {kanban.Schedule}, "Unblock": {kanban.Unblock}, "Answer": {kanban.Unblock}, "Approve": {kanban.Approve},
	"Reject": {kanban.Reject}, "Promote": {kanban.Promote, kanban.Start}, "Reclaim": {kanban.Release},
	"Retry": {kanban.Release, kanban.Unblock, kanban.Start}, "Stop": {kanban.Stop}, "Cancel": {kanban.Cancel},
	"Archive": {kanban.Archive}, "Unarchive": {kanban.Unarchive}, "Reopen": {kanban.Reopen},
}

// unconditional are the use cases that a human is refused by the table only.
var unconditional = strings.Fields("Complete Review Block Schedule Unblock Approve Reject Reclaim Stop Cancel Archive Reopen")
