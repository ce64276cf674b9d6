package sqlite

import (
	"context"
	"time"
)

const sentinelEvery = 5 * time.Second

// Sentinel watches over the files of all open boards until ctx ends: that no
// descriptor of ours is of a deleted file, that the paths still lead to what we
// have open, and that our locks are there. It opens no database. A board for
// which two looks in a row find the same fault is latched. The gateway runs it
// once.
func (h *Home) Sentinel(ctx context.Context) {
	if !canLook {
		h.o.Log.Info("no sentinel on this system: lost locks and replaced files are not noticed")
		return
	}
	tick := time.NewTicker(sentinelEvery)
	defer tick.Stop()
	var before faults
	for {
		select {
		case <-tick.C:
			before = h.look(before)
		case <-ctx.Done():
			return
		}
	}
}

// fault is what is wrong with one file of a database.
type fault struct {
	db   *database
	what string
}

type faults map[fault]bool

// look latches every database with a fault that was there before, and returns
// the faults of now.
func (h *Home) look(before faults) faults {
	now := inspect(h.databases())
	for f := range now {
		if before[f] {
			f.db.latch.set("%s", f.what)
		}
	}
	return now
}

// databases lists what is open.
func (h *Home) databases() []*database {
	var open []*database
	h.stateMu.Lock()
	if h.state != nil && !h.stateClosed {
		open = append(open, h.state)
	}
	h.stateMu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, it := range h.handles {
		if it.isReady() && it.err == nil {
			open = append(open, it.board.db)
		}
	}
	return open
}
