package sqlite

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/ncruces/go-sqlite3"
)

// runColumns are read by scanRun. The reference does not count attempts: its
// runs are numbered by their place among the task's.
const runColumns = `r.id, r.task_id, r.profile,
	CASE WHEN r.andon_attempt > 0 THEN r.andon_attempt
	     ELSE (SELECT count(*) FROM task_runs e WHERE e.task_id = r.task_id AND e.id <= r.id) END,
	r.status, r.outcome, r.started_at, r.andon_started_ms, r.ended_at, r.andon_ended_ms,
	r.last_heartbeat_at, r.andon_heartbeat_ms, r.andon_progress_ms, r.max_runtime_seconds, r.andon_max_runtime_ms,
	r.summary, r.metadata, r.error, r.claim_lock, r.claim_expires, r.andon_claim_ends_ms,
	r.andon_token_hash, r.worker_pid, r.andon_supervisor, r.andon_live, r.andon_started, r.andon_exit_code,
	r.andon_signal, r.andon_workspace, r.andon_branch, r.andon_base, r.andon_snapshot,
	r.andon_revision, r.andon_account, r.andon_model, r.andon_session,
	r.andon_tokens_in, r.andon_tokens_out, r.andon_cache_read, r.andon_cache_write, r.andon_turns, r.andon_cost,
	r.andon_reserved_cost, r.andon_reserved_tokens, r.andon_pending`

func scanRun(c *columns) kanban.Run {
	r := kanban.Run{ID: c.int64(), Task: c.text(), Lane: c.text(), Attempt: c.int()}
	status := kanban.Outcome(c.text())
	r.Outcome = kanban.Outcome(c.text())
	r.StartedAt, r.EndedAt, r.Heartbeat, r.Progress = c.moment(), c.moment(), c.moment(), c.millis()
	if r.Outcome == "" && !r.Open() {
		r.Outcome = status
	}
	r.MaxRuntime, r.Summary, r.Metadata, r.Error = c.span(), c.text(), c.object(), c.text()
	r.ClaimLock, r.ClaimEnds, r.TokenHash, r.WorkerPID = c.text(), c.moment(), c.text(), c.int()
	r.Supervisor, r.Live, r.Started, r.ExitCode = c.process(), c.bool(), c.bool(), c.exitCode()
	r.Signal, r.Workspace, r.Branch, r.Base, r.Snapshot = c.text(), c.text(), c.text(), c.text(), c.text()
	r.Revision, r.Account, r.Model, r.Session = c.text(), c.text(), c.text(), c.text()
	r.Usage = kanban.Usage{
		Input: c.int64(), Output: c.int64(), CacheRead: c.int64(), CacheWrite: c.int64(), Turns: c.int64(), Cost: c.int64(),
	}
	r.Reserved = kanban.Budget{Cost: c.int64(), Tokens: c.int64()}
	r.Pending = c.object()
	return r
}

func (c *columns) process() (p kanban.Process) {
	if text := c.text(); text != "" {
		if json.Unmarshal([]byte(text), &p) != nil {
			return kanban.Process{}
		}
	}
	return p
}

func (c *columns) exitCode() *int {
	i := c.next()
	if c.s.ColumnType(i) == sqlite3.NULL {
		return nil
	}
	code := c.s.ColumnInt(i)
	return &code
}

// live repeats the condition of the index andon_live_runs.
const live = "(r.ended_at IS NULL OR r.andon_live = 1)"

func (r reader) Run(id int64) (kanban.Run, error) {
	run, found, err := first(r.c, "SELECT "+runColumns+" FROM task_runs r WHERE id = ?", []any{id}, scanRun)
	if err == nil && !found {
		return run, noRun(id)
	}
	return run, err
}

func (r reader) Runs(task string) ([]kanban.Run, error) {
	return list(r.c, runsOfTask, []any{task}, scanRun)
}

func (r reader) LiveRuns() ([]kanban.Run, error) {
	return list(r.c, liveRuns, nil, scanRun)
}

func (r reader) LiveCount(tenant string) (int, error) {
	if tenant == "" {
		n, _, err := first(r.c, liveCount, nil, (*columns).int)
		return n, err
	}
	n, _, err := first(r.c, liveCountOfTenant, []any{tenant}, (*columns).int)
	return n, err
}

func (r reader) RecentRuns(lane, tenant, notTask string, limit int) ([]kanban.Run, error) {
	return list(r.c, recentRuns, []any{lane, notTask, tenant, most(limit)}, scanRun)
}

func (r reader) LastRuns(lane string, limit int) ([]kanban.Run, error) {
	if lane == "" {
		found, err := list(r.c, lastRuns, []any{most(limit)}, scanRun)
		return lastFirst(found), err
	}
	var found []kanban.Run
	for _, o := range kanban.Outcomes {
		of, err := list(r.c, lastRunsOfLane, []any{lane, string(o), most(limit)}, scanRun)
		if err != nil {
			return nil, err
		}
		found = append(found, of...)
	}
	return lastFirst(found), nil
}

// lastFirst sorts by the end; what ended within one second, by number.
func lastFirst(runs []kanban.Run) []kanban.Run {
	slices.SortFunc(runs, func(a, b kanban.Run) int {
		return cmp.Or(cmp.Compare(b.EndedAt.Unix(), a.EndedAt.Unix()), cmp.Compare(b.ID, a.ID))
	})
	return runs
}

const (
	lastRuns       = "SELECT " + runColumns + " FROM task_runs r WHERE ended_at IS NOT NULL ORDER BY r.id DESC LIMIT ?"
	lastRunsOfLane = "SELECT " + runColumns + ` FROM task_runs r
		WHERE r.profile = ?1 AND r.outcome = ?2 AND r.ended_at IS NOT NULL ORDER BY r.ended_at DESC, r.id DESC LIMIT ?3`
	runsOfTask        = "SELECT " + runColumns + " FROM task_runs r WHERE task_id = ? ORDER BY started_at, id"
	liveRuns          = "SELECT " + runColumns + " FROM task_runs r WHERE " + live + " ORDER BY id"
	liveCount         = "SELECT count(*) FROM task_runs r WHERE " + live
	liveCountOfTenant = "SELECT count(*) FROM task_runs r CROSS JOIN tasks t ON t.id = r.task_id WHERE " + live + " AND t.tenant = ?"
	recentRuns        = "SELECT " + runColumns + ` FROM task_runs r CROSS JOIN tasks t ON t.id = r.task_id
		WHERE r.profile = ?1 AND r.outcome = 'completed' AND r.task_id <> ?2 AND ifnull(t.tenant, '') = ?3
		ORDER BY r.ended_at DESC, r.id DESC LIMIT ?4`
)

const runFields = `task_id, profile, andon_attempt, status, outcome,
	started_at, andon_started_ms, ended_at, andon_ended_ms, last_heartbeat_at, andon_heartbeat_ms, andon_progress_ms,
	max_runtime_seconds, andon_max_runtime_ms, summary, metadata, error,
	claim_lock, claim_expires, andon_claim_ends_ms, andon_token_hash, worker_pid,
	andon_supervisor, andon_live, andon_started, andon_exit_code,
	andon_signal, andon_workspace, andon_branch, andon_base, andon_snapshot,
	andon_revision, andon_account, andon_model, andon_session,
	andon_tokens_in, andon_tokens_out, andon_cache_read, andon_cache_write, andon_turns, andon_cost,
	andon_reserved_cost, andon_reserved_tokens, andon_pending`

func runValues(r kanban.Run) []any {
	var exit any
	if r.ExitCode != nil {
		exit = *r.ExitCode
	}
	supervisor := ""
	if r.Supervisor != (kanban.Process{}) {
		supervisor, _ = encode(r.Supervisor) // strings and numbers only
	}
	return []any{
		r.Task, text(r.Lane), r.Attempt, runStatus(r), text(string(r.Outcome)),
		millis(r.StartedAt) / 1000, millis(r.StartedAt), seconds(r.EndedAt), millis(r.EndedAt),
		seconds(r.Heartbeat), millis(r.Heartbeat), millis(r.Progress),
		spanSeconds(r.MaxRuntime), r.MaxRuntime.Milliseconds(), text(r.Summary), text(string(r.Metadata)), text(r.Error),
		text(r.ClaimLock), seconds(r.ClaimEnds), millis(r.ClaimEnds), r.TokenHash, number(int64(r.WorkerPID)),
		supervisor, r.Live, r.Started, exit,
		r.Signal, r.Workspace, r.Branch, r.Base, r.Snapshot,
		r.Revision, r.Account, r.Model, r.Session,
		r.Usage.Input, r.Usage.Output, r.Usage.CacheRead, r.Usage.CacheWrite, r.Usage.Turns, r.Usage.Cost,
		r.Reserved.Cost, r.Reserved.Tokens, text(string(r.Pending)),
	}
}

var (
	insertRun = "INSERT INTO task_runs (" + runFields + ") VALUES (" + marks(runFields) + ")"
	updateRun = "UPDATE task_runs SET (" + runFields + ") = (" + marks(runFields) + ") WHERE id = ?"
)

// runStatus is the word that the reference keeps beside the outcome.
func runStatus(r kanban.Run) string {
	switch {
	case r.Outcome == kanban.Completed:
		return "done"
	case r.Outcome == "":
		return "running"
	}
	return string(r.Outcome)
}

func (t tx) InsertRun(r kanban.Run) (int64, error) {
	err := t.c.exec(insertRun, runValues(r)...)
	return t.c.lastID(), err
}

func (t tx) UpdateRun(r kanban.Run) error {
	err := t.c.exec(updateRun, append(runValues(r), r.ID)...)
	if err == nil && t.c.changes() == 0 {
		return noRun(r.ID)
	}
	return err
}

const artifactColumns = "task, run, path, sha256, size, type"

func scanArtifact(c *columns) kanban.Artifact {
	return kanban.Artifact{Task: c.text(), Run: c.int64(), Path: c.text(), SHA256: c.text(), Size: c.int64(), Type: c.text()}
}

func (r reader) Artifacts(task string) ([]kanban.Artifact, error) {
	return list(r.c, "SELECT "+artifactColumns+" FROM andon_artifacts WHERE task = ? ORDER BY id", []any{task}, scanArtifact)
}

func (r reader) ArtifactKept(sha256 string) (bool, error) {
	_, kept, err := first(r.c, "SELECT 1 FROM andon_artifacts WHERE sha256 = ? LIMIT 1", []any{sha256}, (*columns).bool)
	return kept, err
}

func (t tx) PutArtifacts(artifacts []kanban.Artifact) error {
	for _, a := range artifacts {
		err := t.c.exec("INSERT INTO andon_artifacts ("+artifactColumns+`) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
			ON CONFLICT (task, run, path) DO UPDATE SET sha256 = ?4, size = ?5, type = ?6`,
			a.Task, a.Run, a.Path, a.SHA256, a.Size, a.Type)
		if err != nil {
			return err
		}
	}
	return nil
}

func noRun(id int64) error {
	return kanban.Errorf(kanban.NotFound, "there is no run %d", id).Hint("andon runs ID  lists the runs of a task")
}
