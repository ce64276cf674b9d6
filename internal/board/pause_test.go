package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// fleet is a home of two boards on which lanes fail.
type fleet struct {
	*board.Boards
	t     *testing.T
	now   time.Time
	homes store.Boards
}

func newFleet(t *testing.T) *fleet {
	f := &fleet{t: t, now: t0}
	f.homes = memory.NewBoards(t.TempDir(), func() time.Time { return f.now })
	f.restart()
	_, _, err := f.Create(bg, ann, store.BoardInfo{Slug: "docs"})
	ok(t, err)
	return f
}

// restart takes the home up anew, as another gateway does.
func (f *fleet) restart() {
	f.Boards = board.NewBoards(f.homes, func(string) board.Ports {
		return board.Ports{
			Clock: func() time.Time { return f.now }, Work: &work{},
			Settings: func() board.Settings {
				return board.Settings{
					Retry: policy.Retry{MaxAttempts: 2, PauseAfter: 3, Initial: time.Second, Max: time.Second}, Lease: time.Minute,
					Lanes: map[string]board.Lane{"builder": {}, "tester": {}}, Planner: board.Planner{Name: "model-x", MaxChildren: 6},
				}
			},
			Situation: func() board.Situation {
				holds, err := f.Holds(bg)
				ok(f.t, err)
				return board.Situation{Holds: holds}
			},
		}
	})
	ok(f.t, f.Recall(bg))
}

func (f *fleet) on(slug string) *board.Board { return must(f.Board(bg, slug))(f.t) }

// begin makes a task and starts a run of it.
func (f *fleet) begin(slug, lane, repo string) kanban.Run {
	n := board.NewTask{Title: "work", Assignee: lane}
	if repo != "" {
		n.Workspace = kanban.Workspace{Kind: kanban.Worktree, Repo: repo}
	}
	return f.start(slug, must(f.on(slug).Create(bg, ann, n))(f.t).Task.ID)
}

func (f *fleet) start(slug, id string) kanban.Run {
	f.t.Helper()
	c := must(f.on(slug).Claim(bg, ann, id, time.Hour, nil))(f.t)
	ok(f.t, f.on(slug).Spawned(bg, c.Run.ID, 1, ""))
	return c.Run
}

func (f *fleet) fail(slug string, r kanban.Run, line string) kanban.Task {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	code := 1
	return must(f.Fail(bg, f.on(slug), r.ID, board.Ending{Outcome: kanban.Crashed, Error: line, ExitCode: &code, Started: true}))(f.t)
}

func (f *fleet) done(slug string, r kanban.Run) {
	f.now = f.now.Add(time.Second)
	must(f.on(slug).Complete(bg, kanban.System, kanban.Lease{Task: r.Task, Run: r.ID}, kanban.Handoff{}))(f.t)
}

func (f *fleet) scopes() (all []string) {
	for _, h := range must(f.Holds(bg))(f.t) {
		all = append(all, h.Scope)
	}
	return all
}

// pauses are the events of that kind on a board.
func (f *fleet) pauses(slug string) []kanban.Event {
	return must(f.on(slug).Events(bg, store.EventQuery{Kinds: []kanban.EventKind{kanban.EvPaused}}))(f.t)
}

// TestG14_AlikeFailuresPauseTheLane: three tasks in a row, on whatever board,
// that fail alike pause their lane once, also for those that were under way by
// then, and a human ends it.
func TestG14_AlikeFailuresPauseTheLane(t *testing.T) {
	f := newFleet(t)
	under := []kanban.Run{f.begin("default", "builder", ""), f.begin("default", "builder", "")}
	var want []store.TaskRef
	for i, slug := range []string{"default", "docs", "default"} {
		if got := f.scopes(); len(got) > 0 {
			t.Fatalf("%v is held after %d failures", got, i)
		}
		r := f.begin(slug, "builder", "")
		if got := f.fail(slug, r, fmt.Sprintf("no login (try %d)", i)); got.Failures != 1 {
			t.Errorf("failure %d cost %d attempts", i, got.Failures)
		}
		want = append([]store.TaskRef{{Board: slug, Task: r.Task}}, want...)
	}
	holds := must(f.Holds(bg))(t)
	if len(holds) != 1 || holds[0].Scope != "lane:builder" || holds[0].Kind != store.Paused || !holds[0].Until.IsZero() {
		t.Fatalf("held is %+v", holds)
	}
	same(t, "tasks", holds[0].Tasks, want)
	if !strings.Contains(holds[0].Reason, "3 tasks in a row failed alike") || !strings.Contains(holds[0].Reason, "no login (try 2)") {
		t.Errorf("the reason is %q", holds[0].Reason)
	}
	for _, r := range under {
		if got := f.fail("default", r, "no login (try 9)"); got.Failures != 1 || got.Status != kanban.Ready {
			t.Errorf("a failure after the pause: %s with %d failures", got.Status, got.Failures)
		}
	}
	if n := len(f.pauses("default")) + len(f.pauses("docs")); n != 1 {
		t.Errorf("%d events tell of the pause", n)
	}
	why := must(f.on("docs").Explain(bg, want[1].Task))(t).Gates
	if !slices.ContainsFunc(why, func(g kanban.Gate) bool {
		return g.Kind == kanban.GatePaused && strings.HasPrefix(g.Reason, "lane:builder is paused: 3 tasks") && g.Command == "andon resume --lane builder"
	}) {
		t.Errorf("the gates are %+v", why)
	}
	refused(t, f.Resume(bg, kanban.Actor{Kind: kanban.Worker, Name: "builder"}, "lane:builder"), kanban.Unauthorized)
	ok(t, f.Resume(bg, ann, "lane:builder"))
	same(t, "held", len(f.scopes()), 0)

	// The cause is still there: one more of the kind is enough, and is an attempt.
	again := f.fail("docs", f.begin("docs", "builder", ""), "no login (try 10)")
	same(t, "held", f.scopes(), []string{"lane:builder"})
	same(t, "failures", again.Failures, 1)
	ok(t, f.Resume(bg, ann, "lane:builder"))

	// It is gone: the count begins anew.
	f.done("docs", f.begin("docs", "builder", ""))
	for range 2 {
		same(t, "failures", f.fail("default", f.begin("default", "builder", ""), "no login (try 11)").Failures, 1)
	}
	same(t, "held", len(f.scopes()), 0)
}

// TestG14_AlikeFailuresOfARepository pause it, and not the lanes that work on
// other things.
func TestG14_AlikeFailuresOfARepository(t *testing.T) {
	f := newFleet(t)
	f.fail("default", f.begin("default", "builder", "/src/app"), "make: no rule")
	f.done("default", f.begin("default", "builder", "/src/other"))
	f.fail("docs", f.begin("docs", "tester", "/src/app"), "make: no rule")
	f.fail("default", f.begin("default", "builder", "/src/app"), "make: no rule")
	same(t, "held", f.scopes(), []string{"repo:/src/app"})
	id := must(f.on("docs").Create(bg, ann, board.NewTask{Title: "w", Assignee: "tester", Workspace: kanban.Workspace{Kind: kanban.Worktree, Repo: "/src/app"}}))(t).Task.ID
	gates := must(f.on("docs").Explain(bg, id))(t).Gates
	if len(gates) != 1 || gates[0].Command != "andon resume --repo /src/app" {
		t.Errorf("the gates are %+v", gates)
	}
	held := []string{"/src/app"}
	same(t, "next lane", must(f.on("docs").NextLane(bg, []string{"tester"}, held, nil))(t), "")
	same(t, "next lane when resumed", must(f.on("docs").NextLane(bg, []string{"tester"}, nil, nil))(t), "tester")
	epoch := must(f.on("docs").Own(bg))(t)
	_, got, err := f.on("docs").ClaimNext(bg, board.Offer{Lane: "tester", Epoch: epoch, HeldRepos: held})
	if err != nil || got {
		t.Errorf("a task of a paused repository was claimed (%v)", err)
	}
}

// TestG14_OneTaskPausesNothing: its own breaker is there for it.
func TestG14_OneTaskPausesNothing(t *testing.T) {
	f := newFleet(t)
	r := f.begin("default", "builder", "")
	for range 5 {
		if f.fail("default", r, "no login").Status == kanban.Blocked {
			must(f.on("default").Unblock(bg, ann, r.Task, ""))(t)
		}
		f.now = f.now.Add(time.Minute)
		r = f.start("default", r.Task)
	}
	same(t, "held", len(f.scopes()), 0)
}

// TestG14_ProtocolViolationsPauseToo: each blocks its task at once.
func TestG14_ProtocolViolationsPauseToo(t *testing.T) {
	f := newFleet(t)
	silent := board.Ending{Outcome: kanban.ProtocolViolation, Error: "it said nothing", Started: true}
	for range 3 {
		f.now = f.now.Add(time.Second)
		got := must(f.Fail(bg, f.on("default"), f.begin("default", "builder", "").ID, silent))(t)
		same(t, "status", got.Status, kanban.Blocked)
	}
	same(t, "held", f.scopes(), []string{"lane:builder"})
}

// TestG20_ARestIsTold with the task whose run brought it about, until it is over;
// a provider that refuses its account is a pause.
func TestG20_ARestIsTold(t *testing.T) {
	f := newFleet(t)
	run := f.begin("docs", "builder", "")
	kinds := []kanban.EventKind{kanban.EvCooling, kanban.EvPaused}
	told := func() (all []string) {
		for _, e := range must(f.on("docs").Events(bg, store.EventQuery{Kinds: kinds}))(t) {
			all = append(all, fmt.Sprint(e.Kind, " ", e.Run == run.ID, ": ", e.Payload["reason"]))
		}
		return all
	}
	rest := store.Hold{Scope: "account:max", Kind: store.Cooldown, Reason: "slow down\nplease", Since: f.now, Until: f.now.Add(time.Hour)}
	ok(t, f.HoldFor(bg, f.on("docs"), run.ID, rest))
	rest.Until = rest.Until.Add(time.Hour)
	ok(t, f.HoldFor(bg, f.on("docs"), run.ID, rest))
	same(t, "once", told(), []string{"cooling_down true: account max rests until 2026-11-23 11:00: slow down"})
	same(t, "until", must(f.Holds(bg))(t)[0].Until, rest.Until)

	f.now = rest.Until
	rest.Until = f.now.Add(time.Hour)
	ok(t, f.HoldFor(bg, f.on("docs"), run.ID, rest))
	same(t, "again, when it was over", len(told()), 2)
	ok(t, f.HoldFor(bg, f.on("docs"), run.ID, store.Hold{Scope: "account:max", Kind: store.Pulled, Reason: "log in", Since: f.now}))
	same(t, "refused", told()[2], "paused true: log in")
	ok(t, f.HoldFor(bg, f.on("docs"), 99, store.Hold{Scope: "lane:tester", Kind: store.Pulled, Reason: "its run is gone", Since: f.now}))
	same(t, "held all the same", f.scopes(), []string{"account:max", "account:max", "lane:tester"})
}
