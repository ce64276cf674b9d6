package board_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// planHouse has a planner, and an idea in triage.
func planHouse(t *testing.T, change ...func(*board.NewTask)) (*house, kanban.Task) {
	t.Helper()
	h := newHouse(t)
	h.settings.Planner = board.Planner{Name: "model-x", MaxChildren: 6}
	idea := h.add(t, "A brief about ants", append([]func(*board.NewTask){inTriage}, change...)...)
	return h, idea
}

func inTriage(n *board.NewTask) { n.Triage = true }

// diamond is a plan of a begin, two sides and an end.
var diamond = kanban.Plan{Rationale: "two sides", Children: []kanban.PlannedTask{
	{Key: "end", Title: "Join", Body: "join", Assignee: "tester", Parents: []string{"left", "right"}},
	{Key: "left", Title: "Left", Assignee: "builder", Parents: []string{"begin"}},
	{Key: "right", Title: "Right", Assignee: "builder", Parents: []string{"begin"}},
	{Key: "begin", Title: "Begin", Assignee: "Builder"},
}}

// propose asks for a plan and makes it.
func (h *house) propose(t *testing.T, id string, kind kanban.PlanKind, plan kanban.Plan) board.Planning {
	t.Helper()
	asked := must(h.AskPlan(bg, ann, id, kind, false))(t)
	return must(h.Propose(bg, asked, "model-x", plan))(t)
}

// wish is what the planner sees of a task, if there is one; a wish for no task is
// refused as that.
func (h *house) wish(id string) board.Planning {
	p, err := h.Planning(bg, id)
	if err != nil {
		p.Task.ID = id
	}
	if p.Kind == "" {
		p.Kind = kanban.Decompose
	}
	return p
}

// TestPlanApplied: the children of an approved plan are linked as planned, have
// what their root had, and the root wakes last.
func TestPlanApplied(t *testing.T) {
	h := newHouse(t)
	before := h.add(t, "Before")
	h.settings.Planner = board.Planner{Name: "model-x", MaxChildren: 6}
	idea := h.add(t, "A brief about ants", inTriage, after(before), func(n *board.NewTask) {
		n.Tenant, n.Labels, n.Priority = "acme", []string{"bug"}, 7
		n.Workspace = kanban.Workspace{Kind: kanban.Worktree, Repo: "/repo", Branch: "ants"}
	})
	if p := h.propose(t, idea.ID, kanban.Decompose, diamond); p.State != board.PlanProposed || p.By != "ann" || p.Mind != "model-x" {
		t.Fatalf("proposed %+v", p)
	}
	status(t, h, idea.ID, kanban.Triage)
	p := must(h.ApprovePlan(bg, ann, idea.ID))(t)
	if p.State != board.PlanApplied || len(p.IDs) != 4 || p.Task.Status != kanban.Todo {
		t.Fatalf("applied %+v", p)
	}
	for key, parents := range map[string][]string{
		"begin": {before.ID}, "left": {p.IDs["begin"]}, "right": {p.IDs["begin"]}, "end": {p.IDs["left"], p.IDs["right"]},
	} {
		d := must(h.Show(bg, p.IDs[key]))(t)
		var got []string
		for _, l := range d.Parents {
			got = append(got, l.Parent)
		}
		sameSet(t, key+" waits for", got, parents)
		if c := d.Task; c.Tenant != "acme" || !c.Labelled(idea.Labels) || c.Priority != 7 || c.Origin != idea.ID || c.Workspace != (kanban.Workspace{Kind: kanban.Worktree, Repo: "/repo"}) || c.Assignee == "" {
			t.Errorf("%s is %+v", key, c)
		}
		status(t, h, d.Task.ID, kanban.Todo)
	}
	h.done(t, before, kanban.Handoff{Summary: "go"})
	for _, key := range []string{"begin", "right", "left", "end"} {
		status(t, h, idea.ID, kanban.Todo)
		h.done(t, status(t, h, p.IDs[key], kanban.Ready), kanban.Handoff{Summary: key})
	}
	root := status(t, h, idea.ID, kanban.Ready)
	if text := must(h.Context(bg, root.ID))(t); !strings.Contains(text, "> end") {
		t.Errorf("the root does not read what was handed on:\n%s", text)
	}
}

func sameSet(t *testing.T, what string, got, want []string) {
	t.Helper()
	seen := map[string]int{}
	for _, s := range got {
		seen[s]++
	}
	for _, s := range want {
		seen[s]--
	}
	for s, n := range seen {
		if n != 0 {
			t.Errorf("%s %v, want %v (%s)", what, got, want, s)
			return
		}
	}
}

// TestPlanTwice: whoever approves again, under whatever operation, changes
// nothing.
func TestPlanTwice(t *testing.T) {
	h, idea := planHouse(t)
	h.propose(t, idea.ID, kanban.Decompose, diamond)
	first := must(h.ApprovePlan(bg, ann, idea.ID))(t)
	last := must(h.LastEvent(bg))(t)
	again := must(h.ApprovePlan(bg, ann, idea.ID))(t)
	same(t, "the same", again.IDs, first.IDs)
	if got := must(h.LastEvent(bg))(t); got != last {
		t.Errorf("%d events more", got-last)
	}
	if tasks, _, err := h.List(bg, store.TaskQuery{}, false); err != nil || len(tasks) != 5 {
		t.Errorf("%d tasks, %v", len(tasks), err)
	}
}

// TestSpecified: the new text stands above what was asked, and a lane is given
// only to a task that has none.
func TestSpecified(t *testing.T) {
	h, idea := planHouse(t, func(n *board.NewTask) { n.Body, n.Assignee = "about ants\n\nsoon", "" })
	h.propose(t, idea.ID, kanban.Specify, kanban.Plan{Title: "Write a brief", Body: "**Goal** a brief", Assignee: "tester"})
	p := must(h.ApprovePlan(bg, ann, idea.ID))(t)
	if p.Task.Status != kanban.Ready || p.Task.Title != "Write a brief" || p.Task.Assignee != "tester" {
		t.Errorf("specified %+v", p.Task)
	}
	same(t, "body", p.Task.Body, "**Goal** a brief\n\n---\nAs it was asked:\n\n> A brief about ants\n> \n> about ants\n> \n> soon")

	other := h.add(t, "Another", inTriage)
	h.propose(t, other.ID, kanban.Decompose, kanban.Plan{Body: "one is enough", Assignee: "tester"})
	if p := must(h.ApprovePlan(bg, ann, other.ID))(t); p.Task.Assignee != "builder" || p.State != board.PlanApplied {
		t.Errorf("specified %+v", p)
	}
}

// TestG15_OnlyHumansPlan: no run and no dispatcher asks for a plan, approves one
// or drops one, whatever it made itself.
func TestG15_OnlyHumansPlan(t *testing.T) {
	h, _ := planHouse(t)
	w := h.start(t, h.add(t, "work"))
	own := must(h.Create(bg, w.Actor, board.NewTask{Title: "own idea", Triage: true}))(t).Task
	h.propose(t, own.ID, kanban.Decompose, diamond)
	for _, a := range []kanban.Actor{w.Actor, kanban.System} {
		_, err := h.AskPlan(bg, a, own.ID, kanban.Decompose, true)
		refused(t, err, kanban.Unauthorized)
		_, err = h.ApprovePlan(bg, a, own.ID)
		refused(t, err, kanban.Unauthorized)
		_, err = h.RejectPlan(bg, a, own.ID, "no")
		refused(t, err, kanban.Unauthorized)
	}
	status(t, h, own.ID, kanban.Triage)
	// And a plan that nobody approved is not applied by being made, asked for
	// or looked at.
	for range 3 {
		if _, wanted, err := h.ToPlan(bg, own.ID); wanted || err != nil {
			t.Errorf("wanted %v, %v", wanted, err)
		}
	}
	if tasks, _, err := h.List(bg, store.TaskQuery{}, false); err != nil || len(tasks) != 3 {
		t.Errorf("%d tasks, %v", len(tasks), err)
	}
}

// TestG17_PlanRefused: what cannot be done leaves the task in triage, and no child.
func TestG17_PlanRefused(t *testing.T) {
	cyclic := kanban.Plan{Children: []kanban.PlannedTask{
		{Key: "a", Title: "A", Assignee: "builder", Parents: []string{"b"}}, {Key: "b", Title: "B", Assignee: "builder", Parents: []string{"a"}},
	}}
	lane := func(name string) kanban.Plan {
		return kanban.Plan{Children: []kanban.PlannedTask{{Key: "a", Title: "A", Assignee: name}}}
	}
	for name, tt := range map[string]struct {
		plan kanban.Plan
		want string
	}{
		"a circle":          {cyclic, "circle"},
		"an unknown lane":   {lane("bulider"), "bulider"},
		"no lane":           {lane(""), "no lane"},
		"a lane of a shell": {lane("$(reboot)"), "reboot"},
		"a lane of its own": {kanban.Plan{Title: "x", Assignee: "boss"}, "boss"},
		"nothing":           {kanban.Plan{}, "says nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			h, idea := planHouse(t)
			asked := must(h.AskPlan(bg, ann, idea.ID, kanban.Decompose, true))(t)
			_, err := h.Propose(bg, asked, "model-x", tt.plan)
			refused(t, err, kanban.Invalid, tt.want)
			status(t, h, idea.ID, kanban.Triage)
			if p := must(h.Planning(bg, idea.ID))(t); p.State != board.PlanAsked {
				t.Errorf("it is %s", p.State)
			}
		})
	}
}

// TestPlanOvertaken: a plan is for the task and the board that it was made for.
func TestPlanOvertaken(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*testing.T, *house, kanban.Task)
		want   string
	}{
		"it left triage":  {func(t *testing.T, h *house, k kanban.Task) { must(h.Promote(bg, ann, k.ID, false, ""))(t) }, "is ready"},
		"it was archived": {func(t *testing.T, h *house, k kanban.Task) { must(h.Archive(bg, ann, k.ID))(t) }, "is archived"},
		"its text changed": {func(t *testing.T, h *house, k kanban.Task) {
			must(h.Edit(bg, ann, k.ID, board.Edit{Title: new("else")}))(t)
		}, "text"},
		"a lane went":           {func(_ *testing.T, h *house, _ kanban.Task) { delete(h.settings.Lanes, "tester") }, "does not fit"},
		"fewer children may be": {func(_ *testing.T, h *house, _ kanban.Task) { h.settings.Planner.MaxChildren = 2 }, "does not fit"},
		"it was rejected":       {func(t *testing.T, h *house, k kanban.Task) { must(h.RejectPlan(bg, ann, k.ID, "no"))(t) }, "rejected"},
		"another was asked for": {func(t *testing.T, h *house, k kanban.Task) { must(h.AskPlan(bg, ann, k.ID, kanban.Specify, false))(t) }, "asked"},
	} {
		t.Run(name, func(t *testing.T) {
			h, idea := planHouse(t)
			h.propose(t, idea.ID, kanban.Decompose, diamond)
			tt.change(t, h, idea)
			n := must(h.LastEvent(bg))(t)
			_, err := h.ApprovePlan(bg, ann, idea.ID)
			refused(t, err, kanban.Conflict, tt.want)
			if got := must(h.LastEvent(bg))(t); got != n {
				t.Error("something was written")
			}
		})
	}
}

// TestPlanLate: what a planner says to an older wish changes nothing.
func TestPlanLate(t *testing.T) {
	h, idea := planHouse(t)
	old := must(h.AskPlan(bg, ann, idea.ID, kanban.Decompose, true))(t)
	if again := must(h.AskPlan(bg, ann, idea.ID, kanban.Decompose, true))(t); again.Event != old.Event {
		t.Error("the same wish was written twice")
	}
	must(h.AskPlan(bg, ann, idea.ID, kanban.Specify, false))(t)
	_, err := h.Propose(bg, old, "model-x", diamond)
	refused(t, err, kanban.Conflict)
	refused(t, h.FailPlan(bg, old, board.PlanTrouble{Reason: "x"}), kanban.Conflict)
	if p := must(h.Planning(bg, idea.ID))(t); p.State != board.PlanAsked || p.Kind != kanban.Specify {
		t.Errorf("it is %+v", p)
	}
}

// TestG18_PlanFailed: a task whose plan failed says why, until when, and what
// else can be done.
func TestG18_PlanFailed(t *testing.T) {
	h, idea := planHouse(t)
	why := func() kanban.Gate {
		t.Helper()
		return must(h.Explain(bg, idea.ID))(t).Gates[0]
	}
	asked := must(h.AskPlan(bg, ann, idea.ID, kanban.Decompose, true))(t)
	if g := why(); !strings.Contains(g.Reason, "ann asked for a plan") {
		t.Errorf("gate %+v", g)
	}
	later := h.now.Add(time.Minute)
	ok(t, h.FailPlan(bg, asked, board.PlanTrouble{Reason: "429 Too Many Requests", Retry: later}))
	if g := why(); !strings.Contains(g.Reason, "429") || !g.Until.Equal(later) || !strings.Contains(g.Command, "andon promote") {
		t.Errorf("gate %+v", g)
	}
	p, wanted, err := h.ToPlan(bg, idea.ID)
	if err != nil || !wanted || !p.RetryAt.Equal(later) || p.Failed != 1 || !p.Approve || p.By != "ann" {
		t.Fatalf("to plan %+v %v %v", p, wanted, err)
	}
	made := must(h.Propose(bg, p, "model-x", diamond))(t)
	if made.State != board.PlanApplied || made.Task.Status != kanban.Todo {
		t.Errorf("made %+v", made)
	}
	other := h.add(t, "other", inTriage)
	h.propose(t, other.ID, kanban.Decompose, diamond)
	if g := must(h.Explain(bg, other.ID))(t).Gates[0]; !strings.Contains(g.Reason, "a plan waits for you") || !strings.Contains(g.Command, "plan approve") {
		t.Errorf("gate %+v", g)
	}
}

// TestPlanAuto: with auto everything in triage is planned and applied in the
// name of andon.yaml; what failed for good or was rejected is not tried again.
func TestPlanAuto(t *testing.T) {
	h, idea := planHouse(t)
	if _, wanted, err := h.ToPlan(bg, idea.ID); wanted || err != nil {
		t.Errorf("without auto: %v %v", wanted, err)
	}
	h.settings.Planner.Auto = kanban.Decompose
	p, wanted, err := h.ToPlan(bg, idea.ID)
	if err != nil || !wanted || p.By != board.AutoApprover || p.Kind != kanban.Decompose {
		t.Fatalf("to plan %+v %v %v", p, wanted, err)
	}
	ok(t, h.FailPlan(bg, p, board.PlanTrouble{Reason: "cut off", Retry: h.now.Add(time.Second)}))
	p, wanted, err = h.ToPlan(bg, idea.ID)
	if err != nil || !wanted {
		t.Fatalf("after a failure: %v %v", wanted, err)
	}
	h.settings.Planner.Auto = ""
	if _, wanted, err := h.ToPlan(bg, idea.ID); wanted || err != nil {
		t.Errorf("switched off: %v %v", wanted, err)
	}
	if made := must(h.Propose(bg, p, "model-x", diamond))(t); made.State != board.PlanApplied {
		t.Errorf("made %+v", made)
	}
	h.settings.Planner.Auto = kanban.Decompose
	for _, end := range []func(kanban.Task){
		func(k kanban.Task) {
			p, _, err := h.ToPlan(bg, k.ID)
			ok(t, err)
			ok(t, h.FailPlan(bg, p, board.PlanTrouble{Reason: "bad key"}))
		},
		func(k kanban.Task) {
			h.propose(t, k.ID, kanban.Decompose, diamond)
			must(h.RejectPlan(bg, ann, k.ID, "no"))(t)
		},
	} {
		k := h.add(t, "idea", inTriage)
		end(k)
		if _, wanted, err := h.ToPlan(bg, k.ID); wanted || err != nil {
			t.Errorf("tried again: %v %v", wanted, err)
		}
	}
}

// TestPlanNews: what is new is found by events, and everything by a whole look.
func TestPlanNews(t *testing.T) {
	h, idea := planHouse(t)
	ids, last, err := h.PlanNews(bg, 0, true)
	ok(t, err)
	same(t, "triage", ids, []string{idea.ID})
	var more []string
	for i := range 3 {
		more = append(more, h.add(t, fmt.Sprint("idea ", i), inTriage).ID)
	}
	must(h.AskPlan(bg, ann, idea.ID, kanban.Specify, false))(t)
	got, last, err := h.PlanNews(bg, last, false)
	ok(t, err)
	same(t, "news", got, append(more, idea.ID))
	if got, _, err := h.PlanNews(bg, last, false); err != nil || len(got) != 0 {
		t.Errorf("nothing is new, but %v %v", got, err)
	}
}

// TestPlanOfNobody: without a planner, or with no lane to give parts to, nothing
// is written.
func TestPlanOfNobody(t *testing.T) {
	h, idea := planHouse(t)
	h.settings.Lanes = nil
	_, err := h.AskPlan(bg, ann, idea.ID, kanban.Decompose, false)
	refused(t, err, kanban.Conflict, "no lane")
	h.settings.Planner = board.Planner{}
	_, err = h.AskPlan(bg, ann, idea.ID, kanban.Specify, false)
	refused(t, err, kanban.Unavailable, "no planner")
	ready := h.add(t, "ready")
	h.settings.Planner.Name = "x"
	_, err = h.AskPlan(bg, ann, ready.ID, kanban.Specify, false)
	refused(t, err, kanban.Conflict, "only a task in triage")
}
