package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var day = time.Date(2026, 11, 23, 10, 0, 0, int(123*time.Millisecond), time.UTC)

// TestG05_TheReferenceGoesOnWriting: an older SQLite writes what the reference
// writes, to a board that we have open; each side sees the other's rows.
func TestG05_TheReferenceGoesOnWriting(t *testing.T) {
	needCLI(t)
	home := unpack(t, "reference-home")
	file := filepath.Join(home, "kanban.db")
	s := openBoard(t, home, "default")
	var before int64
	view(t, s, func(r store.Reader) (err error) { before, err = r.LastEvent(); return err })

	sqlite3CLI(t, file, `PRAGMA foreign_keys=ON; BEGIN IMMEDIATE;
		INSERT INTO tasks (id, title, assignee, status, priority, created_by, created_at, workspace_kind, idempotency_key, skills)
			VALUES ('t_aaaaaaaa', 'from the reference', 'mason', 'ready', 0, 'user', 1795000000, 'scratch', 'k', '["go"]'),
			       ('t_bbbbbbbb', 'its child', 'mason', 'todo', 9, 'user', 1795000001, 'scratch', 'k', NULL);
		INSERT INTO task_links (parent_id, child_id) VALUES ('t_aaaaaaaa', 't_bbbbbbbb');
		INSERT INTO task_events (task_id, run_id, kind, payload, created_at)
			VALUES ('t_aaaaaaaa', NULL, 'created', '{"assignee": "mason"}', 1795000000);
		INSERT INTO task_comments (task_id, author, body, created_at) VALUES ('t_aaaaaaaa', 'user', 'please', 1795000002);
		INSERT INTO kanban_notify_subs (task_id, platform, chat_id, created_at) VALUES ('t_aaaaaaaa', 'telegram', '42', 1795000003);
		COMMIT;`)
	view(t, s, func(r store.Reader) error {
		task, err := r.Task("t_aaaaaaaa")
		must(t, err)
		want := kanban.Task{
			ID: "t_aaaaaaaa", Title: "from the reference", Assignee: "mason", Status: kanban.Ready, CreatedBy: "user",
			CreatedAt: time.Unix(1795000000, 0).UTC(), UpdatedAt: time.Unix(1795000000, 0).UTC(), Version: 1,
			Workspace: kanban.Workspace{Kind: kanban.Scratch}, IdempotencyKey: "k", Skills: []string{"go"},
		}
		same(t, "task", task, want)
		next, err := r.NextReady("mason", day, store.Skip{})
		must(t, err)
		same(t, "next of the lane", next, "t_aaaaaaaa")
		byKey, err := r.TaskByKey("k")
		must(t, err)
		same(t, "newest of a key written twice", byKey, "t_bbbbbbbb")
		events, err := r.Events(store.EventQuery{After: before, Foreign: true})
		must(t, err)
		same(t, "events", events, []kanban.Event{{
			ID: before + 1, Task: "t_aaaaaaaa", Kind: kanban.EvCreated,
			Payload: map[string]any{"assignee": "mason"}, At: time.Unix(1795000000, 0).UTC(), Foreign: true,
		}})
		subs, err := r.Subscriptions("t_aaaaaaaa")
		must(t, err)
		same(t, "subscriptions", len(subs), 1)
		same(t, "target", subs[0].Target, "42")
		return nil
	})

	// It claims and completes the parent; only the reconciliation can know.
	sqlite3CLI(t, file, `BEGIN IMMEDIATE;
		UPDATE tasks SET status = 'running', claim_lock = 'vm:1', claim_expires = 1795000900, started_at = 1795000004 WHERE id = 't_aaaaaaaa';
		INSERT INTO task_runs (task_id, profile, status, claim_lock, claim_expires, started_at)
			VALUES ('t_aaaaaaaa', 'mason', 'running', 'vm:1', 1795000900, 1795000004);
		UPDATE tasks SET current_run_id = last_insert_rowid() WHERE id = 't_aaaaaaaa'; COMMIT;`)
	view(t, s, func(r store.Reader) error {
		task, err := r.Task("t_aaaaaaaa")
		must(t, err)
		run, err := r.Run(task.CurrentRun)
		must(t, err)
		same(t, "its run", run, kanban.Run{
			ID: task.CurrentRun, Task: task.ID, Lane: "mason", Attempt: 1,
			StartedAt: task.StartedAt, ClaimLock: "vm:1", ClaimEnds: task.ClaimEnds,
		})
		free, err := r.Promotable(0)
		must(t, err)
		same(t, "child waits", slices.Contains(free, "t_bbbbbbbb"), false)
		return nil
	})
	sqlite3CLI(t, file, `UPDATE tasks SET status = 'done', completed_at = 1795000100 WHERE id = 't_aaaaaaaa'`)
	view(t, s, func(r store.Reader) error {
		free, err := r.Promotable(0)
		must(t, err)
		same(t, "child is free", slices.Contains(free, "t_bbbbbbbb"), true)
		return nil
	})

	// What we write, it reads in its own columns.
	write(t, s, func(tx store.Tx) error {
		task, err := tx.Task("t_bbbbbbbb")
		must(t, err)
		task.Status, task.StartedAt, task.MaxRuntime = kanban.Blocked, day, 1500*time.Millisecond
		task.BlockKind, task.BlockReason, task.Skills = kanban.NeedsInput, "which?", []string{}
		must(t, tx.UpdateTask(task))
		_, err = tx.InsertRun(kanban.Run{Task: task.ID, Lane: "mason", StartedAt: day, EndedAt: day, Outcome: kanban.Completed})
		return err
	})
	got := sqlite3CLI(t, file, `SELECT status, started_at, max_runtime_seconds, skills, body IS NULL FROM tasks WHERE id = 't_bbbbbbbb';
		SELECT status, outcome, ended_at FROM task_runs WHERE task_id = 't_bbbbbbbb'`)
	same(t, "our row", got, fmt.Sprintf("blocked|%d|2|[]|1\ndone|completed|%[1]d\n", day.Unix()))

	// Nothing of ours hinders its delete.
	sqlite3CLI(t, file, `PRAGMA foreign_keys=ON; DELETE FROM task_links WHERE parent_id = 't_aaaaaaaa'; DELETE FROM tasks WHERE id = 't_aaaaaaaa'`)
	view(t, s, func(r store.Reader) error {
		_, err := r.Task("t_aaaaaaaa")
		same(t, "deleted", kanban.CodeOf(err), kanban.NotFound)
		return nil
	})
	same(t, "integrity", strings.TrimSpace(sqlite3CLI(t, file, "PRAGMA integrity_check")), "ok")
}

// TestG05_ColumnsThatWeDoNotModelStay: an update of ours leaves them alone.
func TestG05_ColumnsThatWeDoNotModelStay(t *testing.T) {
	s := openFresh(t)
	write(t, s, func(tx store.Tx) error {
		return tx.InsertTask(kanban.Task{ID: "t_00000001", Title: "x", Status: kanban.Todo})
	})
	raw(t, s, "UPDATE tasks SET workflow_template_id = 'w', current_step_key = 'k'")
	write(t, s, func(tx store.Tx) error {
		return tx.UpdateTask(kanban.Task{ID: "t_00000001", Title: "y", Status: kanban.Ready})
	})
	err := s.(*board).db.view(context.Background(), func(c *conn) error {
		got, err := c.text("SELECT title || workflow_template_id || current_step_key FROM tasks")
		same(t, "row", got, "ywk")
		return err
	})
	must(t, err)
}

// TestAChangeByTheReferenceIsBelieved: our milliseconds count only beside the
// second that they belong to.
func TestAChangeByTheReferenceIsBelieved(t *testing.T) {
	s := openFresh(t)
	write(t, s, func(tx store.Tx) error {
		return tx.InsertTask(kanban.Task{
			ID: "t_00000001", Title: "x", Status: kanban.Running,
			ClaimEnds: day, MaxRuntime: 1500 * time.Millisecond, Heartbeat: day,
		})
	})
	raw(t, s, "UPDATE tasks SET claim_expires = 1795000900, max_runtime_seconds = 60, last_heartbeat_at = NULL")
	view(t, s, func(r store.Reader) error {
		task, err := r.Task("t_00000001")
		same(t, "claim ends", task.ClaimEnds, time.Unix(1795000900, 0).UTC())
		same(t, "max runtime", task.MaxRuntime, time.Minute)
		same(t, "heartbeat", task.Heartbeat, time.Time{})
		return err
	})
}

// TestForeignSubscriptionsAreLeftAlone: they are shown, and go only with their
// task.
func TestForeignSubscriptionsAreLeftAlone(t *testing.T) {
	s := openFresh(t)
	write(t, s, func(tx store.Tx) error {
		must(t, tx.InsertTask(kanban.Task{ID: "t_00000001", Title: "x", Status: kanban.Todo}))
		return tx.InsertTask(kanban.Task{ID: "t_00000002", Title: "y", Status: kanban.Todo})
	})
	raw(t, s, `INSERT INTO kanban_notify_subs (task_id, platform, chat_id, thread_id, user_id, created_at, last_event_id)
		VALUES ('t_00000001', 'discord', '7', '3', 'u', 1795000000, 12), ('t_00000002', 'telegram', '8', '', NULL, 1795000000, 0)`)
	theirs := store.Subscription{
		ID: -1, Task: "t_00000001", Sink: "discord", Target: "7", Thread: "3", CreatedBy: "u",
		CreatedAt: time.Unix(1795000000, 0).UTC(), Foreign: true,
	}
	write(t, s, func(tx store.Tx) error {
		own, _, err := tx.PutSubscription(store.Subscription{Task: "t_00000001", Sink: "discord", Target: "7", Thread: "3"})
		must(t, err)
		subs, err := tx.Subscriptions("t_00000001")
		must(t, err)
		same(t, "of the task", subs, []store.Subscription{{ID: own, Task: "t_00000001", Destination: 1, Sink: "discord", Target: "7", Thread: "3"}, theirs})
		same(t, "refused", kanban.CodeOf(tx.DeleteSubscription(-1)), kanban.Conflict)
		must(t, tx.DeleteTask("t_00000001"))
		subs, err = tx.Subscriptions("")
		must(t, err)
		same(t, "left", len(subs), 1)
		same(t, "of the other task", subs[0].ID, int64(-2))
		return nil
	})
}

// oddRows is what nobody should write and everybody can.
var oddRows = []string{
	`INSERT INTO tasks (id, title, status, priority, created_at) VALUES ('t_00000001', 'no priority', 'ready', NULL, 1795000000)`,
	`INSERT INTO tasks (id, title, status, priority, created_at, skills) VALUES ('t_00000002', 'words for numbers', 'paused', 'high', 'yesterday', '{"a":1}')`,
	`INSERT INTO tasks (id, title, status, priority, created_at, started_at, max_runtime_seconds, worker_pid, claim_expires)
		VALUES ('t_00000003', x'ff00fe', x'00', 9223372036854775807, 9223372036854775807, -9223372036854775808, 1e300, 'x', 9223372036854775807)`,
	`INSERT INTO tasks (id, title, status, priority, created_at, skills, idempotency_key) VALUES ('t_00000004', '', '', 1.5, -5, '[1,2]', 'k')`,
	`INSERT INTO tasks (id, title, status, priority, created_at, skills) VALUES (NULL, 'no id', 'todo', 0, 0, 'null')`,
	`INSERT INTO task_links VALUES ('t_00000001', 't_00000001', 0, '', '', ''), ('t_00000009', 't_00000001', 'maybe', '', '', 'perhaps')`,
	`INSERT INTO task_events (task_id, run_id, kind, payload, created_at) VALUES ('t_00000001', 'x', 'nonsense', '[1]', 'now'),
		('t_00000001', NULL, '', '{', 0), ('t_00000009', -1, x'ff', 'null', 1e18), ('t_00000001', 1, 'x', x'7b7d', 9223372036854775807)`,
	`INSERT INTO task_comments (task_id, author, body, created_at) VALUES ('t_00000001', x'ff', x'00', 'now')`,
	`INSERT INTO task_runs (task_id, status, started_at, ended_at, metadata, max_runtime_seconds, andon_supervisor)
		VALUES ('t_00000001', 'failed', 'x', 5, '"text"', 'long', '{{'), ('t_00000009', '', 0, NULL, '', NULL, '')`,
	`INSERT INTO kanban_notify_subs (task_id, platform, chat_id, thread_id, created_at) VALUES ('t_00000001', '', x'ff', '', 'x')`,
}

// TestG05_OddRowsCanBeRead: nothing that stands in the reference's columns makes
// a read fail, or a list lose a row or go round in circles.
func TestG05_OddRowsCanBeRead(t *testing.T) {
	s := openFresh(t)
	for _, sql := range oddRows {
		raw(t, s, sql)
	}
	view(t, s, func(r store.Reader) error {
		for by := range orders {
			q := store.TaskQuery{Sort: by, Limit: 1, Full: true, Archived: true}
			var seen []string
			for range 10 {
				tasks, next, err := r.Tasks(q)
				must(t, err)
				for _, task := range tasks {
					seen = append(seen, task.ID)
					encodable(t, task)
				}
				if q.Cursor = next; next == "" {
					break
				}
			}
			slices.Sort(seen)
			same(t, string(by), seen, []string{"", "t_00000001", "t_00000002", "t_00000003", "t_00000004"})
		}
		for _, id := range []string{"t_00000001", "t_00000009"} {
			runs, err := r.Runs(id)
			must(t, err)
			encodable(t, runs)
			comments, err := r.Comments(id, 0)
			must(t, err)
			encodable(t, comments)
			_, err = r.Parents(id)
			must(t, err)
		}
		events, err := r.Events(store.EventQuery{})
		must(t, err)
		same(t, "events", len(events), 4)
		encodable(t, events)
		subs, err := r.Subscriptions("")
		must(t, err)
		encodable(t, subs)
		_, err = r.Stats()
		must(t, err)
		_, err = r.Promotable(0)
		must(t, err)
		_, err = r.LiveRuns()
		return err
	})
	write(t, s, func(tx store.Tx) error {
		_, err := tx.Prune(store.Prune{Events: day, Operations: day, Deliveries: day})
		return err
	})
}

// encodable: what was read can be answered as JSON.
func encodable(t *testing.T, v any) {
	t.Helper()
	if _, err := encode(v); err != nil {
		t.Error(err)
	}
}

func view(t *testing.T, s store.Store, fn func(store.Reader) error) {
	t.Helper()
	must(t, s.View(context.Background(), fn))
}

func write(t *testing.T, s store.Store, fn func(store.Tx) error) {
	t.Helper()
	must(t, s.Update(context.Background(), fn))
}

// raw runs plain SQL.
func raw(t *testing.T, s store.Store, sql string) {
	t.Helper()
	must(t, s.(*board).db.update(context.Background(), func(c *conn) error { return c.exec(sql) }))
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got): %s", what, diff)
	}
}
