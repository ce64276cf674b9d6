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
	// A message about open work stays the one that is changed.
	prunePosts = `DELETE FROM andon_posts WHERE id IN (
		SELECT id FROM andon_posts p WHERE at_ms < ?1
		  AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = p.task AND status NOT IN ('done', 'archived'))
		ORDER BY at_ms, id LIMIT ?2)`
	// Others delete and archive without ending what is ours.
	pruneSubscriptions = `DELETE FROM andon_subscriptions
		WHERE task <> '' AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = andon_subscriptions.task AND status <> 'archived')`
	pruneMutes = `DELETE FROM andon_mutes WHERE until_ms <> 0 AND until_ms <= ?1
		OR task <> '' AND NOT EXISTS (SELECT 1 FROM tasks WHERE id = andon_mutes.task)`
	pruneDestinations = `DELETE FROM andon_destinations
		WHERE NOT EXISTS (SELECT 1 FROM andon_subscriptions WHERE destination = andon_destinations.id)
		  AND NOT EXISTS (SELECT 1 FROM andon_outbox WHERE destination <> 0 AND destination = andon_destinations.id)
		  AND NOT EXISTS (SELECT 1 FROM andon_mutes WHERE destination = andon_destinations.id)
		  AND NOT EXISTS (SELECT 1 FROM andon_posts WHERE destination = andon_destinations.id)`
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
		{prunePosts, millis(p.Events), &pruned.Posts},
	} {
		if err := t.c.exec(kind.sql, kind.before, most(p.Limit)); err != nil {
			return pruned, err
		}
		*kind.count = int(t.c.changes())
	}
	if err := t.c.exec(pruneSubscriptions); err != nil {
		return pruned, err
	}
	if err := t.c.exec(pruneMutes, millis(p.Now)); err != nil {
		return pruned, err
	}
	return pruned, t.c.exec(pruneDestinations)
}
