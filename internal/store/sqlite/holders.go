package sqlite

import (
	"fmt"
	"slices"
)

// Holder is a process that has a file of a board open.
type Holder struct {
	PID     int
	Name    string // as the process list shows it
	Program string // path of what it runs; "" = not known
}

func (h Holder) String() string { return fmt.Sprintf("%s (pid %d)", h.Name, h.PID) }

// Holders finds the processes, this one too, that have files of a board open.
// It opens none of them. It finds nothing where the system cannot tell.
func (h *Home) Holders(slug string) ([]Holder, error) {
	path := h.dbPath(slug)
	return holdersOf(path, path+"-wal", path+"-shm")
}

// holders names the processes that have one of some files open.
func holders(paths ...string) ([]string, error) {
	found, err := holdersOf(paths...)
	var who []string
	for _, h := range found {
		if !slices.Contains(who, h.String()) {
			who = append(who, h.String())
		}
	}
	return who, err
}
