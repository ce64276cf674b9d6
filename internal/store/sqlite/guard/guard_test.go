//go:build linux || darwin

package guard_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/store/sqlite/guard"
)

// The last one to close removes the WAL, unless the file is guarded.
func TestG02_TheWALOutlivesItsLastUser(t *testing.T) {
	db := database(t)
	insert := func() { sqlite3(t, db, "INSERT INTO t VALUES (1)") }
	wantWAL(t, db, false)

	g := hold(t, db)
	insert()
	first := wantWAL(t, db, true)
	for range 3 {
		insert()
		if !os.SameFile(first, wantWAL(t, db, true)) {
			t.Fatal("the WAL is another file now")
		}
	}
	if err := g.Release(); err != nil {
		t.Fatal(err)
	}
	insert()
	wantWAL(t, db, false)
	if got := sqlite3(t, db, "SELECT count(*) FROM t; PRAGMA integrity_check"); got != "6\nok\n" {
		t.Errorf("got %q", got)
	}
}

// What takes a POSIX lock away does nothing to the guard.
func TestG03_AGuardOutlastsStrayCloses(t *testing.T) {
	db := database(t)
	hold(t, db)
	for range 10 {
		if _, err := os.ReadFile(db); err != nil {
			t.Fatal(err)
		}
		leak(t, db)
		runtime.GC()
	}
	sqlite3(t, db, "INSERT INTO t VALUES (1)")
	wantWAL(t, db, true)
}

// leak opens a file and forgets it; the garbage collector closes it.
func leak(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Open(path); err != nil {
		t.Fatal(err)
	}
}

func TestAGuardHindersNobody(t *testing.T) {
	db := database(t)
	hold(t, db)
	hold(t, db) // nor another guard
	got := sqlite3(t, db, "BEGIN IMMEDIATE; INSERT INTO t VALUES (1); COMMIT; PRAGMA wal_checkpoint(TRUNCATE); SELECT count(*) FROM t")
	if got != "0|0|0\n2\n" {
		t.Errorf("got %q", got)
	}
}

func TestWhatIsNotGuarded(t *testing.T) {
	dir := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	rollback := filepath.Join(dir, "rollback.db")
	sqlite3(t, rollback, "CREATE TABLE t (n)")
	for name, path := range map[string]string{
		"missing":        filepath.Join(dir, "missing"),
		"empty":          file("empty", nil),
		"something else": file("text", []byte("far more than twenty bytes of text")),
		"no WAL":         rollback,
		"a folder":       dir,
	} {
		before := descriptors(t)
		if g, err := guard.Hold(t.Context(), path); err == nil {
			t.Errorf("%s is guarded: %v", name, g)
		} else if name == "missing" && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		if after := descriptors(t); after != before {
			t.Errorf("%s: %d descriptors, then %d", name, before, after)
		}
	}
}

// A connection that is closing has the file to itself for a moment.
func TestAGuardWaitsForAClosingConnection(t *testing.T) {
	db := database(t)
	closing, err := os.OpenFile(db, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer closing.Close()
	exclusive := unix.Flock_t{Type: unix.F_WRLCK, Start: 0x40000002, Len: 510}
	if err := unix.FcntlFlock(closing.Fd(), setLock, &exclusive); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan error)
	go func() {
		_, err := guard.Hold(ctx, db)
		held <- err
	}()
	cancel()
	if err := <-held; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	go func() {
		g, err := guard.Hold(t.Context(), db)
		if err == nil {
			err = g.Release()
		}
		held <- err
	}()
	closing.Close()
	if err := <-held; err != nil {
		t.Fatal(err)
	}
}

func hold(t *testing.T, db string) *guard.Guard {
	t.Helper()
	g, err := guard.Hold(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Release() }) // a second time does nothing
	return g
}

// database is one in WAL mode with one row that nobody has open.
func database(t *testing.T) string {
	t.Helper()
	db := filepath.Join(t.TempDir(), "board.db")
	sqlite3(t, db, "PRAGMA journal_mode=WAL; CREATE TABLE t (n); INSERT INTO t VALUES (0)")
	return db
}

// sqlite3 is a process that opens, works and closes.
func sqlite3(t *testing.T, db, sql string) string {
	t.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		t.Skip("no sqlite3 program")
	}
	out, err := exec.Command("sqlite3", db, sql).CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3: %v\n%s", err, out)
	}
	return string(out)
}

func wantWAL(t *testing.T, db string, want bool) fs.FileInfo {
	t.Helper()
	info, err := os.Stat(db + "-wal")
	if (err == nil) != want {
		t.Fatalf("a WAL: %v, want %v", err == nil, want)
	}
	return info
}

func descriptors(t *testing.T) int {
	t.Helper()
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(open)
}
