-- A destination has the number of its first subscription, so that what is on
-- its way keeps its key. Numbers of subscriptions are not given to others.
INSERT INTO andon_destinations (id, sink, target, thread)
  SELECT min(id), sink, target, thread FROM andon_subscriptions GROUP BY sink, target, thread;
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'andon_destinations', 0 WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'andon_destinations');
UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'andon_subscriptions'), 0))
  WHERE name = 'andon_destinations';

UPDATE andon_outbox SET destination = coalesce((
  SELECT d.id FROM andon_subscriptions s
  JOIN andon_destinations d ON d.sink = s.sink AND d.target = s.target AND d.thread = s.thread
  WHERE s.id = andon_outbox.subscription), 0);

UPDATE andon_outbox SET state = 'parked', error = 'its subscription is gone' WHERE state = 'pending' AND destination = 0;

-- What several subscriptions asked for is one message: the one that is still to
-- be sent, else the one that was.
DELETE FROM andon_outbox WHERE destination <> 0 AND id NOT IN (
  SELECT id FROM (
    SELECT id, row_number() OVER (
      PARTITION BY destination, event
      ORDER BY CASE state WHEN 'pending' THEN 0 WHEN 'delivered' THEN 1 ELSE 2 END, id) AS place
    FROM andon_outbox WHERE destination <> 0)
  WHERE place = 1);

-- Nothing is renamed: that fails where somebody's view is broken.
CREATE TABLE andon_moved AS
  SELECT s.id, d.id AS destination, s.sink, s.target, s.thread, s.task, s.kinds, s.created_by, s.created_ms FROM andon_subscriptions s
  JOIN andon_destinations d ON d.sink = s.sink AND d.target = s.target AND d.thread = s.thread;
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
  alone INTEGER NOT NULL,
  kinds TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (task, destination, lane, tenant, creator)
);
INSERT INTO sqlite_sequence (name, seq)
  SELECT 'andon_subscriptions', seq FROM sqlite_sequence WHERE name = 'andon_destinations';
INSERT INTO andon_subscriptions
  SELECT id, destination, sink, target, thread, task, '', '', '', 0, kinds, created_by, created_ms FROM andon_moved;
DROP TABLE andon_moved;
CREATE INDEX andon_subscriptions_task ON andon_subscriptions(task, id);
