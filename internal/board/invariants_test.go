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
	everything int64        // the destination that hears of it
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
	w.everything = must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "all", Kinds: kanban.EventKinds}))(t).Destination
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
	w.checkNext(t)
	w.checkCards(t, now)
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
	for _, run := range open { // G16
		declared, most := w.settings.Lanes[run.Lane].Cost, w.settings.Home.Run
		over := run.Pending == nil && policy.Over(run.Reserved, run.Usage.Budgeted()) // what was handed in costs nothing more
		if over || declared > 0 && run.Reserved.Cost != declared || policy.Over(most, run.Reserved) {
			t.Fatalf("run %d goes on with %v used of %v", run.ID, run.Usage, run.Reserved)
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
	fits, _ := w.affords(t, r, task)
	return task.Status == kanban.Ready && task.LiveRun == 0 && !task.NotBefore.After(w.now) && lane && w.room(t, r, "") && w.room(t, r, task.Tenant) && fits
}

// affords works out, run by run, whether the budgets of the machine leave room
// for one more of a task. own is whether the task itself has used up its own.
func (w *watch) affords(t tb, r store.Reader, task kanban.Task) (fits, own bool) {
	limit, used := w.settings.Home.Task.Cost, int64(0)
	if task.Budget.Cost > 0 {
		limit = task.Budget.Cost
	}
	for _, run := range must(r.Runs(task.ID))(t) {
		used += run.Usage.Cost
	}
	lane := w.settings.Lanes[task.Assignee]
	if !lane.Metered && lane.Cost == 0 {
		return task.Budget == kanban.Budget{}, true // nobody could tell; the machine's own lanes can
	}
	want := lane.Cost // declared, and nothing less will do
	if want == 0 {
		want = min(w.settings.Home.Run.Cost, max(limit-used, 1))
	}
	within := func(tenant string, day kanban.Budget) bool {
		return day.Cost == 0 || w.sum(t, r, tenant, committed)+want <= day.Cost
	}
	if limit > 0 && used+want > limit {
		return false, true
	}
	return within("", w.settings.Board.Day) && (task.Tenant == "" || within(task.Tenant, w.settings.Tenants[task.Tenant].Day)), false
}

// committed is what a run has used, or may; givenTo is what was given to it, which
// it may have overdrawn.
func committed(r kanban.Run) int64 {
	if r.Open() || r.Live {
		return max(r.Reserved.Cost, r.Usage.Cost)
	}
	return r.Usage.Cost
}

func givenTo(r kanban.Run) int64 {
	if r.Open() || r.Live {
		return r.Reserved.Cost
	}
	return min(r.Reserved.Cost, r.Usage.Cost)
}

// sum counts the runs of today, of one tenant's tasks unless it is "".
func (w *watch) sum(t tb, r store.Reader, tenant string, of func(kanban.Run) int64) (sum int64) {
	tasks, _, err := r.Tasks(store.TaskQuery{Archived: true, Tenant: tenant, Limit: 1000})
	ok(t, err)
	for _, task := range tasks {
		for _, run := range must(r.Runs(task.ID))(t) {
			if !run.StartedAt.Before(policy.DayOf(w.now).Start) {
				sum += of(run)
			}
		}
	}
	return sum
}

func (w *watch) room(t tb, r store.Reader, tenant string) bool {
	limit := w.settings.BoardCap
	if tenant != "" {
		limit = w.settings.TenantCap[tenant]
	}
	return limit == 0 || must(r.LiveCount(tenant))(t) < limit
}

// checkNext: the dispatcher takes the most urgent task that may run, or is to be
// left to a human.
func (w *watch) checkNext(t tb) {
	heads := map[string]kanban.Task{}
	ok(t, w.store.View(bg, func(r store.Reader) error {
		for _, lane := range []string{"builder", "tester"} {
			if task := w.head(t, r, lane); task.ID != "" {
				heads[lane] = task
			}
		}
		return nil
	}))
	lane := must(w.NextLane(bg, []string{"builder", "tester"}, nil, nil))(t)
	next, some := heads[lane]
	if some != (len(heads) > 0) {
		t.Fatalf("the dispatcher would take %q; it might take %+v", lane, heads)
	}
	for _, other := range heads {
		if other.Priority > next.Priority || other.Priority == next.Priority && other.CreatedAt.Before(next.CreatedAt) {
			t.Fatalf("the most urgent task is %+v; the dispatcher would take %+v", other, next)
		}
	}
}

// head is the first task of a lane whose tenant is not held back: by a cap, or by
// a more urgent task of it that does not fit into a budget.
func (w *watch) head(t tb, r store.Reader, lane string) kanban.Task {
	tasks, _, err := r.Tasks(store.TaskQuery{Statuses: []kanban.Status{kanban.Ready}, Assignee: lane, Limit: 1000})
	ok(t, err)
	held := map[string]bool{}
	for _, task := range tasks {
		if task.LiveRun != 0 || task.NotBefore.After(w.now) || held[task.Tenant] || !w.room(t, r, "") || !w.room(t, r, task.Tenant) {
			continue
		}
		fits, own := w.affords(t, r, task)
		if fits || own {
			return task
		}
		if w.sum(t, r, "", committed) >= w.settings.Board.Day.Cost {
			break // nothing is left for anybody
		}
		held[task.Tenant] = true
	}
	return kanban.Task{}
}

func waitsOf(t tb, r store.Reader, id string) (open []string) {
	for _, l := range must(r.Parents(id))(t) {
		if p := must(r.Task(l.Parent))(t); !l.Satisfied(p) {
			open = append(open, p.ID)
		}
	}
	return open
}

// announced are the events that tell of a task's arrival in a status. What
// failed goes back to ready or todo, or is blocked.
var (
	failed    = []kanban.EventKind{kanban.EvCrashed, kanban.EvTimedOut, kanban.EvStalled, kanban.EvSpawnFailed, kanban.EvRateLimited, kanban.EvLost, kanban.EvStopped, kanban.EvReclaimed, kanban.EvVerifyFailed}
	announced = map[kanban.Status][]kanban.EventKind{
		kanban.Todo: append([]kanban.EventKind{
			kanban.EvDemoted, kanban.EvPromotedManual, kanban.EvWoken, kanban.EvUnblocked,
			kanban.EvRejected, kanban.EvUnarchived, kanban.EvReopened, kanban.EvSpecified, kanban.EvDecomposed,
		}, failed...),
		kanban.Ready: append([]kanban.EventKind{
			kanban.EvPromoted, kanban.EvPromotedManual, kanban.EvWoken, kanban.EvUnblocked,
			kanban.EvRejected, kanban.EvUnarchived, kanban.EvReopened, kanban.EvSpecified, kanban.EvDecomposed,
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
		verdict := was.Status == kanban.Review && w.seen.tasks[w.actor.Task].Reviews == task.ID && w.actor.Kind == kanban.Worker
		if closed && !human && !verdict { // G15
			t.Fatalf("a %s took task %s from %s to %s", w.actor.Kind, task.ID, was.Status, task.Status)
		}
		if task.Status == kanban.Running && len(waitsOf(t, r, task.ID)) > 0 { // I3
			t.Fatalf("task %s was started while it waits", task.ID)
		}
	}
	if was.Status == kanban.Running && task.Status == kanban.Done && !human && len(task.Verify) > 0 && task.Reviews == "" { // never unverified
		told := must(r.Events(store.EventQuery{Task: task.ID, Kinds: []kanban.EventKind{kanban.EvVerifying}, Last: true, Limit: 1}))(t)
		if len(told) == 0 || told[0].Run != was.CurrentRun {
			t.Fatalf("task %s is done, and nothing verified run %d", task.ID, was.CurrentRun)
		}
	}
	atItsEnd := w.actor.Kind != kanban.Human && was.Status == kanban.Running && (task.Status == kanban.Done || task.Status == kanban.Review)
	if (task.Failures < was.Failures || task.Losses < was.Losses) && !human && !atItsEnd { // G14
		t.Fatalf("a %s reset the counters of task %s (%s)", w.actor.Kind, task.ID, task.Status)
	}
	if was.BlockKind == kanban.BudgetSpent && was.Status == kanban.Blocked && task.BlockKind != was.BlockKind && !human { // G15
		t.Fatalf("a %s opened the budget of task %s", w.actor.Kind, task.ID)
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
	if n := w.sum(t, r, "", givenTo); w.settings.Board.Day.Cost > 0 && n > w.settings.Board.Day.Cost { // G16
		t.Fatalf("%s of a day's %v are given away", kanban.FormatCost(n), w.settings.Board.Day)
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
