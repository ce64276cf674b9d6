-- Runs by when they began: what a day has cost. The waits of people, for reports.
CREATE INDEX IF NOT EXISTS andon_runs_begun ON task_runs(started_at);
CREATE INDEX IF NOT EXISTS andon_waits ON task_events(created_at) WHERE kind IN ('blocked', 'review');
-- What a task's runs created, for the bounds of what they may see and make.
CREATE INDEX IF NOT EXISTS andon_made ON tasks(andon_origin, id) WHERE andon_origin <> '';
