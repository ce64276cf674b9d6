package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func deliveries(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		var events []kanban.Event
		for range 3 {
			e := kanban.Event{Task: "t_00000001", Kind: kanban.EvBlocked, At: t0, Payload: map[string]any{"reason": "why"}}
			e.ID = get(tx.AddEvent(e))
			events = append(events, e)
		}
		add := func(destination int64, e kanban.Event) store.Delivery {
			d := store.Delivery{Destination: destination, Subscription: 3, Event: e, State: store.Pending, NextAt: t0.Add(time.Hour)}
			d.ID = get(tx.AddDelivery(d))
			return d
		}
		late, one, two := add(7, events[2]), add(7, events[0]), add(9, events[1])
		equal(t, "in order of event", get(tx.Pending(7, 5)), []store.Delivery{one, late})
		equal(t, "limit", get(tx.Pending(7, 1)), []store.Delivery{one})
		equal(t, "first of each", get(tx.Pending(0, 5)), []store.Delivery{one, two})
		equal(t, "first of the first", get(tx.Pending(0, 1)), []store.Delivery{one})
		equal(t, "newest first", get(tx.Deliveries(store.Pending, 2)), []store.Delivery{two, one})
		equal(t, "asked for by one", get(tx.PendingFor(store.Subscription{ID: 3, Destination: 7})), []store.Delivery{one, late})
		equal(t, "asked for by another", len(get(tx.PendingFor(store.Subscription{ID: 4, Destination: 7}))), 0)

		_, err := tx.AddDelivery(store.Delivery{Destination: 7, Subscription: 8, Event: events[0], State: store.Pending})
		wantCode(t, "an event twice to a destination", err, kanban.Conflict)
		equal(t, "of an event", get(tx.DeliveryOf(7, events[0].ID)), one)
		_, err = tx.DeliveryOf(9, events[0].ID)
		wantCode(t, "never meant", err, kanban.NotFound)

		one.State, one.Attempts, one.Error, one.DoneAt, one.Batch = store.Delivered, 3, "once", t0.Add(time.Minute), store.Single
		filled(t, one)
		moved := one
		moved.Destination, moved.Event = 9, events[2]
		do(tx.UpdateDelivery(moved)) // neither is changed
		equal(t, "done", get(tx.Deliveries(store.Delivered, 5)), []store.Delivery{one})
		equal(t, "the next", get(tx.Pending(0, 5)), []store.Delivery{late, two})
		wantCode(t, "unknown", tx.UpdateDelivery(store.Delivery{ID: 99}), kanban.NotFound)

		two.State = store.Parked
		do(tx.UpdateDelivery(two))
		equal(t, "parked", get(tx.Deliveries(store.Parked, 5)), []store.Delivery{two})
		equal(t, "pending of 9", len(get(tx.Pending(9, 5))), 0)
		equal(t, "first of each that has any", get(tx.Pending(0, 5)), []store.Delivery{late})

		one.Batch, late.Batch = 4, 4
		do(tx.UpdateDelivery(late))
		do(tx.UpdateDelivery(one))
		equal(t, "a digest", get(tx.Batch(4)), []store.Delivery{one, late})
		equal(t, "no digest", len(get(tx.Batch(store.Single)))+len(get(tx.Batch(0))), 0)
		do(tx.DeleteDelivery(late.ID))
		wantCode(t, "delete twice", tx.DeleteDelivery(late.ID), kanban.NotFound)
		equal(t, "what is left", get(tx.Batch(4)), []store.Delivery{one})

		for range 2 { // nobody knows where to
			get(tx.AddDelivery(store.Delivery{Event: events[0], State: store.Parked}))
		}
	})
}

func destinations(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		room := get(tx.PutDestination("ops", "42", "7"))
		lobby := get(tx.PutDestination("ops", "42", ""))
		equal(t, "the same place", get(tx.PutDestination("ops", "42", "7")), room)
		until := t0.Add(time.Minute)
		do(tx.HoldDestination(room, until))
		want := store.Destination{ID: room, Sink: "ops", Target: "42", Thread: "7", Until: until}
		filled(t, want)
		equal(t, "one", get(tx.Destination(room)), want)
		equal(t, "all", get(tx.Destinations()), []store.Destination{want, {ID: lobby, Sink: "ops", Target: "42"}})
		_, err := tx.Destination(lobby + 1)
		wantCode(t, "unknown", err, kanban.NotFound)
		wantCode(t, "hold an unknown one", tx.HoldDestination(lobby+1, until), kanban.NotFound)
	})
}

func posts(t *testing.T, s store.Store) {
	const task = "t_00000001"
	write(t, s, func(tx store.Tx) {
		room, other := get(tx.PutDestination("ops", "42", "7")), get(tx.PutDestination("ops", "43", ""))
		put := func(destination int64, task, ref string) {
			p := store.Post{Destination: destination, Task: task, Ref: ref, At: t0}
			filled(t, p)
			do(tx.PutPost(p))
		}
		wantPosts := func(what, root, prior string) {
			t.Helper()
			gotRoot, gotPrior, err := tx.Posts(room, task)
			do(err)
			equal(t, what, []string{gotRoot, gotPrior}, []string{root, prior})
		}
		wantPosts("none", "", "")
		put(room, task, "m1")
		put(room, "t_00000002", "m2")
		put(other, task, "m1")
		put(room, task, "m3")
		wantPosts("first and newest", "m1", "m3")
		put(room, task, "m1")
		wantPosts("changed, not sent", "m1", "m3")
		equal(t, "about", get(tx.Posted("ops", "m1")).Task, task)
		equal(t, "about another", get(tx.Posted("ops", "m2")).Task, "t_00000002")
		equal(t, "elsewhere", get(tx.Posted("room", "m2")).Task, "")
		put(room, "t_00000002", "m1")
		wantPosts("a name given again", "m3", "m3")
		equal(t, "about", get(tx.Posted("ops", "m1")).Task, "t_00000002")
	})
}

func newest(t *testing.T, s store.Store) {
	const task = "t_00000001"
	write(t, s, func(tx store.Tx) {
		room, hall, yard, lane := get(tx.PutDestination("room", "", "")), get(tx.PutDestination("hall", "", "")),
			get(tx.PutDestination("yard", "", "")), get(tx.PutDestination("lane", "", ""))
		desk := get(tx.PutDestination("desk", "", ""))
		var events []kanban.Event
		for _, kind := range []kanban.EventKind{kanban.EvBlocked, kanban.EvBlocked, kanban.EvBlocked, kanban.EvCommented} {
			id := get(tx.AddEvent(kanban.Event{Task: task, Kind: kind, At: t0}))
			events = append(events, kanban.Event{ID: id})
		}
		add := func(destination int64, event int, state store.DeliveryState) {
			get(tx.AddDelivery(store.Delivery{Destination: destination, Event: events[event], State: state, NextAt: t0}))
		}
		add(room, 0, store.Delivered)
		add(room, 1, store.Delivered)
		add(room, 2, store.Parked)
		add(room, 3, store.Delivered) // which neither asks nor settles
		add(hall, 0, store.Pending)
		add(desk, 3, store.Pending)
		add(yard, 1, store.Delivered) // and no message stands there
		do(tx.PutPost(store.Post{Destination: room, Task: task, Ref: "m1", At: t0}))
		do(tx.PutPost(store.Post{Destination: lane, Task: task, Ref: "m1", At: t0}))
		do(tx.PutPost(store.Post{Destination: yard, Task: "t_00000002", Ref: "m1", At: t0}))
		before := func(destination int64, task string, event int) int64 {
			return get(tx.Before(destination, task, events[event].ID)).Event.ID
		}
		equal(t, "before", []int64{
			before(room, task, 3), before(room, task, 2), before(room, task, 1), before(room, task, 0), before(hall, task, 2), before(room, "t_00000002", 2),
		}, []int64{events[1].ID, events[1].ID, events[0].ID, 0, 0, 0})
		var got []string
		for _, d := range get(tx.Newest(task)) {
			got = append(got, fmt.Sprint(d.Destination, " ", d.Event.ID, " ", d.Event.Kind))
		}
		equal(t, "newest", got, []string{
			fmt.Sprint(room, " ", events[1].ID, " blocked"), fmt.Sprint(hall, " ", events[0].ID, " blocked"), fmt.Sprint(lane, " 0 "),
			fmt.Sprint(desk, " ", events[3].ID, " commented"),
		})
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
			get(tx.AddDelivery(store.Delivery{Destination: 1, Event: *e, State: state, DoneAt: t0}))
		}
		get(tx.AddDelivery(store.Delivery{Destination: 2, Event: heard, State: store.Delivered, DoneAt: t0.Add(time.Hour)}))
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

// pruneNotify: what is over goes, and what is known of work that goes on stays.
func pruneNotify(t *testing.T, s store.Store) {
	const todo, done, archived, gone = "t_00000001", "t_00000002", "t_00000003", "t_00000004"
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task(todo, status(kanban.Todo))))
		do(tx.InsertTask(task(done, status(kanban.Done))))
		do(tx.InsertTask(task(archived, status(kanban.Archived))))
		for _, id := range []string{"", todo, done, archived, gone} {
			_, _, err := tx.PutSubscription(store.Subscription{Task: id, Sink: "ops"})
			do(err)
		}
		muted, posted := get(tx.PutDestination("muted", "", "")), get(tx.PutDestination("posted", "", ""))
		awaited := get(tx.PutDestination("awaited", "", ""))
		get(tx.PutDestination("idle", "", ""))
		get(tx.AddDelivery(store.Delivery{Destination: awaited, Event: kanban.Event{ID: 1}, State: store.Pending}))
		for id, until := range map[string]time.Time{todo: t0.Add(1e6), done: t0, archived: {}, gone: {}} {
			do(tx.PutMute(store.Mute{Destination: muted, Task: id, Until: until}))
			for at, ref := range map[time.Time]string{t0: "old", t0.Add(1e9): "young"} {
				do(tx.PutPost(store.Post{Destination: posted, Task: id, Ref: id + ref, At: at}))
			}
		}
		p := store.Prune{Events: t0.Add(1e9), Now: t0, Limit: 2}
		equal(t, "posts", get(tx.Prune(p)).Posts, 2)
		equal(t, "the rest of them", get(tx.Prune(p)).Posts, 1)

		var of []string
		for _, x := range get(tx.Subscriptions("")) {
			of = append(of, x.Task)
		}
		equal(t, "subscriptions", of, []string{"", todo, done})
		of = nil
		for _, m := range get(tx.Mutes()) {
			of = append(of, m.Task)
		}
		equal(t, "mutes", of, []string{todo, archived})
		root, _, err := tx.Posts(posted, todo)
		do(err)
		equal(t, "the message of open work", root != "" && get(tx.Posted("posted", todo+"old")).Task == todo, true)
		equal(t, "of what has ended", get(tx.Posted("posted", done+"old")).Task+get(tx.Posted("posted", done+"young")).Task, done)
		of = nil
		for _, d := range get(tx.Destinations()) {
			of = append(of, d.Sink)
		}
		equal(t, "destinations", of, []string{"ops", "muted", "posted", "awaited"})
	})
}
