package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// add puts a task for the lane builder on a board.
func (f *fleet) add(slug, title string, parents ...string) string {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	return must(f.on(slug).Create(bg, ann, board.NewTask{Title: title, Assignee: "builder", Parents: parents}))(f.t).Task.ID
}

// lines tell of each item of the inbox what it is and how much waits.
func (f *fleet) lines(only string) (all []string) {
	f.t.Helper()
	for _, w := range must(f.Inbox(bg, only))(f.t) {
		what := w.Task.Title
		if what == "" {
			what = w.Scope
		}
		all = append(all, fmt.Sprintf("%s %s %s %d", w.Kind, w.Board, what, w.Behind))
	}
	return all
}

// TestInbox: what waits for a human on every board, the most costly first, each
// with what brings it on.
func TestInbox(t *testing.T) {
	f := newFleet(t)
	same(t, "at first", len(f.lines("")), 0)

	asks := f.start("default", f.add("default", "asks"))
	must(f.on("default").Block(bg, kanban.System, kanban.Lease{Task: asks.Task, Run: asks.ID}, kanban.NeedsInput, "SQLite or PostgreSQL?",
		kanban.Handoff{Metadata: []byte(`{"options":["SQLite","PostgreSQL"]}`)}))(t)
	next := f.add("default", "next", asks.Task)
	f.add("default", "last", next)

	submitted := f.start("docs", f.add("docs", "submitted"))
	must(f.on("docs").Review(bg, kanban.System, kanban.Lease{Task: submitted.Task, Run: submitted.ID}, kanban.Handoff{Summary: "look"}))(t)
	f.add("docs", "after it", submitted.Task)

	broken := f.add("docs", "broken")
	for range 2 {
		f.fail("docs", f.start("docs", broken), "no login")
		f.now = f.now.Add(time.Minute)
	}
	gone := f.add("docs", "gone")
	vain := []string{f.add("docs", "waits in vain", gone), f.add("docs", "so does this", gone)}
	must(f.on("docs").Cancel(bg, ann, gone, ""))(t)
	f.now = f.now.Add(time.Second)
	must(f.on("docs").Create(bg, ann, board.NewTask{Title: "vague", Triage: true}))(t)
	f.now = f.now.Add(time.Second)
	large := must(f.on("docs").Create(bg, ann, board.NewTask{Title: "large", Triage: true}))(t).Task.ID
	asked := must(f.on("docs").AskPlan(bg, ann, large, kanban.Specify, false))(t)
	must(f.on("docs").Propose(bg, asked, "model-x", kanban.Plan{Body: "small"}))(t)
	f.add("default", "just ready")
	ok(t, f.Pull(bg, ann, "lane:builder", "a fire", f.now))
	ok(t, f.CoolDown(bg, store.Hold{Scope: "account:x", Kind: store.Cooldown, Since: f.now, Until: f.now.Add(time.Hour)}))

	same(t, "inbox", f.lines(""), []string{
		"question default asks 3", "dead_end docs gone 3", "review docs submitted 2", "given_up docs broken 1", "triage docs vague 1", "plan docs large 1",
		"pulled  lane:builder 1",
	})
	same(t, "of one board", f.lines(" Docs "), []string{
		"dead_end docs gone 3", "review docs submitted 2", "given_up docs broken 1", "triage docs vague 1", "plan docs large 1", "pulled  lane:builder 0",
	})
	_, err := f.Inbox(bg, "nowhere")
	refused(t, err, kanban.NotFound)

	dead := must(f.Inbox(bg, "docs"))(t)[0]
	same(t, "commands", dead.Commands, []string{
		"andon unarchive " + gone, "andon promote " + vain[0] + " --ids " + vain[1] + " --force --reason TEXT", "andon cancel " + vain[0] + " " + vain[1],
	})
	for _, g := range must(f.on("docs").Explain(bg, vain[0]))(t).Gates {
		if g.Kind == kanban.GateDependency && !strings.HasPrefix(g.Command, dead.Commands[0]+"  or  andon promote "+vain[0]) {
			t.Errorf("why says %q", g.Command)
		}
	}
	plan := must(f.Inbox(bg, "docs"))(t)[4]
	same(t, "a plan", plan.Commands, []string{"andon plan show " + large, "andon plan approve " + large, "andon plan reject " + large + " REASON"})
	same(t, "its reason", plan.Reason, "it is in triage: a plan waits for you")
	first := must(f.Inbox(bg, ""))(t)[0]
	same(t, "options", first.Options, []string{"SQLite", "PostgreSQL"})
	same(t, "command", first.Commands, []string{"andon answer " + asks.Task + " TEXT"})
	same(t, "reason", first.Reason, "SQLite or PostgreSQL?")
}

// TestG18_NobodyIsForgottenInTheInbox: whatever has a gate that only a human
// opens is in it, and nothing that runs or will run by itself.
func TestG18_NobodyIsForgottenInTheInbox(t *testing.T) {
	f := newFleet(t)
	for _, status := range kanban.Statuses {
		for _, kind := range []kanban.BlockKind{"", kanban.NeedsInput, kanban.Capability, kanban.BreakerOpen, kanban.MergeConflict, kanban.BudgetSpent, kanban.Operator} {
			for _, later := range []time.Time{{}, f.now.Add(time.Hour)} {
				id := f.add("default", fmt.Sprintf("%s %s %s", status, kind, later))
				ok(t, f.on("default").Store().Update(bg, func(tx store.Tx) error {
					task, err := tx.Task(id)
					task.Status, task.BlockKind, task.BlockReason, task.NotBefore = status, kind, "it is so", later
					if err != nil {
						return err
					}
					return tx.UpdateTask(task)
				}))
			}
		}
	}
	gone := []string{f.add("default", "gone"), f.add("default", "gone, too")}
	f.add("default", "of both", gone...)
	f.add("default", "of one", gone[0])
	for _, p := range gone {
		must(f.on("default").Cancel(bg, ann, p, ""))(t)
	}
	inbox := must(f.Inbox(bg, ""))(t)
	tasks, _, err := f.on("default").List(bg, store.TaskQuery{Archived: true, Limit: 1000}, true)
	ok(t, err)
	for _, e := range tasks {
		forHuman := slices.ContainsFunc(e.Gates, func(g kanban.Gate) bool {
			return g.Kind == kanban.GateHuman || g.Kind == kanban.GateBreaker || g.Kind == kanban.GateBudget || g.Kind == kanban.GateSchedule && g.Until.IsZero()
		})
		for _, g := range e.Gates {
			if strings.HasPrefix(g.Command, "andon unarchive ") && e.Task.Status != kanban.Archived && !slices.ContainsFunc(inbox, func(w board.Waiting) bool {
				return w.Kind == board.WaitDeadEnd && strings.HasPrefix(g.Command, w.Commands[0])
			}) {
				t.Errorf("%s: nothing in the inbox for %+v", e.Task.Title, g)
			}
		}
		in := slices.IndexFunc(inbox, func(w board.Waiting) bool { return w.Task.ID == e.Task.ID && w.Kind != board.WaitDeadEnd })
		if (in >= 0) != forHuman {
			t.Errorf("%s: waits for a human: %v, in the inbox: %v", e.Task.Title, forHuman, in >= 0)
		}
		if in >= 0 && (len(inbox[in].Commands) == 0 || inbox[in].Commands[0] == "" || inbox[in].Reason == "") {
			t.Errorf("%s: %+v", e.Task.Title, inbox[in])
		}
	}
	for _, p := range gone {
		same(t, "items of one parent", len(slices.DeleteFunc(slices.Clone(inbox), func(w board.Waiting) bool { return w.Task.ID != p })), 1)
	}
}
