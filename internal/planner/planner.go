package planner

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/board"
)

// parallel is how many plans of one board are made at once.
const parallel = 2

// Options are what a planner works with. Boards and Settings are required.
type Options struct {
	Boards   func(ctx context.Context) ([]*board.Board, error) // those to serve; asked at the start and at each Nudge
	Settings func() Settings                                   // asked before each plan
	Clock    func() time.Time                                  // nil = the system's
	Random   io.Reader                                         // nil = the system's
	Log      *slog.Logger                                      // nil = none
}

// Settings are the configured rules.
type Settings struct {
	Mind        Mind            // nil = a lane makes the plans, or nobody
	Lane        string          // whose runs make them; "" = Mind
	Timeout     time.Duration   // of one answer
	MaxChildren int             // of one plan
	Lanes       map[string]Lane // by name
	Initial     time.Duration   // the wait after the first failure; doubled
	Max         time.Duration   // the longest wait
}

// any reports whether somebody makes plans.
func (s Settings) any() bool { return s.Mind != nil || s.Lane != "" }

// Lane is what a mind is told of a lane.
type Lane struct{ Description string }

// Planner makes the plans of all boards.
type Planner struct {
	Options
	nudged chan struct{}
}

// New returns a planner that Run sets going.
func New(o Options) *Planner {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Planner{Options: o, nudged: make(chan struct{}, 1)}
}

// Nudge makes the planner look again at the boards and at all that is in triage:
// after a reload, and when a board was made, archived or restored.
func (p *Planner) Nudge() { poke(p.nudged) }

// Run plans until ctx ends, and returns when every goroutine of it has. One Run
// at a time.
//
// Errors: ctx's, and those of Options.Boards.
func (p *Planner) Run(ctx context.Context) error {
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
		case <-p.nudged:
		}
	}
}

func (p *Planner) open(ctx context.Context, all *sync.WaitGroup, b *board.Board) *desk {
	ctx, stop := context.WithCancel(ctx)
	d := &desk{
		Planner: p, board: b, log: p.Log.With("board", b.Slug()), close: stop, nudged: make(chan struct{}, 1),
		due: map[string]time.Time{}, busy: map[string]bool{}, ended: make(chan string),
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
