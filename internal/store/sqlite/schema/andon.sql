-- Our own tables. A file that went through a dump has them already and stands
-- on the first rung again.
CREATE TABLE IF NOT EXISTS andon_meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- The idempotency keys of open tasks. Not an index on tasks: the reference may
-- write a key twice.
CREATE TABLE IF NOT EXISTS andon_idempotency (
  key TEXT PRIMARY KEY,
  task TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS andon_idempotency_task ON andon_idempotency(task);

CREATE TABLE IF NOT EXISTS andon_operations (
  id TEXT PRIMARY KEY,
  answer BLOB,
  at_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS andon_operations_age ON andon_operations(at_ms);

CREATE TABLE IF NOT EXISTS andon_artifacts (
  id INTEGER PRIMARY KEY,
  task TEXT NOT NULL,
  run INTEGER NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  type TEXT NOT NULL,
  UNIQUE (task, run, path)
);
CREATE INDEX IF NOT EXISTS andon_artifacts_content ON andon_artifacts(sha256);
CREATE INDEX IF NOT EXISTS andon_artifacts_task ON andon_artifacts(task, id);

CREATE TABLE IF NOT EXISTS andon_subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  task TEXT NOT NULL,
  sink TEXT NOT NULL,
  target TEXT NOT NULL,
  thread TEXT NOT NULL,
  kinds TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (task, sink, target, thread)
);
CREATE INDEX IF NOT EXISTS andon_subscriptions_task ON andon_subscriptions(task, id);

CREATE TABLE IF NOT EXISTS andon_outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subscription INTEGER NOT NULL,
  event INTEGER NOT NULL,
  state TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  next_ms INTEGER NOT NULL,
  error TEXT NOT NULL,
  done_ms INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS andon_outbox_pending ON andon_outbox(subscription, event) WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS andon_outbox_state ON andon_outbox(state, id);
CREATE INDEX IF NOT EXISTS andon_outbox_open ON andon_outbox(event) WHERE state <> 'delivered';
CREATE INDEX IF NOT EXISTS andon_outbox_done ON andon_outbox(done_ms) WHERE state = 'delivered';

-- Indexes of the hot paths. A query uses a partial one only if it repeats the
-- condition word for word; an expression likewise.
CREATE INDEX IF NOT EXISTS andon_ready ON tasks(assignee, CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER))
  WHERE status = 'ready' AND andon_live_run = 0;
CREATE INDEX IF NOT EXISTS andon_due ON tasks(status, andon_not_before_ms) WHERE andon_not_before_ms <> 0;
CREATE INDEX IF NOT EXISTS andon_list ON tasks(CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER))
  WHERE status <> 'archived';
CREATE INDEX IF NOT EXISTS andon_by_status ON tasks(status, CAST(ifnull(priority, 0) AS INTEGER) DESC, CAST(created_at AS INTEGER));
CREATE INDEX IF NOT EXISTS andon_by_age ON tasks(CAST(created_at AS INTEGER)) WHERE status <> 'archived';
CREATE INDEX IF NOT EXISTS andon_parents ON task_links(child_id, parent_id);
CREATE INDEX IF NOT EXISTS andon_live_runs ON task_runs(id) WHERE ended_at IS NULL OR andon_live = 1;
CREATE INDEX IF NOT EXISTS andon_recent_runs ON task_runs(profile, outcome, ended_at);
CREATE INDEX IF NOT EXISTS andon_events_task ON task_events(task_id, id);
CREATE INDEX IF NOT EXISTS andon_events_foreign ON task_events(id) WHERE andon_ms = 0;
CREATE INDEX IF NOT EXISTS andon_events_age ON task_events(created_at);
