package board_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

var (
	ann = kanban.Actor{Kind: kanban.Human, Name: "ann"}
	bg  = context.Background()
	t0  = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
)

// tb is what tests and checks of properties have in common.
type tb interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// house is a board with all that its use cases ask of the outside: a clock that
// stands still until it is moved, dice with a seed, settings, a dispatcher's
// situation, and a place for the work.
type house struct {
	*board.Board
	store     store.Store
	now       time.Time
	settings  board.Settings
	situation board.Situation
	work      *work
	dice      *dice
	epoch     int64
	names     []string // of one chat of each sink
}

func newHouse(t tb) *house { return houseOn(t, memory.New()) }

func houseOn(t tb, s store.Store) *house {
	t.Helper()
	h := &house{now: t0, work: &work{}, dice: &dice{r: rand.NewChaCha8([32]byte{1})}, settings: board.Settings{
		Retry:   policy.Retry{MaxAttempts: 2, Initial: 10 * time.Second, Max: time.Hour},
		Lease:   15 * time.Minute,
		Lanes:   map[string]board.Lane{"builder": {}, "tester": {}},
		Planner: board.Planner{Name: "model-x", MaxChildren: 6},
		Sinks:   []string{"ops"},
	}}
	h.use(s)
	h.epoch = must(h.Own(bg))(t)
	return h
}

// use puts the board on a store.
func (h *house) use(s store.Store) {
	h.store = s
	h.Board = board.New("default", s, board.Ports{
		Clock:     func() time.Time { return h.now },
		Random:    h.dice,
		Settings:  func() board.Settings { return h.settings },
		Situation: func() board.Situation { return h.situation },
		Work:      h.work,
		Called:    func(string, string) []string { return h.names },
	})
}

// branch is the same house on a store that is a copy of its own: what happens in
// one does not happen in the other.
func (h *house) branch() *house {
	b := *h
	b.use(h.store.(*memory.Store).Clone())
	return &b
}

func (h *house) pass(d time.Duration) { h.now = h.now.Add(d) }

// dice give the same numbers in every run.
type dice struct {
	mu sync.Mutex
	r  *rand.ChaCha8
}

func (d *dice) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Read(p)
}

// work keeps what runs leave in memory. A path that starts with "gone" is
// missing in the workspace.
type work struct {
	mu      sync.Mutex
	commits []string // of which tasks
	kept    []string // paths
	during  func()   // happens while files are kept
	moved   string   // where branches are, unless where their runs left them
}

func (w *work) Commit(_ context.Context, t kanban.Task, r kanban.Run, _ string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.commits = append(w.commits, t.ID)
	return fmt.Sprintf("rev%d", r.ID), nil
}

func (w *work) Keep(_ context.Context, _ kanban.Run, paths []string) ([]kanban.Artifact, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var kept []kanban.Artifact
	for _, p := range paths {
		if strings.HasPrefix(p, "gone") {
			return nil, kanban.Errorf(kanban.Invalid, "there is no file %s", p)
		}
		w.kept = append(w.kept, p)
		if w.during != nil {
			w.during()
		}
		kept = append(kept, kanban.Artifact{Path: p, SHA256: strings.Repeat("ab", 32), Size: 3, Type: "text/plain"})
	}
	return kept, nil
}

func (w *work) Head(_ context.Context, _ kanban.Task, r kanban.Run) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.moved != "" {
		return w.moved, nil
	}
	return fmt.Sprintf("rev%d", r.ID), nil
}

func (w *work) Diff(_ context.Context, _ kanban.Task, _ kanban.Run, from, to string, _ bool, limit int) ([]byte, bool, error) {
	text := "from " + from + " to " + to + "\n"
	if limit == 0 {
		limit = len(text)
	}
	return []byte(text[:min(limit, len(text))]), limit < len(text), nil
}

// must is for what has to succeed.
func must[T any](v T, err error) func(tb) T {
	return func(t tb) T {
		t.Helper()
		ok(t, err)
		return v
	}
}

func ok(t tb, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected: %v", err)
	}
}

// refused fails unless err has the code, and its words contain all of those.
func refused(t tb, err error, code kanban.Code, words ...string) {
	t.Helper()
	if got := kanban.CodeOf(err); got != code {
		t.Fatalf("code %q (%v), want %q", got, err, code)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%q does not say %q", err, w)
		}
	}
}

func same(t tb, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func status(t tb, h *house, id string, want kanban.Status) kanban.Task {
	t.Helper()
	task := must(h.Task(bg, id))(t)
	if task.Status != want {
		t.Fatalf("task %s is %s, want %s", id, task.Status, want)
	}
	return task
}

// add makes a task for the lane builder; change may say more of it.
func (h *house) add(t tb, title string, change ...func(*board.NewTask)) kanban.Task {
	t.Helper()
	n := board.NewTask{Title: title, Assignee: "builder"}
	for _, c := range change {
		c(&n)
	}
	return must(h.Create(bg, ann, n))(t).Task
}

func after(parents ...kanban.Task) func(*board.NewTask) {
	return func(n *board.NewTask) {
		for _, p := range parents {
			n.Parents = append(n.Parents, p.ID)
		}
	}
}

func priority(p int) func(*board.NewTask) { return func(n *board.NewTask) { n.Priority = p } }

// hand is a worker at work.
type hand struct {
	kanban.Actor
	lease kanban.Lease
	run   kanban.Run
}

func handOf(c board.Claimed) hand {
	return hand{
		Actor: kanban.Actor{Kind: kanban.Worker, Name: c.Run.Lane, Board: "default", Task: c.Task.ID, Run: c.Run.ID},
		lease: kanban.Lease{Task: c.Task.ID, Run: c.Run.ID, Token: c.Token},
		run:   c.Run,
	}
}

// start lets the dispatcher claim this task, whatever else is ready.
func (h *house) start(t tb, task kanban.Task) hand {
	t.Helper()
	was := task.Priority
	top := 1 << 20
	must(h.Edit(bg, ann, task.ID, board.Edit{Priority: &top}))(t)
	c := h.next(t, task.Assignee)
	if c.Task.ID != task.ID {
		t.Fatalf("the dispatcher took %q, not %s", c.Task.ID, task.ID)
	}
	must(h.Edit(bg, ann, task.ID, board.Edit{Priority: &was}))(t)
	return handOf(c)
}

// next lets the dispatcher claim what a lane should run next. The claim is zero
// if there is nothing.
func (h *house) next(t tb, lane string) board.Claimed {
	t.Helper()
	c, _, err := h.ClaimNext(bg, board.Offer{
		Lane: lane, Epoch: h.epoch, Supervisor: kanban.Process{Boot: "b", PID: 4711, Start: 1},
		Place: func(t kanban.Task) (string, string) { return "/places/" + t.ID, "andon/" + t.ID },
	})
	ok(t, err)
	return c
}

// end lets a run fail and its processes go.
func (h *house) end(t tb, w hand, o kanban.Outcome, why string) kanban.Task {
	t.Helper()
	must(h.Fail(bg, w.run.ID, board.Ending{Outcome: o, Error: why, Started: true}))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	return must(h.Task(bg, w.Task))(t)
}

// done lets a worker complete its task and go.
func (h *house) done(t tb, task kanban.Task, say kanban.Handoff) kanban.Task {
	t.Helper()
	w := h.start(t, task)
	must(h.Complete(bg, w.Actor, w.lease, say))(t)
	ok(t, h.Settle(bg, w.run.ID, ""))
	return must(h.Task(bg, task.ID))(t)
}

// as puts a fresh task of the lane builder into a status.
func (h *house) as(t tb, s kanban.Status) kanban.Task {
	t.Helper()
	title := "is " + string(s)
	switch s {
	case kanban.Triage: // with a plan that waits for a human
		idea := h.add(t, title, func(n *board.NewTask) { n.Triage = true })
		must(h.Propose(bg, must(h.AskPlan(bg, ann, idea.ID, kanban.Decompose, false))(t), "model-x", diamond))(t)
		return idea
	case kanban.Todo:
		return h.add(t, title, after(h.add(t, "its parent", func(n *board.NewTask) { n.Triage = true })))
	case kanban.Scheduled:
		return h.add(t, title, func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Hour) })
	}
	task := h.add(t, title)
	switch s {
	case kanban.Running:
		h.start(t, task)
	case kanban.Blocked:
		must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, kanban.NeedsInput, "may I?", kanban.Handoff{}))(t)
	case kanban.Review:
		w := h.start(t, task)
		must(h.Review(bg, w.Actor, w.lease, kanban.Handoff{Summary: "look"}))(t)
		ok(t, h.Settle(bg, w.run.ID, ""))
	case kanban.Done:
		must(h.Complete(bg, ann, kanban.Lease{Task: task.ID}, kanban.Handoff{}))(t)
	case kanban.Archived:
		must(h.Archive(bg, ann, task.ID))(t)
	}
	return status(t, h, task.ID, s)
}

// kinds are the events of a task, in order.
func (h *house) kinds(t tb, id string) []kanban.EventKind {
	t.Helper()
	var out []kanban.EventKind
	for _, e := range h.events(t, id) {
		out = append(out, e.Kind)
	}
	return out
}

func (h *house) events(t tb, id string) []kanban.Event {
	t.Helper()
	return must(h.Board.Events(bg, store.EventQuery{Task: id}))(t)
}

// outcomes are those of a task's runs, in order.
func (h *house) outcomes(t tb, id string) []kanban.Outcome {
	t.Helper()
	var out []kanban.Outcome
	for _, r := range must(h.Runs(bg, id))(t) {
		out = append(out, r.Outcome)
	}
	return out
}

// all says everything that is on the board, to see whether anything changed.
func (h *house) all(t tb) string {
	t.Helper()
	var out strings.Builder
	ok(t, h.store.View(bg, func(r store.Reader) error {
		tasks, _, err := r.Tasks(store.TaskQuery{Archived: true, Full: true, Limit: 1000, Sort: store.ByCreated})
		ok(t, err)
		events, err := r.Events(store.EventQuery{Limit: 10000})
		ok(t, err)
		pending, err := r.Deliveries(store.Pending, 10000)
		ok(t, err)
		dump(t, &out, tasks, events, pending)
		for _, task := range tasks {
			runs, err := r.Runs(task.ID)
			ok(t, err)
			for i := range runs {
				runs[i].TokenHash = "" // a lost answer is told with a new token
			}
			links, err := r.Parents(task.ID)
			ok(t, err)
			comments, err := r.Comments(task.ID, 0)
			ok(t, err)
			dump(t, &out, runs, links, comments)
		}
		return nil
	}))
	return out.String()
}

func dump(t tb, out *strings.Builder, parts ...any) {
	for _, p := range parts {
		raw, err := json.Marshal(p)
		ok(t, err)
		out.Write(raw)
		out.WriteByte('\n')
	}
}

// gates are the kinds of the gates that keep a task.
func (h *house) gates(t tb, id string) []kanban.GateKind {
	t.Helper()
	var out []kanban.GateKind
	for _, g := range must(h.Explain(bg, id))(t).Gates {
		out = append(out, g.Kind)
	}
	slices.Sort(out)
	return out
}

// foreign changes a task behind Andon's back, as plain SQL does.
func (h *house) foreign(t tb, id string, change func(*kanban.Task)) {
	t.Helper()
	ok(t, h.store.Update(bg, func(tx store.Tx) error {
		task, err := tx.Task(id)
		if err != nil {
			return err
		}
		change(&task)
		return tx.UpdateTask(task)
	}))
}

func foreignly(run int64, change func(*kanban.Run)) func(store.Tx) error {
	return func(tx store.Tx) error {
		r, err := tx.Run(run)
		if err != nil {
			return err
		}
		change(&r)
		return tx.UpdateRun(r)
	}
}

// parentOr is a task's first parent, or another task if it has none.
func (h *house) parentOr(t tb, task, other kanban.Task) kanban.Task {
	t.Helper()
	for _, l := range must(h.Show(bg, task.ID))(t).Parents {
		return must(h.Task(bg, l.Parent))(t)
	}
	return other
}
