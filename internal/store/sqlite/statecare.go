package sqlite

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// StateProblem tells what is wrong with the file of the holds, nil if nothing
// is. It makes none.
func (h *Home) StateProblem(ctx context.Context) error {
	if !h.stateOpen() && !there(h.statePath()) {
		if lost, err := h.stateLost(ctx); err != nil || !lost {
			return err
		}
		return kanban.Errorf(kanban.Unavailable, "%s is missing, and with it what was held", h.statePath()).
			Hint("andon resume  once it is seen that nothing has to stay held: until then the whole home is")
	}
	if err := h.stateDamage(ctx); err != nil {
		return err
	}
	return h.Latched()
}

func (h *Home) stateOpen() bool {
	h.stateMu.Lock()
	defer h.stateMu.Unlock()
	return h.state != nil
}

// stateDamage tells why the file of the holds cannot be used as it is.
func (h *Home) stateDamage(ctx context.Context) error {
	db, err := h.openState(ctx)
	if err != nil {
		return err
	}
	if err := db.inspectFile(); err != nil {
		return h.uselessState(err)
	}
	if _, err := h.Holds(ctx); err != nil {
		return h.uselessState(err)
	}
	return nil
}

// uselessState names the file, and the way out.
func (h *Home) uselessState(err error) error {
	return kanban.Errorf(kanban.Unavailable, "%s, which says what is held, cannot be used: %w", h.statePath(), err).
		Hint("andon doctor --fix state  sets it aside and begins a new one; the whole home is held then until  andon resume")
}

// RenewState sets a file of the holds that cannot be used aside and begins a new
// one, with the whole home held. Who has it open reopens it.
//
// Errors: conflict while another process has it open.
func (h *Home) RenewState(ctx context.Context) error {
	if h.stateDamage(ctx) == nil {
		return nil
	}
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	if !h.stateOpen() {
		if err := notHeld(h.statePath()); err != nil {
			return err
		}
	}
	return outward(h.newState(true))
}

// StrayHolds lists the boards which are held and not there: what was making them
// was killed.
func (h *Home) StrayHolds(ctx context.Context) (slugs []string, err error) {
	if !there(h.statePath()) {
		return nil, nil
	}
	holds, err := h.Holds(ctx)
	if err != nil {
		return nil, err
	}
	boards, err := h.List(ctx, true)
	for _, hold := range holds {
		slug, ok := strings.CutPrefix(hold.Scope, "board:")
		known := slices.ContainsFunc(boards, func(b store.BoardInfo) bool { return b.Slug == slug })
		if ok && !known && !there(h.planPath(slug)) {
			slugs = append(slugs, slug)
		}
	}
	return slugs, err
}

// RemoveStrayHold removes the hold of a board that is not there, and that nobody
// is making.
func (h *Home) RemoveStrayHold(ctx context.Context, slug string) error {
	unlock, err := h.lock(ctx, unix.LOCK_EX)
	if err != nil {
		return err
	}
	defer unlock()
	stray, err := h.StrayHolds(ctx)
	if err != nil || !slices.Contains(stray, slug) {
		return err
	}
	return h.RemoveHold(ctx, "board:"+slug, store.Pulled)
}

// tooSmall refuses what is no database, which SQLite would begin anew.
func tooSmall(path string) error {
	if fi, err := os.Stat(path); err != nil || fi.Size() >= smallestFile {
		return err
	}
	return errors.New("it is empty or truncated")
}
