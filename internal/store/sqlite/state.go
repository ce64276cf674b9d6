package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ncruces/go-sqlite3"
	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/store"
)

// What spans boards stands in andon/state.db. It is made before the first board
// gets its id: where boards are known and it is missing, it was lost, and with it
// what somebody held. So its successor begins with the whole home held.

var stateSteps = []step{
	{"holds", func(c *conn) error {
		return c.exec(`CREATE TABLE holds (
			scope    TEXT NOT NULL,
			kind     TEXT NOT NULL,
			reason   TEXT NOT NULL,
			by       TEXT NOT NULL,
			since_ms INTEGER NOT NULL,
			until_ms INTEGER, -- NULL = until resumed
			PRIMARY KEY (scope, kind)
		) WITHOUT ROWID`)
	}},
	{"whose failures paused a lane", func(c *conn) error {
		return c.exec("ALTER TABLE holds ADD COLUMN tasks TEXT NOT NULL DEFAULT ''") // JSON, or nothing
	}},
}

func (h *Home) statePath() string { return filepath.Join(h.dir, "andon", "state.db") }

// Holds lists what keeps work from starting, oldest first.
func (h *Home) Holds(ctx context.Context) ([]store.Hold, error) {
	if !there(h.statePath()) {
		if lost, err := h.stateLost(ctx); err != nil || !lost {
			return nil, err
		}
	}
	db, err := h.openState(ctx)
	if err != nil {
		return nil, err
	}
	var holds []store.Hold
	err = db.view(ctx, func(c *conn) error {
		return c.query("SELECT scope, kind, reason, by, since_ms, until_ms, tasks FROM holds ORDER BY since_ms, scope, kind", nil,
			func(s *sqlite3.Stmt) error {
				hold := store.Hold{
					Scope: s.ColumnText(0), Kind: store.HoldKind(s.ColumnText(1)),
					Reason: s.ColumnText(2), By: s.ColumnText(3), Since: time.UnixMilli(s.ColumnInt64(4)).UTC(),
				}
				if s.ColumnType(5) != sqlite3.NULL {
					hold.Until = time.UnixMilli(s.ColumnInt64(5)).UTC()
				}
				if tasks := s.ColumnText(6); tasks != "" {
					if err := json.Unmarshal([]byte(tasks), &hold.Tasks); err != nil {
						return err
					}
				}
				holds = append(holds, hold)
				return nil
			})
	})
	return holds, err
}

// PutHold sets a hold, or replaces the one of the same scope and kind.
func (h *Home) PutHold(ctx context.Context, hold store.Hold) error {
	db, err := h.openState(ctx)
	if err != nil {
		return err
	}
	return db.update(ctx, func(c *conn) error { return putHold(c, hold) })
}

func putHold(c *conn, hold store.Hold) error {
	var until any
	if !hold.Until.IsZero() {
		until = hold.Until.UnixMilli()
	}
	tasks := ""
	if len(hold.Tasks) > 0 {
		raw, err := json.Marshal(hold.Tasks)
		if err != nil {
			return err
		}
		tasks = string(raw)
	}
	return c.exec("INSERT OR REPLACE INTO holds (scope, kind, reason, by, since_ms, until_ms, tasks) VALUES (?, ?, ?, ?, ?, ?, ?)",
		hold.Scope, string(hold.Kind), hold.Reason, hold.By, hold.Since.UnixMilli(), until, tasks)
}

// RemoveHold is a no-op if there is none.
func (h *Home) RemoveHold(ctx context.Context, scope string, kind store.HoldKind) error {
	db, err := h.openState(ctx)
	if err != nil {
		return err
	}
	return db.update(ctx, func(c *conn) error {
		return c.exec("DELETE FROM holds WHERE scope = ? AND kind = ?", scope, string(kind))
	})
}

// holdNew holds a board that is about to be made, unless the hold is zero. undo
// takes it back, unless there was one before. The home's lock is held exclusively.
func (h *Home) holdNew(ctx context.Context, hold store.Hold, slug string) (undo func() error, err error) {
	if hold.Kind == "" {
		return func() error { return nil }, nil
	}
	hold.Scope = "board:" + slug
	holds, err := h.Holds(ctx)
	if err != nil || slices.ContainsFunc(holds, func(o store.Hold) bool { return o.Scope == hold.Scope && o.Kind == hold.Kind }) {
		return func() error { return nil }, err
	}
	return func() error { return h.RemoveHold(ctx, hold.Scope, hold.Kind) }, h.PutHold(ctx, hold)
}

// openState returns the one handle of state.db; the file is made when it is
// first needed.
func (h *Home) openState(ctx context.Context) (*database, error) {
	h.stateMu.Lock()
	defer h.stateMu.Unlock()
	if h.stateClosed {
		return nil, errClosed()
	}
	if h.state != nil {
		return h.state, nil
	}
	if err := h.makeState(ctx); err != nil {
		return nil, outward(err)
	}
	if err := tooSmall(h.statePath()); err != nil {
		return nil, h.uselessState(err)
	}
	s := h.spec("state", h.statePath(), stateSteps)
	s.way, s.rescued = "andon boards reopen --state", filepath.Join(h.dir, "andon", "rescued", "_home") // no board is called so
	db, err := openDatabase(s)
	if untrusted(err) {
		err = h.uselessState(err)
	}
	if err != nil {
		return nil, err
	}
	h.state = db
	return db, nil
}

// makeState makes the file if there is none.
func (h *Home) makeState(ctx context.Context) error {
	if there(h.statePath()) {
		return nil
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if there(h.statePath()) {
		return nil
	}
	lost, err := h.stateLost(ctx)
	if err == nil {
		err = h.newState(lost)
	}
	return err
}

// newState is called with the home's lock held exclusively. What stands in the
// place or beside it goes aside.
func (h *Home) newState(lost bool) error {
	if err := setAside(h.statePath(), h.o.Clock()); err != nil {
		return err
	}
	err := newFile(h.statePath(), "state", nil, func(c *conn) error {
		if err := climbAll(c, stateSteps); err != nil || !lost {
			return err
		}
		return putHold(c, store.Hold{
			Scope: "all", Kind: store.Pulled, By: "andon", Since: h.o.Clock(),
			Reason: "andon/state.db is missing, and with it what was held: pull again what is to stay held, then resume",
		})
	})
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return err
}

// stateLost tells whether boards are known here.
func (h *Home) stateLost(ctx context.Context) (bool, error) {
	boards, err := h.List(ctx, true)
	return slices.ContainsFunc(boards, func(b store.BoardInfo) bool { return b.ID != "" }), err
}

func (h *Home) closeState() error {
	h.stateMu.Lock()
	defer h.stateMu.Unlock()
	h.stateClosed = true
	if h.state == nil {
		return nil
	}
	return h.state.close()
}
