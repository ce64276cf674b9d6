package sqlite

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// holdings are all rows of all tables of a file, in the columns that it had.
type holdings map[string]*holding

type holding struct {
	columns []string
	rows    []string
}

func holdingsOf(t *testing.T, path string) holdings {
	t.Helper()
	all := holdings{}
	inFile(t, path, func(c *conn) {
		must(t, c.query(`SELECT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY 1, c.cid`, nil, func(s *sqlite3.Stmt) error {
			table := s.ColumnText(0)
			if all[table] == nil {
				all[table] = &holding{}
			}
			all[table].columns = append(all[table].columns, s.ColumnText(1))
			return nil
		}))
		for table, held := range all {
			held.rows = rowsOf(t, c, table, held.columns)
		}
	})
	return all
}

// rowsOf are the rows of a table as SQL would write them; events are told in the
// words of the present version.
func rowsOf(t *testing.T, c *conn, table string, columns []string) (rows []string) {
	t.Helper()
	quoted := make([]string, len(columns))
	for i, column := range columns {
		quoted[i] = `quote("` + column + `")`
		if table == "task_events" && column == "kind" {
			quoted[i] = `quote(CASE kind WHEN 'ready' THEN 'promoted' WHEN 'priority' THEN 'reprioritized' WHEN 'spawn_auto_blocked' THEN 'gave_up' ELSE kind END)`
		}
	}
	must(t, c.query("SELECT "+strings.Join(quoted, " || ', ' || ")+` FROM "`+table+`"`, nil, func(s *sqlite3.Stmt) error {
		rows = append(rows, s.ColumnText(0))
		return nil
	}))
	return sorted(rows)
}

// wantKept wants every row that was there, as it was; there may be new ones.
func wantKept(t *testing.T, path string, before holdings) {
	t.Helper()
	inFile(t, path, func(c *conn) {
		for table, held := range before {
			now := map[string]int{}
			for _, row := range rowsOf(t, c, table, held.columns) {
				now[row]++
			}
			for _, row := range held.rows {
				if now[row]--; now[row] < 0 {
					t.Errorf("%s has lost %s", table, row)
				}
			}
		}
	})
	if t.Failed() {
		t.FailNow()
	}
}

func inFile(t *testing.T, path string, fn func(*conn)) {
	t.Helper()
	c, err := openConn(path, opening{})
	must(t, err)
	defer c.close()
	fn(c)
}

func sorted(lines []string) []string { slices.Sort(lines); return lines }

// variation is what a version of the reference that we do not have, or its user,
// may have made of a board.
type variation struct {
	name       string
	statements []string
}

// column is one that the reference has added since its first version.
type lateColumn struct{ table, name string }

func lateOnes() (all []lateColumn) {
	for _, table := range []string{"tasks", "task_events", "kanban_notify_subs"} {
		for _, column := range lateColumns[table] {
			name, _, _ := strings.Cut(column, " ")
			all = append(all, lateColumn{table, name})
		}
	}
	return all
}

// indexesOn are the indexes that a column stands in.
var indexesOn = map[string]string{
	"tenant": "idx_tasks_tenant", "idempotency_key": "idx_tasks_idempotency", "session_id": "idx_tasks_session_id", "run_id": "idx_events_run",
}

func (c lateColumn) drop() []string {
	drop := "ALTER TABLE " + c.table + " DROP COLUMN " + c.name
	if index := indexesOn[c.name]; index != "" {
		return []string{"DROP INDEX " + index, drop}
	}
	return []string{drop}
}

var referenceIndexes = []string{
	"idx_tasks_assignee_status", "idx_tasks_status", "idx_links_child", "idx_links_parent", "idx_comments_task", "idx_events_task",
	"idx_runs_task", "idx_runs_status", "idx_notify_task", "idx_tasks_tenant", "idx_tasks_idempotency", "idx_tasks_session_id", "idx_events_run",
}

// foreignAdditions are what users and other versions add.
var foreignAdditions = []variation{
	{"old names, empty", []string{
		"ALTER TABLE tasks DROP COLUMN consecutive_failures", "ALTER TABLE tasks ADD COLUMN spawn_failures INTEGER",
		"ALTER TABLE tasks DROP COLUMN last_failure_error", "ALTER TABLE tasks ADD COLUMN last_spawn_error TEXT",
		"UPDATE tasks SET spawn_failures = 2, last_spawn_error = 'no' WHERE status = 'blocked'",
	}},
	{"old words for events", []string{
		`UPDATE task_events SET kind = 'ready', payload = '{"n":' || id || '}' WHERE id % 3 = 0`,
		`UPDATE task_events SET kind = 'priority', payload = '{"n":' || id || '}' WHERE id % 3 = 1`,
		`UPDATE task_events SET kind = 'spawn_auto_blocked', payload = '{"n":' || id || '}' WHERE id % 3 = 2`,
	}},
	{"old names beside the new", []string{"ALTER TABLE tasks ADD COLUMN spawn_failures INTEGER NOT NULL DEFAULT 7"}},
	{"capital letters", []string{"DROP INDEX idx_tasks_tenant", "ALTER TABLE tasks RENAME COLUMN tenant TO Tenant"}},
	{"a generated column", []string{
		"DROP INDEX idx_tasks_session_id", "ALTER TABLE tasks DROP COLUMN session_id", "ALTER TABLE tasks ADD COLUMN session_id TEXT AS (tenant || '/' || id)",
	}},
	{"columns of later versions", []string{
		"ALTER TABLE tasks ADD COLUMN block_kind TEXT", "ALTER TABLE tasks ADD COLUMN goal_mode INTEGER NOT NULL DEFAULT 0",
		"ALTER TABLE task_runs ADD COLUMN cost REAL", "ALTER TABLE task_links ADD COLUMN reason TEXT DEFAULT 'none'", "UPDATE tasks SET block_kind = 'x', goal_mode = 1",
	}},
	{"tables of later versions", []string{
		"CREATE TABLE task_attachments (id INTEGER PRIMARY KEY, task_id TEXT REFERENCES tasks(id) ON DELETE CASCADE, path TEXT)",
		"INSERT INTO task_attachments (task_id, path) SELECT id, '/x' FROM tasks",
		"CREATE TABLE seen (k TEXT PRIMARY KEY, v ANY) STRICT, WITHOUT ROWID", "INSERT INTO seen VALUES ('a', x'00ff')",
	}},
	{"views and triggers", []string{
		"CREATE VIEW open_tasks AS SELECT * FROM tasks WHERE status <> 'done'", "CREATE TABLE audit (what TEXT)",
		"CREATE TRIGGER t1 AFTER INSERT ON tasks BEGIN INSERT INTO audit VALUES ('new ' || NEW.id); END",
		"CREATE TRIGGER t2 AFTER UPDATE ON task_events BEGIN INSERT INTO audit VALUES (NEW.kind); END",
	}},
	{"indexes of a user", []string{"CREATE INDEX by_title ON tasks(title COLLATE NOCASE)", "CREATE UNIQUE INDEX one_comment ON task_comments(id, body)"}},
	{"a broken view", []string{"CREATE VIEW broken AS SELECT missing FROM nowhere"}},
	{"statistics", []string{"ANALYZE"}},
	{"runs that are gone", []string{"DROP TABLE task_runs"}},
	{"no subscriptions", []string{"DROP TABLE kanban_notify_subs"}},
	{"no comments", []string{"DROP TABLE task_comments"}},
	{"claims without runs", []string{"ALTER TABLE tasks DROP COLUMN current_run_id", "DELETE FROM task_runs WHERE ended_at IS NULL"}},
}

// variations of the present board of the reference.
func variations() (all []variation) {
	columns := lateOnes()
	for _, c := range columns {
		all = append(all, variation{"without " + c.table + "." + c.name, c.drop()})
	}
	var set []string
	for _, c := range slices.Backward(columns[:len(columns)-1]) {
		set = append(slices.Clone(set), c.drop()...)
		all = append(all, variation{"without what came since " + c.name, set})
	}
	for _, index := range referenceIndexes {
		all = append(all, variation{"without " + index, []string{"DROP INDEX " + index}})
	}
	return append(all, foreignAdditions...)
}

func (v variation) make(t *testing.T) string {
	t.Helper()
	home := unpack(t, "reference-home")
	alter(t, filepath.Join(home, "kanban.db"), v.statements...)
	return home
}

// TestG05_EveryVariationOpensInPlace: whichever version of the reference made a
// board, and whatever its user added, it opens, keeps everything, and the
// reference goes on writing in the columns that it knew; opened again it is not
// touched.
func TestG05_EveryVariationOpensInPlace(t *testing.T) {
	needCLI(t)
	fresh := t.TempDir()
	openBoard(t, fresh, kanban.DefaultBoard)
	complete := holdingsOf(t, filepath.Join(fresh, "kanban.db"))
	for _, v := range variations() {
		t.Run(v.name, func(t *testing.T) {
			home := v.make(t)
			file := filepath.Join(home, "kanban.db")
			before := holdingsOf(t, file)
			h, err := OpenHome(home, Options{})
			must(t, err)
			s, err := h.Open(context.Background(), kanban.DefaultBoard)
			must(t, err)
			wantKept(t, file, before)
			wantComplete(t, file, complete)
			wantRunning(t, s)
			referenceWrites(t, s, file, before)
			must(t, h.Close())
			wantUntouched(t, home, file)
		})
	}
}

// wantComplete wants all columns of a new board.
func wantComplete(t *testing.T, file string, complete holdings) {
	t.Helper()
	now := holdingsOf(t, file)
	for table, held := range complete {
		for _, column := range held.columns {
			if now[table] == nil || !slices.ContainsFunc(now[table].columns, func(c string) bool { return strings.EqualFold(c, column) }) {
				t.Errorf("there is no %s.%s", table, column)
			}
		}
	}
}

// wantRunning reads all tasks; those that run have an open run, unless that was
// taken away.
func wantRunning(t *testing.T, s store.Store) {
	t.Helper()
	view(t, s, func(r store.Reader) error {
		tasks := everyTask(t, r)
		if len(tasks) < 120 {
			t.Errorf("%d tasks", len(tasks))
		}
		for _, task := range tasks {
			if task.Status != kanban.Running {
				continue
			}
			if run, err := r.Run(task.CurrentRun); err == nil && (!run.Open() || run.Task != task.ID) {
				t.Errorf("%s runs, but its run is %+v", task.ID, run)
			} else if err != nil && !strings.HasSuffix(t.Name(), "runs_that_are_gone") {
				t.Errorf("%s runs: %v", task.ID, err)
			}
		}
		return nil
	})
}

// referenceWrites does in each table what a program does that knows its old
// columns only.
func referenceWrites(t *testing.T, s store.Store, file string, old holdings) {
	t.Helper()
	var sql []string
	for table, column := range map[string]string{"tasks": "id", "task_links": "parent_id", "task_comments": "task_id", "task_events": "task_id", "task_runs": "task_id", "kanban_notify_subs": "task_id"} {
		if old[table] == nil || len(old[table].rows) == 0 {
			continue
		}
		names := slices.DeleteFunc(slices.Clone(old[table].columns), func(c string) bool {
			return c == column || c == "id" || c == "session_id" && strings.HasSuffix(t.Name(), "generated_column")
		})
		list := strings.Join(names, ", ")
		sql = append(sql,
			fmt.Sprintf("INSERT INTO %s (%s, %s) SELECT 't_ffffffff', %s FROM %[1]s LIMIT 1", table, column, list, list),
			fmt.Sprintf("UPDATE %s SET %s = %[2]s", table, names[0]))
	}
	sql = append(sql, "UPDATE tasks SET status = 'done', completed_at = 1795000000 WHERE id = 't_ffffffff'")
	sqlite3CLI(t, file, "PRAGMA foreign_keys=ON; BEGIN IMMEDIATE; "+strings.Join(sql, "; ")+"; COMMIT;")
	wantKept(t, file, old)
	view(t, s, func(r store.Reader) error {
		task, err := r.Task("t_ffffffff")
		must(t, err)
		same(t, "status", task.Status, kanban.Done)
		events, err := r.Events(store.EventQuery{Task: "t_ffffffff"})
		same(t, "events", len(events), 1)
		return err
	})
	sqlite3CLI(t, file, "DELETE FROM tasks WHERE id = 't_ffffffff'")
}

// wantUntouched opens a board of the present schema, reads it, and wants every
// byte as it was.
func wantUntouched(t *testing.T, home, file string) {
	t.Helper()
	before := bytesOf(t, file)
	h, err := OpenHome(home, Options{})
	must(t, err)
	s, err := h.Open(context.Background(), kanban.DefaultBoard)
	must(t, err)
	view(t, s, func(r store.Reader) error {
		everyTask(t, r)
		everyEvent(t, r)
		_, err := r.Stats()
		return err
	})
	must(t, h.Close())
	if diff := cmp.Diff(before, bytesOf(t, file)); diff != "" {
		t.Errorf("opened again, it changed: %s", diff)
	}
}

// earlier are homes as earlier versions of Andon left them; the second made an
// index one rung too early.
var earlier = []string{"andon-2a", "andon-2b", "andon-3"}

// TestG24_BoardsOfEarlierVersionsOpenInPlace: nothing is lost, the old board is
// saved, holds are still there, and what was running still runs.
func TestG24_BoardsOfEarlierVersionsOpenInPlace(t *testing.T) {
	needCLI(t)
	for _, name := range earlier {
		t.Run(name, func(t *testing.T) {
			home := unpack(t, name)
			file := filepath.Join(home, "kanban.db")
			before := holdingsOf(t, file)
			h := openHome(t, home, Options{})
			s, err := h.Open(background, kanban.DefaultBoard)
			must(t, err)
			wantKept(t, file, before)
			holds, err := h.Holds(background)
			must(t, err)
			same(t, "holds", len(holds), 1)
			view(t, s, func(r store.Reader) error {
				live, err := r.LiveRuns()
				same(t, "live runs", len(live), 1)
				return err
			})
			same(t, "index by age", sqlite3CLI(t, file, "SELECT count(*) FROM sqlite_schema WHERE name = 'andon_by_status_age'"), "1\n")
			must(t, h.Close())
			saved, err := filepath.Glob(filepath.Join(home, "andon", "backups", "default-v[23]-*.db"))
			if err != nil || len(saved) != 1 {
				t.Fatalf("backups %v (%v)", saved, err)
			}
			same(t, "the saved board", holdingsOf(t, saved[0]), before)
			wantUntouched(t, home, file)
		})
	}
}

func (h *holding) Equal(o *holding) bool {
	return slices.Equal(h.columns, o.columns) && slices.Equal(h.rows, o.rows)
}

// TestG05_ADumpedBoardOpens: sqlite3's .dump forgets on which rung a board
// stands.
func TestG05_ADumpedBoardOpens(t *testing.T) {
	needCLI(t)
	home := unpack(t, earlier[0])
	old, file := filepath.Join(home, "old.db"), filepath.Join(home, "kanban.db")
	must(t, os.Rename(file, old))
	before := holdingsOf(t, old)
	sqlite3CLI(t, file, "PRAGMA journal_mode=WAL;"+sqlite3CLI(t, old, ".dump"))
	openBoard(t, home, kanban.DefaultBoard)
	wantKept(t, file, before)
}

func init() {
	// openall opens the boards whose homes stand on stdin, one a line, and says
	// when it has.
	childWork["openall"] = func() error {
		homes := bufio.NewScanner(os.Stdin)
		for homes.Scan() {
			h, err := OpenHome(homes.Text(), Options{Shared: true})
			if err != nil {
				return err
			}
			s, err := h.Open(background, kanban.DefaultBoard)
			if err == nil {
				err = s.View(background, func(r store.Reader) error { _, err := r.Stats(); return err })
			}
			if err != nil {
				return err
			}
			if err := h.Close(); err != nil {
				return err
			}
			fmt.Println("done")
		}
		return homes.Err()
	}
}

// TestG05_TwentyProcessesOpenEachAtOnce: whichever of them migrates, all of them
// open the board, nothing is lost, and there is one backup.
func TestG05_TwentyProcessesOpenEachAtOnce(t *testing.T) {
	const processes = 20
	homes := map[string]string{}
	for _, name := range append([]string{"reference-home", "reference-home-legacy", "reference-home-5000"}, earlier...) {
		homes[name] = unpack(t, name)
	}
	for i, v := range variations() {
		if i%10 == 3 || *everyFault {
			homes[v.name] = v.make(t)
		}
	}
	type process struct {
		in  io.WriteCloser
		out *bufio.Reader
	}
	var all []process
	for range processes {
		cmd := child(t, "openall")
		in, err := cmd.StdinPipe()
		must(t, err)
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		t.Cleanup(func() {
			in.Close()
			must(t, cmd.Wait())
		})
		all = append(all, process{in, bufio.NewReader(out)})
	}
	for _, name := range slices.Sorted(maps.Keys(homes)) {
		home := homes[name]
		file := filepath.Join(home, "kanban.db")
		before := holdingsOf(t, file)
		for _, p := range all {
			_, err := fmt.Fprintln(p.in, home)
			must(t, err)
		}
		for _, p := range all {
			if _, err := p.out.ReadString('\n'); err != nil {
				t.Fatalf("%s: a process did not open it: %v", name, err)
			}
		}
		wantKept(t, file, before)
		saved, err := filepath.Glob(filepath.Join(home, "andon", "backups", "default-*.db"))
		if err != nil || len(saved) != 1 {
			t.Fatalf("%s: backups %v (%v)", name, saved, err)
		}
	}
}

// TestG05_ARungNeverChanges: each schema that ever was is made as it always was.
func TestG05_ARungNeverChanges(t *testing.T) {
	for n, schema := range rungs(t, makeEmpty)[1:] {
		name := filepath.Join("testdata", "rungs", fmt.Sprintf("%d.sql", n+1))
		want, err := os.ReadFile(name)
		if os.IsNotExist(err) {
			must(t, os.MkdirAll(filepath.Dir(name), 0o755))
			must(t, os.WriteFile(name, []byte(schema), 0o644))
			t.Fatalf("%s is new: look at it and keep it", name)
		}
		must(t, err)
		if diff := cmp.Diff(normal(string(want)), normal(schema)); diff != "" {
			t.Errorf("rung %d is another than the one in the files of our users (-theirs +ours): %s", n+1, diff)
		}
	}
}

// makeEmpty makes a database without a schema.
func makeEmpty(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "empty.db")
	must(t, newFile(path, "empty", nil, func(*conn) error { return nil }))
	return path
}
