package sqlite

import (
	"errors"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// deliveryColumns are read with the event, which may be gone.
const deliveryColumns = `o.id, o.destination, o.subscription, o.state, o.attempts, o.next_ms, o.error, o.done_ms, o.batch, o.event,
	e.id, e.task_id, e.run_id, e.kind, e.payload, e.created_at, e.andon_ms`

func scanDelivery(c *columns) store.Delivery {
	d := store.Delivery{
		ID: c.int64(), Destination: c.int64(), Subscription: c.int64(), State: store.DeliveryState(c.text()), Attempts: c.int(),
		NextAt: c.millis(), Error: c.text(), DoneAt: c.millis(), Batch: c.int64(),
	}
	event := c.int64()
	if d.Event = scanEvent(c); d.Event.ID == 0 {
		d.Event = kanban.Event{ID: event}
	}
	return d
}

const deliveryRows = "SELECT " + deliveryColumns + " FROM andon_outbox o LEFT JOIN task_events e ON e.id = o.event "

const (
	pendingOf = deliveryRows + "WHERE o.state = 'pending' AND o.destination = ?1 ORDER BY o.event, o.id LIMIT ?2"

	// Steps from one destination that has pending deliveries to the next,
	// so that neither idle destinations nor long queues cost anything.
	firstPending = `WITH RECURSIVE due(destination) AS (
			SELECT min(destination) FROM andon_outbox INDEXED BY andon_outbox_queue WHERE state = 'pending' AND destination > 0
			UNION ALL
			SELECT (SELECT min(destination) FROM andon_outbox INDEXED BY andon_outbox_queue
			        WHERE state = 'pending' AND destination > due.destination)
			FROM due WHERE due.destination IS NOT NULL)
		SELECT ` + deliveryColumns + ` FROM due
		CROSS JOIN andon_outbox o ON o.id = (SELECT id FROM andon_outbox
			WHERE state = 'pending' AND destination = due.destination ORDER BY event, id LIMIT 1)
		LEFT JOIN task_events e ON e.id = o.event LIMIT ?1`

	pendingFor   = deliveryRows + "WHERE o.state = 'pending' AND o.destination = ?1 AND o.subscription = ?2 ORDER BY o.event, o.id"
	batchOf      = deliveryRows + "WHERE o.batch > 0 AND o.batch = ?1 ORDER BY o.event, o.id"
	deliveriesIn = deliveryRows + "WHERE o.state = ?1 ORDER BY o.id DESC LIMIT ?2"

	// Places with a message about a task, those about to have one, and what one of
	// them was told last.
	postedAt  = "SELECT DISTINCT destination FROM andon_posts WHERE task = ?1"
	pendingAt = `SELECT o.destination FROM task_events e CROSS JOIN andon_outbox o ON o.event = e.id AND o.state <> 'delivered'
		WHERE e.task_id = ?1 AND o.state = 'pending' AND o.destination <> 0`
	newestAt = "SELECT " + deliveryColumns + ` FROM task_events e CROSS JOIN andon_outbox o ON o.event = e.id
		WHERE e.task_id = ?1 AND o.destination <> 0 AND o.destination = ?2 AND o.state <> 'parked' ORDER BY e.id DESC LIMIT 1`

	deliveryOf = deliveryRows + "WHERE o.destination <> 0 AND o.destination = ?1 AND o.event = ?2"
)

// isTurn is true for an event that asks or settles.
var isTurn = func() string {
	quoted := make([]string, len(kanban.Turns))
	for i, kind := range kanban.Turns {
		quoted[i] = "'" + string(kind) + "'"
	}
	return "+e.kind IN (" + strings.Join(quoted, ", ") + ")"
}()

var (
	newestTurnAt = strings.Replace(newestAt, "ORDER BY", "AND "+isTurn+" ORDER BY", 1)
	takenBefore  = "SELECT " + deliveryColumns + ` FROM task_events e CROSS JOIN andon_outbox o ON o.event = e.id
		WHERE e.task_id = ?1 AND e.id < ?3 AND o.destination <> 0 AND o.destination = ?2 AND o.state = 'delivered' AND ` + isTurn + ` ORDER BY e.id DESC LIMIT 1`
)

func (r reader) Pending(destination int64, limit int) ([]store.Delivery, error) {
	if destination == 0 {
		return list(r.c, firstPending, []any{most(limit)}, scanDelivery)
	}
	return list(r.c, pendingOf, []any{destination, most(limit)}, scanDelivery)
}

func (r reader) PendingFor(s store.Subscription) ([]store.Delivery, error) {
	return list(r.c, pendingFor, []any{s.Destination, s.ID}, scanDelivery)
}

func (r reader) Batch(n int64) ([]store.Delivery, error) {
	return list(r.c, batchOf, []any{n}, scanDelivery)
}

func (r reader) Deliveries(state store.DeliveryState, limit int) ([]store.Delivery, error) {
	return list(r.c, deliveriesIn, []any{string(state), most(limit)}, scanDelivery)
}

func (r reader) DeliveryOf(destination, event int64) (store.Delivery, error) {
	d, found, err := first(r.c, deliveryOf, []any{destination, event}, scanDelivery)
	if err == nil && !found {
		err = kanban.Errorf(kanban.NotFound, "event %d is not meant for destination %d", event, destination)
	}
	return d, err
}

func (r reader) Newest(task string) (out []store.Delivery, err error) {
	posted, err := list(r.c, postedAt, []any{task}, (*columns).int64)
	if err != nil {
		return nil, err
	}
	pending, err := list(r.c, pendingAt, []any{task}, (*columns).int64)
	if err != nil {
		return nil, err
	}
	places := append(posted, pending...)
	slices.Sort(places)
	for _, place := range slices.Compact(places) {
		d, found, err := first(r.c, newestTurnAt, []any{task, place}, scanDelivery)
		if err == nil && !found {
			d, found, err = first(r.c, newestAt, []any{task, place}, scanDelivery)
		}
		if err != nil {
			return nil, err
		}
		if !found {
			d = store.Delivery{Destination: place}
		}
		out = append(out, d)
	}
	return out, nil
}

func (r reader) Before(destination int64, task string, event int64) (store.Delivery, error) {
	d, _, err := first(r.c, takenBefore, []any{task, destination, event}, scanDelivery)
	return d, err
}

const (
	progressFields = "subscription, state, attempts, next_ms, error, done_ms, batch"
	deliveryFields = "destination, event, " + progressFields
)

func deliveryValues(d store.Delivery) []any {
	return append([]any{d.Destination, d.Event.ID}, progressOf(d)...)
}

func progressOf(d store.Delivery) []any {
	return []any{d.Subscription, string(d.State), d.Attempts, millis(d.NextAt), d.Error, millis(d.DoneAt), d.Batch}
}

var (
	insertDelivery = "INSERT INTO andon_outbox (" + deliveryFields + ") VALUES (" + marks(deliveryFields) + ")"
	updateDelivery = "UPDATE andon_outbox SET (" + progressFields + ") = (" + marks(progressFields) + ") WHERE id = ?"
)

func (t tx) AddDelivery(d store.Delivery) (int64, error) {
	err := t.c.exec(insertDelivery, deliveryValues(d)...)
	if errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) {
		return 0, conflict("event %d is on its way to destination %d already", d.Event.ID, d.Destination)
	}
	return t.c.lastID(), err
}

func (t tx) UpdateDelivery(d store.Delivery) error {
	err := t.c.exec(updateDelivery, append(progressOf(d), d.ID)...)
	if err == nil && t.c.changes() == 0 {
		return noDelivery(d.ID)
	}
	return err
}

func (t tx) DeleteDelivery(id int64) error {
	err := t.c.exec("DELETE FROM andon_outbox WHERE id = ?", id)
	if err == nil && t.c.changes() == 0 {
		return noDelivery(id)
	}
	return err
}

func noDelivery(id int64) error { return kanban.Errorf(kanban.NotFound, "there is no delivery %d", id) }
