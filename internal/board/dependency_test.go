package board_test

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
)

// ends are the ways in which a parent can stand, and whether its child may
// start then.
var ends = map[string]struct {
	bring     func(t *testing.T, h *house, id string)
	satisfied bool
}{
	"untouched": {func(*testing.T, *house, string) {}, false},
	"running":   {func(t *testing.T, h *house, id string) { h.start(t, must(h.Task(bg, id))(t)) }, false},
	"blocked": {func(t *testing.T, h *house, id string) {
		must(h.Block(bg, ann, kanban.Lease{Task: id}, "", "wait", kanban.Handoff{}))(t)
	}, false},
	"done":                {complete, true},
	"done, then archived": {func(t *testing.T, h *house, id string) { complete(t, h, id); archive(t, h, id) }, true},
	"archived unfinished": {archive, false},
	"cancelled":           {func(t *testing.T, h *house, id string) { must(h.Cancel(bg, ann, id, ""))(t) }, false},
	"reopened":            {func(t *testing.T, h *house, id string) { complete(t, h, id); reopen(t, h, id) }, false},
	"archived after a reopen": {func(t *testing.T, h *house, id string) {
		complete(t, h, id)
		reopen(t, h, id)
		archive(t, h, id)
	}, false},
	"archived and back": {func(t *testing.T, h *house, id string) {
		complete(t, h, id)
		archive(t, h, id)
		must(h.Unarchive(bg, ann, id))(t)
	}, true},
	"archived by the reference after completion": {func(t *testing.T, h *house, id string) {
		complete(t, h, id)
		h.foreign(t, id, func(p *kanban.Task) { p.Status = kanban.Archived })
	}, true},
}

func complete(t *testing.T, h *house, id string) {
	t.Helper()
	must(h.Complete(bg, ann, kanban.Lease{Task: id}, kanban.Handoff{}))(t)
}

func archive(t *testing.T, h *house, id string) { t.Helper(); must(h.Archive(bg, ann, id))(t) }
func reopen(t *testing.T, h *house, id string)  { t.Helper(); must(h.Reopen(bg, ann, id, ""))(t) }

// TestG17_OneRuleOfSatisfaction: whichever way a child comes to be asked whether
// it may start, the answer is the same.
func TestG17_OneRuleOfSatisfaction(t *testing.T) {
	asks := map[string]func(t *testing.T, h *house, parent kanban.Task, end func()) (child string){
		"before": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent))
			end()
			return child.ID
		},
		"create": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			end()
			return h.add(t, "child", after(parent)).ID
		},
		"link": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child")
			end()
			must(h.Link(bg, ann, parent.ID, child.ID, ""))(t)
			return child.ID
		},
		"promote out of triage": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent), func(n *board.NewTask) { n.Triage = true })
			end()
			must(h.Promote(bg, ann, child.ID, false, ""))(t)
			return child.ID
		},
		"unblock": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent), func(n *board.NewTask) { n.Held = true })
			end()
			must(h.Unblock(bg, ann, child.ID, ""))(t)
			return child.ID
		},
		"wake": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent), func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Minute) })
			end()
			h.pass(time.Hour)
			must(h.Wake(bg))(t)
			return child.ID
		},
		"unarchive": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent))
			archive(t, h, child.ID)
			end()
			must(h.Unarchive(bg, ann, child.ID))(t)
			return child.ID
		},
		"reopen": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.as(t, kanban.Done)
			must(h.Link(bg, ann, parent.ID, child.ID, ""))(t)
			end()
			reopen(t, h, child.ID)
			return child.ID
		},
		"fail": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			w := h.start(t, h.add(t, "child"))
			must(h.Link(bg, ann, parent.ID, w.Task, ""))(t)
			end()
			h.end(t, w, kanban.Crashed, "exit status 1")
			return w.Task
		},
		"reclaim": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			w := h.start(t, h.add(t, "child"))
			must(h.Link(bg, ann, parent.ID, w.Task, ""))(t)
			end()
			must(h.Reclaim(bg, ann, w.Task, ""))(t)
			return w.Task
		},
		"reject": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.as(t, kanban.Review)
			must(h.Link(bg, ann, parent.ID, child.ID, ""))(t)
			end()
			must(h.Reject(bg, ann, child.ID, "no"))(t)
			return child.ID
		},
		"plain SQL": func(t *testing.T, h *house, parent kanban.Task, end func()) string {
			child := h.add(t, "child", after(parent))
			end()
			h.foreign(t, child.ID, func(c *kanban.Task) { c.Status = kanban.Todo })
			ok(t, h.Reconcile(bg))
			return child.ID
		},
	}
	for way, ask := range asks {
		for name, end := range ends {
			t.Run(way+"/"+name, func(t *testing.T) {
				h := newHouse(t)
				h.settings.Retry.MaxAttempts = 5
				parent := h.add(t, "parent", func(n *board.NewTask) { n.Assignee = "tester" })
				child := ask(t, h, parent, func() { end.bring(t, h, parent.ID) })
				want := kanban.Todo
				if end.satisfied {
					want = kanban.Ready
				}
				status(t, h, child, want)
			})
		}
	}
}

// TestG17_PromotedInTheSameTransaction: the event that the last parent is done
// is followed by the child's promotion, and by nothing in between.
func TestG17_PromotedInTheSameTransaction(t *testing.T) {
	h := newHouse(t)
	one, two := h.add(t, "one"), h.add(t, "two")
	child := h.add(t, "child", after(one, two))
	h.done(t, one, kanban.Handoff{})
	status(t, h, child.ID, kanban.Todo)
	h.done(t, two, kanban.Handoff{})
	status(t, h, child.ID, kanban.Ready)
	done, promoted := h.events(t, two.ID), h.events(t, child.ID)
	same(t, "kind", promoted[len(promoted)-1].Kind, kanban.EvPromoted)
	same(t, "id", promoted[len(promoted)-1].ID, done[len(done)-1].ID+1)
}

func TestG17_ParentIsOpenAgain(t *testing.T) {
	h := newHouse(t)
	parent := h.as(t, kanban.Done)
	ready, running := h.add(t, "ready", after(parent)), h.add(t, "running", after(parent))
	h.start(t, running)
	reopen(t, h, parent.ID)
	status(t, h, ready.ID, kanban.Todo)
	status(t, h, running.ID, kanban.Running) // work in progress goes on
	same(t, "last event", h.kinds(t, ready.ID)[1], kanban.EvDemoted)
}

func TestG17_CyclesAreRefused(t *testing.T) {
	h := newHouse(t)
	a := h.add(t, "a")
	b := h.add(t, "b", after(a))
	c := h.add(t, "c", after(b))
	_, err := h.Link(bg, ann, c.ID, a.ID, "")
	refused(t, err, kanban.Conflict, a.ID+" -> "+b.ID+" -> "+c.ID)
	_, err = h.Link(bg, ann, a.ID, a.ID, "")
	refused(t, err, kanban.Invalid)

	before := h.all(t)
	must(h.Link(bg, ann, a.ID, b.ID, ""))(t)
	same(t, "board after linking again", h.all(t), before)
	must(h.Unlink(bg, ann, a.ID, b.ID))(t)
	status(t, h, b.ID, kanban.Ready)
	_, err = h.Unlink(bg, ann, a.ID, b.ID)
	refused(t, err, kanban.NotFound)
	must(h.Link(bg, ann, c.ID, a.ID, ""))(t)
}

// TestG17_WaiverIsOnRecord: a forced start really starts, keeps its edge with
// who waived it and why, and lasts.
func TestG17_WaiverIsOnRecord(t *testing.T) {
	for from, make := range map[string]func(n *board.NewTask){
		"todo":      func(*board.NewTask) {},
		"triage":    func(n *board.NewTask) { n.Triage = true },
		"scheduled": func(n *board.NewTask) { n.NotBefore = t0.Add(time.Hour) },
	} {
		t.Run(from, func(t *testing.T) {
			h := newHouse(t)
			parent := h.add(t, "parent", func(n *board.NewTask) { n.Assignee = "tester" })
			child := h.add(t, "child", after(parent), make)
			if from == "todo" {
				_, err := h.Promote(bg, ann, child.ID, false, "")
				refused(t, err, kanban.Gated, parent.ID)
			}
			must(h.Promote(bg, ann, child.ID, true, "the API is stable"))(t)
			h.end(t, h.start(t, child), kanban.Crashed, "exit status 1")
			status(t, h, child.ID, kanban.Ready)
			want := kanban.Link{Parent: parent.ID, Child: child.ID, Waived: true, WaivedBy: "ann", WaivedReason: "the API is stable"}
			same(t, "edges", must(h.Show(bg, child.ID))(t).Parents, []kanban.Link{want})
			// Linking anew ends the waiver.
			must(h.Link(bg, ann, parent.ID, child.ID, ""))(t)
			status(t, h, child.ID, kanban.Todo)
		})
	}
}

// TestPromoteByForceOpensNoHumansGate: force is about parents and times only.
func TestPromoteByForceOpensNoHumansGate(t *testing.T) {
	for _, s := range []kanban.Status{kanban.Running, kanban.Blocked, kanban.Review, kanban.Done, kanban.Archived} {
		for _, force := range []bool{true, false} {
			h := newHouse(t)
			task := h.as(t, s)
			must(h.Link(bg, ann, h.add(t, "parent").ID, task.ID, ""))(t)
			_, err := h.Promote(bg, ann, task.ID, force, "")
			refused(t, err, kanban.Conflict, string(s))
		}
	}
}

// TestG17_DeletedParent: nobody can satisfy its children any more, so they wait
// for a human; those of finished work go on.
func TestG17_DeletedParent(t *testing.T) {
	h := newHouse(t)
	parent, finished := h.add(t, "parent"), h.as(t, kanban.Done)
	todo := h.add(t, "todo", after(parent))
	parked := h.add(t, "parked", after(parent), func(n *board.NewTask) { n.NotBefore = h.now.Add(time.Hour) })
	free := h.add(t, "free", after(finished))
	triage := h.add(t, "triage", after(parent), func(n *board.NewTask) { n.Triage = true })
	must(h.Delete(bg, ann, parent.ID, false))(t)
	must(h.Delete(bg, ann, finished.ID, false))(t)
	for _, id := range []string{todo.ID, parked.ID} {
		got := status(t, h, id, kanban.Blocked)
		same(t, "reason", got.BlockReason, "it waited for "+parent.ID+" (parent), which was deleted unfinished")
		same(t, "kind", got.BlockKind, kanban.Operator)
	}
	status(t, h, free.ID, kanban.Ready)
	same(t, "the log of a child in triage", h.kinds(t, triage.ID), []kanban.EventKind{kanban.EvCreated, kanban.EvUnlinked})
	tomb := h.events(t, parent.ID)
	last := tomb[len(tomb)-1]
	if last.Kind != kanban.EvDeleted || last.Payload["title"] != "parent" || last.Payload["by"] != "ann" {
		t.Errorf("tombstone: %+v", last)
	}
}

// TestDeleteOfARunningTask: it goes with its last process, and until then takes
// nothing in that it would take along.
func TestDeleteOfARunningTask(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "parent"))
	child := h.add(t, "child", after(must(h.Task(bg, w.Task))(t)))
	_, err := h.Delete(bg, ann, w.Task, false)
	refused(t, err, kanban.Conflict, "alive")
	must(h.Delete(bg, ann, w.Task, true))(t)
	status(t, h, child.ID, kanban.Blocked)
	same(t, "gates", h.gates(t, w.Task), []kanban.GateKind{kanban.GateEnded, kanban.GateTree})

	_, err = h.Unarchive(bg, ann, w.Task)
	refused(t, err, kanban.Conflict, "deleted")
	_, err = h.Link(bg, ann, w.Task, child.ID, "")
	refused(t, err, kanban.NotFound)
	_, err = h.Create(bg, ann, board.NewTask{Title: "late", Parents: []string{w.Task}})
	refused(t, err, kanban.Invalid)
	before := h.all(t)
	must(h.Delete(bg, ann, w.Task, true))(t)
	same(t, "board after deleting again", h.all(t), before)
	must(h.Unblock(bg, ann, child.ID, ""))(t)
	status(t, h, child.ID, kanban.Ready)

	ok(t, h.Settle(bg, w.run.ID, ""))
	_, err = h.Task(bg, w.Task)
	refused(t, err, kanban.NotFound)
	status(t, h, child.ID, kanban.Ready)
}

// TestDeleteOfADoneTaskWhoseProcessesLive: its children are not held back by a
// parent that has done its work.
func TestDeleteOfADoneTaskWhoseProcessesLive(t *testing.T) {
	h := newHouse(t)
	w := h.start(t, h.add(t, "parent"))
	other := h.add(t, "other")
	child := h.add(t, "child", after(must(h.Task(bg, w.Task))(t), other))
	must(h.Complete(bg, w.Actor, w.lease, kanban.Handoff{}))(t)
	must(h.Delete(bg, ann, w.Task, true))(t)
	complete(t, h, other.ID)
	status(t, h, child.ID, kanban.Ready)
	ok(t, h.Settle(bg, w.run.ID, ""))
	h.start(t, child)
}
