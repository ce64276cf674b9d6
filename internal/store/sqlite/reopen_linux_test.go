package sqlite

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

func init() {
	childWork["rescue"] = func() error {
		os.Exit(Rescue(os.Stdin))
		return nil
	}
}

func TestG03_AReplacedFileIsNoticedByTheNextCommit(t *testing.T) {
	d := openNotes(t)
	must(t, note(d, "acknowledged"))
	must(t, os.Rename(d.path, d.path+".bak"))
	must(t, os.WriteFile(d.path, []byte("restored"), 0o600))
	wantCode(t, note(d, "would be lost"), kanban.Unavailable)
	if d.latch.err() == nil {
		t.Fatal("not latched")
	}
}

func TestG04_WhatIsOpenIsRescuedOnceAndVerbatim(t *testing.T) {
	s := testSpec(makeNotes(t))
	s.rescued = filepath.Join(t.TempDir(), "rescued")
	s.rescuer = []string{"/usr/bin/env", childEnv + "=rescue", os.Args[0]}
	d := openSpec(t, s)
	must(t, note(d, "acknowledged"))
	for _, suffix := range []string{"", "-wal", "-shm"} {
		must(t, os.Remove(d.path+suffix))
	}
	wantCode(t, note(d, "refused"), kanban.Unavailable)
	d.latch.set("again")
	d.rescuing.Lock() // the child has ended
	defer d.rescuing.Unlock()
	copies, err := os.ReadDir(s.rescued)
	must(t, err)
	if len(copies) != 1 {
		t.Fatalf("%d copies", len(copies))
	}
	dir := filepath.Join(s.rescued, copies[0].Name())
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	must(t, err)
	var m rescued
	must(t, json.Unmarshal(text, &m))
	if m.Path != d.path || m.Why == "" || len(m.Files) != 2 || m.Files[1].Size == 0 {
		t.Fatalf("the manifest says %s", text)
	}
	kept, err := openDatabase(testSpec(filepath.Join(dir, "notes.db")))
	must(t, err)
	defer kept.close()
	if n := count(t, kept, "WHERE text = 'acknowledged'"); n != 1 {
		t.Fatalf("%d notes in the copy", n)
	}
}

func TestG04_CopiesAreBounded(t *testing.T) {
	s := testSpec(makeNotes(t))
	s.rescued = t.TempDir()
	s.rescuer = []string{"/bin/false"}
	for _, name := range []string{"1", "2", "3", "4", "5"} {
		must(t, os.Mkdir(filepath.Join(s.rescued, name), 0o700))
	}
	d := openSpec(t, s)
	if err := d.roomForCopy(); err == nil {
		t.Fatal("room for a sixth copy")
	}
	must(t, os.Remove(filepath.Join(s.rescued, "5")))
	must(t, d.roomForCopy())
}

func TestG04_AnotherFileBesideTheOldWALIsNotOpened(t *testing.T) {
	d := openNotes(t)
	must(t, note(d, "old"))
	other := makeNotes(t)
	must(t, os.Rename(other, d.path))
	wantCode(t, note(d, "refused"), kanban.Unavailable)
	wantCode(t, d.reopen(), kanban.Unavailable)
	must(t, os.Remove(d.path+"-wal"))
	must(t, os.Remove(d.path+"-shm"))
	must(t, d.reopen())
	must(t, note(d, "new"))
	if n := count(t, d, ""); n != 1 {
		t.Fatalf("%d notes", n)
	}
}

func TestG04_AReopenedBoardKeepsItsHandleAndItsIdentity(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	must(t, h.Create(background, store.BoardInfo{Slug: "web"}))
	must(t, h.Create(background, store.BoardInfo{Slug: "other"}))
	s, err := h.Open(background, "web")
	must(t, err)
	changed, stop := s.Changes()
	defer stop()
	b := s.(*board)
	b.db.latch.set("a test")
	must(t, h.Reopen(background, "web"))
	<-changed
	must(t, s.Update(background, func(tx store.Tx) error { return tx.SetMeta("k", "v") }))

	// another board's file is sound, but not this board's
	c, err := b.db.connect(false)
	must(t, err)
	saved := filepath.Join(t.TempDir(), "saved.db") // a checkpoint could meet the writer, which looks for others' commits
	must(t, errors.Join(backup(c, saved, "web"), c.close()))
	mine, err := os.ReadFile(saved)
	must(t, err)
	theirs, err := os.ReadFile(h.dbPath("other"))
	must(t, err)
	put := func(content []byte) {
		must(t, os.WriteFile(b.db.path+".new", content, 0o600))
		must(t, os.Rename(b.db.path+".new", b.db.path))
		must(t, remove(b.db.path+"-wal", b.db.path+"-shm"))
	}
	put(theirs)
	wantCode(t, h.Reopen(background, "web"), kanban.Unavailable)
	wantCode(t, s.View(background, func(store.Reader) error { return nil }), kanban.Unavailable)
	put(mine)
	must(t, h.Reopen(background, "web"))
	v, err := store.View(background, s, func(r store.Reader) (string, error) { return r.Meta("k") })
	if err != nil || v != "v" {
		t.Fatalf("%q, %v", v, err)
	}
}

func TestG04_WhatSpansBoardsIsReopenedToo(t *testing.T) {
	h := openHome(t, t.TempDir(), Options{})
	hold := store.Hold{Scope: "all", Kind: store.Pulled, Since: time.Now()}
	must(t, h.PutHold(background, hold))
	h.state.latch.set("a test")
	wantCode(t, h.PutHold(background, hold), kanban.Unavailable)
	wantCode(t, h.Latched(), kanban.Unavailable)
	must(t, h.Reopen(background, ""))
	must(t, h.Latched())
	must(t, h.PutHold(background, hold))
}
