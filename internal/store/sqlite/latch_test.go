package sqlite

import (
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/andon-dev/andon/internal/kanban"
)

// faultyVFS is the system's files until somebody breaks it: then writes to the
// WAL fail.
type faultyVFS struct {
	vfs.VFSFilename
	err atomic.Pointer[error]
}

func (v *faultyVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, out, err := v.VFSFilename.OpenFilename(name, flags)
	if err != nil || flags&vfs.OPEN_WAL == 0 {
		return f, out, err
	}
	return faultyFile{f.(osFile), v}, out, nil
}

func (v *faultyVFS) breakWith(err error) { v.err.Store(&err) }

type faultyFile struct {
	osFile
	v *faultyVFS
}

func (f faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.v.err.Load(); err != nil {
		return 0, *err
	}
	return f.osFile.WriteAt(p, off)
}

func openFaulty(t *testing.T) (*database, *faultyVFS) {
	t.Helper()
	v := &faultyVFS{VFSFilename: vfs.Find("").(vfs.VFSFilename)}
	vfs.Register(t.Name(), roomVFS{v})
	t.Cleanup(func() { vfs.Unregister(t.Name()) })
	s := testSpec(makeNotes(t))
	s.vfs = t.Name()
	return openSpec(t, s), v
}

func TestG04_TheFirstIOErrorLatchesThisBoardOnly(t *testing.T) {
	d, v := openFaulty(t)
	other := openNotes(t)
	must(t, note(d, "before"))
	v.breakWith(&os.PathError{Op: "write", Err: syscall.EIO})
	wantCode(t, note(d, "lost"), kanban.Unavailable)
	if d.latch.err() == nil {
		t.Fatal("not latched")
	}
	v.err.Store(nil)
	wantCode(t, note(d, "the medium seems to work again"), kanban.Unavailable)
	if n := count(t, d, ""); n != 1 {
		t.Fatalf("%d notes can be read", n)
	}
	must(t, note(other, "goes on"))
}

func TestAFullDiskDoesNotLatch(t *testing.T) {
	for _, said := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT} {
		t.Run(said.Error(), func(t *testing.T) {
			d, v := openFaulty(t)
			v.breakWith(&os.PathError{Op: "write", Err: said})
			err := note(d, "no room")
			wantCode(t, err, kanban.Unavailable)
			if !full(err) {
				t.Fatalf("told %v", err)
			}
			must(t, d.latch.err())
			v.err.Store(nil)
			must(t, note(d, "room again"))
			if n := count(t, d, ""); n != 1 {
				t.Fatalf("%d notes", n)
			}
		})
	}
}

func TestG04_CorruptionFoundByAReaderLatches(t *testing.T) {
	d := openNotes(t)
	must(t, d.update(background, func(c *conn) error {
		for range 500 {
			if err := c.exec("INSERT INTO notes (text) VALUES (hex(randomblob(400)))"); err != nil {
				return err
			}
		}
		return nil
	}))
	must(t, d.writer.c.truncate())
	f, err := os.OpenFile(d.path, os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteAt(make([]byte, 200_000), 3*4096)
	must(t, err)
	must(t, f.Close())

	err = d.view(background, func(c *conn) error {
		_, err := c.text("SELECT sum(length(text)) FROM notes")
		return err
	})
	wantCode(t, err, kanban.Unavailable)
	wantCode(t, note(d, "x"), kanban.Unavailable)
}

func TestG04_WhatLatches(t *testing.T) {
	for err, latches := range map[error]bool{
		sqlite3.CORRUPT: true, sqlite3.CORRUPT_INDEX: true, sqlite3.NOTADB: true,
		sqlite3.IOERR: true, sqlite3.IOERR_READ: true, sqlite3.IOERR_FSYNC: true, sqlite3.IOERR_SHORT_READ: true,
		sqlite3.FULL: false, sqlite3.IOERR_SHMSIZE: false, sqlite3.BUSY: false, sqlite3.CONSTRAINT: false,
		sqlite3.CANTOPEN: false, errLost: false,
	} {
		l := latch{path: "x", log: slog.New(slog.DiscardHandler)}
		l.note(fmt.Errorf("reading: %w", err))
		if got := l.err() != nil; got != latches {
			t.Errorf("%v: latched %v", err, got)
		}
	}
}

func TestG04_TheFirstReasonStays(t *testing.T) {
	l := latch{path: "x", log: slog.New(slog.DiscardHandler)}
	l.set("first")
	l.set("second")
	_ = l.err().(*kanban.Error).Hint("a caller's own") // changes a copy
	if err := l.err().(*kanban.Error); err.Message != "no more writes to x: first" || err.Way == "a caller's own" {
		t.Fatalf("got %v (%s)", err, err.Way)
	}
}

// TestG04_WhoeverListensHearsThatNothingIsWrittenAnyMore, though nothing was
// committed.
func TestG04_WhoeverListensHearsThatNothingIsWrittenAnyMore(t *testing.T) {
	d, v := openFaulty(t)
	changed, stop := d.news.subscribe()
	defer stop()
	v.breakWith(&os.PathError{Op: "write", Err: syscall.EIO})
	if err := note(d, "never"); err == nil {
		t.Fatal("written")
	}
	select {
	case <-changed:
	default:
		t.Fatal("nobody was told")
	}
	wantCode(t, d.latch.err(), kanban.Unavailable)
}
