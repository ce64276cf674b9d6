package sqlite

import "github.com/andon-dev/andon/internal/store"

const (
	// An event stays while its task is open or somebody has yet to hear of it.
	pruneEvents = `DELETE FROM task_events WHERE id IN (
		SELECT id FROM task_events e
		WHERE created_at <= ?1 / 1000 AND max(andon_ms, created_at * 1000) < ?1
		  AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = e.task_id AND status NOT IN ('done', 'archived'))
		  AND NOT EXISTS (SELECT 1 FROM andon_outbox WHERE event = e.id AND state <> 'delivered')
		ORDER BY created_at, id LIMIT ?2)`
	pruneOperations = `DELETE FROM andon_operations WHERE id IN (
		SELECT id FROM andon_operations WHERE at_ms < ?1 ORDER BY at_ms, rowid LIMIT ?2)`
	pruneDeliveries = `DELETE FROM andon_outbox WHERE id IN (
		SELECT id FROM andon_outbox INDEXED BY andon_outbox_done
		WHERE state = 'delivered' AND done_ms < ?1 ORDER BY done_ms, id LIMIT ?2)`
	// A deleted task's subscriptions stay until they have told of it.
	pruneSubscriptions = `DELETE FROM andon_subscriptions
		WHERE task <> '' AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = andon_subscriptions.task)
		  AND NOT EXISTS (SELECT 1 FROM andon_outbox WHERE subscription = andon_subscriptions.id AND state <> 'delivered')`
)

func (t tx) Prune(p store.Prune) (pruned store.Pruned, err error) {
	for _, kind := range []struct {
		sql    string
		before int64
		count  *int
	}{
		{pruneDeliveries, millis(p.Deliveries), &pruned.Deliveries},
		{pruneEvents, millis(p.Events), &pruned.Events},
		{pruneOperations, millis(p.Operations), &pruned.Operations},
	} {
		if err := t.c.exec(kind.sql, kind.before, most(p.Limit)); err != nil {
			return pruned, err
		}
		*kind.count = int(t.c.changes())
	}
	return pruned, t.c.exec(pruneSubscriptions)
}
