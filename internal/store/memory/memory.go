package memory

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

var _ store.Store = (*Store)(nil)

// Store keeps one board in memory.
type Store struct {
	turn    chan struct{} // holds a token while nobody writes
	present atomic.Pointer[state]
	closing sync.Once
	closed  chan struct{}

	mu        sync.Mutex
	listeners map[chan struct{}]bool
}

// New returns an empty board.
func New() *Store {
	s := &Store{turn: make(chan struct{}, 1), closed: make(chan struct{}), listeners: map[chan struct{}]bool{}}
	s.present.Store(newState())
	s.turn <- struct{}{}
	return s
}

// Clone returns a board of its own that goes on from what s is now.
func (s *Store) Clone() *Store {
	c := New()
	c.present.Store(s.present.Load())
	return c
}

// View implements store.Store.
func (s *Store) View(_ context.Context, fn func(store.Reader) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	return fn(s.present.Load())
}

// Update implements store.Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if ctx.Err() != nil {
		return gaveUp(ctx)
	}
	select {
	case <-s.turn:
	case <-ctx.Done():
		return gaveUp(ctx)
	}
	defer func() { s.turn <- struct{}{} }()
	if err := s.usable(); err != nil {
		return err
	}
	next := s.present.Load().clone()
	if err := call(fn, next); err != nil {
		return err
	}
	s.present.Store(next)
	s.tell()
	return nil
}

// call makes an error of a panic, so that one caller's defect is not another's.
func call(fn func(store.Tx) error, tx *state) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = kanban.Errorf(kanban.Internal, "panic in a transaction: %v", p)
		}
	}()
	return fn(tx)
}

func gaveUp(ctx context.Context) error {
	return kanban.Errorf(kanban.Unavailable, "gave up waiting for the board: %w", ctx.Err())
}

func (s *Store) usable() error {
	select {
	case <-s.closed:
		return kanban.Errorf(kanban.Unavailable, "the board was closed").Hint("open it again")
	default:
		return nil
	}
}

func (s *Store) close() { s.closing.Do(func() { close(s.closed) }) }

// Closed implements store.Store.
func (s *Store) Closed() <-chan struct{} { return s.closed }

// Changes implements store.Store.
func (s *Store) Changes() (<-chan struct{}, func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := make(chan struct{}, 1)
	s.listeners[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.listeners, c)
	}
}

func (s *Store) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Foreign implements store.Store: nobody else can write here.
func (s *Store) Foreign() uint64 { return 0 }

// Latched implements store.Store: memory does not fail.
func (s *Store) Latched() error { return nil }

// state is one version of a board. Once it is the present one, it never
// changes again.
type state struct {
	tasks         map[string]entry
	links         map[edge]kanban.Link
	keys          map[string]string // idempotency key -> task
	runs          []kanban.Run      // these lists are in order of id
	comments      []kanban.Comment
	events        []event
	artifacts     []kanban.Artifact // in order of insertion
	destinations  []store.Destination
	subscriptions []store.Subscription
	mutes         []store.Mute
	posts         []store.Post // in order of insertion
	deliveries    []delivery
	operations    map[string]operation
	meta          map[string]string
	last          ids
}

// ids are the last ones given.
type ids struct{ task, run, comment, event, destination, subscription, delivery int64 }

type edge struct{ parent, child string }

// entry is a task and the number of its insertion.
type entry struct {
	kanban.Task
	n int64
}

type operation struct {
	answer []byte
	at     time.Time
}

var _ store.Tx = (*state)(nil)

func newState() *state {
	return &state{
		tasks: map[string]entry{}, links: map[edge]kanban.Link{}, keys: map[string]string{},
		operations: map[string]operation{}, meta: map[string]string{},
	}
}

func (s *state) clone() *state {
	c := *s
	c.tasks, c.links, c.keys = maps.Clone(s.tasks), maps.Clone(s.links), maps.Clone(s.keys)
	c.operations, c.meta = maps.Clone(s.operations), maps.Clone(s.meta)
	c.runs, c.comments, c.events = slices.Clone(s.runs), slices.Clone(s.comments), slices.Clone(s.events)
	c.artifacts, c.subscriptions = slices.Clone(s.artifacts), slices.Clone(s.subscriptions)
	c.destinations, c.mutes = slices.Clone(s.destinations), slices.Clone(s.mutes)
	c.posts, c.deliveries = slices.Clone(s.posts), slices.Clone(s.deliveries)
	return &c
}

func (s *state) Meta(key string) (string, error) { return s.meta[key], nil }

func (s *state) SetMeta(key, value string) error {
	s.meta[key] = value
	return nil
}

func (s *state) Operation(id string) ([]byte, bool, error) {
	o, found := s.operations[id]
	return slices.Clone(o.answer), found, nil
}

func (s *state) PutOperation(id string, answer []byte, at time.Time) error {
	if _, taken := s.operations[id]; taken {
		return kanban.Errorf(kanban.Conflict, "operation %s was answered before", id)
	}
	s.operations[id] = operation{slices.Clone(answer), stamp(at)}
	return nil
}

// stamp is a time as every adapter keeps it: to the millisecond.
func stamp(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// second is how fine lists are ordered by time: rows of the reference system
// know no finer.
func second(t time.Time) time.Time { return t.Truncate(time.Second) }

// first cuts a list; a limit of 0 or less means all.
func first[T any](rows []T, limit int) []T {
	if limit > 0 && len(rows) > limit {
		return rows[:limit]
	}
	return rows
}

// within brings a caller's limit between 1 and maximum; 0 means usual.
func within(limit, usual, maximum int) int {
	if limit <= 0 {
		limit = usual
	}
	return min(limit, maximum)
}

func filter[T any](rows []T, keep func(T) bool) []T {
	var kept []T
	for _, r := range rows {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}
