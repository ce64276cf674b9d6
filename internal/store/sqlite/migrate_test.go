package sqlite

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

// ladder is a schema that grew twice. Its last step says where it is, and in
// "hold" waits there for the test to kill it.
func ladder(hold bool) []step {
	return []step{
		{"first", func(c *conn) error {
			return errors.Join(
				c.exec("CREATE TABLE tasks (id TEXT PRIMARY KEY)"),
				c.exec("CREATE TABLE climbed (step INTEGER)"),
				c.exec("INSERT INTO climbed VALUES (1)"))
		}},
		{"second", func(c *conn) error {
			err := errors.Join(
				c.exec("ALTER TABLE tasks ADD COLUMN andon_x TEXT NOT NULL DEFAULT ''"),
				c.exec("INSERT INTO climbed VALUES (2)"))
			if hold && err == nil {
				fmt.Println("inside")
				io.Copy(io.Discard, os.Stdin)
			}
			return err
		}},
		{"third", func(c *conn) error { return c.exec("INSERT INTO climbed VALUES (3)") }},
	}
}

// oldBoard is a database that stands on the first rung and holds a task.
func oldBoard(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "old.db")
	must(t, newFile(path, "old", nil, func(c *conn) error {
		return errors.Join(climbAll(c, ladder(false)[:1]), c.exec("INSERT INTO tasks VALUES ('t_00000001')"))
	}))
	return path
}

func ladderSpec(path string, hold bool) spec {
	s := testSpec(path)
	s.steps = ladder(hold)
	return s
}

func init() {
	childWork["migrate"] = func() error {
		d, err := openDatabase(ladderSpec(os.Getenv("ANDON_TEST_DB"), os.Getenv("ANDON_TEST_HOLD") != ""))
		if err != nil {
			return err
		}
		return d.close()
	}
}

func climbed(t *testing.T, path string) string {
	t.Helper()
	d, err := openDatabase(ladderSpec(path, false))
	must(t, err)
	defer d.close()
	var got string
	must(t, d.view(background, func(c *conn) error {
		steps, err := c.text("SELECT group_concat(step) FROM (SELECT step FROM climbed ORDER BY rowid)")
		if err != nil {
			return err
		}
		version, err := c.text("PRAGMA user_version")
		got = steps + " version " + version
		return err
	}))
	return got
}

func backups(t *testing.T, path string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "backups", "*"))
	must(t, err)
	return found
}

func TestG05_TwentyProcessesMigrateOnce(t *testing.T) {
	path := oldBoard(t)
	runAll(t, 20, "migrate", "ANDON_TEST_DB="+path)
	if got := climbed(t, path); got != "1,2,3 version 3" {
		t.Fatalf("climbed %s", got)
	}
	if saved := backups(t, path); len(saved) != 1 {
		t.Fatalf("backups: %v", saved)
	}
}

func TestG05_KilledInsideAStep(t *testing.T) {
	path := oldBoard(t)
	cmd := child(t, "migrate", "ANDON_TEST_DB="+path, "ANDON_TEST_HOLD=1")
	stdin, err := cmd.StdinPipe()
	must(t, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	inside := make([]byte, len("inside"))
	_, err = io.ReadFull(stdout, inside)
	must(t, err)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed

	if got := climbed(t, path); got != "1,2,3 version 3" {
		t.Fatalf("climbed %s", got)
	}
}

func TestG05_AFailingStepLeavesNothing(t *testing.T) {
	path := oldBoard(t)
	s := ladderSpec(path, false)
	s.steps[2].up = func(c *conn) error {
		return errors.Join(c.exec("INSERT INTO climbed VALUES (99)"), errors.New("no"))
	}
	if _, err := openDatabase(s); err == nil || !strings.Contains(err.Error(), "step 3 (third): no") {
		t.Fatalf("got %v", err)
	}
	if got := climbed(t, path); got != "1,2,3 version 3" {
		t.Fatalf("climbed %s", got)
	}
}

func TestG05_ANewerSchemaIsRefused(t *testing.T) {
	path := oldBoard(t)
	climbed(t, path)
	s := ladderSpec(path, false)
	s.steps = s.steps[:2]
	_, err := openDatabase(s)
	wantCode(t, err, kanban.Unavailable)
	if !strings.Contains(err.Error(), "newer Andon") {
		t.Fatalf("told %v", err)
	}
	if len(backups(t, path)) != 1 {
		t.Fatal("a backup of a board that was refused")
	}
}

func TestG06_TheBackupBeforeAMigrationIsTheOldBoard(t *testing.T) {
	path := oldBoard(t)
	climbed(t, path)
	saved := backups(t, path)
	if len(saved) != 1 || !strings.HasPrefix(filepath.Base(saved[0]), "test-v1-") {
		t.Fatalf("backups: %v", saved)
	}
	// Put in its place it is the board as it was, and can be opened.
	must(t, remove(path+"-wal", path+"-shm"))
	must(t, os.Rename(saved[0], path))
	s := ladderSpec(path, false)
	s.steps = s.steps[:1]
	d := openSpec(t, s)
	must(t, d.view(background, func(c *conn) error {
		task, err := c.text("SELECT id FROM tasks")
		if task != "t_00000001" {
			t.Errorf("task %q", task)
		}
		return err
	}))
}

func TestG06_ADamagedCopyIsNoBackup(t *testing.T) {
	path := oldBoard(t)
	c, err := openConn(path, opening{})
	must(t, err)
	defer c.close()
	// An index that says something else than its table: VACUUM copies tables,
	// so the damage is put into the schema.
	must(t, c.exec("CREATE TABLE n (x NOT NULL)"))
	must(t, c.exec("INSERT INTO n VALUES ('')"))
	_, err = c.db.Config(sqlite3.DBCONFIG_DEFENSIVE, false)
	must(t, err)
	must(t, c.exec("PRAGMA writable_schema=ON"))
	must(t, c.exec("UPDATE sqlite_schema SET sql = 'CREATE TABLE n (x NOT NULL CHECK (x <> ''''))' WHERE name = 'n'"))
	must(t, c.exec("PRAGMA writable_schema=RESET"))
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := backup(c, to, "copy"); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("got %v", err)
	}
	left, err := os.ReadDir(filepath.Dir(to))
	must(t, err)
	if len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

func TestANewBoardNeedsNoBackup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	must(t, newFile(path, "new", nil, func(c *conn) error { return climbAll(c, ladder(false)[:1]) }))
	climbed(t, path)
	if saved := backups(t, path); len(saved) != 0 {
		t.Fatalf("backups: %v", saved)
	}
}

func TestACrashWhileMakingAFileLeavesNoBoard(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	crash := errors.New("crash")
	if err := newFile(path, "new", nil, func(*conn) error { return crash }); !errors.Is(err, crash) {
		t.Fatalf("got %v", err)
	}
	// What a killed attempt leaves is swept by the next.
	must(t, os.WriteFile(filepath.Join(filepath.Dir(path), ".new.new-KILLED-wal"), nil, 0o600))
	must(t, newFile(path, "new", nil, func(c *conn) error { return climbAll(c, noteSteps) }))
	left, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	if len(left) != 1 {
		t.Fatalf("left behind: %v", left)
	}
	if err := newFile(path, "new", nil, func(*conn) error { return nil }); !errors.Is(err, os.ErrExist) {
		t.Fatalf("an existing file: %v", err)
	}
}
