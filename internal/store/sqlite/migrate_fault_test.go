package sqlite

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/andon-dev/andon/internal/kanban"
)

// everyFault makes the tests of this file stop a migration at each of its calls
// instead of some.
var everyFault = flag.Bool("everyfault", false, "stop a migration at every statement, write and sync")

// tapVFS calls a function before every write, sync and truncation of any file.
type tapVFS struct {
	vfs.VFSFilename
	tap func() error
}

func (v tapVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := v.VFSFilename.OpenFilename(name, flags)
	if file, ok := f.(osFile); ok && err == nil {
		return tapFile{file, v.tap}, flags, nil
	}
	return f, flags, err
}

type tapFile struct {
	osFile
	tap func() error
}

func (f tapFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.tap(); err != nil {
		return 0, err
	}
	return f.osFile.WriteAt(p, off)
}

func (f tapFile) Truncate(size int64) error {
	return errors.Join(f.tap(), f.osFile.Truncate(size))
}

func (f tapFile) Sync(flags vfs.SyncFlag) error {
	if err := f.tap(); err != nil {
		return err
	}
	return f.osFile.Sync(flags)
}

// tapped is the spec of a board's file whose migration calls tap before every
// write, sync and statement of a step.
func tapped(path string, tap func() error) spec {
	name := "tap of " + path
	vfs.Register(name, roomVFS{tapVFS{vfs.Find("").(vfs.VFSFilename), tap}})
	s := testSpec(path)
	s.vfs, s.steps = name, nil
	for _, known := range steps {
		up := known.up
		s.steps = append(s.steps, step{known.name, func(c *conn) error {
			err := c.db.Trace(sqlite3.TRACE_STMT, func(sqlite3.TraceEvent, any, any) error { return tap() })
			return errors.Join(err, up(c), c.db.Trace(0, nil))
		}})
	}
	return s
}

func init() {
	childWork["killed"] = func() error {
		at, err := strconv.Atoi(os.Getenv("ANDON_TEST_AT"))
		if err != nil {
			return err
		}
		calls := 0
		d, err := openDatabase(tapped(os.Getenv("ANDON_TEST_DB"), func() error {
			if calls++; calls == at {
				return syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
			return nil
		}))
		if err != nil {
			return err
		}
		return d.close()
	}
	childWork["open"] = func() error {
		s := testSpec(os.Getenv("ANDON_TEST_DB"))
		s.steps = steps
		d, err := openDatabase(s)
		if err != nil {
			fmt.Print(kanban.CodeOf(err), ": ", err)
			return nil
		}
		return d.close()
	}
}

// legacyFile is the board of an early version in a folder of its own.
func legacyFile(t *testing.T) string {
	return filepath.Join(unpack(t, "reference-home-legacy"), "kanban.db")
}

// stopsAt are the calls of a tap, while a file climbs, at which a test stops it:
// some of all, and the first of each step.
func stopsAt(t *testing.T, path string) (at []int) {
	total, first := 0, map[int]bool{}
	s := tapped(path, func() error { total++; return nil })
	for i, known := range s.steps {
		s.steps[i].up = func(c *conn) error {
			first[total+1] = true
			return known.up(c)
		}
	}
	d, err := openDatabase(s)
	must(t, err)
	must(t, d.close())
	stride := 1
	if !*everyFault {
		stride = total/25 + 1
	}
	for n := 1; n <= total; n++ {
		if first[n] || n%stride == 1%stride || n > total-8 {
			at = append(at, n)
		}
	}
	return at
}

// rungs are the schemas of a file at each rung.
func rungs(t *testing.T, path func(*testing.T) string) (all []string) {
	for n := range len(steps) + 1 {
		s := testSpec(path(t))
		s.steps = steps[:n]
		must(t, openSpec(t, s).view(background, func(c *conn) error {
			all = append(all, schemaOf(t, c))
			return nil
		}))
	}
	return all
}

func schemaOf(t *testing.T, c *conn) string {
	t.Helper()
	var lines []string
	must(t, c.query("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, tbl_name, name", nil, func(s *sqlite3.Stmt) error {
		lines = append(lines, s.ColumnText(0)+";")
		return nil
	}))
	return strings.Join(lines, "\n") + "\n"
}

// wantRung wants a sound file that stands on one rung with all that it held.
func wantRung(t *testing.T, path string, schemas []string, before holdings) (version int) {
	t.Helper()
	c, err := openConn(path, opening{})
	must(t, err)
	defer c.close()
	verdict, err := c.text("PRAGMA integrity_check")
	must(t, err)
	version, err = c.version()
	must(t, err)
	if verdict != "ok" || version >= len(schemas) {
		t.Fatalf("schema %d, integrity: %s", version, verdict)
	}
	if diff := cmp.Diff(normal(schemas[version]), normal(schemaOf(t, c))); diff != "" {
		t.Fatalf("schema %d is another: %s", version, diff)
	}
	wantKept(t, path, before)
	return version
}

// normal leaves out in which order columns were added.
func normal(schema string) []string {
	lines := strings.FieldsFunc(schema, func(r rune) bool { return r == '\n' || r == ',' || r == '(' || r == ')' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return sorted(lines)
}

// TestG05_KilledAnywhereInAMigration: SIGKILL before any statement of any step,
// any write and any sync leaves one of the schemas with everything in it, and
// the next process goes on from there.
func TestG05_KilledAnywhereInAMigration(t *testing.T) {
	schemas := rungs(t, legacyFile)
	before := holdingsOf(t, legacyFile(t))
	stood := map[int]int{}
	for _, at := range stopsAt(t, legacyFile(t)) {
		path := legacyFile(t)
		err := child(t, "killed", "ANDON_TEST_DB="+path, "ANDON_TEST_AT="+strconv.Itoa(at)).Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("call %d: not killed: %v", at, err)
		}
		stood[wantRung(t, path, schemas, before)]++
		s := testSpec(path)
		s.steps = steps
		d, err := openDatabase(s)
		must(t, err)
		must(t, d.close())
		if v := wantRung(t, path, schemas, before); v != len(steps) {
			t.Fatalf("call %d: resumed, it stands at %d", at, v)
		}
	}
	for version := range len(steps) {
		if stood[version] == 0 {
			t.Errorf("nobody was killed at schema %d: %v", version, stood)
		}
	}
	t.Logf("killed at schema: %v", stood)
}

// TestG05_ADiskThatFillsInAMigration: from any call on, nothing more can be
// written. What stands is whole, the refusal says why, nothing latches, and with
// room the next attempt succeeds.
func TestG05_ADiskThatFillsInAMigration(t *testing.T) {
	schemas := rungs(t, legacyFile)
	before := holdingsOf(t, legacyFile(t))
	for _, at := range stopsAt(t, legacyFile(t)) {
		path, calls, full := legacyFile(t), 0, true
		s := tapped(path, func() error {
			if calls++; full && calls >= at {
				return syscall.ENOSPC
			}
			return nil
		})
		if d, err := openDatabase(s); err == nil {
			must(t, d.close()) // only the notes after the last step were refused
		} else {
			wantCode(t, err, kanban.Unavailable)
			wantRung(t, path, schemas, before)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), "backups", ".*")); err != nil || len(left) != 0 {
			t.Fatalf("call %d left %v (%v)", at, left, err)
		}
		full = false
		d, err := openDatabase(s)
		must(t, err)
		must(t, d.latch.err())
		must(t, d.close())
		if v := wantRung(t, path, schemas, before); v != len(steps) {
			t.Fatalf("call %d: with room, it stands at %d", at, v)
		}
	}
}

// TestG05_AStepThatCannotSucceed: a trigger of somebody else forbids what a step
// does. The refusal names the way out, and attempts leave no copies behind.
func TestG05_AStepThatCannotSucceed(t *testing.T) {
	path := legacyFile(t)
	alter(t, path, `CREATE TRIGGER audit BEFORE UPDATE ON task_events BEGIN SELECT raise(ABORT, 'events never change'); END`)
	before := holdingsOf(t, path)
	s := testSpec(path)
	s.steps = steps
	for range 3 {
		_, err := openDatabase(s)
		wantCode(t, err, kanban.Unavailable)
		if !strings.Contains(err.Error(), "stays as it was") || !strings.Contains(err.Error(), "events never change") {
			t.Fatalf("told %v", err)
		}
	}
	wantKept(t, path, before)
	if saved := backups(t, path); len(saved) != 0 {
		t.Fatalf("left behind: %v", saved)
	}
	alter(t, path, "DROP TRIGGER audit")
	must(t, openSpec(t, s).latch.err())
	if saved := backups(t, path); len(saved) != 1 {
		t.Fatalf("backups: %v", saved)
	}
}

// TestG05_AReadOnlyBoardIsLeftAlone: where a user may only read, the old schema
// stays, byte for byte, and the refusal says why.
func TestG05_AReadOnlyBoardIsLeftAlone(t *testing.T) {
	path := legacyFile(t)
	must(t, os.Chmod(path, 0o444))
	cmd := child(t, "open", "ANDON_TEST_DB="+path)
	if os.Geteuid() == 0 { // whom no mode stops
		const nobody = 65534
		cmd.Path = filepath.Join(filepath.Dir(path), "sqlite.test") // where nobody may go
		binary, err := os.ReadFile(os.Args[0])
		must(t, err)
		must(t, os.WriteFile(cmd.Path, binary, 0o755))
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		for dir := filepath.Dir(path); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			must(t, os.Chmod(dir, 0o755))
		}
	} else {
		must(t, os.Chmod(filepath.Dir(path), 0o555))
		t.Cleanup(func() { must(t, os.Chmod(filepath.Dir(path), 0o755)) })
	}
	before := bytesOf(t, path)
	out, err := cmd.Output()
	must(t, err)
	if !strings.HasPrefix(string(out), string(kanban.Unavailable)+": ") {
		t.Fatalf("told %q", out)
	}
	t.Logf("told %s", out)
	same(t, "the files", bytesOf(t, path), before)
}

// TestG05_ANewerBoardIsLeftAlone: a board that a later Andon wrote is refused in
// words and stays as it is, byte for byte.
func TestG05_ANewerBoardIsLeftAlone(t *testing.T) {
	for _, version := range []int{len(steps) + 1, 1 << 30, -1} {
		path := legacyFile(t)
		alter(t, path, "PRAGMA user_version="+strconv.Itoa(version))
		before := bytesOf(t, path)
		_, err := openHome(t, filepath.Dir(path), Options{}).Open(background, kanban.DefaultBoard)
		wantCode(t, err, kanban.Unavailable)
		if !strings.Contains(err.Error(), "newer Andon") {
			t.Fatalf("told %v", err)
		}
		same(t, "the files", bytesOf(t, path), before)
		if saved, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "andon", "backups", "*")); len(saved) != 0 {
			t.Fatalf("backups of what was refused: %v", saved)
		}
	}
}

// alter does something to a file that nobody else has open.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	c, err := openConn(path, opening{})
	must(t, err)
	defer c.close()
	for _, sql := range statements {
		must(t, c.exec(sql))
	}
	must(t, c.truncate())
}

// bytesOf are the digests of a database and its WAL.
func bytesOf(t *testing.T, path string) (digests [2]string) {
	t.Helper()
	for i, name := range []string{path, path + "-wal"} {
		content, err := os.ReadFile(name)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		digests[i] = fmt.Sprintf("%d bytes %x", len(content), sha256.Sum256(content))
	}
	return digests
}
