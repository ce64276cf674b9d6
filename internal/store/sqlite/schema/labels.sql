-- The labels of tasks. A table of its own, so that one label finds its tasks; a
-- task that others delete leaves rows that nobody reads.
CREATE TABLE IF NOT EXISTS andon_labels (
  label TEXT NOT NULL,
  task TEXT NOT NULL,
  PRIMARY KEY (label, task)
);
CREATE INDEX IF NOT EXISTS andon_labels_task ON andon_labels(task, label);
