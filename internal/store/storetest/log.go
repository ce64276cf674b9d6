package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func comments(t *testing.T, s store.Store) {
	var all []kanban.Comment
	write(t, s, func(tx store.Tx) {
		for i := range 4 {
			c := kanban.Comment{Task: "t_00000001", Author: "ann", Body: fmt.Sprintf("no. %d ☂", i), At: t0.Add(time.Duration(i) * time.Millisecond)}
			c.ID = get(tx.AddComment(c))
			filled(t, c)
			all = append(all, c)
			get(tx.AddComment(kanban.Comment{Task: "t_00000002", Author: "bob", Body: "other", At: t0}))
		}
	})
	read(t, s, func(r store.Reader) {
		equal(t, "all", get(r.Comments("t_00000001", 0)), all)
		equal(t, "newest two, oldest first", get(r.Comments("t_00000001", 2)), all[2:])
	})
}

func eventEveryField(t *testing.T, s store.Store) {
	e := kanban.Event{Task: "t_00000001", Run: 4, Kind: kanban.EvClaimed, At: t0, Payload: map[string]any{
		"lock": "host:1", "n": 3.0, "none": nil, "list": []any{"<ä>", true}, "deep": map[string]any{"k": "v"},
	}}
	bare := kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited, At: t0}
	write(t, s, func(tx store.Tx) {
		e.ID = get(tx.AddEvent(e))
		bare.ID = get(tx.AddEvent(bare))
		_, err := tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited})
		wantCode(t, "no time", err, kanban.Internal)
		_, err = tx.AddEvent(kanban.Event{Kind: kanban.EvEdited, At: t0, Payload: map[string]any{"f": func() {}}})
		wantCode(t, "no JSON", err, kanban.Internal)
		e.Payload["lock"] = "changed by the caller afterwards"
	})
	e.Payload["lock"] = "host:1"
	read(t, s, func(r store.Reader) { equal(t, "events", get(r.Events(store.EventQuery{})), []kanban.Event{e, bare}) })
}

func eventQueries(t *testing.T, s store.Store) {
	kinds := []kanban.EventKind{kanban.EvCreated, kanban.EvClaimed, kanban.EvHeartbeat}
	tasks := []string{"t_00000001", "t_00000002"}
	write(t, s, func(tx store.Tx) {
		equal(t, "last of none", get(tx.LastEvent()), int64(0))
		for i := range 12 { // ids 1..12: kinds by turns of one, tasks by turns of two
			get(tx.AddEvent(kanban.Event{Task: tasks[i/2%2], Kind: kinds[i%3], At: t0}))
		}
	})
	for name, c := range map[string]struct {
		q    store.EventQuery
		want []int64
	}{
		"all":               {store.EventQuery{}, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}},
		"after":             {store.EventQuery{After: 10}, []int64{11, 12}},
		"after the end":     {store.EventQuery{After: 12}, nil},
		"limit":             {store.EventQuery{Limit: 2}, []int64{1, 2}},
		"last":              {store.EventQuery{Limit: 2, Last: true}, []int64{11, 12}},
		"task":              {store.EventQuery{Task: "t_00000002"}, []int64{3, 4, 7, 8, 11, 12}},
		"kinds":             {store.EventQuery{Kinds: kinds[:1]}, []int64{1, 4, 7, 10}},
		"kinds of a task":   {store.EventQuery{Task: "t_00000001", Kinds: kinds[1:]}, []int64{2, 5, 6, 9}},
		"last of a task":    {store.EventQuery{Task: "t_00000001", Last: true, Limit: 3, After: 5}, []int64{6, 9, 10}},
		"others wrote none": {store.EventQuery{Foreign: true}, nil},
	} {
		read(t, s, func(r store.Reader) {
			var got []int64
			for _, e := range get(r.Events(c.q)) {
				got = append(got, e.ID)
			}
			equal(t, name, got, c.want)
		})
	}
	read(t, s, func(r store.Reader) { equal(t, "last", get(r.LastEvent()), int64(12)) })
}

// eventIDsNotReused: neither pruning nor a rollback gives an id twice, or a
// reader's cursor would skip an event.
func eventIDsNotReused(t *testing.T, s store.Store) {
	add := func(tx store.Tx) int64 {
		return get(tx.AddEvent(kanban.Event{Task: "t_00000001", Kind: kanban.EvEdited, At: t0}))
	}
	write(t, s, func(tx store.Tx) {
		newest := add(tx)
		comment := get(tx.AddComment(kanban.Comment{Task: "t_00000001", At: t0}))
		equal(t, "pruned", get(tx.Prune(store.Prune{Events: t0.Add(time.Hour)})).Events, 1)
		equal(t, "events left", len(get(tx.Events(store.EventQuery{}))), 0)
		if again := add(tx); again <= newest {
			t.Errorf("event %d after %d was pruned", again, newest)
		}
		do(tx.InsertTask(task("t_00000001")))
		do(tx.DeleteTask("t_00000001"))
		if again := get(tx.AddComment(kanban.Comment{Task: "t_00000001", At: t0})); again <= comment {
			t.Errorf("comment %d after %d went with its task", again, comment)
		}
	})
}
