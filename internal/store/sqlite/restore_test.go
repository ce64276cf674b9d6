package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// TestG06_KilledAfterEachStepOfARestore: once the restore is decided, whoever
// opens the board next finishes it, from whatever was done.
func TestG06_KilledAfterEachStepOfARestore(t *testing.T) {
	for done := range 5 {
		h := openHome(t, t.TempDir(), Options{})
		must(t, addTask(openDefault(t, h), "t_00000001"))
		b := backUp(t, h)
		want := rowsOfBoard(t, h)
		must(t, addTask(openDefault(t, h), "t_00000002"))
		must(t, h.drop("default"))
		checked, err := h.CheckBackup(background, b.ID)
		must(t, err)
		p, err := h.plan(store.Restored{Backup: checked, Board: "default"}, store.RestoreOptions{})
		must(t, err)
		must(t, h.prepare(background, checked, p, store.RestoreOptions{}))
		if done == 0 { // killed before it was decided: the old board, and nothing of it is lost
			if n := taskCount(t, h); n != 2 {
				t.Errorf("the old board has %d tasks", n)
			}
			continue
		}
		must(t, p.write(h.planPath("default")))
		for _, suffix := range []string{"", "-wal", "-shm"}[:min(done-1, 3)] {
			must(t, renameNew(p.Live+suffix, p.Aside+suffix))
		}
		if done == 4 {
			must(t, renameNew(p.staged(), p.Live))
		}
		if done%2 == 1 { // the same restore again, or an opening
			r, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{})
			must(t, err)
			if !r.Finished || r.Aside != p.Aside {
				t.Errorf("step %d: %+v", done, r)
			}
		}
		if diff := cmp.Diff(want, rowsOfBoard(t, h)); diff != "" {
			t.Errorf("step %d: %s", done, diff)
		}
		wantOnly(t, h.dir, "andon", "kanban", "kanban.db", filepath.Base(p.Aside))
	}
}

// TestG06_KilledWhileRestoring at any moment: the board opens and holds what the
// backup does.
func TestG06_KilledWhileRestoring(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	b, want := backUp(t, h), rowsOfBoard(t, h)
	for range 10 {
		must(t, h.drop("default"))
		killSoon(t, "restore for ever", "ANDON_TEST_HOME="+dir, "ANDON_TEST_BACKUP="+b.ID)
		if diff := cmp.Diff(want, rowsOfBoard(t, h)); diff != "" {
			t.Fatal(diff)
		}
	}
	must(t, errors.Join(sweepFolders(dir, "kanban.db.replaced-"), sweepFolders(dir, stagingPrefix), sweepFolders(dir, "kanban.db.andon-restore.json.new-")))
	wantOnly(t, dir, "andon", "kanban", "kanban.db")
}

// TestG06_AnOldWALIsNeverReplayedIntoTheCopy: it goes aside together with its
// file, which needs it.
func TestG06_AnOldWALIsNeverReplayedIntoTheCopy(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	b := backUp(t, h)
	must(t, addTask(openDefault(t, h), "t_00000002")) // stands in the WAL
	must(t, h.drop("default"))
	wal, err := os.Stat(h.dbPath("default") + "-wal")
	must(t, err)
	if wal.Size() == 0 {
		t.Fatal("the WAL is empty: this proves nothing")
	}
	must(t, os.Truncate(h.dbPath("default"), 100)) // and the board is beyond repair
	r, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{})
	must(t, err)
	if n := taskCount(t, h); n != 1 {
		t.Errorf("%d tasks", n)
	}
	if aside, err := os.Stat(r.Aside + "-wal"); err != nil || !os.SameFile(wal, aside) {
		t.Error("the old WAL is not aside:", err)
	}
}

// TestG06_ABoardInUseIsNotReplaced: whoever has its file open is named.
func TestG06_ABoardInUseIsNotReplaced(t *testing.T) {
	if !canLook {
		t.Skip("other processes cannot be seen here")
	}
	dir := t.TempDir()
	h, other := openHome(t, dir, Options{}), openHome(t, dir, Options{Shared: true})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	b := backUp(t, h)
	openDefault(t, other)
	_, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{DryRun: true})
	wantCode(t, err, kanban.Conflict)
	if !strings.Contains(err.Error(), fmt.Sprintf("%s (pid %d)", filepath.Base(os.Args[0]), os.Getpid())) {
		t.Error(err)
	}
	must(t, other.drop("default"))
	_, err = h.RestoreBackup(background, b.ID, store.RestoreOptions{})
	must(t, err)
}

// TestG04_ABackupKeepsItsIdentity: it takes no other board's place unless told
// to, may become a board of its own, and brings its board back to a new home.
func TestG04_ABackupKeepsItsIdentity(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, h.Create(background, store.BoardInfo{Slug: "web", Name: "The web"}))
	web, err := h.Open(background, "web")
	must(t, err)
	must(t, addTask(web, "t_00000001"))
	b, err := h.Backup(background, "web", store.BackupOptions{Kind: store.ManualBackup})
	must(t, err)
	openDefault(t, h)

	_, err = h.RestoreBackup(background, b.ID, store.RestoreOptions{Board: "default"})
	wantCode(t, err, kanban.Conflict)
	_, err = h.RestoreBackup(background, b.ID, store.RestoreOptions{Board: "web", New: true})
	wantCode(t, err, kanban.Conflict)

	second, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{Board: "second", New: true})
	must(t, err)
	info, err := h.Info(background, "second")
	must(t, err)
	if info.ID == b.BoardID || info.ID != second.BoardID || info.Name != "Second" || second.Aside != "" {
		t.Errorf("the new board is %+v", info)
	}

	forced, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{Board: "default", Force: true})
	must(t, err)
	if info, err = h.Info(background, "default"); err != nil || info.ID == b.BoardID || !forced.Held || forced.Aside == "" || taskCount(t, h) != 1 {
		t.Errorf("%+v %v", info, err)
	}

	elsewhere := openHome(t, t.TempDir(), Options{})
	_, err = elsewhere.RestoreBackup(background, b.Path, store.RestoreOptions{})
	must(t, err)
	if info, err = elsewhere.Info(background, "web"); err != nil || info.ID != b.BoardID || info.Name != "The web" {
		t.Errorf("%+v %v", info, err)
	}
}

// TestG04_WhatMayRunTwiceIsHeld: whatever is not known to be the board that was
// backed up gets an id and a hold of its own, or is refused.
func TestG04_WhatMayRunTwiceIsHeld(t *testing.T) {
	hold := store.Hold{Kind: store.Pulled, Reason: "a copy", By: "ann", Since: time.UnixMilli(1)}
	for name, c := range map[string]struct {
		bare bool // the file alone, which does not say its name
		o    store.RestoreOptions
		code kanban.Code // "" = done
		held bool
	}{
		"itself":                          {o: store.RestoreOptions{}},
		"itself, by a bare file":          {bare: true, o: store.RestoreOptions{Board: "web"}},
		"a new one":                       {o: store.RestoreOptions{Board: "copy", New: true}, held: true},
		"a new one, by a bare file":       {bare: true, o: store.RestoreOptions{Board: "copy", New: true}, held: true},
		"a name that nobody has":          {o: store.RestoreOptions{Board: "copy"}, code: kanban.NotFound},
		"one that nobody has, by a file":  {bare: true, o: store.RestoreOptions{Board: "copy", Force: true}, code: kanban.NotFound},
		"the default board, not yet made": {bare: true, o: store.RestoreOptions{Board: "default"}, code: kanban.NotFound},
		"another board":                   {o: store.RestoreOptions{Board: "other"}, code: kanban.Conflict},
		"another board, by force":         {o: store.RestoreOptions{Board: "other", Force: true}, held: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHome(t, t.TempDir(), Options{})
			must(t, h.Create(background, store.BoardInfo{Slug: "web"}))
			must(t, h.Create(background, store.BoardInfo{Slug: "other"}))
			b, err := h.Backup(background, "web", store.BackupOptions{Kind: store.ManualBackup})
			must(t, err)
			ref := b.Path
			if c.bare {
				ref = filepath.Join(t.TempDir(), "copy.db")
				must(t, copyFile(filepath.Join(b.Path, backupDB), ref))
			}
			c.o.Hold = hold
			r, err := h.RestoreBackup(background, ref, c.o)
			if c.code != "" {
				wantCode(t, err, c.code)
			} else {
				must(t, err)
			}
			var held []string
			holds, err := h.Holds(background)
			must(t, err)
			for _, h := range holds {
				held = append(held, h.Scope)
			}
			var want []string
			if c.held {
				want = []string{"board:" + c.o.Board}
			}
			if diff := cmp.Diff(want, held); diff != "" || r.Held != c.held || err == nil && c.held == (r.BoardID == b.BoardID) && c.code == "" {
				t.Errorf("held %v: %+v", held, r)
			}
		})
	}
}

// TestG04_ARefusedRestoreLeavesTheCordAsItWas: a hold that was there before
// stays, and one that was put goes with what it was put for.
func TestG04_ARefusedRestoreLeavesTheCordAsItWas(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, h.Create(background, store.BoardInfo{Slug: "web"}))
	b, err := h.Backup(background, "web", store.BackupOptions{Kind: store.ManualBackup})
	must(t, err)
	pulled := store.Hold{Scope: "board:web", Kind: store.Pulled, Reason: "by hand", By: "ann", Since: time.UnixMilli(1).UTC()}
	must(t, h.PutHold(background, pulled))
	o := store.RestoreOptions{Board: "web", New: true, Hold: store.Hold{Kind: store.Pulled, Since: time.Now()}}
	_, err = h.RestoreBackup(background, b.ID, o)
	wantCode(t, err, kanban.Conflict)

	o.Board, o.Ready = "copy", func(store.Store, bool) error { return errors.New("it fails when all but the plan is there") }
	if _, err = h.RestoreBackup(background, b.ID, o); err == nil {
		t.Fatal("it did not fail")
	}
	holds, err := h.Holds(background)
	must(t, err)
	if diff := cmp.Diff([]store.Hold{pulled}, holds); diff != "" {
		t.Error(diff)
	}
}

// TestG04_WhatIsNoBoardIsNotRestored: not even where no board is, nor by force.
func TestG04_WhatIsNoBoardIsNotRestored(t *testing.T) {
	database := func(statements ...string) func(t *testing.T, path string) {
		return func(t *testing.T, path string) {
			c, err := openConn(path, opening{create: true})
			must(t, err)
			for _, s := range statements {
				must(t, c.exec(s))
			}
			must(t, errors.Join(c.truncate(), c.close(), remove(path+"-wal", path+"-shm")))
		}
	}
	for name, write := range map[string]func(t *testing.T, path string){
		"an empty file": func(t *testing.T, path string) { must(t, os.WriteFile(path, nil, 0o600)) },
		"a text": func(t *testing.T, path string) {
			must(t, os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), 0o600))
		},
		"a database without tables": database("PRAGMA user_version=0"),
		"another program's":         database("CREATE TABLE cookies (host TEXT)"),
		"another program's tasks":   database("CREATE TABLE tasks (id TEXT, due TEXT)", "CREATE TABLE task_events (id TEXT)"),
	} {
		t.Run(name, func(t *testing.T) {
			h := openHome(t, t.TempDir(), Options{})
			must(t, h.Create(background, store.BoardInfo{Slug: "web"}))
			must(t, h.drop("web"))
			must(t, os.Truncate(h.dbPath("web"), 100))
			path := filepath.Join(t.TempDir(), "file.db")
			write(t, path)
			for _, o := range []store.RestoreOptions{{Board: "web"}, {Board: "web", Force: true}, {Board: "new", New: true}} {
				_, err := h.RestoreBackup(background, path, o)
				wantCode(t, err, kanban.Conflict)
			}
		})
	}
}

// TestG04_AFileOfAnUnknownBoardNeedsForce: what the reference wrote has no id.
func TestG04_AFileOfAnUnknownBoardNeedsForce(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	openDefault(t, h)
	path := filepath.Join(t.TempDir(), "kanban.db")
	c, err := openConn(path, opening{create: true})
	must(t, err)
	must(t, errors.Join(climb(c, steps[0], 0), c.truncate(), c.close(), remove(path+"-wal", path+"-shm")))
	_, err = h.RestoreBackup(background, path, store.RestoreOptions{Board: "default"})
	wantCode(t, err, kanban.Conflict)
	if !strings.Contains(err.Error(), "cannot be told") {
		t.Error(err)
	}
	fresh := openHome(t, t.TempDir(), Options{}) // nor has the board in its place one
	must(t, copyFile(path, fresh.dbPath("default")))
	_, err = fresh.RestoreBackup(background, path, store.RestoreOptions{Board: "default"})
	wantCode(t, err, kanban.Conflict)
	r, err := h.RestoreBackup(background, path, store.RestoreOptions{Board: "default", Force: true, Hold: store.Hold{Kind: store.Pulled}})
	must(t, err)
	if !r.Held || r.Aside == "" {
		t.Errorf("%+v", r)
	}
}

// TestG06_ABareFileIsRestoredToo: such as what a migration saved, or a board of
// the reference system that somebody copied.
func TestG06_ABareFileIsRestoredToo(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	b := backUp(t, h)
	bare := filepath.Join(t.TempDir(), "copy.db")
	must(t, copyFile(filepath.Join(b.Path, backupDB), bare))
	_, err := h.RestoreBackup(background, bare, store.RestoreOptions{})
	wantCode(t, err, kanban.Invalid) // nothing says whose it is
	must(t, addTask(openDefault(t, h), "t_00000002"))
	_, err = h.RestoreBackup(background, bare, store.RestoreOptions{Board: "default"})
	must(t, err)
	if n := taskCount(t, h); n != 1 {
		t.Errorf("%d tasks", n)
	}
	for _, ref := range []string{"", "..", "../x", "a/b", ".hidden"} {
		_, err := h.CheckBackup(background, ref)
		wantCode(t, err, kanban.Invalid)
	}
}

// TestG06_AnInterruptedRestoreWaitsForWhoHasTheFileOpen: another program may have
// opened the old file since.
func TestG06_AnInterruptedRestoreWaitsForWhoHasTheFileOpen(t *testing.T) {
	if !canLook {
		t.Skip("other processes cannot be seen here")
	}
	h := openHome(t, t.TempDir(), Options{})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	b := backUp(t, h)
	must(t, addTask(openDefault(t, h), "t_00000002"))
	must(t, h.drop("default"))
	p, err := h.plan(store.Restored{Backup: b, Board: "default"}, store.RestoreOptions{})
	must(t, err)
	must(t, h.prepare(background, b, p, store.RestoreOptions{}))
	must(t, p.write(h.planPath("default")))
	stranger, err := openConn(p.Live, opening{})
	must(t, err)
	_, err = h.Open(background, "default")
	wantCode(t, err, kanban.Conflict)
	must(t, stranger.close())
	if n := taskCount(t, h); n != 1 {
		t.Errorf("%d tasks", n)
	}
}
