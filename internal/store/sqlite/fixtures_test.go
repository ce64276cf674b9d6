package sqlite

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// fixtures are the boards in testdata.
var fixtures = []struct{ home, board, file string }{
	{"reference-home", "default", "kanban.db"},
	{"reference-home", "atm10-server", "kanban/boards/atm10-server/kanban.db"},
	{"reference-home-legacy", "default", "kanban.db"},
	{"reference-home-5000", "default", "kanban.db"},
	{"reference-home-5000", "atm10-server", "kanban/boards/atm10-server/kanban.db"},
}

// unpack copies a home of testdata into a folder of its own.
func unpack(t *testing.T, home string) string {
	t.Helper()
	source, target := filepath.Join("testdata", home), t.TempDir()
	err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(source, path)
		if err != nil {
			return err
		}
		return unpackFile(path, filepath.Join(target, name))
	})
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func unpackFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	var content io.Reader = in
	if strings.HasSuffix(from, ".gz") {
		if content, err = gzip.NewReader(in); err != nil {
			return err
		}
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(to, ".gz"), data, 0o600)
}

func openBoard(t *testing.T, home, slug string) store.Store {
	t.Helper()
	h := openHome(t, home, Options{})
	s, err := h.Open(context.Background(), slug)
	must(t, err)
	return s
}

// contents says everything that the reference wrote, in its own columns, in the
// words of the present version: one query per table.
var contents = []string{
	`SELECT id, title, body, assignee, status, priority, created_by, created_at, started_at, completed_at, workspace_kind,
	 workspace_path, claim_lock, claim_expires, tenant, result, idempotency_key FROM tasks ORDER BY rowid`,
	`SELECT * FROM (SELECT parent_id, child_id FROM task_links) ORDER BY 1, 2`,
	`SELECT id, task_id, author, body, created_at FROM task_comments ORDER BY id`,
	`SELECT id, task_id, CASE kind WHEN 'ready' THEN 'promoted' WHEN 'priority' THEN 'reprioritized'
	 WHEN 'spawn_auto_blocked' THEN 'gave_up' ELSE kind END, payload, created_at FROM task_events ORDER BY id`,
	`SELECT task_id, platform, chat_id, thread_id, user_id, created_at, last_event_id FROM kanban_notify_subs ORDER BY rowid`,
}

// present are contents that only a board of the present version has.
var present = []string{
	`SELECT id, branch_name, consecutive_failures, worker_pid, last_failure_error, max_runtime_seconds, last_heartbeat_at,
	 current_run_id, workflow_template_id, current_step_key, skills, model_override, max_retries, session_id FROM tasks ORDER BY rowid`,
	`SELECT id, run_id FROM task_events ORDER BY id`,
	`SELECT task_id, notifier_profile FROM kanban_notify_subs ORDER BY rowid`,
	`SELECT id, task_id, profile, step_key, status, claim_lock, claim_expires, worker_pid, max_runtime_seconds,
	 last_heartbeat_at, started_at, ended_at, outcome, summary, metadata, error FROM task_runs ORDER BY id`,
}

func TestG05_ReferenceBoardsOpenInPlaceWithNothingLost(t *testing.T) {
	needCLI(t)
	for _, f := range fixtures {
		t.Run(f.home+"/"+f.board, func(t *testing.T) {
			home := unpack(t, f.home)
			file := filepath.Join(home, f.file)
			queries := contents
			if f.home != "reference-home-legacy" {
				queries = append(queries[:len(queries):len(queries)], present...)
			}
			var before []string
			for _, q := range queries {
				before = append(before, sqlite3CLI(t, file, q))
			}
			s := openBoard(t, home, f.board)
			for i, q := range queries {
				if diff := cmp.Diff(before[i], sqlite3CLI(t, file, q)); diff != "" {
					t.Errorf("%s\n%s", q, diff)
				}
			}
			wantSameThroughPort(t, s, file)
		})
	}
}

// TestG05_LegacyBoardsAreBroughtUpToDate: what the reference's own migration
// does to the board of an early version.
func TestG05_LegacyBoardsAreBroughtUpToDate(t *testing.T) {
	legacy, modern := unpack(t, "reference-home-legacy"), unpack(t, "reference-home")
	type running struct {
		Task, Lane, Lock string
		PID              int
	}
	see := func(home string) (failures map[string]string, live []running) {
		failures = map[string]string{}
		must(t, openBoard(t, home, "default").View(context.Background(), func(r store.Reader) error {
			for _, task := range everyTask(t, r) {
				failures[task.ID] = fmt.Sprint(task.Failures, task.LastError)
				if task.Status == kanban.Running {
					run, err := r.Run(task.CurrentRun)
					must(t, err)
					if !run.Open() || run.ClaimLock != task.ClaimLock || run.Task != task.ID {
						t.Errorf("task %s runs, but its run is %+v", task.ID, run)
					}
					live = append(live, running{run.Task, run.Lane, run.ClaimLock, 0})
				}
			}
			return nil
		}))
		return failures, live
	}
	legacyFailures, legacyLive := see(legacy)
	modernFailures, modernLive := see(modern)
	if diff := cmp.Diff(modernFailures, legacyFailures); diff != "" {
		t.Errorf("failures (-modern +legacy): %s", diff)
	}
	if diff := cmp.Diff(modernLive, legacyLive); diff != "" || len(legacyLive) == 0 {
		t.Errorf("running tasks (-modern +legacy): %s", diff)
	}
}

// TestG05_NewBoardsHaveTheReferencesSchema: what the reference finds in a board
// of ours is what it would have made itself.
func TestG05_NewBoardsHaveTheReferencesSchema(t *testing.T) {
	const columns = `SELECT m.name, c.name, upper(c.type), c."notnull", c.dflt_value, c.pk
		FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'andon\_%' ESCAPE '\' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'
		  AND c.name NOT LIKE 'andon\_%' ESCAPE '\' ORDER BY 1, c.cid`
	const indexes = `SELECT m.tbl_name, m.name, i."unique", i.origin, (SELECT group_concat(name) FROM pragma_index_info(m.name))
		FROM sqlite_schema m, pragma_index_list(m.tbl_name) i
		WHERE m.type = 'index' AND i.name = m.name AND m.tbl_name NOT LIKE 'andon\_%' ESCAPE '\'
		  AND m.name NOT LIKE 'andon\_%' ESCAPE '\' ORDER BY 1, 2`
	const chains = `SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')
		UNION ALL SELECT 'foreign key', m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name)
		UNION ALL SELECT 'unique', m.tbl_name || '.' || i.name FROM sqlite_schema m, pragma_index_list(m.tbl_name) i
			WHERE m.type = 'index' AND i.name = m.name AND i."unique" AND m.name LIKE 'andon\_%' ESCAPE '\'
			AND m.tbl_name NOT LIKE 'andon\_%' ESCAPE '\'`
	needCLI(t)
	original := filepath.Join(unpack(t, "reference-home"), "kanban.db")
	home := t.TempDir()
	openBoard(t, home, "default")
	ours := filepath.Join(home, "kanban.db")
	for _, q := range []string{columns, indexes} {
		if diff := cmp.Diff(sqlite3CLI(t, original, q), sqlite3CLI(t, ours, q)); diff != "" {
			t.Errorf("-reference +ours: %s", diff)
		}
	}
	if found := sqlite3CLI(t, ours, chains); found != "" {
		t.Errorf("what may hinder the reference's writes: %s", found)
	}
}
