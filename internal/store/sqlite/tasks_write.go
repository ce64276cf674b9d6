package sqlite

import (
	"slices"

	"github.com/andon-dev/andon/internal/kanban"
)

// taskFields are the columns that Andon models, in the order of taskValues.
// Columns of the reference that are not here are never touched.
const taskFields = `title, body, assignee, status, priority, tenant, created_by, andon_origin,
	created_at, andon_created_ms, started_at, andon_started_ms, completed_at, andon_completed_ms, andon_updated_ms,
	workspace_kind, workspace_path, branch_name, andon_repo,
	result, idempotency_key, max_runtime_seconds, andon_max_runtime_ms, max_retries, skills, model_override, session_id,
	andon_not_before_ms, andon_block_kind, andon_block_reason, andon_blocked_ms, andon_closed,
	consecutive_failures, last_failure_error, andon_losses, andon_review_rounds,
	current_run_id, andon_live_run, claim_lock, claim_expires, andon_claim_ends_ms, worker_pid,
	last_heartbeat_at, andon_heartbeat_ms,
	andon_verify, andon_reviewer, andon_max_rounds, andon_reviews, andon_revision, andon_on_retry, andon_budget_cost, andon_budget_tokens`

func taskValues(t kanban.Task) []any {
	return []any{
		t.Title, text(t.Body), text(t.Assignee), string(t.Status), t.Priority, text(t.Tenant), text(t.CreatedBy), t.Origin,
		millis(t.CreatedAt) / 1000, millis(t.CreatedAt), seconds(t.StartedAt), millis(t.StartedAt),
		seconds(t.CompletedAt), millis(t.CompletedAt), millis(t.UpdatedAt),
		t.Workspace.Kind, text(t.Workspace.Path), text(t.Workspace.Branch), t.Workspace.Repo,
		text(t.Result), text(t.IdempotencyKey), spanSeconds(t.MaxRuntime), t.MaxRuntime.Milliseconds(),
		number(int64(t.MaxAttempts)), skills(t.Skills), text(t.Model), text(t.SessionID),
		millis(t.NotBefore), string(t.BlockKind), t.BlockReason, millis(t.BlockedAt), t.Closed,
		t.Failures, text(t.LastError), t.Losses, t.ReviewRounds,
		number(t.CurrentRun), t.LiveRun, text(t.ClaimLock), seconds(t.ClaimEnds), millis(t.ClaimEnds), number(int64(t.WorkerPID)),
		seconds(t.Heartbeat), millis(t.Heartbeat),
		argvs(t.Verify), t.Reviewer, t.MaxRounds, t.Reviews, t.Revision, t.OnRetry, t.Budget.Cost, t.Budget.Tokens,
	}
}

// skills keeps the difference between nil (the lane's own) and empty (none).
func skills(names []string) any {
	if names == nil {
		return nil
	}
	return words(names)
}

// argvs keeps the difference between nil and empty, as skills does.
func argvs(list [][]string) any {
	if list == nil {
		return nil
	}
	text, _ := encode(list) // strings only
	return text
}

func (t tx) InsertTask(task kanban.Task) error {
	err := t.c.exec(insertTask, append(taskValues(task), task.ID)...)
	if err == nil && t.c.changes() == 0 {
		return conflict("task %s exists", task.ID)
	}
	if err != nil {
		return err
	}
	return t.putLabels(task)
}

func (t tx) UpdateTask(task kanban.Task) error { return t.putTask(updateTask, task) }
func (t tx) NoteTask(task kanban.Task) error   { return t.putTask(noteTask, task) }

func (t tx) putTask(sql string, task kanban.Task) error {
	err := t.c.exec(sql, append(taskValues(task), task.ID)...)
	if err == nil && t.c.changes() == 0 {
		return noTask(task.ID)
	}
	if err != nil {
		return err
	}
	return t.putLabels(task)
}

// putLabels looks first: most changes are of something else.
func (t tx) putLabels(task kanban.Task) error {
	before, _, err := first(t.c, labelsOf, []any{task.ID}, (*columns).labels)
	if err != nil || slices.Equal(before, task.Labels) {
		return err
	}
	if err := t.c.exec(dropLabels, task.ID); err != nil {
		return err
	}
	for _, label := range task.Labels {
		if err := t.c.exec("INSERT INTO andon_labels (label, task) VALUES (?, ?)", label, task.ID); err != nil {
			return err
		}
	}
	return nil
}

const (
	labelsOf   = "SELECT group_concat(label) FROM andon_labels WHERE task = ?1"
	dropLabels = "DELETE FROM andon_labels WHERE task = ?1"
)

var (
	insertTask = "INSERT INTO tasks (" + taskFields + ", id) VALUES (" + marks(taskFields) + ", ?) ON CONFLICT DO NOTHING"
	updateTask = "UPDATE tasks SET (" + taskFields + ") = (" + marks(taskFields) + "), andon_version = andon_version + 1 WHERE id = ?"
	noteTask   = "UPDATE tasks SET (" + taskFields + ") = (" + marks(taskFields) + ") WHERE id = ?"
)

// taskRemains are the rows that go with a task, besides deliveries.
var taskRemains = []string{
	"DELETE FROM task_links WHERE parent_id = ?1 OR child_id = ?1",
	"DELETE FROM task_comments WHERE task_id = ?1",
	"DELETE FROM task_runs WHERE task_id = ?1",
	"DELETE FROM kanban_notify_subs WHERE task_id = ?1",
	"DELETE FROM andon_artifacts WHERE task = ?1",
	"DELETE FROM andon_idempotency WHERE task = ?1",
	"DELETE FROM andon_posts WHERE task = ?1",
	dropLabels,
}

func (t tx) DeleteTask(id string) error {
	if err := t.c.exec("DELETE FROM tasks WHERE id = ?", id); err != nil {
		return err
	}
	if t.c.changes() == 0 {
		return noTask(id)
	}
	for _, remains := range taskRemains {
		if err := t.c.exec(remains, id); err != nil {
			return err
		}
	}
	return t.EndSubscriptions(id)
}

// PutKey takes over a key whose task is gone or archived without releasing it:
// others archive and delete without knowing of keys.
func (t tx) PutKey(key, task string) error {
	err := t.c.exec(`INSERT INTO andon_idempotency (key, task) VALUES (?1, ?2)
		ON CONFLICT (key) DO UPDATE SET task = ?2
		WHERE task = ?2 OR NOT EXISTS (
			SELECT 1 FROM tasks WHERE id = andon_idempotency.task AND status <> 'archived')`, key, task)
	if err == nil && t.c.changes() == 0 {
		return conflict("idempotency key %q belongs to another open task", key)
	}
	return err
}

func (t tx) ReleaseKeys(task string) error {
	return t.c.exec("DELETE FROM andon_idempotency WHERE task = ?", task)
}
