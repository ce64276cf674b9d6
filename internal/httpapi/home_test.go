package httpapi_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/workspace"
)

const maxChildren = 20

var ann = kanban.Actor{Kind: kanban.Human, Name: "ann"}

// home is a home in memory with the API over it.
type home struct {
	actor     kanban.Actor // who asks from now on
	refused   error        // what Identify answers, unless nil
	unmakable error        // what Prepare answers
	boards    *board.Boards
	gateway   *gateway // nil = none is running
	logs      map[int64]*runLog
	situation atomic.Pointer[board.Situation]
	options   httpapi.Options
	passed    time.Duration // of the clock of credentials
}

func (h *home) clock() time.Time { return time.Now().Add(h.passed) }

func newHome(t *testing.T) *home {
	t.Helper()
	dir := t.TempDir()
	kept := workspace.NewArtifacts(filepath.Join(dir, "artifacts"))
	files, err := sqlite.OpenHome(filepath.Join(dir, "files"), sqlite.Options{Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	h := &home{actor: ann, logs: map[int64]*runLog{}}
	ports := board.Ports{Work: works{kept}, Settings: func() board.Settings {
		return board.Settings{
			MaxChildren: maxChildren, Retry: policy.Retry{MaxAttempts: 2}, Lease: 15 * time.Minute, Sinks: []string{"ops"}, Lanes: map[string]board.Lane{"builder": {}},
			Planner: board.Planner{Name: "m", MaxChildren: 6},
		}
	}}
	h.situate(board.Situation{})
	ports.Situation = func() board.Situation { return *h.situation.Load() }
	h.boards = board.NewBoards(memory.NewBoards(dir, time.Now), func(string) board.Ports { return ports })
	h.options = httpapi.Options{
		Metrics: http.NotFoundHandler(),
		Access:  access.New(filepath.Join(dir, "access"), h.clock),
		Guests:  guests.New(filepath.Join(dir, "access"), h.clock), Chats: chats{},
		Pages:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "the dashboard") }),
		Boards: h.boards, Home: "the home", Version: "test", Backups: shelf{files}, Clock: h.clock,
		Identify: func(*http.Request) (kanban.Actor, error) { return h.actor, h.refused },
		Config:   &settings{version: "a1", value: "8"},
		Lanes:    func() []client.Lane { return []client.Lane{{Name: "builder"}} },
		Accounts: func() []client.Account {
			return []client.Account{{Name: "max", MaxParallel: 4, Lanes: []string{"builder"}}}
		},
		OpenLog: func(_ context.Context, _ string, run kanban.Run) (httpapi.LogReader, error) {
			if log := h.logs[run.ID]; log != nil {
				return log, nil
			}
			return nil, kanban.Errorf(kanban.NotFound, "the log of run %d is gone", run.ID).Hint("logs are removed after retention.logs")
		},
		OpenArtifact: kept.Open, KeepArtifact: kept.Take,
		TestSink: func(_ context.Context, _ string, to store.Destination) (string, error) {
			return to.Sink + " " + to.Target, nil
		},
		Place: func(string) func(kanban.Task) (string, string) {
			return func(t kanban.Task) (string, string) { return filepath.Join(dir, t.ID), "" }
		},
		Prepare: func(_ context.Context, _ string, c board.Claimed) error {
			return errors.Join(h.unmakable, os.MkdirAll(c.Run.Workspace, 0o700))
		},
		Checkup: func(_ context.Context, version string) (client.Checkup, error) {
			return client.Checkup{Home: "the home", Version: version}, nil
		},
		Repair: func(_ context.Context, name string, dryRun bool) (client.Repair, error) {
			return client.Repair{Name: name, DryRun: dryRun}, nil
		},
		TestLanes: func(_ context.Context, names []string, source string) ([]client.LaneTest, error) {
			return []client.LaneTest{{Lane: strings.Join(names, ","), Checks: []client.LaneCheck{{Name: "workspace", OK: source != "", Detail: source}}}}, nil
		},
		GC: func(context.Context, *board.Board, bool) (client.GCReport, error) {
			return client.GCReport{Logs: 1}, nil
		},
	}
	return h
}

// situate is what the dispatcher knows from now on.
func (h *home) situate(s board.Situation) { h.situation.Store(&s) }

func (h *home) handler() http.Handler {
	if h.gateway != nil {
		h.gateway.home = h
		h.options.Control = h.gateway
	}
	return httpapi.New(h.options)
}

// client asks the API in this process.
func (h *home) client() *client.Client {
	return client.New(client.Handler(h.handler()), "http://andon", client.Options{})
}

// must returns a value or ends the test: must(f())(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refusal ends the test unless err is a refusal with this code.
func refusal(t *testing.T, err error, code kanban.Code) *client.Error {
	t.Helper()
	var e *client.Error
	if !errors.As(err, &e) || e.Code != string(code) {
		t.Fatalf("error %v, want a refusal with code %s", err, code)
	}
	if e.Hint == "" {
		t.Errorf("%q has no hint", e.Message)
	}
	return e
}

func add(t *testing.T, c *client.Client, title string) client.Task {
	t.Helper()
	return must(c.CreateTask(t.Context(), "default", client.TaskCreate{Title: title, Assignee: "builder"}))(t).Task
}

// works keeps artifacts on disk, as the gateway does.
type works struct{ kept *workspace.Artifacts }

func (works) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (works) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) { return "", nil }

func (w works) Keep(ctx context.Context, r kanban.Run, paths []string) ([]kanban.Artifact, error) {
	var out []kanban.Artifact
	kept, err := w.kept.Keep(ctx, r.Workspace, paths, 0)
	for _, a := range kept {
		out = append(out, kanban.Artifact{Path: a.Path, SHA256: a.SHA256, Size: a.Size, Type: a.Type})
	}
	return out, err
}

func (works) Diff(_ context.Context, _ kanban.Task, _ kanban.Run, from, to string, _ bool, limit int) ([]byte, bool, error) {
	text := "-" + from + "\n+" + to + "\xff\n"
	return []byte(text[:min(limit, len(text))]), limit < len(text), nil
}

// runLog is the log of a run, of which the oldest part may be dropped.
type runLog struct {
	mu      sync.Mutex
	dropped int64
	text    string
	changed chan struct{}
}

func newRunLog() *runLog { return &runLog{changed: make(chan struct{}, 1)} }

func (l *runLog) write(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += s
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *runLog) ReadAt(p []byte, off int64) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.NewReader(l.text).ReadAt(p, off-l.dropped)
}

func (l *runLog) Bounds() (int64, int64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped, l.dropped + int64(len(l.text)), nil
}

func (l *runLog) Changed() <-chan struct{} { return l.changed }
func (l *runLog) Close() error             { return nil }

var _ io.ReaderAt = (*runLog)(nil)

// gateway notes what it is told.
type gateway struct {
	told []string
	home *home
}

func (g *gateway) Status(context.Context) client.Gateway { return client.Gateway{Running: true} }
func (g *gateway) Plan(_ context.Context, board string) (client.Plan, error) {
	return client.Plan{Start: []client.PlannedStart{{Board: board}}}, nil
}
func (g *gateway) Nudge() { g.told = append(g.told, "nudge") }
func (g *gateway) StopRuns(_ context.Context, scope string) (int, error) {
	g.told = append(g.told, "stop runs of "+scope)
	return 3, nil
}
func (g *gateway) Listen(context.Context) (string, error) { return "http://127.0.0.1:8420", nil }
func (g *gateway) Reload() error                          { g.told = append(g.told, "reload"); return nil }

func (g *gateway) Stop(drain bool) {
	g.told = append(g.told, map[bool]string{true: "drain", false: "stop"}[drain])
}

func (g *gateway) Claim(ctx context.Context, b *board.Board, q httpapi.Ask) (httpapi.Given, error) {
	if q.Task == "" {
		return httpapi.Given{}, kanban.Errorf(kanban.Gated, "lane %s has no task", q.Lane).Hint("wait for one")
	}
	o := g.home.options
	c, err := b.Take(ctx, q.Task, board.Offer{By: q.By, TTL: q.TTL, Place: o.Place(b.Slug())})
	if err == nil {
		err = o.Prepare(ctx, b.Slug(), c)
	}
	return httpapi.Given{Claimed: c}, err
}

func (g *gateway) Exited(_ context.Context, _ *board.Board, l kanban.Lease, _ client.Exit) error {
	if l.Token == "" {
		return kanban.Errorf(kanban.Stale, "this is not the token of run %d", l.Run).Hint("use that of the claim")
	}
	return nil
}
