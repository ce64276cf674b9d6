package httpapi

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

const (
	tailKeeps = 500 // frames that a slow reader may be behind at least before it reads events from the store; up to twice as many are kept
	tailBatch = 200 // events that are read at once
)

// frame is one message of a board's stream, made once for all who hear it.
type frame struct {
	id   int64 // of its event; 0 = of none
	name string
	task string    // whose it is; "" = for humans only
	data [2][]byte // for who may not move cards, and for who may
}

// tails are the boards that somebody looks at, each read by one goroutine.
type tails struct {
	s   *server
	mu  sync.Mutex
	all map[*board.Board]*tail
}

// tail reads a board for all who look at it, from the first of them to the last.
type tail struct {
	s     *server
	board *board.Board
	stop  context.CancelFunc
	users int // guarded by tails.mu

	mu     sync.Mutex
	frames []frame
	first  int64 // number of frames[0]; each frame has the number after that of the one before
	floor  int64 // the event before the first that is kept
	ears   map[chan struct{}]bool
	gone   chan struct{} // closed when the board cannot be read any more
	news   atomic.Bool   // there were events since the last look at the rest
}

// follow returns the tail of a board; end it with leave.
func (ts *tails) follow(ctx context.Context, b *board.Board) (t *tail, leave func(), err error) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t = ts.all[b]
	if t == nil {
		last, err := b.LastEvent(ctx)
		if err != nil {
			return nil, nil, err
		}
		reading, stop := context.WithCancel(context.WithoutCancel(ctx))
		t = &tail{s: ts.s, board: b, stop: stop, floor: last, ears: map[chan struct{}]bool{}, gone: make(chan struct{})}
		ts.all[b] = t
		go t.run(reading, last)
	}
	t.users++
	return t, func() { ts.leave(t) }, nil
}

func (ts *tails) leave(t *tail) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.users--; t.users == 0 {
		t.stop()
		delete(ts.all, t.board)
	}
}

// run makes a frame of each event after last. It listens before it reads, so
// that no commit falls in between.
func (t *tail) run(ctx context.Context, last int64) {
	defer close(t.gone)
	changed, stop := t.board.Store().Changes()
	defer stop()
	t.news.Store(true)
	go t.pulse(ctx)
	for {
		frames, err := t.s.framesAfter(ctx, t.board, last)
		if err != nil {
			t.giveUp(ctx, err)
			return
		}
		if len(frames) > 0 {
			last = frames[len(frames)-1].id
			t.news.Store(true)
			t.add(frames...)
			continue
		}
		select {
		case <-changed:
		case <-t.board.Store().Closed():
			return
		case <-ctx.Done():
			return
		}
	}
}

func (t *tail) giveUp(ctx context.Context, err error) {
	if ctx.Err() == nil {
		t.s.o.Log.InfoContext(ctx, "a board is not followed any more", "board", t.board.Slug(), "error", err)
	}
}

// add appends frames, forgets old ones, and wakes who waits.
func (t *tail) add(frames ...frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frames = append(t.frames, frames...)
	if more := len(t.frames) - tailKeeps; more >= tailKeeps { // many at once: what is kept is copied
		for _, f := range t.frames[:more] {
			t.floor = max(t.floor, f.id)
		}
		t.frames = slices.Clone(t.frames[more:])
		t.first += int64(more)
	}
	for ear := range t.ears {
		select {
		case ear <- struct{}{}:
		default:
		}
	}
}

// hear returns a channel that receives after frames were added.
func (t *tail) hear() (heard <-chan struct{}, stop func()) {
	ear := make(chan struct{}, 1)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ears[ear] = true
	return ear, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.ears, ear)
	}
}

// join returns the number of the first frame for who has seen an event; false if
// it is not kept any more.
func (t *tail) join(seen int64) (int64, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.IndexFunc(t.frames, func(f frame) bool { return f.id > seen })
	if at < 0 {
		at = len(t.frames)
	}
	return t.first + int64(at), seen >= t.floor
}

// from returns the frames from a number on; false if they are not kept any more.
// They are shared: add writes only behind them, or elsewhere.
func (t *tail) from(number int64) ([]frame, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if number < t.first {
		return nil, false
	}
	return slices.Clip(t.frames[number-t.first:]), true
}

// framesAfter makes frames of the next events, with the cards as they are now.
func (s *server) framesAfter(ctx context.Context, b *board.Board, after int64) ([]frame, error) {
	events, err := b.Events(ctx, store.EventQuery{After: after, Limit: tailBatch})
	if err != nil || len(events) == 0 {
		return nil, err
	}
	var ids []string
	for _, e := range events {
		ids = append(ids, e.Task)
	}
	slices.Sort(ids)
	found, err := b.CardsOf(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	cards := map[string]*client.Card{}
	for _, c := range found {
		w := s.card(b, c)
		cards[w.ID] = &w
	}
	frames := make([]frame, len(events))
	for i, e := range events {
		frames[i] = cardFrame(client.FrameEvent, e.ID, e.Task, cards[e.Task], func(c *client.Card) any { return client.CardEvent{Event: wireEvent(e), Card: c} })
	}
	return frames, nil
}

// encoded is JSON of what cannot fail to be.
func encoded(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		text, _ = json.Marshal(client.Error{Code: string(kanban.Internal), Message: err.Error()})
	}
	return text
}
