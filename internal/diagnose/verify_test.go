package diagnose_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/diagnose"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
)

var ann = kanban.Actor{Kind: kanban.Human, Name: "ann"}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// worked is a board on which something of everything has happened: done, running,
// waiting and blocked work, a subscription, a key, a handoff.
func worked(t *testing.T) (home string, s store.Store, b *board.Board) {
	t.Helper()
	home = t.TempDir()
	h := must(sqlite.OpenHome(home, sqlite.Options{}))
	t.Cleanup(func() { _ = h.Close() })
	s = must(h.Open(t.Context(), kanban.DefaultBoard))
	b = board.New(kanban.DefaultBoard, s, board.Ports{Work: nothing{}, Settings: func() board.Settings {
		return board.Settings{Retry: policy.Retry{MaxAttempts: 2}, Lease: time.Hour, Sinks: []string{"ops"}, Lanes: map[string]board.Lane{"builder": {}}}
	}})
	ctx := t.Context()
	_, _, err := b.Subscribe(ctx, ann, store.Subscription{Sink: "ops"})
	must(0, err)
	add := func(title string, n board.NewTask) string {
		n.Title, n.Assignee = title, "builder"
		return must(b.Create(ctx, ann, n)).Task.ID
	}
	done := add("done", board.NewTask{})
	must(b.Claim(ctx, ann, done, 0, nil))
	must(b.Complete(ctx, ann, kanban.Lease{Task: done}, kanban.Handoff{Summary: "so it is"}))
	must(b.Claim(ctx, ann, add("running", board.NewTask{Parents: []string{done}, Key: "nightly"}), 0, nil))
	add("waiting", board.NewTask{Parents: []string{add("ready", board.NewTask{})}})
	must(b.Block(ctx, ann, kanban.Lease{Task: add("blocked", board.NewTask{})}, "", "may I?", kanban.Handoff{}))
	return home, s, b
}

// nothing is left by the runs of these tests.
type nothing struct{}

func (nothing) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (nothing) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (nothing) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) {
	return "", nil
}

func (nothing) Keep(context.Context, kanban.Run, []string) ([]kanban.Artifact, error) {
	return nil, nil
}

// verify returns what is found, as "rule severity".
func verify(t *testing.T, s store.Store) (found []string) {
	t.Helper()
	must(0, s.View(t.Context(), func(r store.Reader) error {
		return diagnose.Verify(r, func(c diagnose.Contradiction) {
			t.Logf("%s %s: %s %s", c.Rule, c.Severity, c.Task, c.What)
			found = append(found, c.Rule+" "+c.Severity.String())
		})
	}))
	return found
}

// sql is what another program does to the default board.
func sql(t *testing.T, home, text string) {
	t.Helper()
	if out, err := exec.Command("sqlite3", filepath.Join(home, "kanban.db"), text).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", text, err, out)
	}
}

// TestG02_VerifySeesEveryBreak: a board is broken in each way by plain SQL, and
// the rule that it breaks is named.
func TestG02_VerifySeesEveryBreak(t *testing.T) {
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("sqlite3 is not installed")
	}
	const running, blocked = "status = 'running'", "status = 'blocked'"
	for name, c := range map[string]struct{ sql, want string }{
		"nothing":                   {"SELECT 1", ""},
		"running without a run":     {"UPDATE tasks SET current_run_id = NULL WHERE " + running, "I1 error"},
		"running without a claim":   {"UPDATE tasks SET claim_lock = NULL WHERE " + running, "I1 error"},
		"a run and not running":     {"UPDATE tasks SET status = 'ready' WHERE " + running, "I1 error"},
		"its run has ended":         {"UPDATE task_runs SET ended_at = 1, outcome = 'crashed' WHERE ended_at IS NULL", "I1 error"},
		"a second open run":         {"UPDATE task_runs SET ended_at = NULL WHERE ended_at IS NOT NULL", "I2 error"},
		"a run nobody waits for":    {"UPDATE task_runs SET andon_live = 1 WHERE outcome = 'completed'", "I2 error"},
		"it waits for no process":   {"UPDATE tasks SET andon_live_run = 99 WHERE " + blocked, "I2 error"},
		"ready before its parent":   {"UPDATE tasks SET status = 'ready' WHERE status = 'todo'", "I3 error"},
		"started before its parent": {"UPDATE tasks SET status = 'todo', andon_closed = '' WHERE status = 'done'; UPDATE task_events SET kind = 'created', payload = NULL WHERE kind = 'completed'", "I3 error"},
		"todo and free":             {"DELETE FROM task_links", "I3 error"},
		"a circle":                  {"INSERT INTO task_links (parent_id, child_id) SELECT child_id, parent_id FROM task_links", "I4 error"},
		"a status by hand":          {"UPDATE tasks SET status = 'done' WHERE " + blocked, "I5 error"},
		"a task by hand":            {"INSERT INTO tasks (id, title, status, created_at) VALUES ('t_0000beef', 'x', 'ready', 1)", "I5 error"},
		"no event of an end":        {"UPDATE task_events SET kind = 'edited' WHERE kind = 'completed'", "V6 error"},
		"no event of a beginning":   {"UPDATE task_events SET kind = 'edited' WHERE kind = 'claimed' AND task_id IN (SELECT id FROM tasks WHERE status = 'done')", "V6 error"},
		"an end of no run":          {"UPDATE task_events SET run_id = 99 WHERE kind = 'completed'", "V6 error"},
		"a run of no task":          {"UPDATE task_runs SET task_id = 't_00000000' WHERE outcome = 'completed'", "V6 error"},
		"an event gone":             {"DELETE FROM task_events WHERE id = 2", "V7 error"},
		"the last event gone":       {"DELETE FROM task_events WHERE id = (SELECT max(id) FROM task_events)", "V7 error"},
		"a link to nobody":          {"INSERT INTO task_links (parent_id, child_id) SELECT 't_00000000', id FROM tasks WHERE " + running, "V8 error"},
		"a key of nobody":           {"UPDATE andon_idempotency SET task = 't_00000000'", "V9 error"},
		"a key let go":              {"DELETE FROM andon_idempotency", "V9 error"},
		"a message to nobody":       {"DELETE FROM andon_destinations WHERE id IN (SELECT destination FROM andon_outbox); DELETE FROM andon_subscriptions", "V10 error"},
		"a message of nothing":      {"UPDATE andon_outbox SET event = 4711 + id", "V10 error"},
		"a message twice":           {"DROP INDEX andon_outbox_once; INSERT INTO andon_outbox (destination, subscription, event, state, attempts, next_ms, error, done_ms) SELECT destination, subscription, event, state, 0, 0, '', 0 FROM andon_outbox", "V10 error"},
		"a digest to two places":    {"UPDATE andon_outbox SET batch = 1; UPDATE andon_outbox SET destination = 2 WHERE event = (SELECT max(event) FROM andon_outbox)", "V10 error"},
		"a wish of nowhere":         {"UPDATE andon_subscriptions SET destination = 9", "V10 error"},
		"a file of no run":          {"INSERT INTO andon_artifacts (task, run, path, sha256, size, type) SELECT id, 99, 'x', 'y', 1, '' FROM tasks LIMIT 1", "V11 error"},
		"by other rules":            {"UPDATE tasks SET status = 'done' WHERE " + blocked + "; UPDATE task_events SET andon_ms = 0", "I5 warning"},
	} {
		t.Run(name, func(t *testing.T) {
			home, s, _ := worked(t)
			sql(t, home, c.sql)
			got := verify(t, s)
			if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
				t.Errorf("found %v, want %q", got, c.want)
			}
		})
	}
}

// TestG02_RetentionExplainsGaps: events that retention took are no finding; one
// that goes missing later is.
func TestG02_RetentionExplainsGaps(t *testing.T) {
	home, s, b := worked(t)
	if _, err := b.Prune(t.Context(), board.Retention{Events: -time.Hour}); err != nil {
		t.Fatal(err)
	}
	if got := verify(t, s); len(got) > 0 {
		t.Errorf("after retention: %v", got)
	}
	sql(t, home, "DELETE FROM andon_meta WHERE key = '"+board.PrunedKey+"'")
	if got := verify(t, s); !slices.Contains(got, "V7 error") {
		t.Errorf("after a theft: %s", strings.Join(got, ", "))
	}
}
