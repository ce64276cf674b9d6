package sqlite

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// subscriptionFields name the place beside the destination, which stands for it:
// who listens is asked at every event.
const (
	subscriptionFields  = "destination, sink, target, thread, task, lane, tenant, creator, labels, alone, kinds, created_by, created_ms"
	subscriptionColumns = "s.id, " + subscriptionFields
)

func scanSubscription(c *columns) store.Subscription {
	s := store.Subscription{
		ID: c.int64(), Destination: c.int64(), Sink: c.text(), Target: c.text(), Thread: c.text(),
		Task: c.text(), Lane: c.text(), Tenant: c.text(), Creator: c.text(), Labels: c.labels(), Alone: c.bool(),
	}
	for _, kind := range c.strings() {
		s.Kinds = append(s.Kinds, kanban.EventKind(kind))
	}
	s.CreatedBy, s.CreatedAt = c.text(), c.millis()
	return s
}

func subscriptionValues(s store.Subscription) []any {
	return []any{
		s.Destination, s.Sink, s.Target, s.Thread, s.Task, s.Lane, s.Tenant, s.Creator, strings.Join(s.Labels, ","), s.Alone, words(s.Kinds), s.CreatedBy, millis(s.CreatedAt),
	}
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

// chain is a task and those in whose runs it was created, one after the other.
const chain = `WITH RECURSIVE up(id) AS (SELECT ?1 UNION
	SELECT t.andon_origin FROM up JOIN tasks t ON t.id = up.id WHERE t.andon_origin <> '')`

const (
	allSubscriptions     = "SELECT " + subscriptionColumns + " FROM andon_subscriptions s ORDER BY s.id"
	boardSubscriptions   = "SELECT " + subscriptionColumns + " FROM andon_subscriptions s WHERE s.task = '' ORDER BY s.id"
	allForeign           = "SELECT " + foreignColumns + " FROM kanban_notify_subs ORDER BY rowid"
	foreignSubscriptions = "SELECT " + foreignColumns + " FROM kanban_notify_subs WHERE task_id = ? ORDER BY rowid"

	// One statement in the path of every event: a probe for the task, one for
	// each in its chain, and the rows of the board.
	listeners = chain + " SELECT " + subscriptionColumns + ` FROM up CROSS JOIN andon_subscriptions s ON s.task = up.id
			WHERE s.task = ?1 OR s.alone = 0
		UNION ALL SELECT ` + subscriptionColumns + " FROM andon_subscriptions s WHERE s.task = ''"

	muted = chain + ` SELECT 1 FROM (SELECT id FROM up UNION ALL SELECT '') u
		CROSS JOIN andon_mutes m ON m.destination = ?2 AND m.task = u.id WHERE m.until_ms = 0 OR m.until_ms > ?3 LIMIT 1`
)

func (r reader) Subscriptions(task string) ([]store.Subscription, error) {
	ours := func() ([]store.Subscription, error) { return list(r.c, allSubscriptions, nil, scanSubscription) }
	theirs := func() ([]store.Subscription, error) { return list(r.c, allForeign, nil, scanForeign) }
	if task != "" {
		ours = func() ([]store.Subscription, error) { return r.Listeners(task) }
		theirs = func() ([]store.Subscription, error) { return list(r.c, foreignSubscriptions, []any{task}, scanForeign) }
	}
	all, err := ours()
	if err != nil {
		return nil, err
	}
	foreign, err := theirs()
	return append(all, foreign...), err
}

func (r reader) Subscription(id int64) (store.Subscription, error) {
	s, found, err := first(r.c, "SELECT "+subscriptionColumns+" FROM andon_subscriptions s WHERE s.id = ?", []any{id}, scanSubscription)
	if err == nil && !found {
		err = noSubscription(id)
	}
	return s, err
}

func noSubscription(id int64) error {
	return kanban.Errorf(kanban.NotFound, "there is no subscription %d", id)
}

func (r reader) Listeners(task string) ([]store.Subscription, error) {
	if task == "" {
		return list(r.c, boardSubscriptions, nil, scanSubscription)
	}
	found, err := list(r.c, listeners, []any{task}, scanSubscription)
	slices.SortFunc(found, func(a, b store.Subscription) int { return cmp.Compare(a.ID, b.ID) })
	return found, err
}

// PutSubscription looks before it inserts: an insert that does nothing would
// still use up an id.
func (t tx) PutSubscription(s store.Subscription) (id int64, created bool, err error) {
	if s.Destination, err = t.PutDestination(s.Sink, s.Target, s.Thread); err != nil {
		return 0, false, err
	}
	id, found, err := first(t.c, "SELECT id FROM andon_subscriptions WHERE task = ? AND destination = ? AND lane = ? AND tenant = ? AND creator = ? AND labels = ?",
		[]any{s.Task, s.Destination, s.Lane, s.Tenant, s.Creator, strings.Join(s.Labels, ",")}, (*columns).int64)
	if err != nil || found {
		return id, false, err
	}
	err = t.c.exec("INSERT INTO andon_subscriptions ("+subscriptionFields+") VALUES ("+marks(subscriptionFields)+")", subscriptionValues(s)...)
	return t.c.lastID(), true, err
}

func (t tx) SetKinds(id int64, kinds []kanban.EventKind) error {
	if id < 0 {
		return foreignSubscription(id)
	}
	err := t.c.exec("UPDATE andon_subscriptions SET kinds = ? WHERE id = ?", words(kinds), id)
	if err == nil && t.c.changes() == 0 {
		return noSubscription(id)
	}
	return err
}

func foreignSubscription(id int64) error {
	return conflict("subscription %d belongs to the reference system", id)
}

func (t tx) DeleteSubscription(id int64) error {
	if id < 0 {
		return foreignSubscription(id)
	}
	err := t.c.exec("DELETE FROM andon_subscriptions WHERE id = ?", id)
	if err == nil && t.c.changes() == 0 {
		return noSubscription(id)
	}
	return err
}

const (
	endSubscriptions = "DELETE FROM andon_subscriptions WHERE task = ?1 AND task <> ''"
	endMutes         = "DELETE FROM andon_mutes WHERE task = ?1 AND task <> ''"
)

func (t tx) EndSubscriptions(task string) error {
	if err := t.c.exec(endSubscriptions, task); err != nil {
		return err
	}
	return t.c.exec(endMutes, task)
}

func scanMute(c *columns) store.Mute {
	return store.Mute{Destination: c.int64(), Task: c.text(), Until: c.millis(), By: c.text(), At: c.millis()}
}

func (r reader) Mutes() ([]store.Mute, error) {
	return list(r.c, "SELECT destination, task, until_ms, by, at_ms FROM andon_mutes ORDER BY destination, task", nil, scanMute)
}

func (r reader) Muted(destination int64, task string, now time.Time) (bool, error) {
	_, found, err := first(r.c, muted, []any{task, destination, millis(now)}, (*columns).int64)
	return found, err
}

func (t tx) PutMute(m store.Mute) error {
	return t.c.exec("INSERT OR REPLACE INTO andon_mutes (destination, task, until_ms, by, at_ms) VALUES (?, ?, ?, ?, ?)",
		m.Destination, m.Task, millis(m.Until), m.By, millis(m.At))
}

func (t tx) DeleteMute(destination int64, task string) error {
	err := t.c.exec("DELETE FROM andon_mutes WHERE destination = ? AND task = ?", destination, task)
	if err == nil && t.c.changes() == 0 {
		return kanban.Errorf(kanban.NotFound, "nothing is muted there")
	}
	return err
}
