package worker

import (
	"fmt"
	"slices"
)

// process is one line of the process table.
type process struct {
	pid, ppid int
	session   int
	start     uint64
	name      string // of the program, without arguments
	ended     bool   // nothing but its exit status is left
	dying     bool   // it runs no code of its own any more; its files are being closed, and none can be seen
}

func (p process) identity() (Identity, error) {
	boot, ns, err := here()
	if err != nil {
		return Identity{}, err
	}
	return Identity{Boot: boot, PIDNS: ns, PID: p.pid, Start: p.start}, nil
}

// openFile is what a descriptor of another process points to.
type openFile struct{ path, link string }

// table is a snapshot by pid. Its lines were read one after the other, so a
// pid may have changed hands in between: parentage is believed only where the
// parent is not younger than the child.
type table map[int]process

func (t table) parent(p process) (process, bool) {
	parent, ok := t[p.ppid]
	return parent, ok && parent.start <= p.start
}

// below returns everything that descends from roots, without the roots
// themselves and without skip and what descends from it.
func (t table) below(skip int, roots ...int) []process {
	inside := map[int]bool{skip: false}
	for _, pid := range roots {
		inside[pid] = true
	}
	var climb func(p process, steps int) bool
	climb = func(p process, steps int) bool {
		if in, known := inside[p.pid]; known {
			return in
		}
		parent, ok := t.parent(p)
		in := ok && steps > 0 && climb(parent, steps-1)
		inside[p.pid] = in
		return in
	}
	var found []process
	for _, p := range t {
		if climb(p, len(t)) && !slices.Contains(roots, p.pid) && !p.ended {
			found = append(found, p)
		}
	}
	return found
}

// ancestry returns the process with pid, its parent, and so on to the last one
// that can be seen. It starts over when a parent ends on the way.
func ancestry(pid int) ([]process, error) {
	for range 20 {
		line, err := climb(pid)
		if err == nil || len(line) == 0 {
			return line, err
		}
	}
	return nil, fmt.Errorf("ancestors of process %d end faster than they can be followed", pid)
}

// climb fails with an empty line if pid itself is gone.
func climb(pid int) (line []process, err error) {
	p, err := lookup(pid)
	if err == nil && p.ended {
		err = gone(pid)
	}
	if err != nil {
		return nil, err
	}
	for line = append(line, p); p.ppid > 0; line = append(line, p) {
		parent, err := lookup(p.ppid)
		if err != nil {
			return line, err
		}
		if parent.start > p.start {
			return line, gone(p.ppid)
		}
		p = parent
	}
	return line, nil
}
