-- What the reference itself does to the rows of an older version.
UPDATE task_events SET kind = 'promoted' WHERE kind = 'ready';
UPDATE task_events SET kind = 'reprioritized' WHERE kind = 'priority';
UPDATE task_events SET kind = 'gave_up' WHERE kind = 'spawn_auto_blocked';

-- Before there were runs, a claim stood in its task only.
INSERT INTO task_runs (task_id, profile, step_key, status, claim_lock, claim_expires, worker_pid,
                       max_runtime_seconds, last_heartbeat_at, started_at)
SELECT id, assignee, current_step_key, 'running', claim_lock, claim_expires, worker_pid,
       max_runtime_seconds, last_heartbeat_at, ifnull(started_at, CAST(strftime('%s', 'now') AS INTEGER))
FROM tasks t
WHERE status = 'running' AND current_run_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM task_runs r WHERE r.task_id = t.id AND r.ended_at IS NULL);

UPDATE tasks SET current_run_id = (SELECT max(r.id) FROM task_runs r WHERE r.task_id = tasks.id AND r.ended_at IS NULL)
WHERE status = 'running' AND current_run_id IS NULL;
