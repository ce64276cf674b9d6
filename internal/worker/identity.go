package worker

import (
	"errors"
	"fmt"
	"os"
)

// ErrGone says that a process has ended; a zombie counts as ended.
var ErrGone = errors.New("process is gone")

// Identity names one process for good: a pid alone is recycled.
type Identity struct {
	Boot  string `json:"boot"`  // of the machine: no process outlives it
	PIDNS uint64 `json:"pidns"` // namespace in which PID counts; 0 where there is only one
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks after boot on Linux, microseconds since 1970 on darwin
}

// Self is the identity of the calling process.
func Self() (Identity, error) { return Identify(os.Getpid()) }

// Identify names the process that has pid now. The error wraps ErrGone if
// there is none.
func Identify(pid int) (Identity, error) {
	p, err := lookup(pid)
	if err != nil {
		return Identity{}, err
	}
	if p.ended {
		return Identity{}, gone(pid)
	}
	return p.identity()
}

// Alive reports whether this very process still runs. Doubt counts as alive:
// only what is proven gone may be replaced. A process of another boot or pid
// namespace cannot be seen from here and is reported gone; whether it still
// supervises a run is told by Locked.
func (id Identity) Alive() bool { return !errors.Is(id.verify(), ErrGone) }

func (id Identity) String() string { return fmt.Sprintf("%d@%d", id.PID, id.Start) }

// verify returns nil if the process with this pid is the one that id names.
func (id Identity) verify() error {
	now, err := Identify(id.PID)
	if err != nil {
		return err
	}
	if now != id {
		return gone(id.PID)
	}
	return nil
}

func gone(pid int) error { return fmt.Errorf("process %d: %w", pid, ErrGone) }
