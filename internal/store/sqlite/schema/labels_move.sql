-- Subscriptions that differ in labels are several. Numbers are not given to
-- others, and nothing is renamed: that fails where somebody's view is broken.
CREATE TABLE andon_moved AS SELECT * FROM andon_subscriptions;
CREATE TABLE andon_moved_last AS SELECT seq FROM sqlite_sequence WHERE name = 'andon_subscriptions';
DROP TABLE andon_subscriptions;
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
INSERT INTO sqlite_sequence (name, seq) SELECT 'andon_subscriptions', seq FROM andon_moved_last;
INSERT INTO andon_subscriptions
  SELECT id, destination, sink, target, thread, task, lane, tenant, creator, '', alone, kinds, created_by, created_ms FROM andon_moved;
DROP TABLE andon_moved;
DROP TABLE andon_moved_last;
CREATE INDEX andon_subscriptions_task ON andon_subscriptions(task, id);
CREATE INDEX andon_subscriptions_place ON andon_subscriptions(destination);
