package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/store"
)

// maxSends bounds how many messages are on their way through one sink at once,
// so that a day's backlog does not become a socket each, and that a service which
// is down keeps its own places busy only.
const maxSends = 25

// Options are what a pump works with. Boards and Sinks are required.
type Options struct {
	Boards func(ctx context.Context) ([]*board.Board, error) // those to serve; asked at the start and at each Nudge
	Sinks  func() map[string]Sink                            // by name; asked before each message
	Digest func(sink string) int                             // more messages than that become one; 0 = never; nil = none does
	Link   func(board, task string) string                   // to a task, from outside; nil or "" = there is none
	Files  func(board string, e Event, task string) []File   // that may go with a message; nil = none
	Found  func(sink, target, chat string)                   // is told what the platform itself calls a target; nil = nobody is
	Clock  func() time.Time                                  // nil = the system's
	Random func() float64                                    // in [0,1); nil = the system's
	Log    *slog.Logger                                      // nil = none
}

// Pump delivers the outboxes of all boards.
type Pump struct {
	Options
	reloaded chan struct{}

	mu    sync.Mutex
	slots map[string]chan struct{} // by sink
	holds map[place]time.Time
}

// place is where messages of several boards and threads may go.
type place struct{ sink, target string }

// New returns a pump that Run sets going.
func New(o Options) *Pump {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pump{Options: o, reloaded: make(chan struct{}, 1), slots: map[string]chan struct{}{}, holds: map[place]time.Time{}}
}

// Nudge makes the pump look again at the boards and the sinks there are: after
// a reload, and when a board was made, archived or restored.
func (p *Pump) Nudge() { poke(p.reloaded) }

// Run delivers until ctx ends, and returns when every goroutine of it has. One
// Run at a time.
//
// Errors: ctx's, and those of Options.Boards.
func (p *Pump) Run(ctx context.Context) error {
	var all sync.WaitGroup
	defer all.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	desks := map[*board.Board]*desk{}
	for {
		boards, err := p.Boards(ctx)
		if err != nil {
			return err
		}
		served := map[*board.Board]*desk{}
		for _, b := range boards {
			d := desks[b]
			if d == nil {
				d = p.open(ctx, &all, b)
			}
			served[b] = d
			poke(d.nudged)
		}
		for b, d := range desks {
			if served[b] == nil {
				d.close()
			}
		}
		desks = served
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.reloaded:
		}
	}
}

func (p *Pump) open(ctx context.Context, all *sync.WaitGroup, b *board.Board) *desk {
	ctx, stop := context.WithCancel(ctx)
	d := &desk{
		Pump: p, board: b, log: p.Log.With("board", b.Slug()), close: stop, nudged: make(chan struct{}, 1),
		busy: map[int64]bool{}, quiet: map[int64]time.Time{}, ended: make(chan ended),
	}
	all.Go(func() { d.run(ctx) })
	return d
}

func (p *Pump) slotsOf(sink string) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slots[sink] == nil {
		p.slots[sink] = make(chan struct{}, maxSends)
	}
	return p.slots[sink]
}

// hold leaves a place alone until a time, whichever board and thread it is for.
func (p *Pump) hold(d store.Destination, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holds[place{d.Sink, d.Target}] = until
}

func (p *Pump) heldUntil(d store.Destination) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known := p.holds[place{d.Sink, d.Target}]; known.After(d.Until) {
		return known
	}
	return d.Until
}

// poke signals without waiting; signals coalesce.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
