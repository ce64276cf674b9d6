package sqlite

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// errUndo ends a transaction of which nothing is to stay.
var errUndo = errors.New("undo")

// undone runs fn in a transaction of a board that all executions share.
func undone(t *testing.T, s store.Store, fn func(tx)) {
	t.Helper()
	err := s.Update(context.Background(), func(x store.Tx) error {
		fn(x.(tx))
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatal(err)
	}
}

func fuzzBoard(f *testing.F) store.Store {
	f.Helper()
	h, err := OpenHome(f.TempDir(), Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { h.Close() })
	s, err := h.Open(context.Background(), kanban.DefaultBoard)
	if err != nil {
		f.Fatal(err)
	}
	return s
}

// theirs are the reference's tables with those of their columns that anybody can
// fill with anything.
var theirs = []struct{ table, columns string }{
	{"tasks", `title, body, assignee, status, priority, created_by, created_at, started_at, completed_at, workspace_kind, workspace_path,
		branch_name, claim_lock, claim_expires, tenant, result, idempotency_key, consecutive_failures, worker_pid, last_failure_error,
		max_runtime_seconds, last_heartbeat_at, current_run_id, workflow_template_id, current_step_key, skills, model_override, max_retries, session_id`},
	{"task_links", "parent_id, child_id"},
	{"task_comments", "task_id, author, body, created_at"},
	{"task_events", "task_id, run_id, kind, payload, created_at"},
	{"task_runs", `task_id, profile, step_key, status, claim_lock, claim_expires, worker_pid, max_runtime_seconds, last_heartbeat_at,
		started_at, ended_at, outcome, summary, metadata, error`},
	{"kanban_notify_subs", "task_id, platform, chat_id, thread_id, user_id, notifier_profile, created_at, last_event_id"},
}

// FuzzForeignRows: values of any kind in any column of the reference's tables
// make no read fail, no list lose a row or go round in circles, and no answer
// that is not JSON; and a task with them can be changed.
func FuzzForeignRows(f *testing.F) {
	f.Add([]byte{0}, "ready", []byte("x"), int64(1795000000), 1.5)
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7}, "t_00000001", []byte{0xff, 0, 0xfe}, int64(-1), 1e300)
	f.Add([]byte{2}, `{"a":1}`, []byte(`{"a":1}`), int64(1)<<62, 5e-324)
	f.Add([]byte{1, 1, 2, 1}, "running", []byte("{"), int64(253402300800), 9.3e18)
	f.Add([]byte{3, 4, 1, 5}, `["go",7]`, []byte("[]"), int64(-1)<<63, 0.1)
	f.Add([]byte{6, 1}, "a\x00b", []byte("null"), int64(0), 1e18)
	f.Add([]byte{1, 1, 1, 2}, "\xff\xfe'", []byte{}, int64(7), -1.0)
	s := fuzzBoard(f)
	f.Fuzz(func(t *testing.T, choice []byte, words string, blob []byte, n int64, x float64) {
		i := 0
		pick := func() any {
			if len(choice) == 0 {
				return nil
			}
			i++
			switch (choice[(i-1)%len(choice)] + byte((i-1)/len(choice))) % 8 {
			case 0:
				return n
			case 1:
				return words
			case 2:
				return blob
			case 3:
				return x
			case 4:
				return -n
			case 5:
				return "t_00000001"
			case 6:
				return string(blob)
			}
			return nil
		}
		undone(t, s, func(x tx) {
			foreignRow(t, x.c, "tasks", "id, "+theirs[0].columns, func() any { return "t_00000001" }, pick)
			foreignRow(t, x.c, "tasks", "id, "+theirs[0].columns, pick, pick)
			for _, of := range theirs[1:] {
				for range 2 {
					foreignRow(t, x.c, of.table, of.columns, pick, pick)
				}
			}
			readAll(t, x)
			changeTask(t, x, "t_00000001")
			_, err := x.Prune(store.Prune{Events: day, Operations: day, Deliveries: day})
			must(t, err)
			must(t, x.DeleteTask("t_00000001"))
		})
	})
}

// foreignRow inserts a row as plain SQL does. What must not be NULL is left out,
// and what is taken already.
func foreignRow(t *testing.T, c *conn, table, columns string, first, rest func() any) {
	t.Helper()
	var marks []string
	var args []any
	for i := range strings.Split(columns, ",") {
		value, mark := rest, "?"
		if i == 0 {
			value = first
		}
		v := value()
		if x, ok := v.(float64); ok {
			v, mark = encoded(x), "CAST(? AS REAL)"
		}
		marks, args = append(marks, mark), append(args, v)
	}
	must(t, c.exec("INSERT OR IGNORE INTO "+table+" ("+columns+") VALUES ("+strings.Join(marks, ", ")+")", args...))
	if table == "tasks" { // one that is there for sure
		must(t, c.exec(`INSERT OR IGNORE INTO tasks (id, title, status, created_at) VALUES ('t_00000001', 'x', 'todo', 0)`))
	}
}

func encoded(x float64) string {
	text, err := encode(x)
	if err != nil {
		return "0" // neither NaN nor infinity can be told to SQLite
	}
	return text
}

// readAll reads a board in every way.
func readAll(t *testing.T, r store.Reader) {
	t.Helper()
	var count int
	for by := range orders {
		seen := map[string]int{}
		q := store.TaskQuery{Sort: by, Limit: 1, Full: true, Archived: true}
		for pages := 0; ; pages++ {
			tasks, next, err := r.Tasks(q)
			must(t, err)
			for _, task := range tasks {
				seen[task.ID]++
				wantJSON(t, task)
			}
			if next == "" {
				break
			}
			if q.Cursor = next; pages > 10 {
				t.Fatalf("the list by %s does not end", by)
			}
		}
		if count == 0 {
			count = len(seen)
		}
		if len(seen) != count || seen["t_00000001"] != 1 {
			t.Fatalf("by %s there are %v, elsewhere %d", by, seen, count)
		}
	}
	for _, id := range []string{"t_00000001", ""} {
		read(t, func() ([]kanban.Run, error) { return r.Runs(id) })
		read(t, func() ([]kanban.Comment, error) { return r.Comments(id, 0) })
		read(t, func() ([]kanban.Link, error) { return r.Parents(id) })
		read(t, func() ([]kanban.Link, error) { return r.Children(id) })
		read(t, func() (string, error) { return r.TaskByKey(id) })
		read(t, func() (string, error) { return r.NextReady(id, day, store.Skip{}) })
		read(t, func() ([]string, error) { return r.TaskIDs(id, 10) })
	}
	read(t, func() ([]kanban.Event, error) { return r.Events(store.EventQuery{}) })
	read(t, func() ([]kanban.Event, error) {
		return r.Events(store.EventQuery{Foreign: true, Task: "t_00000001", Last: true, Limit: 5})
	})
	read(t, func() ([]store.Subscription, error) { return r.Subscriptions("") })
	read(t, func() (store.Stats, error) { return r.Stats() })
	read(t, func() ([]string, error) { return r.Promotable(0) })
	read(t, func() ([]string, error) { return r.Due(day, 10) })
	read(t, func() (time.Time, error) { return r.NextDue(day) })
	read(t, func() ([]kanban.Run, error) { return r.LiveRuns() })
	read(t, r.LastEvent)
}

func read[T any](t *testing.T, ask func() (T, error)) {
	t.Helper()
	got, err := ask()
	must(t, err)
	wantJSON(t, got)
}

func wantJSON(t *testing.T, v any) {
	t.Helper()
	if text, err := json.Marshal(v); err != nil || !json.Valid(text) {
		t.Fatalf("%+v cannot be answered: %v", v, err)
	}
}

// changeTask writes a task as it was read: whatever stands in it, it can be
// cancelled, and nothing else of it changes by that.
func changeTask(t *testing.T, x tx, id string) {
	t.Helper()
	before, err := x.Task(id)
	must(t, err)
	must(t, x.UpdateTask(before))
	after, err := x.Task(id)
	must(t, err)
	before.Version, before.UpdatedAt = after.Version, after.UpdatedAt // told by every update
	if diff := cmp.Diff(before, after); diff != "" {
		t.Fatalf("an update that changes nothing changed: %s", diff)
	}
}

// FuzzCursor: a cursor that we did not make leads to a page or a refusal.
func FuzzCursor(f *testing.F) {
	for _, c := range []cursor{{Sort: store.ByTitle, Word: []byte("x")}, {Sort: store.ByPriority, Number: -1, Born: 1 << 62, Row: -1}, {}} {
		f.Add(c.String(), string(c.Sort))
	}
	f.Add("e30", "title")
	f.Add("!", "priority")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":"title","k":"AA","b":1e3}`)), "title")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"s":"no such"}`)), "no such")
	s := fuzzBoard(f)
	f.Fuzz(func(t *testing.T, text, sort string) {
		undone(t, s, func(x tx) {
			for _, id := range []string{"t_00000001", "t_00000002"} {
				must(t, x.InsertTask(kanban.Task{ID: id, Title: id, Status: kanban.Todo}))
			}
			tasks, next, err := x.Tasks(store.TaskQuery{Cursor: text, Sort: store.Sort(sort), Limit: 1})
			if err != nil {
				if kanban.CodeOf(err) != kanban.Invalid {
					t.Fatal(err)
				}
				return
			}
			if len(tasks) > 1 || next != "" && next == text {
				t.Fatalf("%d tasks, then %q after %q", len(tasks), next, text)
			}
		})
	})
}

// FuzzText: whatever is searched for, a task is found by the words that stand
// in it and no search fails.
func FuzzText(f *testing.F) {
	for _, text := range []string{"plan", "50%_off", `a\b`, "Ünïcödé ẞ", "\x00", "'; DROP TABLE tasks", strings.Repeat("x ", 40), "\xff", "ﬁ İ"} {
		f.Add(text)
	}
	s := fuzzBoard(f)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1000 {
			return // the port bounds it
		}
		undone(t, s, func(x tx) {
			must(t, x.InsertTask(kanban.Task{ID: "t_00000001", Title: "before " + text + " after", Status: kanban.Todo}))
			must(t, x.InsertTask(kanban.Task{ID: "t_00000002", Title: "another", Status: kanban.Todo}))
			found, _, err := x.Tasks(store.TaskQuery{Text: text})
			must(t, err)
			if len(found) == 0 && asciiText(text) {
				t.Fatalf("%q is not found", text)
			}
		})
	})
}

// asciiText holds no letters whose case depends on the language, and no NUL, at
// which SQL ends a text.
func asciiText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r == 0 || r >= 0x80 })
}

// FuzzBoardFile: a board.json that somebody else wrote keeps what we do not know
// when we write ours, or is refused as it stands.
func FuzzBoardFile(f *testing.F) {
	for _, text := range []string{
		`{"slug":"ops","name":"Ops","archived":true,"created_at":1795000000,"default_workdir":null,"later":{"a":[1]}}`,
		`{"name":null}`, "{}", "null", "", "[]", `{"name":`, `{"created_at":1e99}`, `{"created_at":-1}`, `{"andon_id":7}`, `{"NAME":"x","name":"y"}`, "\xff", `{"name":"\ud800"}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(t.TempDir(), "board.json")
		must(t, os.WriteFile(path, text, 0o600))
		file, err := readBoardFile(path)
		if err != nil {
			wantCode(t, err, kanban.Unavailable)
			return
		}
		info := file.info("ops")
		wantJSON(t, info)
		if info.Name == "" || info.Slug != "ops" {
			t.Fatalf("%+v", info)
		}
		must(t, file.write(path))
		again, err := readBoardFile(path)
		must(t, err)
		same(t, "the board", again.info("ops"), info)
		for key := range file.rest {
			if again.rest[key] == nil {
				t.Fatalf("%q is gone", key)
			}
		}
		if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
			t.Fatalf("left behind: %v", left)
		}
	})
}
