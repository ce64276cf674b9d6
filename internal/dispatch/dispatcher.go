package dispatch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// Options are what a dispatcher works with. All are required.
type Options struct {
	Boards     *board.Boards
	Config     func() config.Config // asked at each pass
	Paths      config.Paths
	Pool       *worker.Pool
	Workspaces func(slug string) *workspace.Manager
	Database   func(slug string) string // only told to workers of the reference system
	Refused    func() string            // why this home may not be dispatched, "" if it may
	Binary     string                   // the andon program
	Clock      func() time.Time
	Log        *slog.Logger
}

// Dispatcher runs a home's work. There is one per home; the gateway's lock sees
// to that.
type Dispatcher struct {
	Options
	wake chan struct{}

	mu       sync.Mutex
	runs     map[runKey]*run
	boards   map[string]*tended
	holds    []store.Hold
	closed   *kanban.Gate // why nothing is started
	draining bool
	idle     chan struct{} // closed when it drains and nothing runs
	listed   time.Time     // when the boards were last listed
}

type runKey struct {
	board string
	run   int64
}

// tended is a board that this dispatcher owns.
type tended struct {
	*board.Board
	epoch   int64
	foreign uint64 // other processes' commits that were taken in
	fresh   bool   // never reconciled yet
	stop    func()
	next    time.Time // of its next deadline
}

// New returns a dispatcher; Run makes it work.
func New(o Options) *Dispatcher {
	return &Dispatcher{
		Options: o, wake: make(chan struct{}, 1), idle: make(chan struct{}), runs: map[runKey]*run{}, boards: map[string]*tended{},
	}
}

// Nudge makes it look again now.
func (d *Dispatcher) Nudge() {
	d.mu.Lock()
	d.listed = time.Time{}
	d.mu.Unlock()
	d.signal()
}

func (d *Dispatcher) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Drain stops starting work; what runs goes on. The channel is closed once
// nothing runs any more. It is called at most once.
func (d *Dispatcher) Drain() (idle <-chan struct{}) {
	d.mu.Lock()
	d.draining = true
	d.noteIdle()
	d.mu.Unlock()
	d.signal()
	return d.idle
}

// noteIdle closes idle when it is time. The lock is held.
func (d *Dispatcher) noteIdle() {
	if !d.draining || len(d.runs) > 0 {
		return
	}
	select {
	case <-d.idle:
	default:
		close(d.idle)
	}
}

// boardsEvery is how often boards are looked for that another program made, and
// a full disk is looked at again.
const boardsEvery = 30 * time.Second

// Adopt takes up all boards and their live runs. Callers can be told apart from
// then on, so the API opens after it.
func (d *Dispatcher) Adopt(ctx context.Context) error {
	if err := d.refresh(ctx); err != nil {
		return err
	}
	for _, t := range d.tendedBoards() {
		if err := d.follow(ctx, t); err != nil {
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
		t.stop()
	}
	clear(d.boards)
	d.listed = time.Time{}
}

// pass does everything that is due once and returns when something is due
// again. A board that fails does not keep the others from their turn.
func (d *Dispatcher) pass(ctx context.Context) (next time.Time, err error) {
	next = d.Clock().Add(boardsEvery)
	if err := d.refresh(ctx); err != nil {
		return next, err
	}
	boards := d.tendedBoards()
	for _, t := range boards {
		due, tendErr := d.tend(ctx, t)
		if tendErr != nil {
			d.Log.Error("board cannot be tended", "board", t.Slug(), "error", tendErr)
		}
		t.next = due
		next = earlier(next, due)
	}
	if d.open(ctx) {
		d.start(ctx, boards)
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

func earlier(a, b time.Time) time.Time {
	if b.IsZero() || b.After(a) {
		return a
	}
	return b
}

// open reports whether anything may be started at all, and keeps the reason.
func (d *Dispatcher) open(ctx context.Context) bool {
	holds, err := d.Boards.Holds(ctx)
	gate := d.shut()
	if err != nil {
		gate = &kanban.Gate{Kind: kanban.GateStore, Reason: "what is held cannot be read: " + err.Error()}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.holds, d.closed = holds, gate
	return gate == nil
}

// close keeps a reason that a pass came upon, until the next one.
func (d *Dispatcher) close(g *kanban.Gate) {
	d.mu.Lock()
	d.closed = g
	d.mu.Unlock()
}

// shut names what keeps the whole home from starting work.
func (d *Dispatcher) shut() *kanban.Gate {
	d.mu.Lock()
	draining := d.draining
	d.mu.Unlock()
	if draining {
		return &kanban.Gate{Kind: kanban.GateDispatcher, Reason: "the gateway drains", Command: "andon gateway start"}
	}
	if reason := d.Refused(); reason != "" {
		return &kanban.Gate{Kind: kanban.GateDispatcher, Reason: reason, Command: "stop the other gateway; then andon dispatch"}
	}
	free, err := workspace.Free(d.Paths.Home)
	if limit := d.Config().Dispatch.MinFree; err == nil && limit > 0 && free < uint64(limit) {
		return &kanban.Gate{
			Kind: kanban.GateDisk, Command: "free some space: andon gc",
			Reason: "only " + mib(free) + " are free on disk, less than min_free (" + mib(uint64(limit)) + ")",
		}
	}
	return nil
}
