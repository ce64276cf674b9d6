package simulate

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/worker"
)

// supervisor lives as package worker draws it, in the night's time.
type supervisor struct {
	n       *night
	id      worker.Identity
	alive   bool
	spareOf *gateway // that holds its pipe; nil once it had its order
	begun   bool
	dir     string
	order   worker.Order
	handles []*handle

	main      *process
	others    []*process // that the worker started and left
	exit      worker.Exit
	startedAt time.Time     // monotonic, as all times here
	lastSign  time.Time     // of life: output, heartbeat
	quiet     time.Duration // since then, when it was told to stop
	killed    bool          // nobody will write how it ended
	late      bool          // the check that ends took too long
}

type process struct {
	name      string
	alive     bool
	obeys     bool      // TERM
	deafUntil time.Time // to KILL as well: it waits for a disk
}

func (s *supervisor) name() string {
	return fmt.Sprintf("supervisor %d of %s", s.id.PID, path.Base(s.dir))
}

func (s *supervisor) env(name string) string {
	for _, kv := range s.order.Env {
		if value, found := strings.CutPrefix(kv, name+"="); found {
			return value
		}
	}
	return ""
}

// task is the board and task that it works on.
func (s *supervisor) task() string { return s.env("ANDON_BOARD") + "/" + s.env("ANDON_TASK") }

// leave leaves word in the run's folder, if it is still there.
func (s *supervisor) leave(word func(*folder)) { (&at{&host{n: s.n}, s.dir}).see(word) }

// living are the processes of its tree.
func (s *supervisor) living() (all []*process) {
	for _, p := range append([]*process{s.main}, s.others...) {
		if p != nil && p.alive {
			all = append(all, p)
		}
	}
	return all
}

// begin takes the order up.
func (s *supervisor) begin() {
	if !s.alive {
		return
	}
	s.begun, s.exit.Code = true, -1
	s.leave(func(f *folder) { f.begun = true })
	if len(s.order.Checks) > 0 {
		s.n.mustBeAlone(s)
		s.startedAt, s.exit.Started = time.Now(), s.n.clock()
		s.check()
		return
	}
	if s.n.chance(s.n.odds.spawn) {
		s.because(worker.SpawnFailed)
		s.exit.Error = "fork/exec: no such file or directory"
		s.over()
		return
	}
	s.n.mustBeAlone(s)
	s.n.mustBeNew(s)
	s.startedAt, s.lastSign = time.Now(), time.Now()
	s.main = &process{name: "worker", alive: true, obeys: !s.n.chance(s.n.odds.deaf)}
	s.exit.Started = s.n.clock()
	started := &worker.Started{Worker: worker.Identity{Boot: s.id.Boot, PID: s.id.PID + 10000}, At: s.exit.Started}
	s.leave(func(f *folder) { f.started = started })
	s.tell("started", func(h *handle) { close(h.started) })
	if s.order.Timeout > 0 {
		s.after(s.order.Timeout, "runs too long", func() {
			if s.main.alive {
				s.because(worker.TimedOut)
				s.plan(0)
			}
		})
	}
	w := &laborer{n: s.n, s: s}
	w.start()
}

// tell writes a letter to the watchers of those gateways that live.
func (s *supervisor) tell(what string, open func(*handle)) {
	for _, h := range s.handles {
		if h.closed || h.g.gone() || what == "started" && h.started == nil {
			continue
		}
		s.n.post(whoRuns(s.dir), whoRuns(s.dir)+" hears of "+s.name()+": "+what, func() {
			if !h.g.gone() && !h.closed {
				open(h)
			}
		})
	}
}

// after is for what a supervisor does while it lives.
func (s *supervisor) after(d time.Duration, what string, do func()) {
	s.n.after(d, s.name()+" "+what, func() {
		if s.alive {
			do()
		}
	})
}

func (s *supervisor) because(reason string) {
	if s.exit.Reason == "" {
		s.exit.Reason = reason
	}
}

func (s *supervisor) stop() {
	if s.exit.Reason == "" {
		s.quiet = time.Since(s.lastSign)
	}
	s.because(worker.Stopped)
	s.plan(0)
}

func (s *supervisor) finish() { s.plan(s.order.StopGrace) }

// plan asks the tree to end after a while, and kills it some grace later.
func (s *supervisor) plan(linger time.Duration) {
	if s.main == nil { // it ends before it began
		s.exit.Code = -1
		s.over()
		return
	}
	grace := s.order.StopGrace
	if s.exit.Reason != worker.Stopped && s.exit.Reason != worker.TimedOut {
		grace = min(grace, 5*time.Second)
	}
	s.after(linger, "asks its tree to end", s.ask)
	s.after(linger+grace, "kills its tree", s.killTree)
	s.settle()
}

func (s *supervisor) ask() {
	for _, p := range s.living() {
		if p.obeys {
			s.n.after(s.n.between(0, 3*time.Second), s.name()+"'s "+p.name+" obeys", func() { s.end(p, -1, "SIGTERM") })
		}
	}
}

func (s *supervisor) killTree() {
	if s.tree(func(p *process) bool { return !p.deafUntil.After(time.Now()) }); len(s.living()) > 0 {
		s.after(time.Second, "kills its tree again", s.killTree)
	}
}

// tree kills those that a kill reaches.
func (s *supervisor) tree(reached func(*process) bool) {
	for _, p := range s.living() {
		if reached(p) {
			s.end(p, -1, "SIGKILL")
		}
	}
}

// end ends one process; that of the main one is the worker's.
func (s *supervisor) end(p *process, code int, signal string) {
	if !p.alive {
		return
	}
	p.alive = false
	if p == s.main {
		s.exit.Code, s.exit.Signal = code, signal
		if s.alive && len(s.order.Checks) > 0 {
			s.checked(worker.Check{Code: code, Signal: signal})
		} else if s.alive {
			s.because(worker.Exited)
			if len(s.living()) > 0 {
				s.plan(s.order.StopGrace)
			}
		}
	}
	s.settle()
}

// settle ends a supervisor whose tree is gone.
func (s *supervisor) settle() {
	if s.alive && s.main != nil && len(s.living()) == 0 {
		s.over()
	}
}

// over writes how it ended, and frees the lock.
func (s *supervisor) over() {
	if !s.alive {
		return
	}
	s.alive = false
	s.exit.Ended = s.n.clock()
	if exit := s.exit; s.begun {
		s.leave(func(f *folder) { f.exit = &exit })
	}
	s.tell("it ended", func(h *handle) { close(h.done) })
}

// kill is SIGKILL to the supervisor itself: its tree lives on.
func (s *supervisor) kill() {
	if !s.alive {
		return
	}
	s.alive, s.killed = false, true
	s.tell("it was killed", func(h *handle) { close(h.done) })
}

// signOfLife is output.
func (s *supervisor) signOfLife() {
	s.lastSign = time.Now()
	s.leave(func(f *folder) { f.said, f.saidAt = f.said+1, s.n.clock() })
}

// working are the supervisors whose worker lives.
func (m *machine) working() (all []*supervisor) {
	for _, s := range m.all {
		if len(s.living()) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// mustBeAlone is G12 at the start of work on a task: nothing of an earlier one
// lives.
func (n *night) mustBeAlone(s *supervisor) {
	for _, other := range n.machine.working() {
		if other != s && other.task() == s.task() {
			n.broken("G12", "%s starts work on %s while %s has processes of it", s.name(), s.task(), other.name())
		}
	}
}

// mustBeNew is G13: a run has one worker, ever.
func (n *night) mustBeNew(s *supervisor) {
	key := s.env("ANDON_BOARD") + "." + s.env("ANDON_RUN_ID")
	if slices.Contains(n.startedRuns, key) {
		n.broken("G13", "run %s is started a second time", key)
	}
	n.startedRuns = append(n.startedRuns, key)
}
