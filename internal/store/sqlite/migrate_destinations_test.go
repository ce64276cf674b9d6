package sqlite

import (
	"errors"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/store"
)

// queueRung is where each destination got a queue of its own.
const queueRung = 6

// fileAt makes a board that stands on a rung, and fills it with plain SQL.
func fileAt(t *testing.T, rung int, statements ...string) string {
	t.Helper()
	path := makeEmpty(t)
	s := testSpec(path)
	s.steps = steps[:rung]
	d, err := openDatabase(s)
	must(t, err)
	must(t, d.close())
	alter(t, path, statements...)
	return path
}

var waitingMessages = []string{
	`INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000001', 'one', 'todo', 1795000000), ('t_00000002', 'two', 'todo', 1795000000)`,
	`INSERT INTO task_events (id, task_id, kind, created_at, andon_ms) VALUES (1, 't_00000001', 'blocked', 1795000000, 1795000000000),
		(2, 't_00000002', 'blocked', 1795000000, 1795000000000), (3, 't_00000001', 'completed', 1795000000, 1795000000000)`,
	`INSERT INTO andon_subscriptions (id, task, sink, target, thread, kinds, created_by, created_ms) VALUES
		(2, '', 'ops', '', '', '[]', 'ann', 5), (4, 't_00000001', 'ops', 'room', '', '["blocked"]', 'bob', 6), (7, 't_00000002', 'ops', 'room', '', '[]', 'bob', 7)`,
	`INSERT INTO andon_outbox (id, subscription, event, state, attempts, next_ms, error, done_ms) VALUES
		(1, 2, 1, 'pending', 3, 9, 'down', 0), (2, 2, 2, 'pending', 0, 0, '', 0), (3, 4, 1, 'parked', 1, 0, 'gone', 0),
		(4, 7, 2, 'pending', 0, 0, '', 0), (5, 2, 3, 'delivered', 1, 0, '', 8), (6, 5, 3, 'parked', 1, 0, 'no such room', 0)`,
}

// TestG20_NoMessageIsLostOnTheWayUp: killed anywhere in the step that gives each
// destination a queue, a board of before keeps what waits.
func TestG20_NoMessageIsLostOnTheWayUp(t *testing.T) {
	makeFile := func(t *testing.T) string { return fileAt(t, queueRung-1, waitingMessages...) }
	schemas := rungs(t, makeEmpty)
	before := holdingsOf(t, makeFile(t))
	stood := map[int]int{}
	for _, at := range stopsAt(t, makeFile(t)) {
		path := makeFile(t)
		err := child(t, "killed", "ANDON_TEST_DB="+path, "ANDON_TEST_AT="+strconv.Itoa(at)).Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("call %d: not killed: %v", at, err)
		}
		stood[wantRung(t, path, schemas, before)]++
		must(t, openSpec(t, specAt(path)).latch.err())
		wantRung(t, path, schemas, before)
	}
	if stood[queueRung-1] == 0 || stood[len(steps)] == 0 {
		t.Errorf("killed at schema %v", stood)
	}
}

func specAt(path string) spec {
	s := testSpec(path)
	s.steps = steps
	return s
}

// TestG20_QueuesOfOldBoards: a message keeps its key, one that two subscriptions
// asked for is one, and no number is given to something else.
func TestG20_QueuesOfOldBoards(t *testing.T) {
	path := fileAt(t, queueRung-1, append(waitingMessages,
		`INSERT INTO andon_outbox (id, subscription, event, state, attempts, next_ms, error, done_ms) VALUES
			(7, 7, 1, 'pending', 0, 0, '', 0), (8, 4, 3, 'delivered', 1, 0, '', 8), (9, 7, 3, 'parked', 1, 0, 'x', 0)`,
		"UPDATE sqlite_sequence SET seq = 11 WHERE name = 'andon_subscriptions'")...)
	s := newBoard(openSpec(t, specAt(path)), newWatcher())
	type row struct {
		id, destination, event int64
		state                  store.DeliveryState
	}
	var rows []row
	write(t, s, func(tx store.Tx) error {
		must(t, tx.EachDelivery(func(d store.Delivery) error {
			rows = append(rows, row{d.ID, d.Destination, d.Event.ID, d.State})
			return nil
		}))
		all, err := tx.Destinations()
		must(t, err)
		same(t, "destinations", all, []store.Destination{{ID: 2, Sink: "ops"}, {ID: 4, Sink: "ops", Target: "room"}})
		id, err := tx.PutDestination("ops", "hall", "")
		must(t, err)
		same(t, "the next destination", id, int64(12))
		id, _, err = tx.PutSubscription(store.Subscription{Sink: "ops", Target: "hall"})
		same(t, "the next subscription", id, int64(12))
		return err
	})
	want := []row{
		{1, 2, 1, store.Pending},
		{2, 2, 2, store.Pending},
		{4, 4, 2, store.Pending},
		{5, 2, 3, store.Delivered},
		{6, 0, 3, store.Parked},
		{7, 4, 1, store.Pending},
		{8, 4, 3, store.Delivered},
	}
	if len(rows) != len(want) {
		t.Fatalf("rows %v", rows)
	}
	for i := range rows {
		if rows[i] != want[i] {
			t.Errorf("row %v, want %v", rows[i], want[i])
		}
	}
}
