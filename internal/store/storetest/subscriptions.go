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
			x.ID, x.Destination = id, get(tx.PutDestination(x.Sink, x.Target, x.Thread))
			return x
		}
		board, other := put(of("")), put(of("t_00000002"))
		own := put(of("t_00000001"))
		thread := of("t_00000001")
		thread.Thread, thread.Kinds = "", nil
		thread = put(thread)
		some := of("")
		some.Lane, some.Tenant, some.Creator = "builder", "acme", "bob"
		some = put(some)
		labelled := some
		labelled.ID, labelled.Labels = 0, []string{"bug", "ui"}
		labelled = put(labelled)
		do(tx.DeleteSubscription(labelled.ID))

		again := of("t_00000001")
		again.Kinds, again.Alone = nil, true
		id, created, err := tx.PutSubscription(again)
		do(err)
		equal(t, "the existing one", id, own.ID)
		equal(t, "created again", created, false)

		equal(t, "the task's and the board's", get(tx.Subscriptions("t_00000001")), []store.Subscription{board, own, thread, some})
		equal(t, "of a task without", get(tx.Subscriptions("t_00000003")), []store.Subscription{board, some})
		equal(t, "all", get(tx.Subscriptions("")), []store.Subscription{board, other, own, thread, some})
		equal(t, "listeners to the board", get(tx.Listeners("")), []store.Subscription{board, some})

		own.Kinds = []kanban.EventKind{kanban.EvDeleted, kanban.EvArchived}
		do(tx.SetKinds(own.ID, own.Kinds))
		do(tx.SetKinds(some.ID, nil))
		some.Kinds = nil
		equal(t, "other kinds", get(tx.Subscriptions("t_00000001")), []store.Subscription{board, own, thread, some})
		wantCode(t, "kinds of an unknown one", tx.SetKinds(99, nil), kanban.NotFound)
		wantCode(t, "kinds of a foreign one", tx.SetKinds(-1, nil), kanban.Conflict)

		do(tx.DeleteSubscription(own.ID))
		wantCode(t, "delete twice", tx.DeleteSubscription(own.ID), kanban.NotFound)
		wantCode(t, "delete a foreign one", tx.DeleteSubscription(-1), kanban.Conflict)
		equal(t, "after delete", get(tx.Subscriptions("t_00000001")), []store.Subscription{board, thread, some})
		all := put(again)
		if all.ID <= some.ID {
			t.Errorf("id %d given again", all.ID)
		}
		all.Foreign, all.Lane, all.Tenant, all.Creator, all.Labels, all.Kinds = true, "x", "x", "x", []string{"x"}, board.Kinds
		filled(t, all)
		do(tx.EndSubscriptions("t_00000001"))
		do(tx.EndSubscriptions(""))
		equal(t, "after the end", get(tx.Subscriptions("")), []store.Subscription{board, other, some})
	})
}

// inheritance: what a task's runs create is heard of with it, and so on down.
func inheritance(t *testing.T, s store.Store) {
	const root, child, grandchild, apart = "t_00000001", "t_00000002", "t_00000003", "t_00000004"
	write(t, s, func(tx store.Tx) {
		made := func(by string) func(*kanban.Task) { return func(t *kanban.Task) { t.Origin = by } }
		do(tx.InsertTask(task(root)))
		do(tx.InsertTask(task(child, made(root))))
		do(tx.InsertTask(task(grandchild, made(child))))
		do(tx.InsertTask(task(apart, made("t_0000gone"))))
		put := func(x store.Subscription) int64 {
			id, _, err := tx.PutSubscription(x)
			do(err)
			return id
		}
		whole := put(store.Subscription{Task: root, Sink: "ops"})
		alone := put(store.Subscription{Task: root, Sink: "alone", Alone: true})
		below := put(store.Subscription{Task: child, Sink: "ops"})
		orphans := put(store.Subscription{Task: "t_0000gone", Sink: "ops"})
		listeners := func(task string) (ids []int64) {
			for _, x := range get(tx.Listeners(task)) {
				ids = append(ids, x.ID)
			}
			return ids
		}
		equal(t, "root", listeners(root), []int64{whole, alone})
		equal(t, "child", listeners(child), []int64{whole, below})
		equal(t, "grandchild", listeners(grandchild), []int64{whole, below})
		equal(t, "whose origin is gone", listeners(apart), []int64{orphans})

		room := get(tx.PutDestination("ops", "", ""))
		muted := func(task string, now time.Time) bool { return get(tx.Muted(room, task, now)) }
		mute := store.Mute{Destination: room, Task: child, Until: t0.Add(time.Hour), By: "ann", At: t0}
		filled(t, mute)
		do(tx.PutMute(mute))
		equal(t, "muted with its origin", []bool{muted(root, t0), muted(child, t0), muted(grandchild, t0)}, []bool{false, true, true})
		equal(t, "elsewhere", get(tx.Muted(room+1, child, t0)), false)
		equal(t, "until then", muted(child, mute.Until), false)
		mute.Until = time.Time{}
		do(tx.PutMute(mute))
		equal(t, "replaced", get(tx.Mutes()), []store.Mute{mute})
		equal(t, "for good", muted(child, t0.AddDate(9, 0, 0)), true)
		do(tx.DeleteMute(room, child))
		wantCode(t, "unmute twice", tx.DeleteMute(room, child), kanban.NotFound)
		do(tx.PutMute(store.Mute{Destination: room}))
		equal(t, "everything", []bool{muted(root, t0), muted("", t0)}, []bool{true, true})
		do(tx.EndSubscriptions(""))
		equal(t, "a mute of everything stays", len(get(tx.Mutes())), 1)

		looped := task(apart, made(apart))
		do(tx.UpdateTask(looped))
		equal(t, "a chain that ends nowhere", listeners(apart), []int64(nil))
	})
}
