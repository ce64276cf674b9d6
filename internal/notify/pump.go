package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
)

// maxSends bounds how many messages are on their way at once, so that a day's
// backlog does not become a socket each.
const maxSends = 100

// Options are what a pump works with. Boards and Sinks are required.
type Options struct {
	Boards func(ctx context.Context) ([]*board.Board, error) // those to serve; asked at the start and at each Nudge
	Sinks  func() map[string]Sink                            // by name; asked before each message
	Clock  func() time.Time                                  // nil = the system's
	Random func() float64                                    // in [0,1); nil = the system's
	Log    *slog.Logger                                      // nil = none
}

// Pump delivers the outboxes of all boards.
type Pump struct {
	Options
	reloaded chan struct{}
	slots    chan struct{}
}

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
	return &Pump{Options: o, reloaded: make(chan struct{}, 1), slots: make(chan struct{}, maxSends)}
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

// poke signals without waiting; signals coalesce.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
