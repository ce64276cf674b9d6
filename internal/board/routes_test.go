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

// heard is who is told of what they asked for: "target: kind of title", in order.
func (h *house) heard(t tb) (all []string) {
	t.Helper()
	all = []string{}
	for _, m := range must(h.Messages(bg, store.Pending, 0))(t) {
		if m.Subscription == 0 {
			continue
		}
		task, err := h.Task(bg, m.Event.Task)
		if err != nil {
			task.Title = "?"
		}
		all = append([]string{fmt.Sprintf("%s: %s of %s", m.Place.Target, m.Event.Kind, task.Title)}, all...)
	}
	return all
}

// hush takes what waits away.
func (h *house) hush(t tb) {
	t.Helper()
	for _, d := range must(h.Deliveries(bg, store.Pending, 0))(t) {
		d.State, d.DoneAt = store.Delivered, h.now
		ok(t, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{d}}))
	}
}

func (h *house) subscribe(t tb, s store.Subscription) store.Subscription {
	t.Helper()
	s.Sink = "ops"
	return must2(h.Subscribe(bg, ann, s))(t)
}

func (h *house) stop(t tb, id string) {
	t.Helper()
	must(h.Block(bg, ann, kanban.Lease{Task: id}, "", "may I?", kanban.Handoff{}))(t)
	must(h.Unblock(bg, ann, id, ""))(t)
}

// TestG20_FiltersHoldTogether: lane, tenant and creator as the task stands when it
// happens, and several wishes of one place are one message.
func TestG20_FiltersHoldTogether(t *testing.T) {
	h := newHouse(t)
	h.subscribe(t, store.Subscription{Target: "lane", Lane: " Tester "})
	h.subscribe(t, store.Subscription{Target: "both", Lane: "builder", Tenant: "acme"})
	h.subscribe(t, store.Subscription{Target: "creator", Creator: "bob"})
	h.subscribe(t, store.Subscription{Target: "all"})
	again := h.subscribe(t, store.Subscription{Target: "all", Lane: "builder"})
	if again.ID != 5 || again.Destination != 4 {
		t.Errorf("another wish of the same place: %+v", again)
	}
	plain := h.add(t, "plain")
	acme := h.add(t, "acme", func(n *board.NewTask) { n.Tenant = "acme" })
	bobs := h.add(t, "bobs", func(n *board.NewTask) { n.CreatedBy = "bob" })
	for _, task := range []kanban.Task{plain, acme, bobs} {
		h.stop(t, task.ID)
	}
	same(t, "heard", h.heard(t), []string{
		"all: blocked of plain", "both: blocked of acme", "all: blocked of acme", "creator: blocked of bobs", "all: blocked of bobs",
	})
	h.hush(t)
	must(h.Assign(bg, ann, plain.ID, board.Assignment{Lane: "tester"}))(t)
	h.stop(t, plain.ID)
	same(t, "in another lane", h.heard(t), []string{"lane: blocked of plain", "all: blocked of plain"})
	h.hush(t)
	h.subscribe(t, store.Subscription{Target: "labelled", Lane: "tester", Labels: []string{"UI", " bug "}})
	must(h.Edit(bg, ann, plain.ID, board.Edit{AddLabels: []string{"ui"}}))(t)
	h.stop(t, plain.ID)
	must(h.Edit(bg, ann, plain.ID, board.Edit{AddLabels: []string{"bug"}}))(t)
	h.stop(t, plain.ID)
	same(t, "with all its labels", h.heard(t), []string{
		"lane: blocked of plain", "all: blocked of plain", "lane: blocked of plain", "all: blocked of plain", "labelled: blocked of plain",
	})
	_, _, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Alone: true})
	refused(t, err, kanban.Invalid, "alone")
}

// family is a task, what its run created, and what the run of that created.
func family(t *testing.T, h *house) (root, child, grandchild kanban.Task) {
	t.Helper()
	root = h.add(t, "root")
	w := h.start(t, root)
	child = must(h.Create(bg, w.Actor, board.NewTask{Title: "child", Assignee: "builder"}))(t).Task
	w = h.start(t, child)
	grandchild = must(h.Create(bg, w.Actor, board.NewTask{Title: "grandchild", Assignee: "builder"}))(t).Task
	return root, child, grandchild
}

// TestG20_WhatARunCreatesIsHeardOfWithItsTask, and muted with it.
func TestG20_WhatARunCreatesIsHeardOfWithItsTask(t *testing.T) {
	h := newHouse(t)
	root, child, grandchild := family(t, h)
	h.subscribe(t, store.Subscription{Task: root.ID, Target: "whole"})
	h.subscribe(t, store.Subscription{Task: root.ID, Target: "alone", Alone: true})
	h.subscribe(t, store.Subscription{Task: child.ID, Target: "part"})
	h.stop(t, grandchild.ID)
	same(t, "heard", h.heard(t), []string{"whole: blocked of grandchild", "part: blocked of grandchild"})
	h.hush(t)

	place := store.Destination{Sink: "ops", Target: "whole"}
	m := must(h.Mute(bg, ann, place, store.Mute{Task: child.ID, Until: h.now.Add(time.Hour)}))(t)
	same(t, "muted by", m.By, "ann")
	h.stop(t, grandchild.ID)
	same(t, "muted", h.heard(t), []string{"part: blocked of grandchild"})
	h.hush(t)
	must(h.Block(bg, ann, kanban.Lease{Task: root.ID}, "", "and I?", kanban.Handoff{}))(t)
	same(t, "above it", h.heard(t), []string{"whole: blocked of root", "alone: blocked of root"})
	h.hush(t)
	h.pass(time.Hour)
	same(t, "over", len(must(h.Mutes(bg))(t)), 0)
	h.stop(t, grandchild.ID)
	same(t, "heard again", h.heard(t), []string{"whole: blocked of grandchild", "part: blocked of grandchild"})
	h.hush(t)

	must(h.Mute(bg, ann, place, store.Mute{}))(t)
	h.stop(t, child.ID)
	same(t, "all of it muted", h.heard(t), []string{"part: blocked of child"})
	same(t, "listed", must(h.Mutes(bg))(t)[0].Place.Target, "whole")
	ok(t, h.Unmute(bg, ann, place, ""))
	refused(t, h.Unmute(bg, ann, place, ""), kanban.NotFound)
	_, err := h.Mute(bg, ann, place, store.Mute{Until: h.now})
	refused(t, err, kanban.Invalid)
	_, err = h.Mute(bg, ann, place, store.Mute{Task: "t_00000000"})
	refused(t, err, kanban.NotFound)
}

// TestG20_ASubscriptionEndsWithItsTask, which tells so, and not when it is done.
func TestG20_ASubscriptionEndsWithItsTask(t *testing.T) {
	ends := []kanban.EventKind{kanban.EvCompleted, kanban.EvReopened, kanban.EvArchived, kanban.EvCancelled, kanban.EvDeleted}
	for name, end := range map[string]func(h *house, id string) error{
		"archived":  func(h *house, id string) error { _, err := h.Archive(bg, ann, id); return err },
		"cancelled": func(h *house, id string) error { _, err := h.Cancel(bg, ann, id, ""); return err },
		"deleted":   func(h *house, id string) error { _, err := h.Delete(bg, ann, id, true); return err },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "watched")
			h.subscribe(t, store.Subscription{Task: task.ID, Kinds: ends})
			complete(t, h, task.ID)
			must(h.Reopen(bg, ann, task.ID, "not yet"))(t)
			ok(t, end(h, task.ID))
			same(t, "told", h.told(t), []kanban.EventKind{kanban.EvCompleted, kanban.EvReopened, kanban.EventKind(name)})
			same(t, "subscriptions", len(must(h.Subscriptions(bg, ""))(t)), 0)
			_, _, err := h.Subscribe(bg, ann, store.Subscription{Task: task.ID, Sink: "ops"})
			refused(t, err, map[bool]kanban.Code{true: kanban.NotFound, false: kanban.Conflict}[name == "deleted"])
		})
	}
}

// TestG20_AnEndedSubscriptionTakesItsOwnOnly: what another one asked for, too, and
// was there to ask for, stays on its way.
func TestG20_AnEndedSubscriptionTakesItsOwnOnly(t *testing.T) {
	h := newHouse(t)
	task, other := h.add(t, "shared"), h.add(t, "its own")
	wide := h.subscribe(t, store.Subscription{})
	narrow := h.subscribe(t, store.Subscription{Task: task.ID})
	same(t, "one place", narrow.Destination, wide.Destination)
	h.stop(t, task.ID)
	h.stop(t, other.ID)
	h.pass(time.Second)
	late := h.subscribe(t, store.Subscription{Lane: "builder"})
	ok(t, h.Unsubscribe(bg, wide.ID))
	same(t, "left", h.heard(t), []string{": blocked of shared"})
	waiting := must(h.Deliveries(bg, store.Pending, 0))(t)
	same(t, "handed over", waiting[len(waiting)-1].Subscription, narrow.ID)
	ok(t, h.Unsubscribe(bg, narrow.ID))
	same(t, "none", h.heard(t), []string{})
	ok(t, h.Unsubscribe(bg, late.ID))
}

// TestG20_WhatIsDecidedIsToldToWhoeverWasAsked, whatever they asked to hear of, and
// once: also where it is muted, and to nobody who was not asked.
func TestG20_WhatIsDecidedIsToldToWhoeverWasAsked(t *testing.T) {
	settled := func(h *house) (all []string) {
		for _, m := range must(h.Messages(bg, store.Pending, 0))(t) {
			if m.Subscription == 0 {
				all = append(all, m.Place.Target+": "+string(m.Event.Kind))
			}
		}
		h.hush(t)
		return all
	}
	h := newHouse(t)
	task := h.add(t, "asks")
	h.subscribe(t, store.Subscription{Target: "asked", Kinds: []kanban.EventKind{kanban.EvBlocked}})
	h.subscribe(t, store.Subscription{Target: "other", Kinds: []kanban.EventKind{kanban.EvCreated}})
	h.subscribe(t, store.Subscription{Target: "hears", Kinds: []kanban.EventKind{kanban.EvBlocked, kanban.EvUnblocked}})
	h.stop(t, task.ID) // the question waits yet
	same(t, "that waited", settled(h), []string{"asked: unblocked"})

	hold := func() {
		must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, "", "may I?", kanban.Handoff{}))(t)
		for _, d := range must(h.Deliveries(bg, store.Pending, 0))(t) {
			d.State, d.DoneAt = store.Delivered, h.now
			ok(t, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{d}, Ref: fmt.Sprint("m", d.ID)}))
		}
	}
	hold()
	must(h.Mute(bg, ann, store.Destination{Sink: "ops", Target: "asked"}, store.Mute{Task: task.ID}))(t)
	must(h.Unblock(bg, ann, task.ID, "yes"))(t)
	same(t, "that stood there", settled(h), []string{"asked: unblocked"})
	ok(t, h.Unmute(bg, ann, store.Destination{Sink: "ops", Target: "asked"}, task.ID))

	hold()
	must(h.Complete(bg, ann, kanban.Lease{Task: task.ID}, kanban.Handoff{Summary: "good"}))(t)
	same(t, "done by hand", settled(h), []string{"hears: completed", "asked: completed"})
	must(h.Archive(bg, ann, task.ID))(t)
	same(t, "what asked for nothing", len(settled(h)), 0)
}

// TestG20_BindKeepsWhatIsUrgentApart, unless there is much of it, and always what
// settles.
func TestG20_BindKeepsWhatIsUrgentApart(t *testing.T) {
	for name, c := range map[string]struct {
		waits string // q = quiet, u = urgent, s = settles
		want  string // messages: letters that go together
	}{
		"few":               {"qu", "q u"},
		"urgent after many": {"qqqqu", "qqqq u"},
		"urgent first":      {"uqqqq", "u qqqq"},
		"between":           {"quqqu", "q u qq u"},
		"many urgent":       {"uuuqq", "uuuqq"},
		"what settles":      {"qqqsq", "qqq s q"},
		"among the urgent":  {"uuusuu", "uuu s u u"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			place := h.subscribe(t, store.Subscription{}).Destination
			task := h.add(t, "talks")
			ok(t, h.store.Update(bg, func(tx store.Tx) error {
				for _, letter := range c.waits {
					kind, sub := kanban.EvCompleted, int64(1)
					switch letter {
					case 'u':
						kind = kanban.EvReview
					case 's':
						sub = 0
					}
					id, err := tx.AddEvent(kanban.Event{Task: task.ID, Kind: kind, At: h.now})
					if err != nil {
						return err
					}
					if _, err := tx.AddDelivery(store.Delivery{Destination: place, Subscription: sub, Event: kanban.Event{ID: id}, State: store.Pending}); err != nil {
						return err
					}
				}
				return nil
			}))
			var got []string
			for left := c.waits; left != ""; {
				ok(t, h.Bind(bg, place, 2, 50, func(e kanban.Event) bool { return e.Kind == kanban.EvReview }))
				next := must(h.Queue(bg, place))(t).Next
				got, left = append(got, left[:len(next)]), left[len(next):]
				for _, d := range next {
					d.State, d.DoneAt = store.Delivered, h.now
					ok(t, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{d.Delivery}}))
				}
			}
			same(t, "messages", strings.Join(got, " "), c.want)
		})
	}
}

// TestG20_CreatedAndToldInOneStep, also to who finds the task by its key, and not
// at all if one of the two is refused.
func TestG20_CreatedAndToldInOneStep(t *testing.T) {
	h := newHouse(t)
	tell := &store.Subscription{Sink: "opps", Target: "room", Kinds: []kanban.EventKind{kanban.EvBlocked}}
	made := must(h.Create(bg, ann, board.NewTask{Title: "told", Key: "k", Tell: tell}))(t)
	if s := made.Subscription; s == nil || s.Task != made.Task.ID || s.Target != "room" || len(made.Warning) != 1 {
		t.Errorf("created %+v", made)
	}
	found := must(h.Create(bg, ann, board.NewTask{Title: "told", Key: "k", Tell: &store.Subscription{Sink: "ops"}}))(t)
	if found.Created || found.Task.ID != made.Task.ID || found.Subscription.Task != made.Task.ID {
		t.Errorf("found %+v", found)
	}
	h.stop(t, made.Task.ID)
	same(t, "told", h.heard(t), []string{"room: blocked of told", ": blocked of told"})

	before := h.all(t)
	for name, s := range map[string]*store.Subscription{"a sink": {Sink: "no such/sink"}, "a kind": {Sink: "ops", Kinds: []kanban.EventKind{"party"}}} {
		_, err := h.Create(bg, ann, board.NewTask{Title: name, Tell: s})
		refused(t, err, kanban.Invalid)
	}
	w := h.start(t, made.Task)
	_, err := h.Create(bg, w.Actor, board.NewTask{Title: "by a worker", Tell: &store.Subscription{Sink: "ops"}})
	refused(t, err, kanban.Unauthorized)
	same(t, "tasks", len(must(h.Subscriptions(bg, ""))(t)), 2)
	if before == h.all(t) {
		t.Error("the run is not on the board")
	}
	graph := must(h.CreateGraph(bg, ann, []board.GraphTask{{Key: "one", NewTask: board.NewTask{Title: "of a graph", Tell: &store.Subscription{Sink: "ops"}}}}))(t)
	same(t, "of a graph", graph[0].Subscription.Task, graph[0].Task.ID)
}

// TestG20_ReplayTellsAgain what was delivered or parked, what was muted and what
// was there before the subscription; what waits, waits.
func TestG20_ReplayTellsAgain(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "before")
	h.stop(t, task.ID)
	h.pass(time.Minute)
	since := h.now
	s := h.subscribe(t, store.Subscription{Target: "room"})
	other := h.subscribe(t, store.Subscription{Target: "hall"})
	h.stop(t, task.ID)
	all := must(h.Deliveries(bg, store.Pending, 0))(t)
	same(t, "pending", len(h.heard(t)), 2)
	parked := all[3] // before it stands what settles both
	parked.State, parked.Error, parked.Attempts, parked.Batch = store.Parked, "gone", 7, 4
	ok(t, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{parked}}))

	r := must(h.Replay(bg, ann, board.Replay{Since: since}))(t)
	same(t, "on their way", r.Messages, 1)
	again := must(h.Deliveries(bg, store.Pending, 0))(t)[3]
	if again.ID != parked.ID || again.Attempts != 0 || again.Batch != 0 || again.Error != "" {
		t.Errorf("again %+v", again)
	}
	h.hush(t)
	r = must(h.Replay(bg, ann, board.Replay{Event: 1, Subscription: s.ID}))(t)
	same(t, "with those of before", r, board.Replayed{Messages: 2, Event: 1})
	same(t, "to one only", h.heard(t), []string{"room: blocked of before", "room: blocked of before"})
	same(t, "nothing twice", must(h.Replay(bg, ann, board.Replay{Event: 1, Subscription: s.ID}))(t).Messages, 0)

	must(h.Mute(bg, ann, store.Destination{Sink: "ops", Target: "hall"}, store.Mute{Task: task.ID}))(t)
	same(t, "muted now", must(h.Replay(bg, ann, board.Replay{Event: 1, Subscription: other.ID}))(t).Messages, 0)
	same(t, "nothing since", must(h.Replay(bg, ann, board.Replay{Since: h.now.Add(time.Hour)}))(t), board.Replayed{})
	_, err := h.Replay(bg, ann, board.Replay{})
	refused(t, err, kanban.Invalid)
	_, err = h.Replay(bg, ann, board.Replay{Event: 1, Subscription: 99})
	refused(t, err, kanban.NotFound)
	h.pass(time.Hour)
	must(h.Archive(bg, ann, task.ID))(t)
	must(h.Prune(bg, board.Retention{Events: 0, Operations: time.Hour, Deliveries: 0}))(t)
	if r = must(h.Replay(bg, ann, board.Replay{Since: since}))(t); !r.Forgotten {
		t.Errorf("retention is not told: %+v", r)
	}
}

// TestG20_ALongReplayIsDoneOnce, in parts, however often its answer gets lost.
func TestG20_ALongReplayIsDoneOnce(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "chatty")
	for range 450 {
		must(h.Comment(bg, ann, task.ID, "hm"))(t)
	}
	s := h.subscribe(t, store.Subscription{Kinds: []kanban.EventKind{kanban.EvCommented}})
	ctx := board.WithOperation(bg, "op", "request")
	first := must(h.Replay(ctx, ann, board.Replay{Event: 1, Subscription: s.ID}))(t)
	same(t, "messages", first.Messages, 450)
	must(h.Comment(bg, ann, task.ID, "one more"))(t)
	h.hush(t)
	same(t, "answered again", must(h.Replay(ctx, ann, board.Replay{Event: 1, Subscription: s.ID}))(t), first)
	same(t, "told again", len(h.heard(t)), 0)
}

// TestG20_ADigestIsRetriedWhole, and what nobody knows the place of is not.
func TestG20_ADigestIsRetriedWhole(t *testing.T) {
	h := newHouse(t)
	h.subscribe(t, store.Subscription{})
	for range 3 {
		must(h.Block(bg, ann, kanban.Lease{Task: h.add(t, "one of them").ID}, "", "may I?", kanban.Handoff{}))(t)
	}
	d := must(h.Deliveries(bg, store.Pending, 0))(t)
	for i := range d {
		d[i].State, d[i].Batch = store.Parked, []int64{store.Single, 2, 2}[i]
	}
	ok(t, h.Note(bg, board.Outcome{Deliveries: d}))
	same(t, "of a digest", must(h.RetryParked(bg, d[1].ID))(t), 2)
	same(t, "by itself", must(h.RetryParked(bg, d[0].ID))(t), 1)
	var lost int64
	ok(t, h.store.Update(bg, func(tx store.Tx) (err error) {
		lost, err = tx.AddDelivery(store.Delivery{Event: d[0].Event, State: store.Parked, Error: store.NoDestination})
		return err
	}))
	_, err := h.RetryParked(bg, lost)
	refused(t, err, kanban.Conflict, "nobody knows")
	same(t, "all the others", must(h.RetryParked(bg, 0))(t), 0)
}
