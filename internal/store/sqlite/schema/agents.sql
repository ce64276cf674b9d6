-- Runs by when they began: what a day has cost. The waits of people, for reports.
CREATE INDEX IF NOT EXISTS andon_runs_begun ON task_runs(started_at);
CREATE INDEX IF NOT EXISTS andon_waits ON task_events(created_at) WHERE kind IN ('blocked', 'review');
