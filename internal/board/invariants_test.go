package board_test

import (
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/graph"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// watch is a house whose invariants are checked after each act.
type watch struct {
	*house
	everything int64        // the subscription that hears of it
	since      int64        // the last event before it
	actor      kanban.Actor // of the present act
	seen       snapshot     // before it
}

// snapshot is what the invariants compare.
type snapshot struct {
	tasks map[string]kanban.Task
	last  int64 // event
}

func watching(t tb, h *house) *watch {
	t.Helper()
	w := &watch{house: h, since: must(h.LastEvent(bg))(t)}
	w.everything = must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "all", Kinds: kanban.EventKinds}))(t).ID
	w.seen = w.look(t)
	return w
}

func (w *watch) look(t tb) snapshot {
	s := snapshot{tasks: map[string]kanban.Task{}}
	ok(t, w.store.View(bg, func(r store.Reader) error {
		tasks, _, err := r.Tasks(store.TaskQuery{Archived: true, Limit: 1000})
		ok(t, err)
		for _, task := range tasks {
			s.tasks[task.ID] = task
		}
		s.last, err = r.LastEvent()
		return err
	}))
	return s
}

// refusal fails unless err is a refusal in words that changed nothing.
func (w *watch) refusal(t tb, err error) {
	if err == nil {
		return
	}
	switch code := kanban.CodeOf(err); code {
	case kanban.Invalid, kanban.NotFound, kanban.Conflict, kanban.Stale, kanban.Gated, kanban.Exhausted, kanban.Unauthorized:
	default:
		t.Fatalf("code %q: %v", code, err)
	}
	now := w.look(t)
	if now.last != w.seen.last {
		t.Fatalf("%v, and yet there are new events", err)
	}
	if !reflect.DeepEqual(now.tasks, w.seen.tasks) {
		t.Fatalf("%v, and yet there are new tasks:%s", err, cmp.Diff(w.seen.tasks, now.tasks))
	}
}

// check compares the board as it is with how it was before the last act.
func (w *watch) check(t tb) {
	now := w.look(t)
	ok(t, w.store.View(bg, func(r store.Reader) error {
		told := w.checkEvents(t, r, now)
		for id, task := range now.tasks {
			w.checkTask(t, r, task)
			w.checkGates(t, r, task)
			if was, known := w.seen.tasks[id]; known {
				w.checkStep(t, r, was, task, told)
			}
		}
		for id, was := range w.seen.tasks {
			if _, there := now.tasks[id]; !there && w.actor.Kind != kanban.Human && was.Closed != "deleted" {
				t.Fatalf("task %s (%s) was removed by a %s", id, was.Status, w.actor.Kind)
			}
		}
		w.checkBoard(t, r, now)
		return nil
	}))
	w.checkNext(t, now)
	w.seen = now
}

// checkEvents: ids grow, and every event waits to be told to whoever asked. It
// returns the kinds of the new ones.
func (w *watch) checkEvents(t tb, r store.Reader, now snapshot) map[string][]kanban.EventKind {
	if now.last < w.seen.last {
		t.Fatalf("the last event is %d, and was %d", now.last, w.seen.last)
	}
	told, at := map[string][]kanban.EventKind{}, w.seen.last
	for _, e := range must(r.Events(store.EventQuery{After: w.seen.last}))(t) {
		if e.ID != at+1 {
			t.Fatalf("event %d follows event %d", e.ID, at)
		}
		at = e.ID
		told[e.Task] = append(told[e.Task], e.Kind)
	}
	if pending := len(must(r.Pending(w.everything, 100000))(t)); int64(pending) != now.last-w.since { // G20
		t.Fatalf("%d of %d events wait to be told", pending, now.last-w.since)
	}
	return told
}

// checkTask is what holds of every task at every time.
func (w *watch) checkTask(t tb, r store.Reader, task kanban.Task) {
	runs := must(r.Runs(task.ID))(t)
	var open []kanban.Run
	for i, run := range runs {
		if run.Open() {
			open = append(open, run)
		}
		if run.Attempt != i+1 {
			t.Fatalf("run %d of %s is attempt %d", i+1, task.ID, run.Attempt)
		}
		if run.Open() != (run.Outcome == "") {
			t.Fatalf("run %d ended at %s with outcome %q", run.ID, run.EndedAt, run.Outcome)
		}
		if run.Live && !run.Open() && task.LiveRun != run.ID { // G12
			t.Fatalf("task %s does not wait for the processes of run %d", task.ID, run.ID)
		}
	}
	switch running := task.Status == kanban.Running; {
	case !slices.Contains(kanban.Statuses, task.Status):
		t.Fatalf("task %s is %q", task.ID, task.Status)
	case running != (task.CurrentRun != 0) || running != (task.ClaimLock != ""): // I1
		t.Fatalf("task %s is %s with run %d, claimed by %q", task.ID, task.Status, task.CurrentRun, task.ClaimLock)
	case running && (len(open) != 1 || open[0].ID != task.CurrentRun || open[0].ClaimLock != task.ClaimLock), !running && len(open) > 0: // I2
		t.Fatalf("task %s is %s with run %d; open are %+v", task.ID, task.Status, task.CurrentRun, open)
	case running && task.LiveRun != 0: // G12
		t.Fatalf("task %s runs while processes of run %d live", task.ID, task.LiveRun)
	case (task.Status == kanban.Blocked && task.BlockKind == "") || (task.Status == kanban.Archived) != (task.Closed != ""):
		t.Fatalf("task %s is %s, blocked for %q, closed as %q", task.ID, task.Status, task.BlockKind, task.Closed)
	}
	limit := w.settings.Retry.MaxAttempts
	if task.MaxAttempts > 0 {
		limit = task.MaxAttempts
	}
	if (task.Status == kanban.Ready || task.Status == kanban.Running) && (task.Failures >= limit || task.Losses >= policy.MaxLosses) { // G14
		t.Fatalf("task %s is %s with %d failures and %d losses", task.ID, task.Status, task.Failures, task.Losses)
	}
}

// checkGates: readiness is what the parents say, and whatever does not run says
// why and how it could.
func (w *watch) checkGates(t tb, r store.Reader, task kanban.Task) {
	waits := waitsOf(t, r, task.ID)
	if task.Status == kanban.Todo && len(waits) == 0 || task.Status == kanban.Ready && len(waits) > 0 { // G17
		t.Fatalf("task %s is %s; it waits for %v", task.ID, task.Status, waits)
	}
	gates := must(w.Explain(bg, task.ID))(t).Gates
	if closed := task.Status != kanban.Running && !w.free(t, r, task); closed != (len(gates) > 0) { // G18
		t.Fatalf("task %s is %s; its gates are %v", task.ID, task.Status, gates)
	}
	for _, g := range gates {
		onlyTime := g.Kind == kanban.GateTree || task.Closed == "deleted"
		if g.Kind == "" || g.Reason == "" || g.Command == "" && !onlyTime {
			t.Fatalf("task %s has the gate %+v", task.ID, g)
		}
	}
}

// free reports whether nothing keeps a task that is not running.
func (w *watch) free(t tb, r store.Reader, task kanban.Task) bool {
	_, lane := w.settings.Lanes[task.Assignee]
	return task.Status == kanban.Ready && task.LiveRun == 0 && !task.NotBefore.After(w.now) && lane && w.room(t, r, "") && w.room(t, r, task.Tenant)
}

func (w *watch) room(t tb, r store.Reader, tenant string) bool {
	limit := w.settings.BoardCap
	if tenant != "" {
		limit = w.settings.TenantCap[tenant]
	}
	return limit == 0 || must(r.LiveCount(tenant))(t) < limit
}

// checkNext: a task is free exactly if the dispatcher would take it now or after
// more urgent ones.
func (w *watch) checkNext(t tb, now snapshot) {
	var best kanban.Task
	ok(t, w.store.View(bg, func(r store.Reader) error {
		for _, task := range now.tasks {
			urgent := best.ID == "" || task.Priority > best.Priority ||
				task.Priority == best.Priority && task.CreatedAt.Before(best.CreatedAt)
			if w.free(t, r, task) && urgent {
				best = task
			}
		}
		return nil
	}))
	lane := must(w.NextLane(bg, []string{"builder", "tester"}, nil))(t)
	if best.ID == "" && lane == "" {
		return
	}
	var next kanban.Task
	ok(t, w.store.View(bg, func(r store.Reader) error {
		full := []string{}
		for tenant := range w.settings.TenantCap {
			if !w.room(t, r, tenant) {
				full = append(full, tenant)
			}
		}
		next = now.tasks[must(r.NextReady(lane, w.now, store.Skip{Tenants: full}))(t)]
		return nil
	}))
	if next.ID == "" || next.Priority != best.Priority || !next.CreatedAt.Equal(best.CreatedAt) {
		t.Fatalf("the most urgent task is %+v; the dispatcher would take %+v", best, next)
	}
}

func waitsOf(t tb, r store.Reader, id string) (open []string) {
	for _, l := range must(r.Parents(id))(t) {
		if p := must(r.Task(l.Parent))(t); !l.Waived && !p.Satisfies() {
			open = append(open, p.ID)
		}
	}
	return open
}

// announced are the events that tell of a task's arrival in a status. What
// failed goes back to ready or todo, or is blocked.
var (
	failed    = []kanban.EventKind{kanban.EvCrashed, kanban.EvTimedOut, kanban.EvStalled, kanban.EvSpawnFailed, kanban.EvRateLimited, kanban.EvLost, kanban.EvStopped, kanban.EvReclaimed}
	announced = map[kanban.Status][]kanban.EventKind{
		kanban.Todo: append([]kanban.EventKind{
			kanban.EvDemoted, kanban.EvPromotedManual, kanban.EvWoken, kanban.EvUnblocked,
			kanban.EvRejected, kanban.EvUnarchived, kanban.EvReopened,
		}, failed...),
		kanban.Ready: append([]kanban.EventKind{
			kanban.EvPromoted, kanban.EvPromotedManual, kanban.EvWoken, kanban.EvUnblocked,
			kanban.EvRejected, kanban.EvUnarchived, kanban.EvReopened,
		}, failed...),
		kanban.Scheduled: {kanban.EvScheduled},
		kanban.Running:   {kanban.EvClaimed},
		kanban.Blocked:   {kanban.EvBlocked, kanban.EvUnarchived},
		kanban.Review:    {kanban.EvReview},
		kanban.Done:      {kanban.EvCompleted, kanban.EvUnarchived},
		kanban.Archived:  {kanban.EvArchived, kanban.EvCancelled, kanban.EvDeleted},
	}
)

// checkStep is what holds of every change of a task.
func (w *watch) checkStep(t tb, r store.Reader, was, task kanban.Task, told map[string][]kanban.EventKind) {
	human := w.actor.Kind == kanban.Human
	if was.Status != task.Status {
		tells := func(k kanban.EventKind) bool { return slices.Contains(announced[task.Status], k) }
		if !slices.ContainsFunc(told[task.ID], tells) { // I5
			t.Fatalf("task %s went from %s to %s, told by %v", task.ID, was.Status, task.Status, told[task.ID])
		}
		closed := slices.Contains([]kanban.Status{kanban.Blocked, kanban.Review, kanban.Done, kanban.Archived}, was.Status) ||
			was.Status == kanban.Scheduled && was.NotBefore.IsZero()
		if closed && !human { // G15
			t.Fatalf("a %s took task %s from %s to %s", w.actor.Kind, task.ID, was.Status, task.Status)
		}
		if task.Status == kanban.Running && len(waitsOf(t, r, task.ID)) > 0 { // I3
			t.Fatalf("task %s was started while it waits", task.ID)
		}
	}
	atItsEnd := w.actor.Kind != kanban.Human && was.Status == kanban.Running && (task.Status == kanban.Done || task.Status == kanban.Review)
	if (task.Failures < was.Failures || task.Losses < was.Losses) && !human && !atItsEnd { // G14
		t.Fatalf("a %s reset the counters of task %s (%s)", w.actor.Kind, task.ID, task.Status)
	}
	if was.BlockKind == kanban.BreakerOpen && task.BlockKind != was.BlockKind && !human { // G14, G15
		t.Fatalf("a %s closed the breaker of task %s", w.actor.Kind, task.ID)
	}
	for _, l := range must(r.Parents(task.ID))(t) {
		if l.Waived && l.WaivedBy != ann.Name { // G15
			t.Fatalf("%s waived %s for %s", l.WaivedBy, l.Parent, task.ID)
		}
	}
}

// checkBoard is what holds of all tasks together.
func (w *watch) checkBoard(t tb, r store.Reader, now snapshot) {
	for id := range now.tasks {
		must(graph.PathTo(id, "", func(at string) ([]string, error) { // I4
			var next []string
			for _, l := range must(r.Children(at))(t) {
				if l.Child == id {
					t.Fatalf("task %s waits for itself", id)
				}
				next = append(next, l.Child)
			}
			return next, nil
		}))(t)
	}
	counted := map[string]int{}
	for _, run := range must(r.LiveRuns())(t) {
		counted[""]++
		if tenant := now.tasks[run.Task].Tenant; tenant != "" {
			counted[tenant]++
		}
	}
	for tenant, limit := range w.settings.TenantCap { // G16
		if n := must(r.LiveCount(tenant))(t); n != counted[tenant] || n > limit {
			t.Fatalf("%d runs of %s are alive, %d are counted; its cap is %d", counted[tenant], tenant, n, limit)
		}
	}
	if n := must(r.LiveCount(""))(t); n != counted[""] || w.settings.BoardCap > 0 && n > w.settings.BoardCap {
		t.Fatalf("%d runs are alive, %d are counted; the cap is %d", counted[""], n, w.settings.BoardCap)
	}
}
