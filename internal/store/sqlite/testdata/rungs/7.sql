CREATE TABLE andon_artifacts (
  id INTEGER PRIMARY KEY,
  task TEXT NOT NULL,
  run INTEGER NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (task, run, path)
);
CREATE TABLE andon_destinations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sink TEXT NOT NULL,
  target TEXT NOT NULL,
  thread TEXT NOT NULL,
  until_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sink, target, thread)
);
CREATE TABLE andon_idempotency (
  key TEXT PRIMARY KEY,
  task TEXT NOT NULL
);
CREATE TABLE andon_labels (
  label TEXT NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (label, task)
);
CREATE TABLE andon_meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
CREATE TABLE andon_mutes (
  destination INTEGER NOT NULL,
  task TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (destination, task)
);
CREATE TABLE andon_operations (
  id TEXT PRIMARY KEY,
  answer BLOB,
  at_ms INTEGER NOT NULL
);
CREATE TABLE andon_outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subscription INTEGER NOT NULL,
  event INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_ms INTEGER NOT NULL,
  error TEXT NOT NULL,
  done_ms INTEGER NOT NULL
, destination INTEGER NOT NULL DEFAULT 0, batch INTEGER NOT NULL DEFAULT 0);
CREATE TABLE andon_posts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL,
  task TEXT NOT NULL,
  ref TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  UNIQUE (destination, ref)
);
CREATE TABLE andon_subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL,
  sink TEXT NOT NULL,
  target TEXT NOT NULL,
  thread TEXT NOT NULL,
  task TEXT NOT NULL,
  lane TEXT NOT NULL,
  tenant TEXT NOT NULL,
  creator TEXT NOT NULL,
  labels TEXT NOT NULL,
  alone INTEGER NOT NULL,
  kinds TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (task, destination, lane, tenant, creator, labels)
);
CREATE TABLE kanban_notify_subs (
  task_id TEXT NOT NULL,
  platform TEXT NOT NULL,
  chat_id TEXT NOT NULL,
  thread_id TEXT NOT NULL DEFAULT '',
  user_id TEXT,
  notifier_profile TEXT,
  created_at INTEGER NOT NULL,
  last_event_id INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (task_id, platform, chat_id, thread_id)
);
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE task_comments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL,
  author TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL
, andon_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE task_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL,
  run_id INTEGER,
  kind TEXT NOT NULL,
  payload TEXT,
  created_at INTEGER NOT NULL
, andon_ms INTEGER NOT NULL DEFAULT 0);
CREATE TABLE task_links (
  parent_id TEXT NOT NULL,
  child_id TEXT NOT NULL, andon_waived INTEGER NOT NULL DEFAULT 0, andon_waived_by TEXT NOT NULL DEFAULT '', andon_waived_reason TEXT NOT NULL DEFAULT '', andon_when TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (parent_id, child_id)
);
CREATE TABLE task_runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL,
  profile TEXT,
  step_key TEXT,
  status TEXT NOT NULL,
  claim_lock TEXT,
  claim_expires INTEGER,
  worker_pid INTEGER,
  max_runtime_seconds INTEGER,
  last_heartbeat_at INTEGER,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  outcome TEXT,
  summary TEXT,
  metadata TEXT,
  error TEXT
, andon_started_ms INTEGER NOT NULL DEFAULT 0, andon_ended_ms INTEGER NOT NULL DEFAULT 0, andon_claim_ends_ms INTEGER NOT NULL DEFAULT 0, andon_heartbeat_ms INTEGER NOT NULL DEFAULT 0, andon_max_runtime_ms INTEGER NOT NULL DEFAULT 0, andon_progress_ms INTEGER NOT NULL DEFAULT 0, andon_attempt INTEGER NOT NULL DEFAULT 0, andon_token_hash TEXT NOT NULL DEFAULT '', andon_supervisor TEXT NOT NULL DEFAULT '', andon_live INTEGER NOT NULL DEFAULT 0, andon_started INTEGER NOT NULL DEFAULT 0, andon_exit_code INTEGER, andon_signal TEXT NOT NULL DEFAULT '', andon_workspace TEXT NOT NULL DEFAULT '', andon_branch TEXT NOT NULL DEFAULT '', andon_base TEXT NOT NULL DEFAULT '', andon_snapshot TEXT NOT NULL DEFAULT '', andon_revision TEXT NOT NULL DEFAULT '', andon_account TEXT NOT NULL DEFAULT '', andon_model TEXT NOT NULL DEFAULT '', andon_session TEXT NOT NULL DEFAULT '', andon_tokens_in INTEGER NOT NULL DEFAULT 0, andon_tokens_out INTEGER NOT NULL DEFAULT 0, andon_cache_read INTEGER NOT NULL DEFAULT 0, andon_cache_write INTEGER NOT NULL DEFAULT 0, andon_turns INTEGER NOT NULL DEFAULT 0, andon_cost INTEGER NOT NULL DEFAULT 0, andon_reserved_cost INTEGER NOT NULL DEFAULT 0, andon_reserved_tokens INTEGER NOT NULL DEFAULT 0, andon_pending TEXT);
CREATE TABLE tasks (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  body TEXT,
  assignee TEXT,
  status TEXT NOT NULL,
  priority INTEGER DEFAULT 0,
  created_by TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  completed_at INTEGER,
  workspace_kind TEXT NOT NULL DEFAULT 'scratch',
  workspace_path TEXT,
  branch_name TEXT,
  claim_lock TEXT,
  claim_expires INTEGER,
  tenant TEXT,
  result TEXT,
  idempotency_key TEXT,
  consecutive_failures INTEGER NOT NULL DEFAULT 0,
  worker_pid INTEGER,
  last_failure_error TEXT,
  max_runtime_seconds INTEGER,
  last_heartbeat_at INTEGER,
  current_run_id INTEGER,
  workflow_template_id TEXT,
  current_step_key TEXT,
  skills TEXT,
  model_override TEXT,
  max_retries INTEGER,
  session_id TEXT
, andon_version INTEGER NOT NULL DEFAULT 1, andon_created_ms INTEGER NOT NULL DEFAULT 0, andon_started_ms INTEGER NOT NULL DEFAULT 0, andon_completed_ms INTEGER NOT NULL DEFAULT 0, andon_updated_ms INTEGER NOT NULL DEFAULT 0, andon_claim_ends_ms INTEGER NOT NULL DEFAULT 0, andon_heartbeat_ms INTEGER NOT NULL DEFAULT 0, andon_max_runtime_ms INTEGER NOT NULL DEFAULT 0, andon_origin TEXT NOT NULL DEFAULT '', andon_repo TEXT NOT NULL DEFAULT '', andon_not_before_ms INTEGER NOT NULL DEFAULT 0, andon_block_kind TEXT NOT NULL DEFAULT '', andon_block_reason TEXT NOT NULL DEFAULT '', andon_blocked_ms INTEGER NOT NULL DEFAULT 0, andon_closed TEXT NOT NULL DEFAULT '', andon_losses INTEGER NOT NULL DEFAULT 0, andon_review_rounds INTEGER NOT NULL DEFAULT 0, andon_live_run INTEGER NOT NULL DEFAULT 0, andon_verify TEXT, andon_reviewer TEXT NOT NULL DEFAULT '', andon_max_rounds INTEGER NOT NULL DEFAULT 0, andon_reviews TEXT NOT NULL DEFAULT '', andon_revision TEXT NOT NULL DEFAULT '', andon_on_retry TEXT NOT NULL DEFAULT '', andon_budget_cost INTEGER NOT NULL DEFAULT 0, andon_budget_tokens INTEGER NOT NULL DEFAULT 0);
CREATE INDEX andon_artifacts_content ON andon_artifacts(sha256);
CREATE INDEX andon_artifacts_task ON andon_artifacts(task, id);
CREATE INDEX andon_idempotency_task ON andon_idempotency(task);
CREATE INDEX andon_labels_task ON andon_labels(task, label);
CREATE INDEX andon_mutes_task ON andon_mutes(task);
CREATE INDEX andon_operations_age ON andon_operations(at_ms);
CREATE INDEX andon_outbox_batch ON andon_outbox(batch, event) WHERE batch > 0;
CREATE INDEX andon_outbox_done ON andon_outbox(done_ms) WHERE state = 'delivered';
CREATE UNIQUE INDEX andon_outbox_once ON andon_outbox(destination, event) WHERE destination <> 0;
CREATE INDEX andon_outbox_open ON andon_outbox(event) WHERE state <> 'delivered';
CREATE INDEX andon_outbox_queue ON andon_outbox(destination, event) WHERE state = 'pending';
CREATE INDEX andon_outbox_state ON andon_outbox(state, id);
CREATE INDEX andon_posts_age ON andon_posts(at_ms);
CREATE INDEX andon_posts_task ON andon_posts(task, destination, id);
CREATE INDEX andon_subscriptions_place ON andon_subscriptions(destination);
CREATE INDEX andon_subscriptions_task ON andon_subscriptions(task, id);
CREATE INDEX idx_notify_task ON kanban_notify_subs(task_id);
CREATE INDEX idx_comments_task ON task_comments(task_id, created_at);
CREATE INDEX andon_events_age ON task_events(created_at);
CREATE INDEX andon_events_foreign ON task_events(id) WHERE andon_ms = 0;
CREATE INDEX andon_events_task ON task_events(task_id, id);
CREATE INDEX andon_waits ON task_events(created_at) WHERE kind IN ('blocked', 'review');
CREATE INDEX idx_events_run ON task_events(run_id, id);
CREATE INDEX idx_events_task ON task_events(task_id, created_at);
CREATE INDEX andon_parents ON task_links(child_id, parent_id);
CREATE INDEX idx_links_child ON task_links(child_id);
CREATE INDEX idx_links_parent ON task_links(parent_id);
CREATE INDEX andon_live_runs ON task_runs(id) WHERE ended_at IS NULL OR andon_live = 1;
CREATE INDEX andon_recent_runs ON task_runs(profile, outcome, ended_at);
CREATE INDEX andon_runs_begun ON task_runs(started_at);
CREATE INDEX idx_runs_status ON task_runs(status);
CREATE INDEX idx_runs_task ON task_runs(task_id, started_at);
CREATE INDEX andon_by_age ON tasks(CAST(created_at AS INTEGER)) WHERE status <> 'archived';
CREATE INDEX andon_by_status ON tasks(status, CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER));
CREATE INDEX andon_by_status_age ON tasks(status, CAST(created_at AS INTEGER));
CREATE INDEX andon_due ON tasks(status, andon_not_before_ms) WHERE andon_not_before_ms <> 0;
CREATE INDEX andon_list ON tasks(CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER))
  WHERE status <> 'archived';
CREATE INDEX andon_made ON tasks(andon_origin, id) WHERE andon_origin <> '';
CREATE INDEX andon_over_by_change ON tasks(status, CAST(max(andon_updated_ms, andon_created_ms, created_at * 1000,
	ifnull(started_at, 0) * 1000, ifnull(completed_at, 0) * 1000) AS INTEGER), CAST(created_at AS INTEGER)) WHERE status IN ('done', 'archived');
CREATE INDEX andon_ready ON tasks(assignee, CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER))
  WHERE status = 'ready' AND andon_live_run = 0;
CREATE INDEX idx_tasks_assignee_status ON tasks(assignee, status);
CREATE INDEX idx_tasks_idempotency ON tasks(idempotency_key);
CREATE INDEX idx_tasks_session_id ON tasks(session_id);
CREATE INDEX idx_tasks_status ON tasks(status);
CREATE INDEX idx_tasks_tenant ON tasks(tenant);
