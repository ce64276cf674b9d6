-- Where messages go. Each destination has one queue, whichever subscriptions
-- asked for what stands in it.
CREATE TABLE IF NOT EXISTS andon_destinations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  sink TEXT NOT NULL,
  target TEXT NOT NULL,
  thread TEXT NOT NULL,
  until_ms INTEGER NOT NULL DEFAULT 0,
  UNIQUE (sink, target, thread)
);

CREATE TABLE IF NOT EXISTS andon_mutes (
  destination INTEGER NOT NULL,
  task TEXT NOT NULL,
  until_ms INTEGER NOT NULL,
  by TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY (destination, task)
);
CREATE INDEX IF NOT EXISTS andon_mutes_task ON andon_mutes(task);

-- The messages that stand for tasks: the first is the root of a thread, the
-- newest is the one that is changed.
CREATE TABLE IF NOT EXISTS andon_posts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  destination INTEGER NOT NULL,
  task TEXT NOT NULL,
  ref TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  UNIQUE (destination, ref)
);
CREATE INDEX IF NOT EXISTS andon_posts_task ON andon_posts(task, destination, id);
CREATE INDEX IF NOT EXISTS andon_posts_age ON andon_posts(at_ms);
