package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
)

// eye sees everything: rows, processes, clock. After each step it compares what
// the product says with what is.
type eye struct {
	n      *night
	boards map[string]*board.Board // for explain; nobody notices
	before map[string]map[string]kanban.Task
	live   map[string]map[int64]kanban.Run
	costs  map[string]int       // failed attempts of a task since a human touched it
	freed  map[string]time.Time // since when a task could run, and nobody was busy
	told   map[string]int64     // version of an ended task when it was last explained
	leases map[string]lease     // of terminals
}

type lease struct {
	at  time.Time     // running time of its last extension
	ttl time.Duration // from then
}

func newEye(n *night) eye {
	e := eye{
		n: n, boards: map[string]*board.Board{}, before: map[string]map[string]kanban.Task{}, live: map[string]map[int64]kanban.Run{},
		costs: map[string]int{}, freed: map[string]time.Time{}, told: map[string]int64{}, leases: map[string]lease{},
	}
	for _, slug := range n.slugs {
		e.before[slug], e.live[slug] = map[string]kanban.Task{}, map[int64]kanban.Run{}
		s, err := n.home.Open(context.Background(), slug)
		if err != nil {
			panic(err)
		}
		ports := n.ports(nil)(slug)
		ports.Situation = func() board.Situation { return n.ports(n.gateway)(slug).Situation() }
		e.boards[slug] = board.New(slug, peephole{s, n, slug}, ports)
	}
	return e
}

// peephole passes no gate, and tells of the latch as a door does.
type peephole struct {
	store.Store
	n    *night
	slug string
}

func (p peephole) Latched() error { return p.n.latched[p.slug] }

// look checks what the last step changed.
func (e *eye) look() {
	for slug, who := range e.n.changed {
		delete(e.n.changed, slug)
		e.n.read(slug, func(r store.Reader) error {
			e.lookAt(r, slug, who)
			return nil
		})
	}
	e.caps()
	e.budget()
}

// budget: what the dispatcher's runs of one day may use together, on all boards,
// fits into it. A terminal that claims past the gateway asks for no day of the
// home, and counts.
func (e *eye) budget() {
	limit := e.n.config.Budget.Day.Cost
	if limit == 0 {
		return
	}
	day, sum := policy.DayOf(e.n.clock()), int64(0)
	for _, slug := range e.n.slugs {
		e.n.read(slug, func(r store.Reader) error {
			for id := range e.before[slug] {
				runs, err := r.Runs(id)
				if err != nil {
					return err
				}
				for _, run := range runs {
					today := !run.StartedAt.Before(day.Start) && run.StartedAt.Before(day.End)
					if alive := run.Open() || run.Live; today && run.Supervisor.PID != 0 && alive {
						sum += max(run.Reserved.Cost, run.Usage.Cost)
					} else if today && run.Supervisor.PID != 0 {
						sum += run.Usage.Cost
					}
				}
			}
			return nil
		})
	}
	if sum > limit {
		e.n.broken("G16", "%s of a day's %s are used or reserved", kanban.FormatCost(sum), kanban.FormatCost(limit))
	}
}

func (e *eye) lookAt(r store.Reader, slug, who string) {
	tasks := e.n.tasks(slug)
	now := map[string]kanban.Task{}
	for _, t := range tasks {
		now[t.ID] = t
		if was, known := e.before[slug][t.ID]; !known || was.Version != t.Version {
			e.task(r, slug, was, t, who)
		}
	}
	for id, was := range e.before[slug] {
		if _, there := now[id]; !there && !isHuman(who) && was.Closed != "deleted" {
			e.n.broken("G01", "%s removed task %s", who, id)
		}
	}
	e.runs(r, slug, who)
	e.before[slug] = now
}

// task checks one task after a change.
func (e *eye) task(r store.Reader, slug string, was, t kanban.Task, who string) {
	n, key, human := e.n, slug+"/"+t.ID, isHuman(who)
	runs, err := r.Runs(t.ID)
	if err != nil {
		panic(err)
	}
	var open []int64
	for _, run := range runs {
		if run.Open() {
			open = append(open, run.ID)
		}
	}
	running := t.Status == kanban.Running
	if running && (len(open) != 1 || open[0] != t.CurrentRun) || !running && (len(open) > 0 || t.CurrentRun != 0) {
		n.broken("G10", "task %s is %s with run %d; open are %v", key, t.Status, t.CurrentRun, open)
	}
	if running && t.LiveRun != 0 {
		n.broken("G12", "task %s runs while processes of run %d live", key, t.LiveRun)
	}
	if t.CurrentRun != 0 && was.CurrentRun != t.CurrentRun {
		e.claimed(r, key, t)
	}
	if mine, holds := n.owned[who]; holds && mine.task == key && was.CurrentRun != mine.run {
		n.broken("G11", "%s changed %s, on which run %d works", who, key, was.CurrentRun)
	}
	if t.Status == kanban.Done && was.Status == kanban.Running {
		e.believed(slug, was, who)
	}
	if human && t.Failures == 0 || t.Status == kanban.Done || t.Status == kanban.Review {
		e.costs[key] = 0
	}
	if was.ID == "" || was.Status == t.Status {
		return
	}
	held := slices.Contains([]kanban.Status{kanban.Blocked, kanban.Review, kanban.Done, kanban.Archived, kanban.Triage}, was.Status) ||
		was.Status == kanban.Scheduled && was.NotBefore.IsZero()
	if held && !human && !(was.Status == kanban.Triage && strings.HasPrefix(who, "worker")) {
		n.broken("G15", "%s took task %s from %s to %s", who, key, was.Status, t.Status)
	}
	if (t.Status == kanban.Ready || running) && t.Losses >= policy.MaxLosses {
		n.broken("G14", "task %s is %s after %d losses", key, t.Status, t.Losses)
	}
}

// claimed checks a claim at the moment when it was made.
func (e *eye) claimed(r store.Reader, key string, t kanban.Task) {
	for _, s := range e.n.machine.working() {
		if s.task() == key {
			e.n.broken("G12", "task %s is handed to run %d while %s has processes of it", key, t.CurrentRun, s.name())
		}
	}
	for _, p := range waitsFor(r, t.ID) {
		e.n.broken("G17", "task %s was started while it waits for %s", key, p)
	}
	slug, _, _ := strings.Cut(key, "/")
	c := e.n.config
	if room := c.Boards[slug].MaxParallel; room > 0 {
		if live, _ := r.LiveCount(""); live > room {
			e.n.broken("G16", "%d runs live on board %s, which has room for %d", live, slug, room)
		}
	}
	if room := c.Boards[slug].Tenants[t.Tenant].MaxParallel; room > 0 && t.Tenant != "" {
		if live, _ := r.LiveCount(t.Tenant); live > room {
			e.n.broken("G16", "%d runs of %s live on board %s, which has room for %d", live, t.Tenant, slug, room)
		}
	}
}

func waitsFor(r store.Reader, id string) (open []string) {
	links, _ := r.Parents(id)
	for _, l := range links {
		if p, err := r.Task(l.Parent); err == nil && !l.Satisfied(p) {
			open = append(open, p.ID)
		}
	}
	return open
}

// runs checks what became of the runs that were live.
func (e *eye) runs(r store.Reader, slug, who string) {
	now := map[int64]kanban.Run{}
	live, err := r.LiveRuns()
	if err != nil {
		panic(err)
	}
	for _, run := range live {
		now[run.ID] = run
		key := fmt.Sprintf("%s.%d", slug, run.ID)
		if run.Open() && run.Supervisor.PID == 0 && !run.ClaimEnds.Equal(e.live[slug][run.ID].ClaimEnds) {
			e.leases[key] = lease{time.Now(), run.ClaimEnds.Sub(e.n.clock())}
		}
	}
	for id, was := range e.live[slug] {
		run, err := r.Run(id)
		if err != nil {
			delete(e.live[slug], id) // deleted with its task
			e.settled(slug, was)
			continue
		}
		if was.Open() && !run.Open() {
			e.finished(slug, run, who)
		}
		if was.Live && !run.Live {
			e.settled(slug, run)
		}
	}
	e.live[slug] = now
}

// settled: what is said to be gone is gone.
func (e *eye) settled(slug string, run kanban.Run) {
	s := e.n.machine.byDir[fmt.Sprintf("/nowhere/andon/runs/%s.%d", slug, run.ID)]
	if s != nil && s.id.PID == run.Supervisor.PID && (s.alive || len(s.living()) > 0) {
		e.n.broken("G12", "run %s.%d is settled while %s lives or has processes", slug, run.ID, s.name())
	}
	if s := e.n.verification(slug, run.ID); s != nil && (s.alive || len(s.living()) > 0) {
		e.n.broken("G12", "run %s.%d is settled while %s lives or has processes", slug, run.ID, s.name())
	}
}

// finished: a run ended as it really did, and nothing that sleep or a leaping
// clock did to it counts.
func (e *eye) finished(slug string, run kanban.Run, who string) {
	n, key := e.n, fmt.Sprintf("run %s.%d", slug, run.ID)
	s := n.machine.supervisors[identity(run)]
	outcome := run.Outcome
	if outcome == kanban.GaveUp {
		var trigger struct {
			Outcome kanban.Outcome `json:"trigger_outcome"`
		}
		_ = json.Unmarshal(run.Metadata, &trigger)
		outcome = trigger.Outcome
	}
	if outcome != "" && policy.CostOf(outcome) != policy.Free {
		e.cost(slug, run, key)
	}
	if outcome == kanban.VerifyFailed {
		e.disbelieved(slug, run)
	}
	if s == nil {
		if outcome == kanban.Lost {
			e.leaseRanOut(slug, run, key)
		}
		return
	}
	lived := time.Since(s.startedAt)
	wrong := func(why string, args ...any) {
		n.broken("G13", "%s ended as %s (%s), by %s: %s", key, run.Outcome, run.Error, who, fmt.Sprintf(why, args...))
	}
	switch outcome {
	case kanban.Crashed:
		if s.alive || s.exit.Code == 0 && s.exit.Signal == "" {
			wrong("its worker did not")
		}
	case kanban.RateLimited:
		if s.alive || s.exit.Code != 75 {
			wrong("its worker exited with %d", s.exit.Code)
		}
	case kanban.TimedOut:
		if run.MaxRuntime == 0 || lived < run.MaxRuntime {
			n.broken("G23", "%s timed out after %s of %s", key, lived, run.MaxRuntime)
		}
	case kanban.Stalled:
		if limit := n.config.Lanes[run.Lane].StallTimeout; limit == 0 || s.quiet < limit {
			n.broken("G23", "%s stalled after %s of %s", key, s.quiet, limit)
		}
	case kanban.Lost:
		if s.alive && s.begun && !s.killed {
			wrong("its supervisor lives")
		}
		if !s.killed && s.begun && s.exit.Reason == "exited" {
			wrong("its worker exited with %d", s.exit.Code)
		}
	}
}

// leaseRanOut: the lease of a terminal ends in running time, whoever was there to
// see the clock leap.
func (e *eye) leaseRanOut(slug string, run kanban.Run, key string) {
	l := e.leases[fmt.Sprintf("%s.%d", slug, run.ID)]
	if passed := time.Since(l.at); passed < l.ttl {
		e.n.broken("G23", "the lease of %s ran out after %s of %s", key, passed, l.ttl)
	}
}

// cost counts an attempt that failed.
func (e *eye) cost(slug string, run kanban.Run, key string) {
	id := slug + "/" + run.Task
	e.costs[id]++
	limit := e.n.config.Dispatch.MaxAttempts
	var t kanban.Task
	e.n.read(slug, func(r store.Reader) error {
		t, _ = r.Task(run.Task) // zero once it was deleted
		return nil
	})
	if t.MaxAttempts > 0 {
		limit = t.MaxAttempts
	}
	if e.costs[id] > limit {
		e.n.broken("G14", "%s is failed attempt %d of %s, which has %d", key, e.costs[id], id, limit)
	}
	if e.costs[id] >= limit && (t.Status == kanban.Ready || t.Status == kanban.Running || t.Status == kanban.Todo) {
		e.n.broken("G14", "task %s is %s after %d failed attempts of %d", id, t.Status, e.costs[id], limit)
	}
}

// caps: what is held in rows, and what really lives, fits.
func (e *eye) caps() {
	c := e.n.config
	count := func(what string, used, room int) {
		if room > 0 && used > room {
			e.n.broken("G16", "%d runs of %s, which has room for %d", used, what, room)
		}
	}
	working, lanes, accounts := 0, map[string]int{}, map[string]int{}
	for _, s := range e.n.machine.working() {
		working++
		lanes[s.env("ANDON_LANE")]++
		accounts[c.Lanes[s.env("ANDON_LANE")].Account]++
	}
	count("the home", working, c.Dispatch.MaxParallel)
	held, byLane := 0, map[string]int{}
	for _, runs := range e.live {
		for _, r := range runs {
			if s := e.n.machine.supervisors[identity(r)]; s != nil && (s.alive || len(s.living()) > 0) {
				held++
				byLane[r.Lane]++
			}
		}
	}
	count("the home", held, c.Dispatch.MaxParallel)
	for name, l := range c.Lanes {
		count("lane "+name, max(lanes[name], byLane[name]), l.MaxParallel)
	}
	for name, a := range c.Accounts {
		count("account "+name, accounts[name], a.MaxParallel)
	}
}

// patience is how long a task may be free to run while the dispatcher rests: it
// looks again that often, for what nobody told it of.
const patience = 31 * time.Second

// rest checks what must hold whenever nobody is busy: each task that does not
// run says why, and what could run does.
func (e *eye) rest(acted bool) {
	g := e.n.gateway
	if !acted || g.gone() || !g.serves {
		clear(e.freed)
		return
	}
	for _, slug := range e.n.slugs {
		for id, t := range e.before[slug] {
			switch key := slug + "/" + id; {
			case t.Status == kanban.Running, t.Status == kanban.Done && e.told[key] == t.Version, t.Status == kanban.Archived && e.told[key] == t.Version:
				delete(e.freed, key)
			case e.n.stirred || t.Status == kanban.Ready: // what time alone opens
				e.told[key] = t.Version
				e.explained(slug, id, t)
			}
		}
	}
	e.n.stirred = false
}

func (e *eye) explained(slug, id string, t kanban.Task) {
	key := slug + "/" + id
	x, err := e.boards[slug].Explain(context.Background(), id)
	if err != nil {
		e.n.broken("G18", "task %s cannot be explained: %v", key, err)
		return
	}
	if t.Status == kanban.Todo || t.Status == kanban.Ready {
		e.n.read(slug, func(r store.Reader) error {
			if open := waitsFor(r, id); (t.Status == kanban.Todo) != (len(open) > 0) {
				e.n.broken("G17", "task %s is %s and waits for %v", key, t.Status, open)
			}
			return nil
		})
	}
	if t.Status == kanban.Running || len(x.Gates) > 0 {
		delete(e.freed, key)
		return
	}
	since, known := e.freed[key]
	if !known {
		since = time.Now()
		e.freed[key] = since
	}
	if limit := time.Since(e.n.untold); limit > patience || time.Since(since) > patience {
		e.n.broken("G18", "task %s is %s, nothing holds it, and it is not started", key, t.Status)
	}
}

// last checks what must be so in the morning.
func (e *eye) last() {
	n := e.n
	for _, s := range n.machine.all {
		if len(s.living()) > 0 || s.alive && s.spareOf == nil {
			n.broken("G12", "%s is left over", s.name())
		}
	}
	for _, key := range n.acked {
		slug, id, _ := strings.Cut(key, "/")
		if _, there := e.before[slug][id]; !there && !n.deleted[key] {
			n.broken("G01", "task %s was acknowledged and is not there", key)
		}
	}
}

// unended tells why what has not ended has not.
func (e *eye) unended() string {
	var lines []string
	for _, slug := range e.n.slugs {
		for _, t := range e.n.tasks(slug) {
			if t.Status == kanban.Done || t.Status == kanban.Archived && t.LiveRun == 0 {
				continue
			}
			line := fmt.Sprintf("%s/%s is %s (run %d, live %d)", slug, t.ID, t.Status, t.CurrentRun, t.LiveRun)
			if x, err := e.boards[slug].Explain(context.Background(), t.ID); err == nil {
				for _, g := range x.Gates {
					line += "; " + g.Reason
				}
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func isHuman(who string) bool { return strings.HasPrefix(who, "human") }

func identity(r kanban.Run) worker.Identity { return worker.Identity(r.Supervisor) }
