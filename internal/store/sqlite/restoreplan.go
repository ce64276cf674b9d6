package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
)

// restorePlan is a restore that is decided: everything new stands in the staging
// folder, and whoever opens the board next finishes what is left. Each step can
// be done again.
type restorePlan struct {
	Backup  string    `json:"backup"` // its path
	SHA256  string    `json:"sha256"`
	BoardID string    `json:"board_id"` // "" = the file gets one when it is opened
	At      time.Time `json:"at"`
	Copy    bool      `json:"copy"`    // another board than the one backed up: it is held
	Live    string    `json:"live"`    // the database's place
	Staging string    `json:"staging"` // folder beside it
	Aside   string    `json:"aside"`   // where what is in the place goes; "" = nothing is
	Info    boardFile `json:"-"`       // what board.json becomes

	InfoText json.RawMessage `json:"info"`
}

func (p *restorePlan) staged() string { return filepath.Join(p.Staging, backupDB) }

// set takes over a description and counts the restore.
func (p *restorePlan) set(f boardFile, slug string) {
	f.ID, f.Slug = p.BoardID, slug
	if f.Name == "" {
		f.Name = defaultName(slug)
	}
	f.Archived = false
	f.Restores++
	f.stamp(p.At)
	p.Info = f
}

func (h *Home) planPath(slug string) string { return h.dbPath(slug) + ".andon-restore.json" }

func (p restorePlan) write(path string) (err error) {
	if p.InfoText, err = p.Info.encode(); err != nil {
		return err
	}
	text, err := marshal(p, "  ")
	if err != nil {
		return err
	}
	return writeFile(path, text)
}

func readPlan(path string) (p restorePlan, found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return p, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil {
		err = errors.Join(json.Unmarshal(p.InfoText, &p.Info), json.Unmarshal(p.InfoText, &p.Info.rest))
	}
	if err != nil {
		return p, true, kanban.Errorf(kanban.Unavailable, "an interrupted restore cannot be finished: %s: %w", path, err).
			Hint("if it is beyond repair, remove it; no file of the board is removed by that")
	}
	return p, true, nil
}

// carryOut finishes a decided restore, if there is one. The home's lock is held
// exclusively.
func (h *Home) carryOut(slug string) (p restorePlan, found bool, err error) {
	path := h.planPath(slug)
	if p, found, err = readPlan(path); err != nil || !found {
		return p, found, err
	}
	if there(p.staged()) { // so what is in the place is still the old board's
		if err := notHeld(p.Live); err != nil {
			return p, true, err
		}
		if err := p.swap(); err != nil {
			return p, true, kanban.Errorf(kanban.Unavailable, "the restore cannot be finished: %w", err).
				Hint("see to %s, then open the board or restore again: it goes on where it stopped", filepath.Dir(p.Live))
		}
	}
	if err := p.Info.write(h.infoPath(slug)); err != nil {
		return p, true, err
	}
	if err := errors.Join(os.RemoveAll(p.Staging), remove(path)); err != nil {
		return p, true, err
	}
	return p, true, syncPath(filepath.Dir(path))
}

// swap takes the old files aside, all three of them: a WAL that is left beside
// another database is replayed into it. Then it moves the new one in.
func (p restorePlan) swap() error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if !there(p.Live + suffix) {
			continue
		}
		if p.Aside == "" {
			return fmt.Errorf("%s appeared meanwhile", p.Live+suffix)
		}
		if err := renameNew(p.Live+suffix, p.Aside+suffix); err != nil {
			return err
		}
	}
	if err := syncPath(filepath.Dir(p.Live)); err != nil {
		return err
	}
	return moveDir(p.staged(), p.Live)
}

// finishRestore carries out what an interrupted restore decided.
func (h *Home) finishRestore(ctx context.Context, slug string) error {
	if !there(h.planPath(slug)) {
		return nil
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	_, _, err = h.carryOut(slug)
	return err
}
