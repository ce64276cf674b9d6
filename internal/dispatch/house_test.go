package dispatch_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// The test binary is its own supervisor.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		os.Exit(worker.Supervise())
	}
	os.Exit(m.Run())
}

const patience = 30 * time.Second // before a test that hangs says where

var ann = kanban.Actor{Kind: kanban.Human, Name: "ann"}

// house is a home with real stores, workspaces and processes.
type house struct {
	t       *testing.T
	boards  *board.Boards
	homes   *homes
	paths   config.Paths
	config  atomic.Pointer[config.Config]
	ahead   atomic.Int64 // of the clock, in nanoseconds
	refused atomic.Pointer[string]
	lanes   map[string]config.Lane

	d   *dispatch.Dispatcher
	end func() // stops dispatching; the workers go on
}

// newHouse makes a home with lanes of shell scripts. They find $TELL, a pipe to
// the test.
func newHouse(t *testing.T, lanes map[string]string, change ...func(*config.Config)) *house {
	t.Helper()
	dir := t.TempDir()
	paths, err := config.PathsOf(dir, func(string) string { return "/tmp" })
	fail(t, err)
	home, err := sqlite.OpenHome(dir, sqlite.Options{})
	fail(t, err)
	h := &house{t: t, homes: &homes{Boards: home, sick: map[string]bool{}}, paths: paths, end: func() {}}
	t.Cleanup(func() { h.close(); home.Close() })
	c := config.Defaults()
	c.Dispatch.Backoff = config.Backoff{Initial: 10 * time.Millisecond, Max: 20 * time.Millisecond}
	c.Dispatch.StopGrace, c.Dispatch.MinFree = 200*time.Millisecond, 0
	c.Lanes = map[string]config.Lane{}
	for name, script := range lanes {
		c.Lanes[name] = config.Lane{
			Name: name, Command: []string{"sh", "-c", script}, DoneWhen: config.DoneOnExit,
			Env: map[string]string{"TELL": filepath.Join(dir, "tell"), "GATES": dir},
		}
	}
	for _, f := range change {
		f(&c)
	}
	h.config.Store(&c)
	h.lanes = c.Lanes
	h.boards = board.NewBoards(h.homes, h.ports)
	return h
}

func (h *house) clock() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// change replaces the configuration, as a reload does.
func (h *house) change(f func(*config.Config)) {
	c := *h.config.Load()
	f(&c)
	h.config.Store(&c)
	h.d.Nudge()
}

func (h *house) ports(slug string) board.Ports {
	return board.Ports{
		Clock: h.clock,
		Settings: func() board.Settings {
			c := h.config.Load()
			s := board.Settings{
				Retry: policy.Retry{MaxAttempts: c.Dispatch.MaxAttempts, Initial: c.Dispatch.Backoff.Initial, Max: c.Dispatch.Backoff.Max},
				Lease: c.Dispatch.Lease, BoardCap: c.Boards[slug].MaxParallel, TenantCap: map[string]int{}, Lanes: map[string]board.Lane{},
			}
			for name, t := range c.Boards[slug].Tenants {
				s.TenantCap[name] = t.MaxParallel
			}
			s.Home, s.Board, s.Accounts = policy.Limits(c.Budget), policy.Limits(c.Boards[slug].Budget), map[string]policy.Limits{}
			for name, a := range c.Accounts {
				s.Accounts[name] = policy.Limits(a.Budget)
			}
			for name, l := range c.Lanes {
				s.Lanes[name] = board.Lane{
					Account: l.Account, MaxParallel: l.MaxParallel, MaxRuntime: l.RunTimeout,
					Budget: policy.Limits(l.Budget), Cost: l.Cost, Metered: l.Meters(), Unpriced: l.Unpriced(),
				}
			}
			return s
		},
		Situation: func() board.Situation { return h.d.Situation(slug) },
		Work:      work{},
	}
}

// work keeps nothing: these runs declare no artifacts and end without a commit.
type work struct{}

func (work) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (work) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (work) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) { return "", nil }

func (work) Keep(context.Context, kanban.Run, []string) ([]kanban.Artifact, error) {
	return nil, nil
}

// open begins to dispatch; a second call is the next gateway.
func (h *house) open() *house {
	h.t.Helper()
	h.close()
	self, err := os.Executable()
	fail(h.t, err)
	log := slog.New(slog.NewTextHandler(testLog{h.t}, nil))
	pool := worker.NewPool(worker.PoolOptions{Command: []string{self, "supervise"}, Dir: h.paths.Spares, Log: log})
	feeds, err := dispatch.NewFeeds()
	fail(h.t, err)
	h.d = dispatch.New(dispatch.Options{
		Boards: h.boards, Config: func() config.Config { return *h.config.Load() }, Paths: h.paths,
		Host: dispatch.Machine{Pool: pool, Paths: h.paths, Kept: h.workspaces, Feeds: feeds}, Database: func(string) string { return "" }, Clock: h.clock, Log: log,
		Refused: func() string {
			if why := h.refused.Load(); why != nil {
				return *why
			}
			return ""
		},
	})
	h.boards.OnChange(h.d.Nudge)
	fail(h.t, h.d.Adopt(context.Background()))
	ctx, cancel := context.WithCancel(context.Background())
	var loop sync.WaitGroup
	loop.Go(func() {
		if err := h.d.Run(ctx); !errors.Is(err, context.Canceled) {
			h.t.Error("the dispatcher ended:", err)
		}
	})
	h.end = sync.OnceFunc(func() {
		cancel()
		loop.Wait()
		h.d.Close()
		pool.Close()
		fail(h.t, feeds.Close())
	})
	return h
}

// close ends dispatching, as the end of a gateway does.
func (h *house) close() { h.end() }

// tidy ends everything that runs when the test ends.
func (h *house) tidy() *house {
	h.t.Cleanup(func() {
		fail(h.t, h.boards.Pull(context.Background(), ann, "all", "the test is over", time.Now()))
		if _, err := h.d.StopRuns(context.Background(), "all"); err != nil {
			h.t.Error(err)
		}
		h.await("the end of all runs", func() bool {
			n, _ := h.d.Running()
			return n == 0
		})
	})
	return h
}

func (h *house) workspaces(slug string) *workspace.Manager {
	return workspace.New(filepath.Join(h.homes.Dir(slug), "workspaces"))
}

func (h *house) board(slug string) *board.Board {
	h.t.Helper()
	b, err := h.boards.Board(context.Background(), slug)
	fail(h.t, err)
	return b
}

func (h *house) newBoard(slug string) *board.Board {
	h.t.Helper()
	_, _, err := h.boards.Create(context.Background(), ann, store.BoardInfo{Slug: slug})
	fail(h.t, err)
	return h.board(slug)
}

// add puts a task on the default board.
func (h *house) add(lane string) string { return h.addTo("default", board.NewTask{Assignee: lane}) }

func (h *house) addTo(slug string, n board.NewTask) string {
	h.t.Helper()
	n.Title = "a task for " + n.Assignee
	made, err := h.board(slug).Create(context.Background(), ann, n)
	fail(h.t, err)
	return made.Task.ID
}

func (h *house) task(id string) kanban.Task {
	h.t.Helper()
	t, err := h.board("default").Task(context.Background(), id)
	fail(h.t, err)
	return t
}

func (h *house) runs(id string) []kanban.Run {
	h.t.Helper()
	runs, err := h.board("default").Runs(context.Background(), id)
	fail(h.t, err)
	return runs
}

func (h *house) outcomes(id string) (all []kanban.Outcome) {
	for _, r := range h.runs(id) {
		all = append(all, r.Outcome)
	}
	return all
}

// kinds lists what happened to a task.
func (h *house) kinds(id string) (all []kanban.EventKind) {
	h.t.Helper()
	events, err := h.board("default").Events(context.Background(), store.EventQuery{Task: id})
	fail(h.t, err)
	for _, e := range events {
		all = append(all, e.Kind)
	}
	return all
}

// gates says in words why a task does not run.
func (h *house) gates(slug, id string) string {
	h.t.Helper()
	e, err := h.board(slug).Explain(context.Background(), id)
	fail(h.t, err)
	var words []string
	for _, g := range e.Gates {
		words = append(words, string(g.Kind)+": "+g.Reason)
	}
	return strings.Join(words, "\n")
}

// is returns when a task of the default board has a status and nothing of its
// last run is left.
func (h *house) is(id string, s kanban.Status) {
	h.t.Helper()
	h.await(id+" to be "+string(s), func() bool {
		t := h.task(id)
		return t.Status == s && t.LiveRun == 0
	})
}

// await returns when a condition over boards and dispatcher holds, which it
// looks at after every commit.
func (h *house) await(what string, holds func() bool) {
	h.t.Helper()
	infos, err := h.boards.List(context.Background(), false)
	fail(h.t, err)
	changed := make(chan struct{}, 1)
	done := make(chan struct{})
	defer close(done)
	for _, i := range infos {
		if h.homes.isSick(i.Slug) {
			continue
		}
		changes, stop := h.board(i.Slug).Store().Changes()
		defer stop()
		go func() {
			for {
				select {
				case <-done:
					return
				case <-changes:
					select {
					case changed <- struct{}{}:
					default:
					}
				}
			}
		}()
	}
	limit := time.After(patience)
	// What only the dispatcher knows (a gate, a count) changes without a commit.
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !holds() {
		select {
		case <-changed:
		case <-again.C:
		case <-limit:
			h.t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// pipe is what a test hears from its workers.
type pipe struct {
	t *testing.T
	f *os.File
	r *bufio.Reader
}

// hear opens $TELL.
func (h *house) hear() *pipe {
	h.t.Helper()
	return h.fifo("tell")
}

// fifo makes a pipe in the home that a worker can read or write.
func (h *house) fifo(name string) *pipe {
	h.t.Helper()
	path := filepath.Join(h.paths.Home, name)
	fail(h.t, syscall.Mkfifo(path, 0o600))
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0)
	fail(h.t, err)
	h.t.Cleanup(func() { f.Close() })
	return &pipe{h.t, f, bufio.NewReader(f)}
}

func (p *pipe) line() string {
	p.t.Helper()
	fail(p.t, p.f.SetReadDeadline(time.Now().Add(patience)))
	line, err := p.r.ReadString('\n')
	fail(p.t, err)
	return strings.TrimSpace(line)
}

func (p *pipe) say(line string) {
	p.t.Helper()
	_, err := p.f.WriteString(line + "\n")
	fail(p.t, err)
}

// process is the process whose pid a worker told.
func (p *pipe) process() worker.Identity {
	p.t.Helper()
	pid, err := strconv.Atoi(p.line())
	fail(p.t, err)
	id, err := worker.Identify(pid)
	fail(p.t, err)
	return id
}

func kill(t *testing.T, id worker.Identity) {
	t.Helper()
	p, err := worker.Open(id)
	fail(t, err)
	defer p.Close()
	fail(t, p.Signal(syscall.SIGKILL))
}

func fail(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// testLog shows the dispatcher's log with the test that it belongs to.
type testLog struct{ t *testing.T }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// homes is a home whose boards can fall ill, as one on a failing disk.
type homes struct {
	store.Boards
	mu   sync.Mutex
	sick map[string]bool
}

func (b *homes) fall(slug string) { b.mu.Lock(); b.sick[slug] = true; b.mu.Unlock() }
func (b *homes) heal()            { b.mu.Lock(); clear(b.sick); b.mu.Unlock() }

func (b *homes) isSick(slug string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sick[slug]
}

func (b *homes) Open(ctx context.Context, slug string) (store.Store, error) {
	if b.isSick(slug) {
		return nil, kanban.Errorf(kanban.Unavailable, "the disk of %s fails", slug)
	}
	s, err := b.Boards.Open(ctx, slug)
	if err != nil {
		return nil, err
	}
	return ill{s, b, slug}, nil
}

// ill is a store that latches when its board falls ill.
type ill struct {
	store.Store
	home *homes
	slug string
}

func (s ill) Latched() error {
	if s.home.isSick(s.slug) {
		return kanban.Errorf(kanban.Unavailable, "board %s is latched", s.slug)
	}
	return s.Store.Latched()
}

func (s ill) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := s.Latched(); err != nil {
		return err
	}
	return s.Store.Update(ctx, fn)
}
