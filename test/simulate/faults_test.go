package simulate

import (
	"errors"
	"fmt"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// odds are how often things go wrong in one night. Most nights have a few
// troubles, some have all.
type odds struct {
	store, disk, spawn                           float64 // per call
	crash, later, hang, silent, stale            float64 // per worker
	litter, deaf                                 float64 // children left behind, deaf to TERM
	unfit                                        float64 // per command that verifies
	killGateway, killSupervisor, leap, full, ill float64 // per troublesome moment
	reboot                                       float64
}

func (n *night) draw() odds {
	some := func(p float64) float64 {
		if n.chance(0.5) {
			return 0
		}
		return p * n.rng.Float64()
	}
	return odds{
		store: some(0.1), disk: some(0.1), spawn: some(0.2),
		crash: some(0.6), later: some(0.5), hang: some(0.4), silent: some(0.5), stale: some(0.8),
		litter: some(0.6), deaf: some(0.6), unfit: some(0.6),
		killGateway: some(1), killSupervisor: some(1), leap: some(1), full: some(0.7), ill: some(0.7), reboot: some(0.3),
	}
}

func (n *night) fault(p float64, why string) error {
	if n.chance(p) {
		n.log.note("it fails: %s", why)
		return errors.New(why)
	}
	return nil
}

func (n *night) storeFault() error {
	if n.chance(n.odds.store) {
		n.log.note("the store is unavailable")
		return kanban.Errorf(kanban.Unavailable, "the disk is busy")
	}
	return nil
}

func (n *night) diskFault(what string) error {
	if n.machine.full.Load() {
		return fmt.Errorf("%s: %w", what, enospc)
	}
	return n.fault(n.odds.disk, what+": input/output error")
}

// trouble strikes now and then until the night is calm.
func (n *night) trouble() {
	if n.calm {
		return
	}
	n.after(n.between(5*time.Second, 4*time.Minute), "trouble", func() {
		if n.calm {
			return
		}
		n.strike()
		n.trouble()
	})
}

func (n *night) strike() {
	o := n.odds
	if n.chance(o.killGateway) {
		n.killGateway()
	}
	if n.chance(o.killSupervisor) {
		if s := n.someSupervisor(); s != nil {
			n.log.add("SIGKILL to " + s.name())
			s.kill()
		}
	}
	if n.chance(o.leap) {
		n.leap()
	}
	if n.chance(o.full) {
		n.fill()
	}
	if n.chance(o.ill) {
		n.latch()
	}
	if n.chance(o.reboot) {
		n.reboot()
	}
}

// killGateway kills it between any two of its steps; it is started again.
func (n *night) killGateway() {
	g := n.gateway
	if g.gone() {
		return
	}
	n.log.add("SIGKILL to the gateway")
	g.kill()
	for _, s := range n.machine.all {
		if s.spareOf == g { // end of file before "go"
			s.alive, s.spareOf = false, nil
		}
	}
	n.after(n.between(0, 3*time.Minute), "the gateway is started", n.startGateway)
}

func (n *night) someSupervisor() *supervisor {
	var all []*supervisor
	for _, s := range n.machine.all {
		if s.alive {
			all = append(all, s)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[n.rng.IntN(len(all))]
}

// leap sets the clock, or wakes the machine from sleep: no running time passes.
func (n *night) leap() {
	by := n.between(time.Minute, 8*time.Hour)
	if n.chance(0.3) {
		by = -n.between(time.Minute, time.Hour)
	}
	n.ahead.Add(int64(by))
	n.stirred = true
	n.log.add("the clock leaps by " + by.Truncate(time.Second).String())
	n.untold = time.Now()
}

// fill fills the disk for a while.
func (n *night) fill() {
	if n.machine.full.Load() {
		return
	}
	n.log.add("the disk is full")
	n.machine.full.Store(true)
	n.after(n.between(time.Second, 5*time.Minute), "the disk has room", func() {
		n.machine.full.Store(false)
		n.stirred, n.untold = true, time.Now()
	})
}

// latch makes a board refuse everything for a while.
func (n *night) latch() {
	slug := n.board()
	if n.latched[slug] != nil {
		return
	}
	n.log.add("board " + slug + " is latched")
	n.latched[slug] = kanban.Errorf(kanban.Unavailable, "board %s stopped writing after an error", slug)
	n.after(n.between(time.Second, 5*time.Minute), "board "+slug+" is cleared", func() {
		delete(n.latched, slug)
		n.untold, n.stirred = time.Now(), true
	})
}

// reboot restarts the machine: no process outlives it.
func (n *night) reboot() {
	n.killGateway()
	n.log.add("the machine restarts")
	for _, s := range n.machine.all {
		if s.id.Boot != n.machine.boot {
			continue
		}
		if s.alive {
			s.alive, s.killed = false, true
		}
		for _, p := range s.living() {
			p.alive = false
		}
	}
	n.machine.boots++
	n.machine.boot = fmt.Sprintf("boot %d", n.machine.boots)
}
