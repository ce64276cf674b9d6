package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var errOwn = errors.New("the caller's own")

func errorKeepsNothing(t *testing.T, s store.Store) {
	err := s.Update(context.Background(), func(tx store.Tx) error {
		do(tx.InsertTask(task("t_00000001")))
		return errOwn
	})
	if !errors.Is(err, errOwn) {
		t.Errorf("got %v, want the caller's error", err)
	}
	wantNoTask(t, s, "t_00000001")
}

func panicKeepsNothing(t *testing.T, s store.Store) {
	err := s.Update(context.Background(), func(tx store.Tx) error {
		do(tx.InsertTask(task("t_00000001")))
		panic("a defect")
	})
	wantCode(t, "panic", err, kanban.Internal)
	wantNoTask(t, s, "t_00000001")
	write(t, s, func(tx store.Tx) { do(tx.InsertTask(task("t_00000001"))) })
}

func wantNoTask(t *testing.T, s store.Store, id string) {
	t.Helper()
	read(t, s, func(r store.Reader) {
		_, err := r.Task(id)
		wantCode(t, "task after rollback", err, kanban.NotFound)
	})
}

func readsItsWrites(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		do(tx.InsertTask(task("t_00000001")))
		equal(t, "next ready", get(tx.NextReady("builder", t0, store.Skip{})), "t_00000001")
		id := get(tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvCreated, At: t0}))
		equal(t, "last event", get(tx.LastEvent()), id)
	})
}

// cancelledWait: the context bounds the wait for a turn, not the work.
func cancelledWait(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(context.Background())
	inside, release := make(chan struct{}), make(chan struct{})
	var first, second sync.WaitGroup
	first.Go(func() {
		err := s.Update(ctx, func(tx store.Tx) error {
			close(inside)
			<-release
			return tx.SetMeta("first", "done")
		})
		if err != nil {
			t.Errorf("a cancelled context ended the work itself: %v", err)
		}
	})
	<-inside
	second.Go(func() {
		err := s.Update(ctx, func(tx store.Tx) error { return tx.SetMeta("second", "done") })
		wantCode(t, "cancelled wait", err, kanban.Unavailable)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the cause is lost: %v", err)
		}
	})
	cancel()
	second.Wait()
	close(release)
	first.Wait()
	read(t, s, func(r store.Reader) {
		equal(t, "first", get(r.Meta("first")), "done")
		equal(t, "second", get(r.Meta("second")), "")
	})
}

func oneAfterAnother(t *testing.T, s store.Store) {
	const callers, each = 16, 8
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for range each {
				err := s.Update(context.Background(), func(tx store.Tx) error {
					n, _ := strconv.Atoi(get(tx.Meta("n")))
					return tx.SetMeta("n", strconv.Itoa(n+1))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	read(t, s, func(r store.Reader) { equal(t, "counter", get(r.Meta("n")), strconv.Itoa(callers*each)) })
}

func viewIsOneSnapshot(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) { do(tx.InsertTask(task("t_00000001"))) })
	read(t, s, func(r store.Reader) {
		before := get(r.Task("t_00000001"))
		write(t, s, func(tx store.Tx) {
			changed := before
			changed.Title = "changed"
			do(tx.UpdateTask(changed))
			do(tx.InsertTask(task("t_00000002")))
		})
		equal(t, "task", get(r.Task("t_00000001")), before)
		_, err := r.Task("t_00000002")
		wantCode(t, "task of a later commit", err, kanban.NotFound)
	})
	read(t, s, func(r store.Reader) { equal(t, "later view", get(r.Task("t_00000001")).Title, "changed") })
}

func changesFollowCommits(t *testing.T, s store.Store) {
	changed, stop := s.Changes()
	defer stop()
	for range 3 {
		write(t, s, func(tx store.Tx) { get(tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited, At: t0})) })
	}
	<-changed
	read(t, s, func(r store.Reader) {
		if get(r.LastEvent()) == 0 {
			t.Error("told of a commit that cannot be seen")
		}
	})
	for quiet := false; !quiet; {
		select {
		case <-changed:
		default:
			quiet = true
		}
	}
	write(t, s, func(tx store.Tx) { do(tx.SetMeta("k", "v")) })
	<-changed
}

func meta(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		equal(t, "never set", get(tx.Meta("k")), "")
		do(tx.SetMeta("k", "v"))
		do(tx.SetMeta("k", "w"))
	})
	read(t, s, func(r store.Reader) { equal(t, "set twice", get(r.Meta("k")), "w") })
}

func operations(t *testing.T, s store.Store) {
	write(t, s, func(tx store.Tx) {
		_, found, err := tx.Operation("op")
		do(err)
		equal(t, "unknown operation", found, false)
		do(tx.PutOperation("op", []byte(`{"id":"é"}`), t0))
		do(tx.PutOperation("silent", nil, t0))
	})
	write(t, s, func(tx store.Tx) {
		answer, found, err := tx.Operation("op")
		do(err)
		equal(t, "answer", string(answer), `{"id":"é"}`)
		equal(t, "found", found, true)
		answer, found, err = tx.Operation("silent")
		do(err)
		equal(t, "empty answer", string(answer), "")
		equal(t, "found", found, true)
		wantCode(t, "second answer", tx.PutOperation("op", nil, t0), kanban.Conflict)
	})
}
