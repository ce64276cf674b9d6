package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
)

// Options are what a dispatcher works with. All are required.
type Options struct {
	Boards   *board.Boards
	Config   func() config.Config // asked at each pass
	Paths    config.Paths
	Host     Host
	Database func(slug string) string // only told to workers of the reference system
	Refused  func() string            // why this home may not be dispatched, "" if it may
	Clock    func() time.Time
	Log      *slog.Logger
}

// Dispatcher runs a home's work. There is one per home; the gateway's lock sees
// to that.
type Dispatcher struct {
	Options
	wake     chan struct{}
	life     context.Context // of the watchers: until Close
	end      context.CancelFunc
	watchers sync.WaitGroup
	running  *runningTime

	claiming turn // from the look at what is held to the claim

	mu       sync.Mutex
	runs     map[runKey]*run
	unread   map[runKey]*run // alive, on boards that were not read: they count, nobody watches
	boards   map[string]*tended
	holds    []store.Hold
	closed   *kanban.Gate // why nothing is started
	troubles map[trouble]error
	asks     []*asking // first come first served
	draining bool
	idle     chan struct{} // closed when it drains and nothing runs
	listed   time.Time     // when the boards were last listed
	starts   uint64
	spent    *board.Spending // as last summed
}

// turn is held by one at a time. Others wait for a channel and not for a mutex,
// so that a simulation can tell who waits.
type turn chan struct{}

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

type runKey struct {
	board string
	run   int64
}

// New returns a dispatcher; Adopt and Run make it work. Close it.
func New(o Options) *Dispatcher {
	life, end := context.WithCancel(context.Background())
	return &Dispatcher{
		Options: o, wake: make(chan struct{}, 1), idle: make(chan struct{}), life: life, end: end, claiming: make(turn, 1),
		running: newRunningTime(o.Clock), runs: map[runKey]*run{}, boards: map[string]*tended{}, troubles: map[trouble]error{},
	}
}

// Close stops watching, after Run has returned. Workers go on, and the next
// dispatcher adopts them; what was being recorded is recorded or left to it.
func (d *Dispatcher) Close() {
	d.end()
	d.watchers.Wait()
}

// Nudge makes it look again now. What is held by then is known, and keeps work
// from starting, when it returns.
func (d *Dispatcher) Nudge() {
	d.claiming.take()
	holds, err := d.Boards.Holds(d.life)
	d.mu.Lock()
	if err == nil { // else the next pass says so
		d.holds = holds
	}
	d.listed = time.Time{}
	d.mu.Unlock()
	d.claiming.give()
	d.signal()
}

func (d *Dispatcher) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Drain stops starting work; what runs goes on. The channel is closed once
// nothing runs any more.
func (d *Dispatcher) Drain() (idle <-chan struct{}) {
	d.claiming.take()
	defer d.claiming.give()
	d.mu.Lock()
	d.draining = true
	d.noteIdle()
	d.mu.Unlock()
	d.signal()
	return d.idle
}

// noteIdle closes idle when it is time. The lock is held.
func (d *Dispatcher) noteIdle() {
	if !d.draining {
		return
	}
	for _, r := range d.runs {
		if !r.guest() { // those end when they like
			return
		}
	}
	select {
	case <-d.idle:
	default:
		close(d.idle)
	}
}

const (
	// boardsEvery is how often boards are looked for that another program made, and
	// what failed or was refused is tried again: a board, a full disk.
	boardsEvery = 30 * time.Second
	// patience is how long a board may keep the others waiting, while another
	// program holds it, and busyFor how long it has no turn after that.
	patience = time.Second
	busyFor  = 5 * time.Second
)

// restOf is how long a board rests after an error.
func restOf(err error) time.Duration {
	if errors.Is(err, context.DeadlineExceeded) {
		return busyFor
	}
	return boardsEvery
}

// Adopt takes up all boards and their live runs. Callers can be told apart from
// then on, so the API opens after it.
func (d *Dispatcher) Adopt(ctx context.Context) error {
	ctx = store.WithPatience(ctx, patience)
	if err := d.refresh(ctx); err != nil {
		return err
	}
	if err := d.Boards.Recall(ctx); err != nil {
		return err
	}
	for _, t := range d.tendedBoards() {
		if _, err := d.follow(ctx, t); err != nil {
			d.Log.Error("live runs of a board are not known", "board", t.Slug(), "error", err)
		}
	}
	return nil
}

// Run dispatches until ctx ends. Workers go on; the next dispatcher adopts
// them. It may be called again after it returned.
func (d *Dispatcher) Run(ctx context.Context) error {
	defer d.release()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.wake:
		case <-timer.C:
		}
		next, err := d.pass(ctx)
		if err != nil && ctx.Err() == nil {
			d.Log.Error("dispatch pass failed", "error", err)
		}
		timer.Reset(min(boardsEvery, next.Sub(d.Clock())))
	}
}

// release forgets the boards, so that a later Run owns them anew.
func (d *Dispatcher) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, t := range d.boards {
		t.forget()
	}
	clear(d.boards)
	d.listed = time.Time{}
}

// pass does everything that is due once and returns when something is due
// again. A board that fails does not keep the others from their turn.
func (d *Dispatcher) pass(ctx context.Context) (next time.Time, err error) {
	ctx = store.WithPatience(ctx, patience)
	next = d.Clock().Add(boardsEvery)
	if err := d.refresh(ctx); err != nil {
		return next, err
	}
	boards := d.tendedBoards()
	now := d.Clock() // before the look at the clock: what leaps later counts in the next pass
	leapt := d.running.leapt()
	for _, t := range boards {
		t.leapt = t.leapt || leapt
		d.tend(ctx, t, now)
		next = earlier(next, t.next)
	}
	d.close(d.shut())
	d.serve(ctx)
	d.start(ctx, boards)
	for _, t := range boards {
		if t.pausedTo.After(now) {
			next = earlier(next, t.pausedTo)
		}
	}
	d.claiming.take()
	d.spending(ctx) // also for those who ask why nothing starts
	d.claiming.give()
	if c := d.Config(); c.HasDays() {
		next = earlier(next, policy.DayOf(now).End)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, h := range d.holds {
		if h.Until.After(d.Clock()) {
			next = earlier(next, h.Until)
		}
	}
	return next, nil
}

// earlier is the first of two times, of which b may be zero.
func earlier(a, b time.Time) time.Time {
	if b.IsZero() || b.After(a) {
		return a
	}
	return b
}

// close keeps the reason why nothing is started, until the next pass.
func (d *Dispatcher) close(g *kanban.Gate) {
	d.mu.Lock()
	d.closed = g
	d.mu.Unlock()
}

// open reports whether anything may be started at this very moment. It is asked
// with claiming held, so that nothing starts once a pull or a drain was answered.
func (d *Dispatcher) open(ctx context.Context) bool {
	holds, err := d.Boards.Holds(ctx)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.draining:
		d.closed = drains
	case err != nil:
		d.closed = &kanban.Gate{Kind: kanban.GateStore, Reason: "what is held cannot be read: " + err.Error(), Command: "andon doctor"}
	default:
		d.holds = holds
	}
	return d.closed == nil
}

var drains = &kanban.Gate{Kind: kanban.GateDispatcher, Reason: "the gateway drains", Command: "andon gateway start"}

// shut names what keeps the whole home from starting work.
func (d *Dispatcher) shut() *kanban.Gate {
	d.mu.Lock()
	draining := d.draining
	d.mu.Unlock()
	if draining {
		return drains
	}
	if reason := d.Refused(); reason != "" {
		return &kanban.Gate{Kind: kanban.GateDispatcher, Reason: reason, Command: "stop the other gateway; then andon dispatch"}
	}
	limit := d.Config().Dispatch.MinFree
	if limit <= 0 {
		return nil
	}
	free, err := d.Host.Free()
	switch {
	case err != nil:
		return &kanban.Gate{Kind: kanban.GateDisk, Reason: "the free space on disk cannot be told: " + err.Error()}
	case free < uint64(limit):
		return &kanban.Gate{
			Kind: kanban.GateDisk, Command: "free some space: andon gc",
			Reason: "only " + mib(free) + " are free on disk, less than min_free (" + mib(uint64(limit)) + ")",
		}
	}
	return nil
}

func mib(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }
