package diagnose

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// The rules that Verify holds a board against.
const (
	RuleClaim     = "I1" // running, claimed and a run that is open are the same
	RuleOneRun    = "I2" // a task has its one open run, or none
	RuleParents   = "I3" // what is ready or was started waited for nobody
	RuleNoCycle   = "I4" // no task waits for itself
	RuleStatus    = "I5" // a status is what the last event says
	RuleRunEvents = "V6" // a run's beginning and end have their events, and they their run
	RuleEventIDs  = "V7" // no event is missing but those that retention took
	RuleLinks     = "V8" // a link has both its ends
	RuleKeys      = "V9" // an idempotency key leads to its open task
	RuleOutbox    = "V10"
	RuleArtifacts = "V11" // what a run left is there as it was
	RuleDatabase  = "V12" // the engine finds its files sound
)

// Contradiction is something that cannot have come about by the rules. It is a
// warning where another program has written, which may work by other rules.
type Contradiction struct {
	Rule     string
	Severity Severity
	Task     string // "" = it concerns no one task
	Run      int64
	Event    int64
	What     string
}

// Verify holds the rows of one snapshot against one another. Rows stream by;
// what is kept are some 200 bytes for each task and run.
func Verify(r store.Reader, found func(Contradiction)) error {
	v := &verifier{found: found, tasks: map[string]*taskState{}, runs: map[int64]*runState{}}
	for _, walk := range []func(store.Reader) error{v.readTasks, v.readRuns, v.readEvents, v.readLinks, v.readKeys, v.readOutbox, v.readArtifacts} {
		if err := walk(r); err != nil {
			return err
		}
	}
	v.judgeRuns()
	v.judgeTasks()
	return nil
}

type verifier struct {
	found   func(Contradiction)
	tasks   map[string]*taskState
	order   []string // of tasks
	runs    map[int64]*runState
	foreign bool // another program has written events on this board
	pruned  time.Time
	edges   map[string][]string // by parent
}

// taskState is what the rules need of a task.
type taskState struct {
	status               kanban.Status
	closed, key          string
	claimed              bool
	lets                 []kanban.When // the edges that its end satisfies
	currentRun, liveRun  int64
	open                 []int64 // runs
	says                 []kanban.Status
	statusEvent          int64 // that says so
	claimEvent, linked   int64
	created, foreign     bool
	waits                string // an unsatisfied parent
	waitsSince           int64  // the newest event by which that may have come about
	keyed, anyEvent, own bool
}

type runState struct {
	task             string
	outcome          kanban.Outcome
	open, live       bool
	claimed, hasEnd  bool
	needsClaim, ours bool
}

func (v *verifier) tell(c Contradiction, foreign bool, format string, args ...any) {
	c.What, c.Severity = fmt.Sprintf(format, args...), Error
	if foreign {
		c.Severity = Warning
	}
	v.found(c)
}

func (v *verifier) readTasks(r store.Reader) error {
	return r.EachTask(false, func(t kanban.Task) error {
		v.tasks[t.ID] = &taskState{
			status: t.Status, closed: t.Closed, key: t.IdempotencyKey, claimed: t.ClaimLock != "",
			currentRun: t.CurrentRun, liveRun: t.LiveRun, lets: lets(t),
		}
		v.order = append(v.order, t.ID)
		return nil
	})
}

func lets(t kanban.Task) (satisfied []kanban.When) {
	for _, w := range kanban.Conditions {
		if (kanban.Link{When: w}).Satisfied(t) {
			satisfied = append(satisfied, w)
		}
	}
	return satisfied
}

func (v *verifier) readRuns(r store.Reader) error {
	return r.EachRun(func(run kanban.Run) error {
		// A token is made by a claim of ours; a note of no length has none.
		v.runs[run.ID] = &runState{
			task: run.Task, outcome: run.Outcome, open: run.Open(), live: run.Live, needsClaim: run.TokenHash != "", ours: run.TokenHash != "",
		}
		t := v.tasks[run.Task]
		if t == nil {
			v.tell(Contradiction{Rule: RuleRunEvents, Task: run.Task, Run: run.ID}, run.TokenHash == "", "run %d is of a task that does not exist", run.ID)
			return nil
		}
		if run.Open() {
			t.open = append(t.open, run.ID)
		}
		return nil
	})
}

func (v *verifier) readEvents(r store.Reader) error {
	text, err := r.Meta(board.PrunedKey)
	if err != nil {
		return err
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		v.pruned = time.UnixMilli(ms)
	}
	var last kanban.Event
	type gap struct {
		after, before int64
		since         time.Time
	}
	var gaps []gap
	err = r.EachEvent(func(e kanban.Event) error {
		v.foreign = v.foreign || e.Foreign
		if e.ID != last.ID+1 {
			gaps = append(gaps, gap{last.ID, e.ID, last.At})
		}
		last = e
		v.readEvent(e)
		return nil
	})
	ids, idsErr := r.LastIDs()
	if ids.Event > last.ID {
		gaps = append(gaps, gap{last.ID, ids.Event + 1, last.At})
	}
	text, metaErr := r.Meta(store.SkippedKey)
	skipped := store.Skipped(text)
	for _, g := range gaps {
		if first, ok := skipped[g.before-1]; ok { // by a restore
			if g.before = first; g.before <= g.after+1 {
				continue
			}
		}
		if g.since.Before(v.pruned) { // retention may have taken what came next
			continue
		}
		v.tell(Contradiction{Rule: RuleEventIDs, Event: g.after + 1}, v.foreign, "events %d to %d are missing, and no retention took them", g.after+1, g.before-1)
	}
	return errors.Join(err, idsErr, metaErr)
}

func (v *verifier) readEvent(e kanban.Event) {
	if run := v.runs[e.Run]; run != nil {
		run.claimed = run.claimed || e.Kind == kanban.EvClaimed
		run.hasEnd = run.hasEnd || endsAs(e.Kind, run.outcome)
	}
	t := v.tasks[e.Task]
	if t == nil {
		return // deleted; its events stay
	}
	t.anyEvent, t.foreign, t.own = true, t.foreign || e.Foreign, t.own || !e.Foreign
	v.readRunEvent(e, t)
	switch e.Kind {
	case kanban.EvCreated:
		t.created = true
	case kanban.EvClaimed:
		t.claimEvent = e.ID
	case kanban.EvLinked:
		t.linked = e.ID
	}
	if says := statusesAfter(e); says != nil {
		t.says, t.statusEvent = says, e.ID
	}
}

// readRunEvent judges an event that names a run.
func (v *verifier) readRunEvent(e kanban.Event, t *taskState) {
	if e.Run == 0 {
		return
	}
	run := v.runs[e.Run]
	about := Contradiction{Rule: RuleRunEvents, Task: e.Task, Run: e.Run, Event: e.ID}
	switch {
	case run == nil:
		v.tell(about, e.Foreign || t.foreign, "event %d (%s) names run %d, which does not exist", e.ID, e.Kind, e.Run)
	case run.task != e.Task:
		v.tell(about, e.Foreign || t.foreign, "event %d (%s) names run %d, which is of %s", e.ID, e.Kind, e.Run, run.task)
	case run.open && ends(e.Kind):
		v.tell(about, e.Foreign || t.foreign, "event %d (%s) ends run %d, which is open", e.ID, e.Kind, e.Run)
	}
}

func (v *verifier) judgeRuns() {
	for id, run := range v.runs {
		t := v.tasks[run.task]
		if t == nil {
			continue
		}
		about, retained := Contradiction{Rule: RuleRunEvents, Task: run.task, Run: id}, t.created
		if !run.open && run.ours && !run.hasEnd && retained && t.closed != kanban.Deleted {
			v.tell(about, t.foreign, "run %d ended as %s, and no event says so", id, run.outcome)
		}
		if run.needsClaim && !run.claimed && retained {
			v.tell(about, t.foreign, "run %d began, and no event says so", id)
		}
		if run.live && !run.open && t.liveRun != id {
			v.tell(Contradiction{Rule: RuleOneRun, Task: run.task, Run: id}, t.foreign, "processes of run %d may live, and its task does not wait for them", id)
		}
	}
}
