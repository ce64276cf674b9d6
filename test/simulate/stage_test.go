package simulate

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/pprof"
	"slices"
	"sync"
	"testing/synctest"
	"time"
)

// stage decides who acts next. Whoever it lets go acts alone until it is at a
// gate again, or waits for something else: so the order of everything that
// matters is the stage's, whatever the scheduler does.
type stage struct {
	rng     *rand.Rand
	arrived chan struct{}
	log     record

	mu      sync.Mutex
	waiting []*caller

	mail   []letter
	events events
	seq    int
}

// caller waits at a gate.
type caller struct {
	who, what string
	host      *gateway // that the call goes through; nil = none
	let       chan error
	befalls   func() error // decides, when it is let go, what becomes of the call
}

// letter is something that a caller is to learn, once it listens.
type letter struct {
	to, what string
	open     func()
}

// event is due at a time.
type event struct {
	at   time.Time
	seq  int
	what string
	do   func()
}

type events []event

func (e events) Len() int { return len(e) }
func (e events) Less(i, j int) bool {
	return cmp.Or(e[i].at.Compare(e[j].at), cmp.Compare(e[i].seq, e[j].seq)) < 0
}
func (e events) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)   { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// gate returns when the caller is let go, with what befalls its call. Of a
// killed gateway nobody passes.
func (s *stage) gate(c *caller) error {
	if c.host.gone() {
		return errKilled
	}
	c.let = make(chan error, 1)
	s.mu.Lock()
	s.waiting = append(s.waiting, c)
	s.mu.Unlock()
	select {
	case s.arrived <- struct{}{}:
	default:
	}
	return <-c.let
}

// after has something done in a while.
func (s *stage) after(d time.Duration, what string, do func()) {
	s.seq++
	heap.Push(&s.events, event{time.Now().Add(d), s.seq, what, do})
}

func (s *stage) post(to, what string, open func()) { s.mail = append(s.mail, letter{to, what, open}) }

type choice struct {
	label string
	do    func()
}

// choices are what can happen now, in an order that the seed can count on.
func (s *stage) choices() []choice {
	s.mu.Lock()
	defer s.mu.Unlock()
	slices.SortFunc(s.waiting, func(a, b *caller) int { return cmp.Compare(a.who, b.who) })
	var all []choice
	busy := map[string]bool{}
	for i, c := range s.waiting {
		if busy[c.who] {
			panic("two callers are called " + c.who)
		}
		busy[c.who] = true
		all = append(all, choice{c.who + ": " + c.what, func() { s.letGo(i) }})
	}
	for i, l := range s.mail {
		if !busy[l.to] { // nobody is to find two things at once: which it takes first is not ours to choose
			all = append(all, choice{l.what, func() {
				s.mail = slices.Delete(s.mail, i, i+1)
				l.open()
			}})
		}
	}
	if now := time.Now(); len(s.events) > 0 && !s.events[0].at.After(now) {
		all = append(all, choice{s.events[0].what, func() { heap.Pop(&s.events).(event).do() }})
	}
	return all
}

func (s *stage) letGo(i int) {
	s.mu.Lock()
	c := s.waiting[i]
	s.waiting = slices.Delete(s.waiting, i, i+1)
	s.mu.Unlock()
	c.let <- c.verdict()
}

func (c *caller) verdict() error {
	switch {
	case c.host.gone():
		return errKilled
	case c.befalls != nil:
		return c.befalls()
	}
	return nil
}

// refuse lets everybody go who waits on behalf of a killed gateway itself; who
// only called it learns so in turn.
func (s *stage) refuse(g *gateway, own func(who string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = slices.DeleteFunc(s.waiting, func(c *caller) bool {
		if c.host != g || !own(c.who) {
			return false
		}
		c.let <- errKilled
		return true
	})
}

// step lets one thing happen. false means that all are quiet.
func (s *stage) step() bool {
	synctest.Wait()
	all := s.choices()
	if len(all) == 0 {
		return false
	}
	pick := all[s.rng.IntN(len(all))]
	s.log.add(pick.label)
	pick.do()
	synctest.Wait()
	return true
}

// pass lets time go on until somebody is at a gate or an event is due.
func (s *stage) pass() {
	next := time.Now().Add(time.Hour)
	if len(s.events) > 0 {
		next = s.events[0].at
	}
	timer := time.NewTimer(time.Until(next))
	defer timer.Stop()
	select {
	case <-s.arrived:
	case <-timer.C:
	}
}

// chance is true with a probability.
func (s *stage) chance(p float64) bool { return p > 0 && s.rng.Float64() < p }

// between returns a duration that no other is likely to equal, so that timers do
// not meet.
func (s *stage) between(least, most time.Duration) time.Duration {
	return least + time.Duration(s.rng.Int64N(int64(most-least)))
}

type nameKey struct{}

func named(ctx context.Context, who string) context.Context {
	return context.WithValue(ctx, nameKey{}, who)
}

// whoIs names the goroutine that calls.
func whoIs(ctx context.Context) string {
	if who, ok := ctx.Value(nameKey{}).(string); ok {
		return who
	}
	if run, ok := pprof.Label(ctx, "run"); ok {
		slug, _ := pprof.Label(ctx, "board")
		return watcher(slug, run)
	}
	return "nudge"
}

func watcher(slug, run string) string { return "run " + slug + "." + run }

// record is the log of a night.
type record struct {
	lines []string
	sum   uint64
	since time.Time
}

func (r *record) add(line string) {
	at := time.Since(r.since)
	for i := range len(line) {
		r.sum = (r.sum ^ uint64(line[i])) * 1099511628211
	}
	r.sum = (r.sum ^ uint64(at)) * 1099511628211
	r.lines = append(r.lines, fmt.Sprintf("%s %s", clockTime(at), line))
}

// note is shown with the log and does not count in its sum.
func (r *record) note(format string, args ...any) {
	r.lines = append(r.lines, "                "+fmt.Sprintf(format, args...))
}

func clockTime(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3600000, ms/60000%60, ms/1000%60, ms%1000)
}
