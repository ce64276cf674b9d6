package sqlite

import (
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const subscriptionColumns = "id, task, sink, target, thread, kinds, created_by, created_ms"

func scanSubscription(c *columns) store.Subscription {
	s := store.Subscription{ID: c.int64(), Task: c.text(), Sink: c.text(), Target: c.text(), Thread: c.text()}
	for _, kind := range c.strings() {
		s.Kinds = append(s.Kinds, kanban.EventKind(kind))
	}
	s.CreatedBy, s.CreatedAt = c.text(), c.millis()
	return s
}

// foreignColumns are the reference's subscriptions. Their negative ids keep
// them apart from ours; they can be seen, not changed.
const foreignColumns = "-rowid, task_id, platform, chat_id, thread_id, user_id, created_at"

func scanForeign(c *columns) store.Subscription {
	return store.Subscription{
		ID: c.int64(), Task: c.text(), Sink: c.text(), Target: c.text(), Thread: c.text(), CreatedBy: c.text(),
		CreatedAt: fromMillis(min(c.int64(), maxMillis/1000) * 1000), Foreign: true,
	}
}

const (
	allSubscriptions     = "SELECT " + subscriptionColumns + " FROM andon_subscriptions ORDER BY id"
	subscriptionsOf      = "SELECT " + subscriptionColumns + " FROM andon_subscriptions WHERE task = ? ORDER BY id"
	allForeign           = "SELECT " + foreignColumns + " FROM kanban_notify_subs ORDER BY rowid"
	foreignSubscriptions = "SELECT " + foreignColumns + " FROM kanban_notify_subs WHERE task_id = ? ORDER BY rowid"
)

// Subscriptions asks for the task's and the board's one after the other: both
// are short probes in the path of every event.
func (r reader) Subscriptions(task string) ([]store.Subscription, error) {
	if task == "" {
		return join(
			func() ([]store.Subscription, error) { return list(r.c, allSubscriptions, nil, scanSubscription) },
			func() ([]store.Subscription, error) { return list(r.c, allForeign, nil, scanForeign) })
	}
	return join(
		func() ([]store.Subscription, error) { return list(r.c, subscriptionsOf, []any{task}, scanSubscription) },
		func() ([]store.Subscription, error) { return list(r.c, subscriptionsOf, []any{""}, scanSubscription) },
		func() ([]store.Subscription, error) { return list(r.c, foreignSubscriptions, []any{task}, scanForeign) })
}

func join[T any](parts ...func() ([]T, error)) ([]T, error) {
	var all []T
	for _, part := range parts {
		some, err := part()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// PutSubscription looks before it inserts: an insert that does nothing would
// still use up an id.
func (t tx) PutSubscription(s store.Subscription) (id int64, created bool, err error) {
	id, found, err := first(t.c, "SELECT id FROM andon_subscriptions WHERE task = ? AND sink = ? AND target = ? AND thread = ?",
		[]any{s.Task, s.Sink, s.Target, s.Thread}, (*columns).int64)
	if err != nil || found {
		return id, false, err
	}
	err = t.c.exec(`INSERT INTO andon_subscriptions (task, sink, target, thread, kinds, created_by, created_ms)
		VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.Task, s.Sink, s.Target, s.Thread, words(s.Kinds), s.CreatedBy, millis(s.CreatedAt))
	return t.c.lastID(), true, err
}

func (t tx) SetKinds(id int64, kinds []kanban.EventKind) error {
	if id < 0 {
		return conflict("subscription %d belongs to the reference system", id)
	}
	if err := t.c.exec("UPDATE andon_subscriptions SET kinds = ? WHERE id = ?", words(kinds), id); err != nil {
		return err
	}
	if t.c.changes() == 0 {
		return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
	}
	return nil
}

func (t tx) DeleteSubscription(id int64) error {
	if id < 0 {
		return conflict("subscription %d belongs to the reference system", id)
	}
	if err := t.c.exec("DELETE FROM andon_subscriptions WHERE id = ?", id); err != nil {
		return err
	}
	if t.c.changes() == 0 {
		return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
	}
	return t.c.exec("DELETE FROM andon_outbox WHERE state = 'pending' AND subscription = ?", id)
}

// deliveryColumns are read with the event, which may be gone.
const deliveryColumns = `o.id, o.subscription, o.state, o.attempts, o.next_ms, o.error, o.done_ms, o.event,
	e.id, e.task_id, e.run_id, e.kind, e.payload, e.created_at, e.andon_ms`

func scanDelivery(c *columns) store.Delivery {
	d := store.Delivery{
		ID: c.int64(), Subscription: c.int64(), State: store.DeliveryState(c.text()), Attempts: c.int(),
		NextAt: c.millis(), Error: c.text(), DoneAt: c.millis(),
	}
	event := c.int64()
	if d.Event = scanEvent(c); d.Event.ID == 0 {
		d.Event = kanban.Event{ID: event}
	}
	return d
}

const (
	pendingOf = "SELECT " + deliveryColumns + ` FROM andon_outbox o LEFT JOIN task_events e ON e.id = o.event
		WHERE o.state = 'pending' AND o.subscription = ?1 ORDER BY o.event, o.id LIMIT ?2`

	// Steps from one subscription that has pending deliveries to the next,
	// so that neither idle subscriptions nor long queues cost anything.
	firstPending = `WITH RECURSIVE due(subscription) AS (
			SELECT min(subscription) FROM andon_outbox INDEXED BY andon_outbox_pending WHERE state = 'pending'
			UNION ALL
			SELECT (SELECT min(subscription) FROM andon_outbox INDEXED BY andon_outbox_pending
			        WHERE state = 'pending' AND subscription > due.subscription)
			FROM due WHERE due.subscription IS NOT NULL)
		SELECT ` + deliveryColumns + ` FROM due
		CROSS JOIN andon_outbox o ON o.id = (SELECT id FROM andon_outbox
			WHERE state = 'pending' AND subscription = due.subscription ORDER BY event, id LIMIT 1)
		LEFT JOIN task_events e ON e.id = o.event LIMIT ?1`

	deliveriesIn = "SELECT " + deliveryColumns + ` FROM andon_outbox o LEFT JOIN task_events e ON e.id = o.event
		WHERE o.state = ?1 ORDER BY o.id DESC LIMIT ?2`
)

func (r reader) Pending(subscription int64, limit int) ([]store.Delivery, error) {
	if subscription == 0 {
		return list(r.c, firstPending, []any{most(limit)}, scanDelivery)
	}
	return list(r.c, pendingOf, []any{subscription, most(limit)}, scanDelivery)
}

func (r reader) Deliveries(state store.DeliveryState, limit int) ([]store.Delivery, error) {
	return list(r.c, deliveriesIn, []any{string(state), most(limit)}, scanDelivery)
}

const deliveryFields = "subscription, event, state, attempts, next_ms, error, done_ms"

func deliveryValues(d store.Delivery) []any {
	return []any{d.Subscription, d.Event.ID, string(d.State), d.Attempts, millis(d.NextAt), d.Error, millis(d.DoneAt)}
}

var (
	insertDelivery = "INSERT INTO andon_outbox (" + deliveryFields + ") VALUES (" + marks(deliveryFields) + ")"
	updateDelivery = "UPDATE andon_outbox SET (" + deliveryFields + ") = (" + marks(deliveryFields) + ") WHERE id = ?"
)

func (t tx) AddDelivery(d store.Delivery) (int64, error) {
	err := t.c.exec(insertDelivery, deliveryValues(d)...)
	return t.c.lastID(), err
}

func (t tx) UpdateDelivery(d store.Delivery) error {
	err := t.c.exec(updateDelivery, append(deliveryValues(d), d.ID)...)
	if err == nil && t.c.changes() == 0 {
		return kanban.Errorf(kanban.NotFound, "there is no delivery %d", d.ID)
	}
	return err
}
