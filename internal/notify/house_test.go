package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/notify/webhook"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

var human = kanban.Actor{Kind: kanban.Human, Name: "ada"}

// house is boards with a pump. It lives in a synctest bubble: its clock moves
// only when everybody waits, also for the network.
type house struct {
	t      *testing.T
	boards []*board.Board
	mu     sync.Mutex
	sinks  map[string]notify.Sink // changed by configure once it runs
	digest int                    // of sinks that digests does not name
	pump   *notify.Pump
	stop   func() // ends Run and waits for it

	digests map[string]int
}

func newHouse(t *testing.T, boards ...*board.Board) *house {
	h := &house{t: t, boards: boards, sinks: map[string]notify.Sink{}}
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

// start sets a new pump going, as a gateway does.
func (h *house) start() {
	h.pump = notify.New(notify.Options{
		Boards: func(context.Context) ([]*board.Board, error) { return h.boards, nil },
		Sinks:  h.known,
		Digest: func(sink string) int {
			if n, named := h.digests[sink]; named {
				return n
			}
			return h.digest
		},
		Link:   func(board, task string) string { return "https://andon.test/" + board + "/" + task },
		Random: func() float64 { return 1 },
		Log:    slog.New(slog.NewTextHandler(h.t.Output(), nil)),
	})
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.pump.Run(ctx) }()
	h.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			h.t.Errorf("Run ended with %v", err)
		}
	})
}

func newBoard(slug string, s store.Store) *board.Board {
	return board.New(slug, s, board.Ports{Settings: func() board.Settings { return board.Settings{} }})
}

func subscribe(t *testing.T, b *board.Board, sink string) store.Subscription {
	t.Helper()
	s, _, err := b.Subscribe(t.Context(), human, store.Subscription{Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// finish puts a task on the board and completes it, which is one message.
func finish(t *testing.T, b *board.Board, title string) {
	t.Helper()
	made, err := b.Create(t.Context(), human, board.NewTask{Title: title})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Complete(t.Context(), human, kanban.Lease{Task: made.Task.ID}, kanban.Handoff{Summary: "good"}); err != nil {
		t.Fatal(err)
	}
}

// pass lets time go by and waits until everybody has reacted.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// deliveries lists those in a state by the title of their task, oldest first,
// with attempts and error.
func deliveries(t *testing.T, b *board.Board, state store.DeliveryState) (found []string) {
	t.Helper()
	all, err := b.Deliveries(t.Context(), state, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		s := fmt.Sprintf("event %d, %d tries", d.Event.ID, d.Attempts)
		if d.Error != "" {
			s += ": " + d.Error
		}
		found = append([]string{s}, found...)
	}
	return found
}

// destination is a real HTTP server on a network without sockets.
type destination struct {
	sink *webhook.Sink

	mu   sync.Mutex
	got  []arrival
	next []http.HandlerFunc // for the coming requests; then 200
}

type arrival struct {
	key, title string
	at         time.Duration // since the bubble began
}

func newDestination(t *testing.T, next ...http.HandlerFunc) *destination {
	d := &destination{next: next}
	wire := &wire{conns: make(chan net.Conn), closed: make(chan struct{})}
	began := time.Now()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client went away
		}
		var m notify.Message
		if err := json.Unmarshal(body, &m); err != nil {
			t.Error(err)
		}
		d.arrived(arrival{r.Header.Get("Idempotency-Key"), m.Task.Title, time.Since(began)})(w, r)
	}))
	srv.Listener.Close()
	srv.Listener = wire
	srv.Start()
	transport := &http.Transport{DialContext: wire.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
	})
	d.sink = webhook.New(webhook.Options{URL: "http://destination.test/", Transport: transport})
	return d
}

func (d *destination) arrived(a arrival) http.HandlerFunc {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.got = append(d.got, a)
	if len(d.next) == 0 {
		return status(http.StatusOK)
	}
	h := d.next[0]
	d.next = d.next[1:]
	return h
}

// answers sets what the coming requests get.
func (d *destination) answers(next ...http.HandlerFunc) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = next
}

// log tells what arrived: "title at time".
func (d *destination) log() (lines []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.got {
		lines = append(lines, a.title+" at "+a.at.Round(time.Millisecond).String())
	}
	return lines
}

func (d *destination) keys() (keys []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, a := range d.got {
		keys = append(keys, a.key)
	}
	return keys
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// hang answers nothing until the client has enough.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// wire is a listener whose connections are pipes.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case c := <-w.conns:
		return c, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) Addr() net.Addr { return &net.UnixAddr{Name: "wire", Net: "pipe"} }

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case w.conns <- there:
		return here, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// faulty is a store whose commits can be made to fail, as a full disk would.
type faulty struct {
	*memory.Store
	fail atomic.Int64 // so many of the next updates
}

func newFaulty() *faulty { return &faulty{Store: memory.New()} }

func (f *faulty) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.fail.Add(-1) >= 0 {
		return kanban.Errorf(kanban.Unavailable, "the disk is full")
	}
	return f.Store.Update(ctx, fn)
}

// sinkFunc is a sink of a test.
type sinkFunc func(context.Context, notify.Message) error

func (f sinkFunc) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, f(ctx, m)
}

// chat is a sink that names its messages, and fails as it is told.
type chat struct {
	mu   sync.Mutex
	got  []notify.Message
	next []error // of the coming messages; then nil
}

func (c *chat) Send(_ context.Context, m notify.Message) (notify.Receipt, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.got = append(c.got, m)
	if len(c.next) > 0 {
		err := c.next[0]
		c.next = c.next[1:]
		if err != nil {
			return notify.Receipt{}, err
		}
	}
	if m.Prior != "" && !m.Attention {
		return notify.Receipt{Ref: m.Prior}, nil
	}
	return notify.Receipt{Ref: fmt.Sprint("m", len(c.got))}, nil
}

// log tells of each message its key and what it is about: titles, in order.
func (c *chat) log() (lines []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.got {
		line := m.Key + ":"
		for _, item := range append(m.Items, m) {
			line += strings.TrimRight(" "+item.Task.Title, " ")
		}
		lines = append(lines, line)
	}
	return lines
}

func (h *house) known() map[string]notify.Sink {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.sinks)
}

// configure makes a sink known while it runs.
func (h *house) configure(name string, sink notify.Sink) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sinks[name] = sink
}
