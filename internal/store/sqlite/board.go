package sqlite

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// board is a database that holds a board. It implements store.Store.
type board struct {
	db    *database
	watch *watcher
	tally *tally
}

func newBoard(db *database, w *watcher) *board {
	return &board{db, w, &tally{noticed: func() bool { return w.has(db) }, counted: map[bool]counted{}}}
}

func (b *board) View(ctx context.Context, fn func(store.Reader) error) error {
	foreign := b.Foreign() // before the snapshot: what was noticed since may not be in it
	return b.db.view(ctx, func(c *conn) error { return fn(reader{c, b.tally, foreign}) })
}

func (b *board) Update(ctx context.Context, fn func(store.Tx) error) error {
	return b.db.update(ctx, func(c *conn) error { return fn(tx{reader{c, b.tally, b.Foreign()}}) })
}

func (b *board) Changes() (<-chan struct{}, func()) {
	if b.db.users.enter() == nil {
		b.watch.add(b.db)
		b.db.users.leave()
	}
	return b.db.news.subscribe()
}

func (b *board) Closed() <-chan struct{} { return b.db.closed }
func (b *board) Foreign() uint64         { return b.db.news.foreign.Load() }
func (b *board) Latched() error          { return b.db.latch.err() }

func (b *board) close() error {
	err := b.db.close()
	b.watch.remove(b.db)
	return err
}

// idKey is where a board's file keeps the id of the board.
const idKey = "board_id"

func newID() string {
	var b [16]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// identify returns the id in the file. One that has none gets one, unless the
// board is known under an id: then this is not its file.
func identify(c *conn, known string) (string, error) {
	found, err := c.text("SELECT value FROM andon_meta WHERE key = ?", idKey)
	switch {
	case err != nil:
		return "", err
	case known != "" && found != known:
		return "", kanban.Errorf(kanban.Unavailable, "the file is not that of this board: board.json knows id %s, the file says %q", known, found).
			Hint("put the board's own file back, or restore a backup from andon/backups; to take this one for it, remove andon_id from board.json")
	case found != "":
		return found, nil
	}
	id := newID()
	return id, c.exec("INSERT INTO andon_meta (key, value) VALUES (?, ?)", idKey, id)
}
