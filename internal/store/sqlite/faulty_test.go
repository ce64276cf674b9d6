package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

// stroke is a fault that strikes one call, and whether it is one that a board
// has to be latched for.
type stroke struct {
	name    string
	ops     string // the calls that it can strike
	err     error  // nil = what was read is changed instead
	lasting bool   // it strikes every call from the first on
	latches string // those of ops after which the board must be latched
}

var strokes = []stroke{
	{"an I/O error once", "open delete access read write truncate sync size lock", &os.PathError{Op: "io", Err: syscall.EIO}, false, "read write truncate sync"},
	{"I/O errors from then on", "read write truncate sync size", &os.PathError{Op: "io", Err: syscall.EIO}, true, "read write truncate sync"},
	{"a write error of the driver", "write truncate sync", sqlite3.IOERR_WRITE, false, "write truncate sync"},
	{"damage told", "read", sqlite3.CORRUPT, false, "read"},
	{"no database told", "read", sqlite3.NOTADB, false, "read"},
	{"a changed page", "read", nil, true, ""},
	{"somebody else's lock", "lock", sqlite3.BUSY, false, ""},
	{"a full disk", "write truncate sync", &os.PathError{Op: "write", Err: syscall.ENOSPC}, false, ""},
}

// TestG04_FaultyStorage strikes every call of a workload in turn. Each time: what
// was acknowledged is there, nothing is there by half, a latched board takes no
// byte more, and it is reopened without a restart once the storage is well.
func TestG04_FaultyStorage(t *testing.T) {
	template := makeNotes(t)
	d, err := openDatabase(testSpec(template))
	must(t, err)
	must(t, twice(d, "before"))
	must(t, d.close())
	for _, s := range strokes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			struck := 0
			for n := 1; ; n++ {
				f := &strike{stroke: s, nth: n}
				f.run(t, template)
				if t.Failed() {
					t.Fatalf("at call %d: %s of %s", n, f.op, f.path)
				}
				if f.op == "" {
					break
				}
				struck++
			}
			if struck < 2 {
				t.Fatalf("only %d calls were struck", struck)
			}
			t.Logf("%d calls were struck", struck)
		})
	}
}

// strike is one run of the workload with a fault at its nth call.
type strike struct {
	stroke
	nth int

	mu     sync.Mutex
	calls  int
	well   bool   // the fault is over
	op     string // the call that it struck, "" if none
	path   string
	opened bool // before it struck
	after  int  // bytes written after the latch
	d      *database

	said  []string // acknowledged
	tried []string
}

func (f *strike) run(t *testing.T, template string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notes.db")
	copyFiles(t, template, path)
	s := &shim{dir: path, before: f.before, after: f.changed}
	spec := testSpec(path)
	spec.way = "andon boards reopen test"
	spec.vfs = s.register(t, fmt.Sprintf("%s-%d", t.Name(), f.nth))
	f.said = []string{"before"}
	d, err := openDatabase(spec)
	if err == nil {
		f.mu.Lock()
		f.d, f.opened = d, f.op == ""
		f.mu.Unlock()
		f.work(t, d)
		f.judge(t, d)
		f.heal()
		f.reopen(t, d)
		must(t, d.close())
	} else if f.op == "" || kanban.CodeOf(err) != kanban.Unavailable {
		t.Errorf("opening failed with %v", err)
	}
	f.heal()
	f.look(t, path)
}

func (f *strike) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.well = true
}

func (f *strike) before(c call) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.d != nil && f.d.latch.err() != nil && (c.op == "write" || c.op == "truncate") {
		f.after += max(len(c.p), 1)
	}
	if f.strikes(c) && f.err != nil {
		return f.err
	}
	return nil
}

// strikes reports whether a call is to fail.
func (f *strike) strikes(c call) bool {
	if f.well || !strings.Contains(f.ops, c.op) {
		return false
	}
	f.calls++
	hit := f.calls == f.nth || f.lasting && f.calls > f.nth
	if hit && f.op == "" {
		f.op, f.path = c.op, c.path
	}
	return hit
}

// changed spoils what was read.
func (f *strike) changed(c call) {
	if f.err != nil || c.op != "read" || len(c.p) < 512 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.strikes(c) {
		for i := 100; i < 400; i++ {
			c.p[i] ^= 0x5a
		}
	}
}

// twice writes two rows in one operation.
func twice(d *database, text string) error {
	ctx, cancel := context.WithTimeout(background, 30*time.Second)
	defer cancel()
	return d.update(ctx, func(c *conn) error {
		if err := c.exec("INSERT INTO notes (text) VALUES (?)", text); err != nil {
			return err
		}
		return c.exec("INSERT INTO notes (text) VALUES (?)", text)
	})
}

// work opens readers, writes alone and together, and has SQLite checkpoint, by
// itself and when told.
func (f *strike) work(t *testing.T, d *database) {
	t.Helper()
	sum := func(c *conn) error {
		_, err := c.text("SELECT sum(length(text)) FROM notes")
		return err
	}
	f.answered(t, d.view(background, sum))
	f.pairs(t, d, "alone")
	f.pairs(t, d, "a", "b", "c", "d")
	if d.latch.err() == nil {
		_, err := d.writer.c.text("PRAGMA wal_autocheckpoint=2") // the writer rests
		d.writer.c.seen(err)
	}
	f.pairs(t, d, "checkpointed")
	f.pairs(t, d, "after the checkpoint")
	f.answered(t, d.view(background, sum))
	if d.latch.err() == nil {
		d.writer.c.seen(d.writer.c.truncate())
	}
	f.pairs(t, d, "last")
}

// pairs writes at once and notes what was acknowledged.
func (f *strike) pairs(t *testing.T, d *database, texts ...string) {
	t.Helper()
	errs := make([]error, len(texts))
	var all sync.WaitGroup
	for i, text := range texts {
		all.Go(func() { errs[i] = twice(d, text) })
	}
	all.Wait()
	for i, text := range texts {
		f.tried = append(f.tried, text)
		if f.answered(t, errs[i]); errs[i] == nil {
			f.said = append(f.said, text)
		}
	}
}

// answered wants a refusal to be one that tells a way out.
func (f *strike) answered(t *testing.T, err error) {
	t.Helper()
	var e *kanban.Error
	if err != nil && (!errors.As(err, &e) || e.Code != kanban.Unavailable || e.Way == "") {
		t.Errorf("told %v", err)
	}
}

// judge checks the latch.
func (f *strike) judge(t *testing.T, d *database) {
	t.Helper()
	why := d.latch.err()
	if f.op != "" && f.opened && f.latches != "" && strings.Contains(f.latches, f.op) && why == nil {
		t.Errorf("not latched after %s", f.op)
	}
	if f.latches == "" && f.err != nil && why != nil {
		t.Errorf("latched by %s: %v", f.name, why)
	}
	if why == nil {
		return
	}
	err := twice(d, "after the latch")
	wantCode(t, err, kanban.Unavailable)
	if !strings.Contains(err.(*kanban.Error).Way, d.way) {
		t.Errorf("the hint is %q", err.(*kanban.Error).Way)
	}
	if f.after > 0 {
		t.Errorf("%d bytes were written after the latch", f.after)
	}
}

// reopen is the way back.
func (f *strike) reopen(t *testing.T, d *database) {
	t.Helper()
	if d.latch.err() == nil {
		return
	}
	f.mu.Lock()
	f.d = nil
	f.mu.Unlock()
	if err := d.reopen(); err != nil {
		t.Errorf("not reopened: %v", err)
		return
	}
	f.pairs(t, d, "reopened")
	if f.said[len(f.said)-1] != "reopened" {
		t.Error("it cannot be written after reopening")
	}
}

// look opens the file anew, as a later process would.
func (f *strike) look(t *testing.T, path string) {
	t.Helper()
	d, err := openDatabase(testSpec(path))
	if err != nil {
		t.Errorf("cannot be opened afterwards: %v", err)
		return
	}
	defer d.close()
	for _, problem := range whole(t, d, f.said, f.tried) {
		t.Error(problem)
	}
}

// whole says what is wrong with the pairs of a database: acknowledged ones must
// be there, others may, none by half.
func whole(t *testing.T, d *database, said, tried []string) (problems []string) {
	t.Helper()
	there := map[string]int64{}
	must(t, d.view(background, func(c *conn) error {
		verdict, err := c.text("PRAGMA integrity_check")
		if verdict != "ok" {
			problems = append(problems, "integrity_check: "+verdict)
		}
		return errors.Join(err, c.query("SELECT text, count(*) FROM notes GROUP BY text", nil, func(s *sqlite3.Stmt) error {
			there[s.ColumnText(0)] = s.ColumnInt64(1)
			return nil
		}))
	}))
	for _, text := range said {
		if there[text] != 2 {
			problems = append(problems, fmt.Sprintf("%q was acknowledged and is there %d times", text, there[text]))
		}
		delete(there, text)
	}
	for _, text := range tried {
		if n := there[text]; n == 1 {
			problems = append(problems, fmt.Sprintf("%q is there by half", text))
		}
		delete(there, text)
	}
	for text := range there {
		problems = append(problems, fmt.Sprintf("nobody wrote %q", text))
	}
	return problems
}

// Whatever gets past the writer, a checkpoint or a commit under way, ends at the
// files.
func TestG04_LatchedFilesTakeNoByte(t *testing.T) {
	d := openNotes(t)
	must(t, note(d, "before"))
	content := func() (all []string) {
		for _, suffix := range []string{"", "-wal"} {
			text, err := os.ReadFile(d.path + suffix)
			must(t, err)
			all = append(all, string(text))
		}
		return all
	}
	before := content()
	d.latch.set("a test")
	c := d.writer.c // it rests
	if c.exec("INSERT INTO notes (text) VALUES ('late')") == nil {
		t.Error("a commit passed")
	}
	if c.truncate() == nil {
		t.Error("a checkpoint passed")
	}
	if !slices.Equal(before, content()) {
		t.Error("the files changed")
	}
}
