package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// rowsOf are all rows of a board, in the order in which they are handed out.
func rowsOf(r store.Reader) (rows []any, err error) {
	keep := func(row any) error {
		rows = append(rows, row)
		return nil
	}
	pair := func(key, value string) error { return keep([2]string{key, value}) }
	ids, lastErr := r.LastIDs()
	destinations, destinationErr := r.Destinations()
	subscriptions, subscriptionErr := r.Subscriptions("")
	mutes, muteErr := r.Mutes()
	err = errors.Join(destinationErr, subscriptionErr, muteErr,
		r.EachMeta(pair),
		r.EachTask(true, func(t kanban.Task) error { return keep(t) }),
		r.EachLink(func(l kanban.Link) error { return keep(l) }),
		r.EachKey(pair),
		r.EachRun(func(run kanban.Run) error { return keep(run) }),
		r.EachComment(func(c kanban.Comment) error { return keep(c) }),
		r.EachEvent(func(e kanban.Event) error { return keep(e) }),
		r.EachArtifact(func(a kanban.Artifact) error { return keep(a) }),
		keep(destinations), keep(subscriptions), keep(mutes),
		r.EachPost(func(p store.Post) error { return keep(p) }),
		r.EachDelivery(func(d store.Delivery) error { return keep(d) }),
		keep(ids), lastErr,
	)
	return rows, err
}

func surveyWhole(r store.Reader, note noter) {
	rows, err := rowsOf(r)
	note(err, rows, "all rows")
	var heads []string
	err = r.EachTask(false, func(t kanban.Task) error {
		heads = append(heads, t.ID+t.Body)
		return nil
	})
	note(err, heads, "heads")
}

func wholeStops(t *testing.T, s store.Store) {
	enough := errors.New("enough")
	write(t, s, func(tx store.Tx) {
		for n := range 3 {
			do(tx.InsertTask(task(fmt.Sprintf("t_0000000%d", n))))
		}
	})
	read(t, s, func(r store.Reader) {
		n := 0
		err := r.EachTask(true, func(kanban.Task) error {
			n++
			return enough
		})
		if !errors.Is(err, enough) || n != 1 {
			t.Errorf("went on to %d rows: %v", n, err)
		}
	})
}

// boardsFilled copies a board row by row: the copy hands out the same.
func boardsFilled(t *testing.T, b store.Boards) {
	source := get(b.Open(ctx, "default"))
	var want []any
	write(t, source, func(tx store.Tx) { fullBoard(tx) })
	read(t, source, func(r store.Reader) { want = get(rowsOf(r)) })
	made := store.BoardInfo{Slug: "copy", Name: "Copy", CreatedAt: t0.Truncate(1e9)}
	do(b.CreateFilled(ctx, made, store.Hold{}, func(f store.Filler) error { return refill(f, want) }))
	read(t, get(b.Open(ctx, "copy")), func(r store.Reader) { equal(t, "the copy", get(rowsOf(r)), want) })
	equal(t, "since when", get(b.Info(ctx, "copy")).CreatedAt, made.CreatedAt)

	write(t, get(b.Open(ctx, "copy")), func(tx store.Tx) {
		if id := get(tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited, At: t0})); id != 41 {
			t.Errorf("the next event is %d, and 40 was given before", id)
		}
	})
}

// boardsFilledOrNot: a failure leaves no board and no trace.
func boardsFilledOrNot(t *testing.T, b store.Boards) {
	enough := errors.New("enough")
	hold := store.Hold{Kind: store.Pulled, Reason: "a copy", By: "ann", Since: t0}
	for name, fill := range map[string]func(store.Filler) error{
		"it fails": func(f store.Filler) error { return errors.Join(f.PutTask(task("t_00000001")), enough) },
		"an id twice": func(f store.Filler) error {
			if err := f.PutTask(task("t_00000001")); err != nil {
				return err
			}
			return f.PutTask(task("t_00000001"))
		},
	} {
		if err := b.CreateFilled(ctx, store.BoardInfo{Slug: "zoo"}, hold, fill); err == nil {
			t.Errorf("%s: no error", name)
		}
		_, err := b.Open(ctx, "zoo")
		wantCode(t, name, err, kanban.NotFound)
	}
	err := b.CreateFilled(ctx, store.BoardInfo{Slug: "default"}, hold, func(store.Filler) error { panic("not over a board") })
	wantCode(t, "over a board", err, kanban.Conflict)
	equal(t, "holds of what is not there", len(get(b.Holds(ctx))), 0)
	do(b.CreateFilled(ctx, store.BoardInfo{Slug: "zoo"}, hold, func(f store.Filler) error { return f.PutTask(task("t_00000001")) }))
	hold.Scope = "board:zoo"
	equal(t, "held from the start", get(b.Holds(ctx)), []store.Hold{hold})

	kept := store.Hold{Scope: "board:ark", Kind: store.Pulled, Reason: "by hand", By: "bob", Since: t0}
	do(b.PutHold(ctx, kept))
	if err := b.CreateFilled(ctx, store.BoardInfo{Slug: "ark"}, hold, func(store.Filler) error { return enough }); err == nil {
		t.Error("no error")
	}
	equal(t, "a hold of before stays", get(b.Holds(ctx)), []store.Hold{kept, hold})
}

// fullBoard puts something of everything on a board.
func fullBoard(tx store.Tx) {
	one, two := task("t_00000001"), task("t_00000002", status(kanban.Todo))
	one.Body, one.Result, one.Skills = "long\n☂", "so it is", []string{}
	one.Labels = []string{"bug", "ui"}
	do(tx.InsertTask(one))
	do(tx.InsertTask(two))
	do(tx.UpdateTask(one))
	do(tx.PutLink(kanban.Link{Parent: one.ID, Child: two.ID, Waived: true, WaivedBy: "ann"}))
	do(tx.PutLink(kanban.Link{Parent: "t_gone", Child: two.ID}))
	do(tx.PutKey("key", two.ID))
	run := get(tx.InsertRun(fullRun(one.ID)))
	get(tx.AddComment(kanban.Comment{Task: one.ID, Author: "ann", Body: "hm", At: t0}))
	for range 40 {
		get(tx.AddEvent(kanban.Event{Task: one.ID, Run: run, Kind: kanban.EvEdited, At: t0, Payload: map[string]any{"n": 1.5}}))
	}
	do(tx.PutArtifacts([]kanban.Artifact{{Task: one.ID, Run: run, Path: "b", SHA256: "2"}, {Task: one.ID, Run: run, Path: "a", SHA256: "1", Size: 7}}))
	sub, _, err := tx.PutSubscription(store.Subscription{Lane: "builder", Tenant: "acme", Creator: "ann", Labels: []string{"bug", "ui"}, Alone: true, Sink: "ops", CreatedAt: t0})
	do(err)
	room := get(tx.PutDestination("ops", "", ""))
	do(tx.HoldDestination(room, t0))
	do(tx.PutMute(store.Mute{Destination: room, Task: one.ID, Until: t0, By: "ann", At: t0}))
	do(tx.PutPost(store.Post{Destination: room, Task: two.ID, Ref: "2", At: t0}))
	do(tx.PutPost(store.Post{Destination: room, Task: one.ID, Ref: "1", At: t0}))
	get(tx.AddDelivery(store.Delivery{Destination: room, Subscription: sub, Event: kanban.Event{ID: 1}, State: store.Pending, NextAt: t0, Batch: 3}))
	do(tx.SetMeta("epoch", "3"))
	get(tx.Prune(store.Prune{Events: t0.Add(1), Limit: 0}))
}

func putAll[T any](rows []T, put func(T) error) error {
	for _, row := range rows {
		if err := put(row); err != nil {
			return err
		}
	}
	return nil
}

// refill puts rows as rowsOf gave them.
func refill(f store.Filler, rows []any) (err error) {
	for _, row := range rows {
		switch row := row.(type) {
		case kanban.Task:
			err = f.PutTask(row)
		case kanban.Link:
			err = f.PutLink(row)
		case [2]string:
			if row[0] == "key" {
				err = f.PutKey(row[0], row[1])
			} else {
				err = f.SetMeta(row[0], row[1])
			}
		case kanban.Run:
			err = f.PutRun(row)
		case kanban.Comment:
			err = f.PutComment(row)
		case kanban.Event:
			err = f.PutEvent(row)
		case kanban.Artifact:
			err = f.PutArtifacts([]kanban.Artifact{row})
		case []store.Destination:
			err = putAll(row, f.PutOldDestination)
		case []store.Subscription:
			err = putAll(row, f.PutOldSubscription)
		case []store.Mute:
			err = putAll(row, f.PutMute)
		case store.Post:
			err = f.PutPost(row)
		case store.Delivery:
			err = f.PutDelivery(row)
		case store.LastIDs:
			err = f.Reserve(row)
		}
		if err != nil {
			return fmt.Errorf("%T: %w", row, err)
		}
	}
	return nil
}
