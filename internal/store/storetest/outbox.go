package storetest

import (
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func subscriptions(t *testing.T, s store.Store) {
	of := func(task string) store.Subscription {
		return store.Subscription{Task: task, Sink: "ops", Target: "42", Thread: "7", Kinds: []kanban.EventKind{kanban.EvBlocked}, CreatedBy: "ann", CreatedAt: t0}
	}
	write(t, s, func(tx store.Tx) {
		put := func(x store.Subscription) store.Subscription {
			id, created, err := tx.PutSubscription(x)
			do(err)
			equal(t, "created", created, true)
			x.ID = id
			return x
		}
		board, other := put(of("")), put(of("t_00000002"))
		own := put(of("t_00000001"))
		thread := of("t_00000001")
		thread.Thread, thread.Kinds = "", nil
		thread = put(thread)

		again := of("t_00000001")
		again.Kinds = nil
		id, created, err := tx.PutSubscription(again)
		do(err)
		equal(t, "the existing one", id, own.ID)
		equal(t, "created again", created, false)

		equal(t, "the task's and the board's", get(tx.Subscriptions("t_00000001")), []store.Subscription{own, thread, board})
		equal(t, "of a task without", get(tx.Subscriptions("t_00000003")), []store.Subscription{board})
		equal(t, "all", get(tx.Subscriptions("")), []store.Subscription{board, other, own, thread})

		own.Kinds = []kanban.EventKind{kanban.EvCompleted, kanban.EvReview}
		do(tx.SetKinds(own.ID, own.Kinds))
		do(tx.SetKinds(board.ID, nil))
		board.Kinds = nil
		equal(t, "other kinds", get(tx.Subscriptions("t_00000001")), []store.Subscription{own, thread, board})
		wantCode(t, "kinds of a foreign one", tx.SetKinds(-1, nil), kanban.Conflict)
		wantCode(t, "kinds of none", tx.SetKinds(999, nil), kanban.NotFound)

		do(tx.DeleteSubscription(own.ID))
		wantCode(t, "delete twice", tx.DeleteSubscription(own.ID), kanban.NotFound)
		wantCode(t, "delete a foreign one", tx.DeleteSubscription(-1), kanban.Conflict)
		equal(t, "after delete", get(tx.Subscriptions("t_00000001")), []store.Subscription{thread, board})
		if next := put(of("t_00000001")); next.ID <= thread.ID {
			t.Errorf("id %d given again", next.ID)
		}
	})
}

func deliveries(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		var events []kanban.Event
		for range 3 {
			e := kanban.Event{Task: "t_00000001", Kind: kanban.EvBlocked, At: t0, Payload: map[string]any{"reason": "why"}}
			e.ID = get(tx.AddEvent(e))
			events = append(events, e)
		}
		add := func(subscription int64, e kanban.Event) store.Delivery {
			d := store.Delivery{Subscription: subscription, Event: e, State: store.Pending, NextAt: t0.Add(time.Hour)}
			d.ID = get(tx.AddDelivery(d))
			return d
		}
		late, one, two := add(7, events[2]), add(7, events[0]), add(9, events[1])
		equal(t, "in order of event", get(tx.Pending(7, 5)), []store.Delivery{one, late})
		equal(t, "limit", get(tx.Pending(7, 1)), []store.Delivery{one})
		equal(t, "first of each", get(tx.Pending(0, 5)), []store.Delivery{one, two})
		equal(t, "first of the first", get(tx.Pending(0, 1)), []store.Delivery{one})
		equal(t, "newest first", get(tx.Deliveries(store.Pending, 2)), []store.Delivery{two, one})

		one.State, one.Attempts, one.Error, one.DoneAt = store.Delivered, 3, "once", t0.Add(time.Minute)
		filled(t, one)
		do(tx.UpdateDelivery(one))
		equal(t, "done", get(tx.Deliveries(store.Delivered, 5)), []store.Delivery{one})
		equal(t, "the next", get(tx.Pending(0, 5)), []store.Delivery{late, two})
		wantCode(t, "unknown", tx.UpdateDelivery(store.Delivery{ID: 99}), kanban.NotFound)

		two.State = store.Parked
		do(tx.UpdateDelivery(two))
		equal(t, "parked", get(tx.Deliveries(store.Parked, 5)), []store.Delivery{two})
		equal(t, "pending of 9", len(get(tx.Pending(9, 5))), 0)
		equal(t, "first of each that has any", get(tx.Pending(0, 5)), []store.Delivery{late})
	})
	write(t, s, func(tx store.Tx) {
		id, _, err := tx.PutSubscription(store.Subscription{Sink: "ops"})
		do(err)
		pending := get(tx.AddDelivery(store.Delivery{Subscription: id, Event: kanban.Event{ID: 1}, State: store.Pending}))
		parked := get(tx.AddDelivery(store.Delivery{Subscription: id, Event: kanban.Event{ID: 1}, State: store.Parked}))
		do(tx.DeleteSubscription(id))
		for _, d := range append(get(tx.Deliveries(store.Pending, 0)), get(tx.Deliveries(store.Parked, 1))...) {
			if d.ID == pending {
				t.Error("a pending delivery outlived its subscription")
			}
		}
		equal(t, "a parked one stays visible", get(tx.Deliveries(store.Parked, 1))[0].ID, parked)
	})
}

func prune(t *testing.T, s store.Store) {
	const done, archived, todo, gone = "t_00000001", "t_00000002", "t_00000003", "t_00000004"
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task(done, status(kanban.Done))))
		do(tx.InsertTask(task(archived, status(kanban.Archived))))
		do(tx.InsertTask(task(todo, status(kanban.Todo))))
		add := func(task string, after time.Duration) kanban.Event {
			e := kanban.Event{Task: task, Kind: kanban.EvEdited, At: t0.Add(after)}
			e.ID = get(tx.AddEvent(e))
			return e
		}
		add(done, 0)
		add(archived, 1*time.Millisecond)
		add(gone, 2*time.Millisecond)
		kept := []int64{add(todo, 0).ID}
		awaited, failed, heard := add(done, 0), add(done, 0), add(done, 0)
		kept = append(kept, awaited.ID, failed.ID, add(done, 5*time.Millisecond).ID) // the last is not old enough
		for e, state := range map[*kanban.Event]store.DeliveryState{&awaited: store.Pending, &failed: store.Parked, &heard: store.Delivered} {
			get(tx.AddDelivery(store.Delivery{Subscription: 1, Event: *e, State: state, DoneAt: t0}))
		}
		get(tx.AddDelivery(store.Delivery{Subscription: 1, Event: heard, State: store.Delivered, DoneAt: t0.Add(time.Hour)}))
		do(tx.PutOperation("old", nil, t0))
		do(tx.PutOperation("new", nil, t0.Add(time.Hour)))

		equal(t, "nothing asked for", get(tx.Prune(store.Prune{})), store.Pruned{})
		until := t0.Add(5 * time.Millisecond)
		p := store.Prune{Events: until, Operations: until, Deliveries: until, Limit: 3}
		equal(t, "first round", get(tx.Prune(p)), store.Pruned{Events: 3, Operations: 1, Deliveries: 1})
		equal(t, "second round", get(tx.Prune(p)), store.Pruned{Events: 1})
		equal(t, "third round", get(tx.Prune(p)), store.Pruned{})

		var left []int64
		for _, e := range get(tx.Events(store.EventQuery{})) {
			left = append(left, e.ID)
		}
		equal(t, "events left", left, kept)
		equal(t, "delivered left", len(get(tx.Deliveries(store.Delivered, 0))), 1)
		_, found, err := tx.Operation("new")
		do(err)
		equal(t, "young operation", found, true)
	})
}
