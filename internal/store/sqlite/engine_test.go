package sqlite

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// childWork is what this test binary does when a test starts it again.
var childWork = map[string]func() error{}

const childEnv = "ANDON_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childEnv); name != "" {
		if err := childWork[name](); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is this test binary, doing what childWork[name] does.
func child(t *testing.T, name string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), childEnv+"="+name), env...)
	cmd.Stderr = os.Stderr
	return cmd
}

var noteSteps = []step{{"notes", func(c *conn) error {
	return c.exec("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
}}}

func testSpec(path string) spec {
	return spec{
		path: path, name: "test", steps: noteSteps, log: slog.New(slog.DiscardHandler), clock: time.Now,
		backups: filepath.Join(filepath.Dir(path), "backups"),
	}
}

// makeNotes makes an empty database of notes and returns its path.
func makeNotes(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notes.db")
	must(t, newFile(path, "notes", nil, func(c *conn) error { return climbAll(c, noteSteps) }))
	return path
}

func openSpec(t *testing.T, s spec) *database {
	t.Helper()
	d, err := openDatabase(s)
	must(t, err)
	t.Cleanup(func() { must(t, d.close()) })
	return d
}

func openNotes(t *testing.T) *database { return openSpec(t, testSpec(makeNotes(t))) }

func note(d *database, text string) error {
	return d.update(context.Background(), func(c *conn) error {
		return c.exec("INSERT INTO notes (text) VALUES (?)", text)
	})
}

// count asks a reader; where may be empty.
func count(t *testing.T, d *database, where string) (n int) {
	t.Helper()
	must(t, d.view(context.Background(), func(c *conn) error {
		text, err := c.text("SELECT count(*) FROM notes " + where)
		n, _ = strconv.Atoi(text)
		return err
	}))
	return n
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// wantCode also wants the way out, which every refusal has to tell.
func wantCode(t *testing.T, err error, code kanban.Code) {
	t.Helper()
	var e *kanban.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("got error %v, want %s", err, code)
	}
	if e.Way == "" && code != kanban.Internal {
		t.Fatalf("error %q has no hint", e)
	}
}

// sqlite3 runs the command line program of another, older SQLite.
func sqlite3CLI(t *testing.T, path string, sql string) string {
	t.Helper()
	cmd := exec.Command("sqlite3", "-cmd", ".timeout 10000", path, sql)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3: %v\n%s", err, out)
	}
	return string(out)
}

func needCLI(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("no sqlite3 program")
	}
}
