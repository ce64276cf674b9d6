package sqlite

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// A run that is alive may still use what was reserved for it.
const (
	ranTokens = "(r.andon_tokens_in + r.andon_tokens_out + r.andon_cache_write)"
	spent     = `SELECT ifnull(r.profile, ''), r.andon_account, ifnull(t.tenant, ''), sum(r.andon_cost), sum(` + ranTokens + `),
		sum(iif(` + live + `, max(r.andon_reserved_cost - r.andon_cost, 0), 0)),
		sum(iif(` + live + `, max(r.andon_reserved_tokens - ` + ranTokens + `, 0), 0))
	FROM task_runs r LEFT JOIN tasks t ON t.id = r.task_id
	WHERE r.started_at >= ?1 GROUP BY 1, 2, 3`
)

func (r reader) Spent(since time.Time) ([]store.Spent, error) {
	return list(r.c, spent, []any{since.Unix()}, func(c *columns) store.Spent {
		return store.Spent{
			Lane: c.text(), Account: c.text(), Tenant: c.text(),
			Used: kanban.Budget{Cost: c.int64(), Tokens: c.int64()}, Reserved: kanban.Budget{Cost: c.int64(), Tokens: c.int64()},
		}
	})
}

// begun and ended are in milliseconds; the reference knows only seconds. A run
// has no negative length, whatever the clock did.
const (
	begun  = "iif(r.andon_started_ms / 1000 = r.started_at, r.andon_started_ms, r.started_at * 1000)"
	ended  = "ifnull(iif(r.andon_ended_ms / 1000 = r.ended_at, r.andon_ended_ms, r.ended_at * 1000), ?3)"
	cause  = "iif(r.outcome = 'gave_up' AND json_valid(r.metadata), ifnull(r.metadata ->> '$.trigger_outcome', r.outcome), ifnull(r.outcome, iif(r.ended_at IS NULL, '', r.status)))"
	effort = `SELECT ifnull(r.profile, ''), r.andon_account, ifnull(t.tenant, ''), iif(?4, r.task_id, ''), ` + cause + `, count(*),
		sum(r.andon_tokens_in), sum(r.andon_tokens_out), sum(r.andon_cache_read), sum(r.andon_cache_write), sum(r.andon_turns), sum(r.andon_cost),
		sum(max(` + ended + ` - ` + begun + `, 0))
	FROM task_runs r LEFT JOIN tasks t ON t.id = r.task_id
	WHERE r.started_at >= ?1 AND r.started_at < ?2 GROUP BY 1, 2, 3, 4, 5`
)

func (r reader) Effort(p store.Period) ([]store.Effort, error) {
	return list(r.c, effort, period(p), func(c *columns) store.Effort {
		return store.Effort{
			Lane: c.text(), Account: c.text(), Tenant: c.text(), Task: c.text(), Outcome: kanban.Outcome(c.text()), Runs: c.int(),
			Usage: kanban.Usage{
				Input: c.int64(), Output: c.int64(), CacheRead: c.int64(), CacheWrite: c.int64(), Turns: c.int64(), Cost: c.int64(),
			},
			Running: time.Duration(c.int64()) * time.Millisecond,
		}
	})
}

// period is what a query over a period is asked with.
func period(p store.Period) []any {
	to := int64(maxMillis / 1000)
	if !p.To.IsZero() {
		to = p.To.Unix()
	}
	return []any{p.From.Unix(), to, millis(p.Now), p.ByTask}
}

// The condition on e repeats that of the index andon_waits word for word. What
// another program moved without an event has left when it is found elsewhere.
var waited = `SELECT coalesce(r.profile, assignee, ''), ifnull(r.andon_account, ''), ifnull(tenant, ''), iif(?4, w.task_id, ''), count(*),
		sum(until IS NULL AND waiting), sum(max(ifnull(until, iif(waiting, ?3, since)) - since, 0))
	FROM (SELECT e.task_id, e.run_id, t.assignee, t.tenant, ifnull(t.status IN ('blocked', 'review'), 0) AS waiting,
			` + eventMillis("e") + ` AS since,
			(SELECT ` + eventMillis("n") + ` FROM task_events n
				WHERE n.task_id = e.task_id AND n.id > e.id AND n.kind IN (SELECT value FROM json_each(?5))
				ORDER BY n.id LIMIT 1) AS until
		FROM task_events e LEFT JOIN tasks t ON t.id = e.task_id
		WHERE e.kind IN ('blocked', 'review') AND e.created_at >= ?1 AND e.created_at < ?2) w
	LEFT JOIN task_runs r ON r.id = w.run_id
	GROUP BY 1, 2, 3, 4`

func eventMillis(e string) string {
	return "iif(" + e + ".andon_ms / 1000 = " + e + ".created_at, " + e + ".andon_ms, " + e + ".created_at * 1000)"
}

func (r reader) Waits(p store.Period) ([]store.Wait, error) {
	return list(r.c, waited, append(period(p), words(store.WaitsEnd)), func(c *columns) store.Wait {
		return store.Wait{
			Lane: c.text(), Account: c.text(), Tenant: c.text(), Task: c.text(), Times: c.int(), Open: c.int(),
			Waited: time.Duration(c.int64()) * time.Millisecond,
		}
	})
}
