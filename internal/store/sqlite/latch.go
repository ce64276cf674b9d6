package sqlite

import (
	"errors"
	"log/slog"
	"sync/atomic"

	"github.com/ncruces/go-sqlite3"

	"github.com/andon-dev/andon/internal/kanban"
)

// latch ends writing to one database until somebody has it reopened. Nothing is
// repaired and nothing is closed: the open descriptors may be all that is left
// of the files.
//
//	            set: damage, an I/O error, a lost lock, a replaced file
//	writing ───────────────────────────────────────────────▶ latched ─▶ taken: files are copied out
//	   ▲                                                        │
//	   └──────────────── reopen: checked, closed, opened ───────┘
type latch struct {
	path   string
	way    string // the command that opens it again
	log    *slog.Logger
	taken  func(why *kanban.Error) // is told the first reason
	reason atomic.Pointer[kanban.Error]
}

// set latches; the first reason stays.
func (l *latch) set(format string, args ...any) {
	why := kanban.Errorf(kanban.Unavailable, "no more writes to %s: "+format, append([]any{l.path}, args...)...).
		Hint("%s  once the file is sound; what was open is kept in andon/rescued, backups stand in andon/backups", l.way)
	if !l.reason.CompareAndSwap(nil, why) {
		return
	}
	l.log.Error("board latched", "file", l.path, "reason", why.Message)
	if l.taken != nil {
		l.taken(why)
	}
}

// err is the reason, or nil.
func (l *latch) err() error {
	if why := l.reason.Load(); why != nil {
		return own(why)
	}
	return nil
}

// own copies an error that several callers get: each may add to it.
func own(err error) error {
	if e, ok := err.(*kanban.Error); ok {
		copied := *e
		return &copied
	}
	return err
}

// note latches if err says that the file or its medium cannot be trusted.
func (l *latch) note(err error) {
	if err != nil && untrusted(err) {
		l.set("%w", err)
	}
}

func untrusted(err error) bool {
	switch {
	case errors.Is(err, sqlite3.CORRUPT), errors.Is(err, sqlite3.NOTADB):
		return true
	case errors.Is(err, sqlite3.IOERR):
		return !full(err)
	}
	return false
}

// full reports a full disk or quota: see roomVFS. What keeps the -shm from
// growing is the same; nothing in it is lasting.
func full(err error) bool {
	return errors.Is(err, sqlite3.FULL) || errors.Is(err, sqlite3.IOERR_SHMSIZE)
}

// outward turns an error of SQLite into one that a user can act on. Others,
// those of the callers' functions, pass unchanged.
func outward(err error) error {
	var ours *kanban.Error
	var theirs *sqlite3.Error
	switch {
	case err == nil, errors.As(err, &ours):
		return err
	case errors.Is(err, sqlite3.BUSY), errors.Is(err, sqlite3.LOCKED):
		return kanban.Errorf(kanban.Unavailable, "another process holds the board: %w", err).
			Hint("try again; lsof or fuser names the processes that have it open")
	case full(err):
		return kanban.Errorf(kanban.Unavailable, "the disk is full: %w", err).Hint("nothing was written; free some space and try again")
	case untrusted(err):
		return kanban.Errorf(kanban.Unavailable, "the board's file cannot be trusted: %w", err).
			Hint("put a sound file in its place; backups stand in andon/backups")
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, sqlite3.CANTOPEN), errors.Is(err, sqlite3.PERM):
		return kanban.Errorf(kanban.Unavailable, "the board's file cannot be opened or written: %w", err).
			Hint("check owner and mode of the file and its folder")
	case errors.As(err, &theirs):
		return kanban.Errorf(kanban.Internal, "%w", err)
	}
	return err
}
