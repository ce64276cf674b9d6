package board_test

import (
	"maps"
	"slices"

	"pgregory.net/rapid"

	"github.com/andon-dev/andon/internal/graph"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

var verbNames = slices.Sorted(maps.Keys(verbs))

// check compares the board as it is with how it was before the last act.
func (m *machine) check(rt *rapid.T) {
	now := m.look(rt)
	ok(rt, m.store.View(bg, func(r store.Reader) error {
		for id, t := range now.tasks {
			m.checkTask(rt, r, t)
			if was, known := m.seen.tasks[id]; known {
				m.checkStep(rt, r, was, t)
			}
		}
		for id, was := range m.seen.tasks {
			if _, there := now.tasks[id]; !there && m.actor.Kind != kanban.Human && was.Closed != "deleted" {
				rt.Fatalf("task %s (%s) was removed by a %s", id, was.Status, m.actor.Kind)
			}
		}
		m.checkBoard(rt, r, now)
		return nil
	}))
	m.seen = now
}

// checkTask is what holds of every task at every time.
func (m *machine) checkTask(rt *rapid.T, r store.Reader, t kanban.Task) {
	runs := must(r.Runs(t.ID))(rt)
	var open []kanban.Run
	for i, run := range runs {
		if run.Open() {
			open = append(open, run)
		}
		if run.Attempt != i+1 {
			rt.Fatalf("run %d of %s is attempt %d", i+1, t.ID, run.Attempt)
		}
	}
	switch running := t.Status == kanban.Running; {
	case running != (t.CurrentRun != 0) || running != (t.ClaimLock != ""): // I1
		rt.Fatalf("task %s is %s with run %d, claimed by %q", t.ID, t.Status, t.CurrentRun, t.ClaimLock)
	case running && (len(open) != 1 || open[0].ID != t.CurrentRun || open[0].ClaimLock != t.ClaimLock), !running && len(open) > 0: // I2
		rt.Fatalf("task %s is %s with run %d; open are %+v", t.ID, t.Status, t.CurrentRun, open)
	case running && t.LiveRun != 0: // G12
		rt.Fatalf("task %s runs while processes of run %d live", t.ID, t.LiveRun)
	}
	for _, run := range runs {
		if run.Live && !run.Open() && t.LiveRun != run.ID {
			rt.Fatalf("task %s does not wait for the processes of run %d", t.ID, run.ID)
		}
	}
	if (t.Status == kanban.Blocked && t.BlockKind == "") || (t.Status == kanban.Archived) != (t.Closed != "") {
		rt.Fatalf("task %s is %s, blocked for %q, closed as %q", t.ID, t.Status, t.BlockKind, t.Closed)
	}
	if (t.Status == kanban.Ready || t.Status == kanban.Running) && (t.Failures >= m.settings.Retry.MaxAttempts || t.Losses >= policy.MaxLosses) { // G14
		rt.Fatalf("task %s is %s with %d failures and %d losses", t.ID, t.Status, t.Failures, t.Losses)
	}
	m.checkGates(rt, r, t)
}

// checkGates: readiness is what the parents say, and whatever does not run says
// why.
func (m *machine) checkGates(rt *rapid.T, r store.Reader, t kanban.Task) {
	waits := waitsOf(rt, r, t.ID)
	if t.Status == kanban.Todo && len(waits) == 0 || t.Status == kanban.Ready && len(waits) > 0 { // G17
		rt.Fatalf("task %s is %s; it waits for %v", t.ID, t.Status, waits)
	}
	gates := m.gates(rt, t.ID)
	free := t.Status == kanban.Ready && t.LiveRun == 0 && !t.NotBefore.After(m.now) && (t.Assignee == "builder" || t.Assignee == "tester") &&
		must(r.LiveCount(""))(rt) < 4 && (t.Tenant == "" || must(r.LiveCount(t.Tenant))(rt) < 2)
	if t.Status == kanban.Running {
		free = true
	}
	if free != (len(gates) == 0) { // G18
		rt.Fatalf("task %s is %s; its gates are %v", t.ID, t.Status, gates)
	}
}

func waitsOf(rt *rapid.T, r store.Reader, id string) (open []string) {
	for _, l := range must(r.Parents(id))(rt) {
		if p := must(r.Task(l.Parent))(rt); !l.Waived && !p.Satisfies() {
			open = append(open, p.ID)
		}
	}
	return open
}

// checkStep is what holds of every change of a task.
func (m *machine) checkStep(rt *rapid.T, r store.Reader, was, t kanban.Task) {
	human := m.actor.Kind == kanban.Human
	if was.Status != t.Status {
		events := must(r.Events(store.EventQuery{Task: t.ID, After: m.seen.last}))(rt)
		if len(events) == 0 { // I5
			rt.Fatalf("task %s went from %s to %s without an event", t.ID, was.Status, t.Status)
		}
		closed := slices.Contains([]kanban.Status{kanban.Blocked, kanban.Review, kanban.Done, kanban.Archived}, was.Status) ||
			was.Status == kanban.Scheduled && was.NotBefore.IsZero()
		if closed && !human { // G15
			rt.Fatalf("a %s took task %s from %s to %s", m.actor.Kind, t.ID, was.Status, t.Status)
		}
		if t.Status == kanban.Running && len(waitsOf(rt, r, t.ID)) > 0 { // I3
			rt.Fatalf("task %s was started while it waits", t.ID)
		}
	}
	if t.Failures < was.Failures && !human && t.Status != kanban.Review { // G14; workers end at most with a review here
		if m.actor.Kind != kanban.Worker || t.Status != kanban.Done {
			rt.Fatalf("a %s reset the failures of task %s (%s)", m.actor.Kind, t.ID, t.Status)
		}
	}
	for _, l := range must(r.Parents(t.ID))(rt) {
		if l.Waived && l.WaivedBy != ann.Name {
			rt.Fatalf("%s waived %s for %s", l.WaivedBy, l.Parent, t.ID)
		}
	}
}

// checkBoard is what holds of all tasks together.
func (m *machine) checkBoard(rt *rapid.T, r store.Reader, now snapshot) {
	for id := range now.tasks {
		path := must(graph.PathTo(id, "", func(at string) ([]string, error) { // I4
			var next []string
			for _, l := range must(r.Children(at))(rt) {
				if l.Child == id {
					rt.Fatalf("task %s waits for itself", id)
				}
				next = append(next, l.Child)
			}
			return next, nil
		}))(rt)
		if path != nil {
			rt.Fatalf("path %v", path)
		}
	}
	if n, acme := must(r.LiveCount(""))(rt), must(r.LiveCount("acme"))(rt); n > 4 || acme > 2 { // G16
		rt.Fatalf("%d runs are alive, %d of acme", n, acme)
	}
	if told := len(must(r.Pending(m.everything, 100000))(rt)); int64(told) != now.last { // G20
		rt.Fatalf("%d of %d events wait to be told", told, now.last)
	}
}
