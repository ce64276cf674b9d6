package board_test

import (
	"context"
	"testing"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// told are the kinds of event that wait to be delivered, in order.
func (h *house) told(t tb) []kanban.EventKind {
	t.Helper()
	var out []kanban.EventKind
	for _, d := range must(h.Deliveries(bg, store.Pending, 1000))(t) {
		out = append([]kanban.EventKind{d.Event.Kind}, out...)
	}
	return out
}

// TestG20_OutboxIsWrittenWithTheEvent: a delivery for each subscription that
// wants it, in the event's own transaction, from now on.
func TestG20_OutboxIsWrittenWithTheEvent(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "watched")
	must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, "", "before anybody asked", kanban.Handoff{}))(t)
	must(h.Unblock(bg, ann, task.ID, ""))(t)
	sub, created, err := h.Subscribe(bg, ann, store.Subscription{Task: task.ID, Sink: " OPS ", Target: "room"})
	ok(t, err)
	if !created || sub.Sink != "ops" || sub.CreatedBy != "ann" {
		t.Errorf("created %v: %+v", created, sub)
	}
	same(t, "told of the past", h.told(t), []kanban.EventKind{})

	must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, "", "may I?", kanban.Handoff{}))(t)
	must(h.Comment(bg, ann, task.ID, "not noteworthy"))(t)
	must(h.Cancel(bg, ann, h.add(t, "another").ID, ""))(t)
	same(t, "told", h.told(t), []kanban.EventKind{kanban.EvBlocked})

	// What is refused tells nobody: event and delivery come and go together.
	_, err = h.Unblock(bg, ann, "t_00000000", "")
	refused(t, err, kanban.NotFound)
	same(t, "told", len(h.told(t)), 1)
}

// A subscription hears of other kinds from now on, and what it is yet to be told of
// stays.
func TestG20_KindsChangeFromNowOn(t *testing.T) {
	h := newHouse(t)
	task := h.add(t, "watched")
	sub, _, err := h.Subscribe(bg, ann, store.Subscription{Task: task.ID, Sink: "ops"})
	ok(t, err)
	must(h.Block(bg, ann, kanban.Lease{Task: task.ID}, "", "may I?", kanban.Handoff{}))(t)
	must(h.Comment(bg, ann, task.ID, "not noteworthy"))(t)
	other := must(h.ChangeKinds(bg, ann, sub.ID, []kanban.EventKind{kanban.EvCommented}))(t)
	same(t, "its kinds", other.Kinds, []kanban.EventKind{kanban.EvCommented})
	must(h.Comment(bg, ann, task.ID, "heard now"))(t)
	same(t, "told, what waited among it", h.told(t), []kanban.EventKind{kanban.EvBlocked, kanban.EvCommented})
	_, err = h.ChangeKinds(bg, ann, sub.ID, []kanban.EventKind{"dreamt"})
	refused(t, err, kanban.Invalid)
	_, err = h.ChangeKinds(bg, ann, 99, nil)
	refused(t, err, kanban.NotFound)
	_, err = h.ChangeKinds(bg, kanban.Actor{Kind: kanban.Worker}, sub.ID, nil)
	refused(t, err, kanban.Unauthorized)
	must(h.ChangeKinds(bg, ann, sub.ID, nil))(t)
	must(h.Comment(bg, ann, task.ID, "heard no more"))(t)
	same(t, "told", h.told(t), []kanban.EventKind{kanban.EvBlocked, kanban.EvCommented})
}

func TestSubscriptionNamesItsKinds(t *testing.T) {
	h := newHouse(t)
	_, _, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Kinds: []kanban.EventKind{"party"}})
	refused(t, err, kanban.Invalid, "party")
	_, _, err = h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Task: "t_00000000"})
	refused(t, err, kanban.NotFound)
	_, _, err = h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "a\nb"})
	refused(t, err, kanban.Invalid)

	kinds := []kanban.EventKind{kanban.EvCreated, kanban.EvCommented}
	first, _, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Kinds: kinds})
	ok(t, err)
	again, created, err := h.Subscribe(bg, ann, store.Subscription{Sink: "ops"})
	ok(t, err)
	if created {
		t.Error("the same wish made a second subscription")
	}
	same(t, "subscription", again, first)

	task := h.add(t, "any task of the board")
	must(h.Comment(bg, ann, task.ID, "hello"))(t)
	complete(t, h, task.ID)
	same(t, "told", h.told(t), kinds)
	ok(t, h.Unsubscribe(bg, first.ID))
	same(t, "told", h.told(t), []kanban.EventKind{})
	refused(t, h.Unsubscribe(bg, first.ID), kanban.NotFound)
	refused(t, h.Unsubscribe(bg, -1), kanban.Conflict)
	same(t, "warning", h.SinkWarning("ops"), "")
	same(t, "warning", h.SinkWarning("opps"), "there is no sink opps in andon.yaml (known: ops); its messages will wait until there is one")
}

// TestA4_BreakerIsToldOnce: one message says that the task gave up; the failures
// before it are told as they are.
func TestA4_BreakerIsToldOnce(t *testing.T) {
	for outcome, want := range map[kanban.Outcome][]kanban.EventKind{
		kanban.Crashed:           {kanban.EvCrashed, kanban.EvGaveUp},
		kanban.Stalled:           {kanban.EvStalled, kanban.EvGaveUp},
		kanban.SpawnFailed:       {kanban.EvGaveUp},
		kanban.ProtocolViolation: {kanban.EvGaveUp},
	} {
		t.Run(string(outcome), func(t *testing.T) {
			h := newHouse(t)
			task := h.add(t, "deploy")
			must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops"}))(t)
			for must(h.Task(bg, task.ID))(t).Status == kanban.Ready {
				h.pass(1e12)
				h.end(t, h.start(t, task), outcome, "exit status 3")
			}
			same(t, "told", h.told(t), want)
		})
	}
}

func must2[A, B any](a A, _ B, err error) func(tb) A { return must(a, err) }

func TestParkedMessagesAreRetried(t *testing.T) {
	h := newHouse(t)
	must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops"}))(t)
	h.as(t, kanban.Blocked)
	h.as(t, kanban.Done)
	for _, d := range must(h.Deliveries(bg, store.Pending, 10))(t) {
		d.State, d.Attempts, d.Error = store.Parked, 9, "410 Gone"
		ok(t, h.Note(bg, board.Outcome{Deliveries: []store.Delivery{d}}))
	}
	parked := must(h.Deliveries(bg, store.Parked, 10))(t)
	same(t, "one", must(h.RetryParked(bg, parked[0].ID))(t), 1)
	_, err := h.RetryParked(bg, parked[0].ID)
	refused(t, err, kanban.NotFound)
	same(t, "all", must(h.RetryParked(bg, 0))(t), 1)
	same(t, "none", must(h.RetryParked(bg, 0))(t), 0)
	for _, d := range must(h.Deliveries(bg, store.Pending, 10))(t) {
		same(t, "attempts", d.Attempts, 0)
	}
}

// TestG20_EventsOfOthersReachSubscribers: each once, in order, from the moment
// of the subscription, whether or not a gateway ran then.
func TestG20_EventsOfOthersReachSubscribers(t *testing.T) {
	s := &shared{Store: memory.New(), foreign: map[int64]bool{}}
	h := houseOn(t, s)
	task := h.add(t, "watched")
	s.write(t, task.ID, kanban.EvBlocked) // nobody had asked
	must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "first"}))(t)
	s.write(t, task.ID, kanban.EvCompleted)
	ok(t, h.Reconcile(bg))
	same(t, "told", h.told(t), []kanban.EventKind{kanban.EvCompleted})

	// More than one batch, ours in between; a second reader wants only the rest.
	for range 450 {
		s.write(t, task.ID, kanban.EvCrashed)
	}
	must2(h.Subscribe(bg, ann, store.Subscription{Sink: "ops", Target: "second"}))(t)
	must(h.Comment(bg, ann, task.ID, "ours"))(t)
	s.write(t, task.ID, kanban.EvTimedOut)
	for range 3 {
		ok(t, h.Reconcile(bg))
	}
	n := map[kanban.EventKind]int{}
	for _, k := range h.told(t) {
		n[k]++
	}
	same(t, "told", n, map[kanban.EventKind]int{kanban.EvCompleted: 1, kanban.EvCrashed: 450, kanban.EvTimedOut: 2})
}

// TestReferencesSubscriptionsAreLeftAlone: its own notifier serves them.
func TestReferencesSubscriptionsAreLeftAlone(t *testing.T) {
	s := &shared{Store: memory.New(), foreign: map[int64]bool{}, theirs: []store.Subscription{{ID: -1, Sink: "telegram", Foreign: true}}}
	h := houseOn(t, s)
	h.as(t, kanban.Blocked)
	same(t, "told", h.told(t), []kanban.EventKind{})
}

// shared is a board that another program writes, too.
type shared struct {
	store.Store
	foreign map[int64]bool // events
	theirs  []store.Subscription
}

func (s *shared) write(t tb, task string, kind kanban.EventKind) {
	t.Helper()
	ok(t, s.Store.Update(bg, func(tx store.Tx) error {
		id, err := tx.AddEvent(kanban.Event{Task: task, Kind: kind, At: t0})
		s.foreign[id] = true
		return err
	}))
}

func (s *shared) Update(ctx context.Context, fn func(store.Tx) error) error {
	return s.Store.Update(ctx, func(tx store.Tx) error { return fn(sharedTx{tx, s}) })
}

type sharedTx struct {
	store.Tx
	s *shared
}

func (x sharedTx) Subscriptions(task string) ([]store.Subscription, error) {
	own, err := x.Tx.Subscriptions(task)
	return append(own, x.s.theirs...), err
}

func (x sharedTx) Events(q store.EventQuery) ([]kanban.Event, error) {
	limit := q.Limit
	if q.Foreign {
		q.Foreign, q.Limit = false, 10000
	}
	all, err := x.Tx.Events(q)
	var out []kanban.Event
	for _, e := range all {
		if x.s.foreign[e.ID] && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, err
}

var _ store.Store = (*shared)(nil)
