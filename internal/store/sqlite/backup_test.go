package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// rowsOfBoard is everything that the default board's file holds, rowids included, but
// for the counters that a restore moves, and the note of that.
func rowsOfBoard(t *testing.T, h *Home) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	must(t, openDefault(t, h).(*board).db.view(background, func(c *conn) error {
		tables, err := list(c, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'", nil, (*columns).text)
		for _, table := range tables {
			hidden := "rowid, "
			if strings.HasPrefix(table, "kanban_notify") {
				hidden = "" // WITHOUT ROWID in some versions
			}
			err = errors.Join(err, c.query("SELECT "+hidden+"* FROM "+table, nil, func(s *sqlite3.Stmt) error {
				var row []string
				for i := range s.ColumnCount() {
					row = append(row, s.ColumnText(i))
				}
				if text := strings.Join(row, "|"); !strings.Contains(text, store.SkippedKey) {
					all[table] = append(all[table], text)
				}
				return nil
			}))
		}
		return err
	}))
	return all
}

func addTask(s store.Store, id string) error {
	return s.Update(background, func(tx store.Tx) error {
		now := time.Now()
		err := tx.InsertTask(kanban.Task{ID: id, Title: id, Status: kanban.Ready, CreatedAt: now, UpdatedAt: now, Workspace: kanban.Workspace{Kind: kanban.Scratch}})
		if err == nil {
			_, err = tx.AddEvent(kanban.Event{Task: id, Kind: kanban.EvCreated, At: now})
		}
		return err
	})
}

func openDefault(t *testing.T, h *Home) store.Store {
	t.Helper()
	s, err := h.Open(background, "default")
	must(t, err)
	return s
}

func taskCount(t *testing.T, h *Home) int {
	t.Helper()
	stats, err := store.View(background, openDefault(t, h), store.Reader.Stats)
	must(t, err)
	return stats.ByStatus[kanban.Ready]
}

func backUp(t *testing.T, h *Home) store.Backup {
	t.Helper()
	b, err := h.Backup(background, "default", store.BackupOptions{Kind: store.ManualBackup, Version: "test"})
	must(t, err)
	return b
}

// TestG06_ABackupUnderLoadRestoresTheSameBoard: sixteen writers go on while the
// copy is made. What was acknowledged before is in it, each transaction is in it
// whole, and what was there at the restore stands aside, its WAL included.
func TestG06_ABackupUnderLoadRestoresTheSameBoard(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	s := openDefault(t, h)
	for i := range 200 {
		must(t, addTask(s, fmt.Sprintf("t_%08x", i)))
	}
	ctx, stop := context.WithCancel(background)
	var writers sync.WaitGroup
	for range 16 {
		writers.Go(func() {
			for ctx.Err() == nil {
				if err := addTask(s, fmt.Sprintf("t_%08x", 1000+rand.Uint32N(1<<31))); err != nil && kanban.CodeOf(err) != kanban.Conflict {
					t.Error(err)
				}
			}
		})
	}
	b := backUp(t, h)
	must(t, s.Update(background, func(tx store.Tx) error { return tx.SetMeta("later", "yes") })) // at least one that the copy misses
	stop()
	writers.Wait()
	if b.Tasks < 200 || b.Tasks != b.Events || b.LastEvent != b.Events {
		t.Fatalf("the copy holds %d tasks and %d events", b.Tasks, b.Events)
	}
	later := taskCount(t, h)
	r, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{})
	must(t, err)
	if n := taskCount(t, h); n != int(b.Tasks) || getMeta(t, openDefault(t, h), "later") != "" {
		t.Errorf("%d tasks are back of %d", n, b.Tasks)
	}
	aside, err := openConn(r.Aside, opening{reader: true})
	must(t, err)
	if n, err := oneNumber(aside, "tasks", "count(*)"); err != nil || int(n) != later {
		t.Errorf("aside are %d tasks of %d: %v", n, later, err)
	}
	must(t, aside.close())
}

// TestG06_RowByRow: every row of every table is what it was, with its rowid; and
// ids go on where none was ever used, however often the same copy is put back.
func TestG06_RowByRow(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	for _, id := range []string{"t_00000003", "t_00000001", "t_00000002"} {
		must(t, addTask(openDefault(t, h), id))
	}
	// This leaves a gap in the rowids.
	must(t, openDefault(t, h).Update(background, func(tx store.Tx) error { return tx.DeleteTask("t_00000001") }))
	want, b := rowsOfBoard(t, h), backUp(t, h)
	for round := range int64(2) {
		must(t, addTask(openDefault(t, h), "t_0000000a"))
		_, err := h.RestoreBackup(background, b.ID, store.RestoreOptions{})
		must(t, err)
		if diff := cmp.Diff(want, rowsOfBoard(t, h)); diff != "" {
			t.Fatal(diff)
		}
		must(t, addTask(openDefault(t, h), "t_0000000b"))
		last, err := store.View(background, openDefault(t, h), store.Reader.LastEvent)
		must(t, err)
		if last != (round+1)*idsPerRestore+1 {
			t.Errorf("after restore %d the next event is %d", round+1, last)
		}
	}
	later := backUp(t, h) // its ids are beyond those of the first copy
	for round, id := range []string{later.ID, b.ID} {
		_, err := h.RestoreBackup(background, id, store.RestoreOptions{})
		must(t, err)
		must(t, addTask(openDefault(t, h), "t_0000000c"))
		last, err := store.View(background, openDefault(t, h), store.Reader.LastEvent)
		must(t, err)
		if want := int64(round+3)*idsPerRestore + 1; last != want {
			t.Errorf("after restore %d the next event is %d", round+3, last)
		}
	}
}

// TestG06_ADamagedCopyIsRefused, whatever is damaged, and the board stays.
func TestG06_WhatIsWrongWithACopyIsSaid(t *testing.T) {
	for want, spoil := range map[string]func(t *testing.T, dir string){
		"board.json is missing":                          func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, backupInfo))) },
		"manifest.json is empty":                         func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, manifestFile), 0)) },
		"manifest.json is not that of a backup":          manifest("{}"),
		"a newer Andon made it (format 9, this one know": manifest(`{"format": 9, "more": true}`),
	} {
		t.Run(want, func(t *testing.T) {
			h := openHome(t, t.TempDir(), Options{})
			b := backUp(t, h)
			spoil(t, b.Path)
			before, _ := os.ReadFile(filepath.Join(b.Path, manifestFile))
			for range 2 {
				checked, err := h.CheckBackup(background, b.ID)
				must(t, err)
				if !strings.Contains(checked.Problem, want) {
					t.Errorf("it says %q", checked.Problem)
				}
			}
			after, _ := os.ReadFile(filepath.Join(b.Path, manifestFile))
			if want != "board.json is missing" && string(before) != string(after) {
				t.Errorf("the manifest is written over: %s", after)
			}
		})
	}
}

func manifest(text string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		must(t, os.WriteFile(filepath.Join(dir, manifestFile), []byte(text), 0o600))
	}
}

func TestG06_ADamagedCopyIsRefused(t *testing.T) {
	overwrite := func(name string, at int64) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
			must(t, err)
			_, err = f.WriteAt([]byte("damaged"), at)
			must(t, errors.Join(err, f.Close()))
		}
	}
	manifest := func(change func(*store.Backup)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			b, err := readManifest(dir)
			must(t, err)
			change(&b)
			must(t, writeManifest(dir, b))
		}
	}
	for name, damage := range map[string]func(*testing.T, string){
		"a page":            overwrite(backupDB, 8192+100),
		"the header":        overwrite(backupDB, 0),
		"cut off":           func(t *testing.T, dir string) { must(t, os.Truncate(filepath.Join(dir, backupDB), 8192)) },
		"missing":           func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, backupDB))) },
		"the manifest":      overwrite(manifestFile, 0),
		"of another board":  manifest(func(b *store.Backup) { b.BoardID = "another" }),
		"other counts":      manifest(func(b *store.Backup) { b.Tasks++ }),
		"a later format":    manifest(func(b *store.Backup) { b.Format = 99 }),
		"missing artifacts": manifest(func(b *store.Backup) { b.Artifacts = 1 }),
		"a WAL beside it": func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, backupDB+"-wal"), []byte("commits"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := openHome(t, t.TempDir(), Options{})
			must(t, addTask(openDefault(t, h), "t_00000001"))
			b := backUp(t, h)
			must(t, addTask(openDefault(t, h), "t_00000002"))
			damage(t, b.Path)
			checked, err := h.CheckBackup(background, b.ID)
			must(t, err)
			if checked.Problem == "" {
				t.Error("it is said to be sound")
			}
			_, err = h.RestoreBackup(background, b.ID, store.RestoreOptions{})
			wantCode(t, err, kanban.Conflict)
			if n := taskCount(t, h); n != 2 {
				t.Errorf("%d tasks are left", n)
			}
			wantOnly(t, h.dir, "andon", "kanban", "kanban.db")
		})
	}
}

// wantOnly wants nothing in a folder but these, and the side files of a board.
func wantOnly(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		name := e.Name()
		for _, suffix := range []string{"-wal", "-shm", lockSuffix} {
			name = strings.TrimSuffix(name, suffix)
		}
		if !slices.Contains(names, name) {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

// TestG06_AFailedBackupLeavesNothing: no room, or a caller who gives up.
func TestG06_AFailedBackupLeavesNothing(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, addTask(openDefault(t, h), "t_00000001"))
	noRoom := kanban.Errorf(kanban.Unavailable, "no room").Hint("make some")
	_, err := h.Backup(background, "default", store.BackupOptions{Room: func(string, int64) error { return noRoom }})
	wantCode(t, err, kanban.Unavailable)
	ctx, cancel := context.WithCancel(background)
	_, err = h.Backup(ctx, "default", store.BackupOptions{Room: func(string, int64) error { cancel(); return nil }})
	wantCode(t, err, kanban.Unavailable)
	wantOnly(t, h.backupsDir())
}

// TestG06_RotationKeepsTheNewestSound: it removes what the schedule made beyond
// the newest sound ones, and nothing else.
func TestG06_RotationKeepsTheNewestSound(t *testing.T) {
	now := time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	h := openHome(t, t.TempDir(), Options{Clock: func() time.Time { return now }})
	var ids []string
	for _, kind := range []store.BackupKind{store.ManualBackup, store.ScheduledBackup, store.ScheduledBackup, store.ScheduledBackup, store.ScheduledBackup} {
		now = now.Add(time.Hour)
		b, err := h.Backup(background, "default", store.BackupOptions{Kind: kind})
		must(t, err)
		ids = append(ids, b.ID)
	}
	must(t, os.Mkdir(filepath.Join(h.backupsDir(), "mine"), 0o700))
	must(t, os.Truncate(filepath.Join(h.backupsDir(), ids[4], backupDB), 100)) // the newest is damaged and does not count
	info, err := h.Info(background, "default")
	must(t, err)
	n, err := h.Rotate(background, "", info.ID, 1)
	must(t, err)
	left, err := h.ListBackups(background, "", "default")
	must(t, err)
	var got []string
	for _, b := range left {
		got = append(got, b.ID)
	}
	if diff := cmp.Diff([]string{ids[4], ids[3], ids[0]}, got); diff != "" || n != 2 {
		t.Errorf("%d went: %s", n, diff)
	}
	wantOnly(t, h.backupsDir(), append(got, "mine")...)
}

func init() {
	childWork["back up for ever"] = func() error {
		h, err := OpenHome(os.Getenv("ANDON_TEST_HOME"), Options{Shared: true})
		for err == nil {
			if _, err = h.Backup(background, "default", store.BackupOptions{Kind: store.ManualBackup}); err == nil {
				fmt.Println("made")
			}
		}
		return err
	}
	childWork["restore for ever"] = func() error {
		h, err := OpenHome(os.Getenv("ANDON_TEST_HOME"), Options{Shared: true})
		for err == nil {
			if _, err = h.RestoreBackup(background, os.Getenv("ANDON_TEST_BACKUP"), store.RestoreOptions{}); err == nil {
				fmt.Println("made")
			}
		}
		return err
	}
}

// killSoon starts a child that works without an end, and kills it at a random
// moment after its first success.
func killSoon(t *testing.T, work string, env ...string) {
	t.Helper()
	cmd := child(t, work, env...)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if !bufio.NewScanner(out).Scan() {
		t.Error("it did not work")
	}
	<-time.After(time.Duration(rand.IntN(60)) * time.Millisecond)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
}

// TestG06_KilledWhileBackingUp: a backup is there whole or not at all, and the
// next one removes what was begun.
func TestG06_KilledWhileBackingUp(t *testing.T) {
	dir := t.TempDir()
	h := openHome(t, dir, Options{})
	for i := range 50 {
		must(t, addTask(openDefault(t, h), fmt.Sprintf("t_%08x", i)))
	}
	for range 10 {
		killSoon(t, "back up for ever", "ANDON_TEST_HOME="+dir)
	}
	backUp(t, h)
	all, err := h.ListBackups(background, "", "")
	must(t, err)
	var ids []string
	for _, b := range all {
		ids = append(ids, b.ID)
		if b, err := h.CheckBackup(background, b.ID); err != nil || b.Problem != "" || b.Tasks != 50 {
			t.Errorf("%s: %v %s", b.ID, err, b.Problem)
		}
	}
	wantOnly(t, h.backupsDir(), ids...)
}
