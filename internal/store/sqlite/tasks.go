package sqlite

import (
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// The words of the indexes in schema/andon.sql and steps.go: a query is served by
// an index only if it says the same.
const (
	priority = "CAST(ifnull(priority, 0) AS INTEGER)"
	born     = "CAST(created_at AS INTEGER)"
	isOver   = "status IN ('done', 'archived')"
)

// changed is when a task changed last, as far as its row tells: others do not
// keep our column.
const changed = `CAST(max(andon_updated_ms, andon_created_ms, created_at * 1000,
	ifnull(started_at, 0) * 1000, ifnull(completed_at, 0) * 1000) AS INTEGER)`

// taskHead is what a list needs, in the order in which scanTask reads.
const taskHead = `id, title, assignee, status, ` + priority + `, tenant, created_by, andon_origin,
	created_at, andon_created_ms, started_at, andon_started_ms, completed_at, andon_completed_ms,
	` + changed + `, andon_version,
	workspace_kind, workspace_path, branch_name, andon_repo,
	idempotency_key, max_runtime_seconds, andon_max_runtime_ms, max_retries, skills, model_override, session_id,
	andon_not_before_ms, andon_block_kind, andon_block_reason, andon_blocked_ms, andon_closed,
	consecutive_failures, last_failure_error, andon_losses, andon_review_rounds,
	current_run_id, andon_live_run, claim_lock, claim_expires, andon_claim_ends_ms, worker_pid,
	last_heartbeat_at, andon_heartbeat_ms,
	andon_verify, andon_reviewer, andon_max_rounds, andon_reviews, andon_revision, andon_on_retry, andon_budget_cost, andon_budget_tokens,
	(SELECT group_concat(label) FROM andon_labels WHERE task = tasks.id)`

// scanTask reads taskHead, then body and result.
func scanTask(c *columns) kanban.Task {
	return kanban.Task{
		ID: c.text(), Title: c.text(), Assignee: c.text(), Status: kanban.Status(c.text()), Priority: c.int(),
		Tenant: c.text(), CreatedBy: c.text(), Origin: c.text(),
		CreatedAt: c.moment(), StartedAt: c.moment(), CompletedAt: c.moment(),
		UpdatedAt: c.millis(), Version: c.int64(),
		Workspace:      kanban.Workspace{Kind: c.text(), Path: c.text(), Branch: c.text(), Repo: c.text()},
		IdempotencyKey: c.text(), MaxRuntime: c.span(), MaxAttempts: c.int(),
		Skills: c.strings(), Model: c.text(), SessionID: c.text(),
		NotBefore: c.millis(), BlockKind: kanban.BlockKind(c.text()), BlockReason: c.text(), BlockedAt: c.millis(),
		Closed: c.text(), Failures: c.int(), LastError: c.text(), Losses: c.int(), ReviewRounds: c.int(),
		CurrentRun: c.int64(), LiveRun: c.int64(), ClaimLock: c.text(), ClaimEnds: c.moment(), WorkerPID: c.int(),
		Heartbeat: c.moment(),
		Verify:    c.argvs(), Reviewer: c.text(), MaxRounds: c.int(), Reviews: c.text(), Revision: c.text(), OnRetry: c.text(),
		Budget: kanban.Budget{Cost: c.int64(), Tokens: c.int64()},
		Labels: c.labels(), Body: c.text(), Result: c.text(),
	}
}

func (r reader) Task(id string) (kanban.Task, error) {
	t, found, err := first(r.c, "SELECT "+taskHead+", body, result FROM tasks WHERE id = ?", []any{id}, scanTask)
	if err == nil && !found {
		return t, noTask(id)
	}
	return t, err
}

func (r reader) TaskIDs(prefix string, limit int) ([]string, error) {
	return list(r.c, "SELECT id FROM tasks WHERE id >= ?1 AND id < ?1 || char(0x10ffff) ORDER BY id LIMIT ?2",
		[]any{prefix, most(limit)}, (*columns).text)
}

// NextReady is one probe of one lane. The planner prefers an index in which it
// would walk over all other lanes' tasks first.
func (r reader) NextReady(lane string, now time.Time, skip store.Skip) (string, error) {
	id, _, err := first(r.c, nextReady, []any{lane, millis(now), words(skip.Tenants), words(skip.Repos)}, (*columns).text)
	return id, err
}

const nextReady = `SELECT id FROM tasks INDEXED BY andon_ready
	WHERE status = 'ready' AND andon_live_run = 0 AND assignee = ?1 AND andon_not_before_ms <= ?2
	  AND ifnull(tenant, '') NOT IN (SELECT value FROM json_each(?3))
	  AND (CASE WHEN workspace_kind IN ('scratch', 'dir') THEN '' WHEN andon_repo <> '' THEN andon_repo ELSE ifnull(workspace_path, '') END)
	    NOT IN (SELECT value FROM json_each(?4))
	ORDER BY ` + priority + ` DESC, ` + born + `, rowid LIMIT 1`

func (r reader) Due(now time.Time, limit int) ([]string, error) {
	return list(r.c, due, []any{millis(now), most(limit)}, (*columns).text)
}

const due = `SELECT id FROM tasks
	WHERE status = 'scheduled' AND andon_not_before_ms <> 0 AND andon_not_before_ms <= ?1
	ORDER BY andon_not_before_ms, rowid LIMIT ?2`

func (r reader) NextDue(now time.Time) (time.Time, error) {
	var next time.Time
	for _, waiting := range []kanban.Status{kanban.Ready, kanban.Scheduled} {
		at, found, err := first(r.c, nextDue, []any{string(waiting), millis(now)}, (*columns).millis)
		if err != nil {
			return next, err
		}
		if found && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next, nil
}

const nextDue = `SELECT andon_not_before_ms FROM tasks
	WHERE status = ?1 AND andon_not_before_ms <> 0 AND andon_not_before_ms > ?2
	ORDER BY andon_not_before_ms LIMIT 1`

// madeBy names the index's condition, without which it could not be used.
const madeBy = `SELECT id FROM tasks
	WHERE andon_origin = ?1 AND andon_origin <> '' AND andon_created_ms >= ?2 ORDER BY id LIMIT ?3`

func (r reader) MadeBy(origin string, since time.Time, limit int) ([]string, error) {
	return list(r.c, madeBy, []any{origin, millis(since), most(limit)}, (*columns).text)
}

func (r reader) TaskByKey(key string) (string, error) {
	id, found, err := first(r.c, `SELECT t.id FROM andon_idempotency k JOIN tasks t ON t.id = k.task
		WHERE k.key = ? AND t.status <> 'archived'`, []any{key}, (*columns).text)
	if err != nil || found {
		return id, err
	}
	id, _, err = first(r.c, `SELECT id FROM tasks WHERE idempotency_key = ? AND status <> 'archived'
		ORDER BY `+born+` DESC, rowid DESC LIMIT 1`, []any{key}, (*columns).text)
	return id, err
}

func (r reader) Stats() (store.Stats, error) {
	stats := store.Stats{ByStatus: map[kanban.Status]int{}, ByLane: map[string]map[kanban.Status]int{}}
	groups, err := r.groups(false)
	if err != nil {
		return stats, err
	}
	for g, n := range groups {
		if n <= 0 {
			continue
		}
		if stats.ByLane[g.lane] == nil {
			stats.ByLane[g.lane] = map[kanban.Status]int{}
		}
		stats.ByLane[g.lane][g.status] += n
		stats.ByStatus[g.status] += n
	}
	stats.OldestReady, _, err = first(r.c, "SELECT min("+changed+") FROM tasks WHERE status = 'ready'", nil, (*columns).millis)
	return stats, err
}

// tenants steps from one name to the next in the index.
const tenants = `WITH RECURSIVE names(name) AS (
		SELECT min(tenant) FROM tasks WHERE tenant > ''
		UNION ALL SELECT (SELECT min(tenant) FROM tasks WHERE tenant > names.name) FROM names WHERE names.name IS NOT NULL
	) SELECT name FROM names WHERE name IS NOT NULL LIMIT ?1`

func (r reader) Tenants(limit int) ([]string, error) {
	return list(r.c, tenants, []any{most(limit)}, (*columns).text)
}

// labels steps from one to the next as tenants does, and leaves out what only
// tasks had that others have deleted.
const labels = `WITH RECURSIVE names(name) AS (
		SELECT min(label) FROM andon_labels
		UNION ALL SELECT (SELECT min(label) FROM andon_labels WHERE label > names.name) FROM names WHERE names.name IS NOT NULL
	) SELECT name FROM names WHERE name IS NOT NULL
		AND EXISTS (SELECT 1 FROM andon_labels l CROSS JOIN tasks t ON t.id = l.task WHERE l.label = names.name) LIMIT ?1`

func (r reader) Labels(limit int) ([]string, error) {
	return list(r.c, labels, []any{most(limit)}, (*columns).text)
}

func noTask(id string) error {
	return kanban.Errorf(kanban.NotFound, "there is no task %s", id).Hint("andon list  shows the tasks of the board")
}

func conflict(format string, args ...any) error {
	return kanban.Errorf(kanban.Conflict, format, args...)
}
