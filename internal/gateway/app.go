package gateway

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/access"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/httpapi"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/mcpserver"
	"github.com/andon-dev/andon/internal/notify/file"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/webui"
	"github.com/andon-dev/andon/internal/workspace"
)

// Options say which home is served.
type Options struct {
	Home    string
	Log     *slog.Logger // nil = none
	Version string
	Clock   func() time.Time // nil = time.Now
	Command chat.Runner      // runs what is typed in chats; nil without a gateway
}

// app is what gateway and direct access share: boards with their ports.
type app struct {
	Options
	paths     config.Paths
	config    atomic.Pointer[config.Config]
	force     atomic.Pointer[force]
	reload    func(by string) error // reads andon.yaml again, for who changed it
	setting   sync.Mutex            // of andon.yaml
	home      *sqlite.Home
	boards    *board.Boards
	access    *access.Keeper
	guests    *guests.Book
	artifacts *workspace.Artifacts
	shelf     *shelf
	situation func(slug string) board.Situation
	last      lastLines
	reached   atomic.Pointer[reached]
	keeper    func() doctor.Gateway                   // who holds the home
	chatting  func() map[string]client.ChatConnection // nil without a gateway
	unusable  error                                   // why the home could not be opened; home and boards are nil then

	mu         sync.Mutex
	workspaces map[string]*workspace.Manager
}

// newApp opens a home. shared is for access without a gateway.
func newApp(o Options, p config.Paths, c config.Config, shared bool) (*app, error) {
	a := bareApp(o, p, c)
	opts := sqlite.Options{Shared: shared, Log: a.Log, Clock: a.Clock}
	if !shared {
		opts.Rescue = []string{"/proc/self/exe", "rescue"} // this very program, also after an upgrade
	}
	var err error
	if a.home, err = sqlite.OpenHome(p.Home, opts); err != nil {
		return nil, err
	}
	a.boards = board.NewBoards(a.home, a.ports)
	held := sync.OnceValues(func() ([]store.Hold, error) { return a.boards.Holds(context.Background()) })
	a.situation = func(string) board.Situation {
		s := board.Situation{Closed: noGateway}
		var err error
		if s.Holds, err = held(); err != nil {
			s.Closed = &kanban.Gate{Kind: kanban.GateStore, Reason: "what is held cannot be read: " + err.Error(), Command: "andon doctor"}
		}
		return s
	}
	a.shelf = newShelf(a)
	return a, nil
}

// bareApp is one without boards.
func bareApp(o Options, p config.Paths, c config.Config) *app {
	a := &app{Options: o, paths: p, artifacts: workspace.NewArtifacts(p.Artifacts), workspaces: map[string]*workspace.Manager{}}
	if a.Log == nil {
		a.Log = slog.New(slog.DiscardHandler)
	}
	if a.Clock == nil {
		a.Clock = time.Now
	}
	a.keeper = func() doctor.Gateway { return doctor.Gateway{} }
	a.enforce(c, "")
	a.reload = a.load
	a.access = access.New(p.Dir, a.Clock)
	a.guests = guests.New(p.Dir, a.Clock)
	return a
}

// noGateway is the gate of every task while none runs.
var noGateway = &kanban.Gate{Kind: kanban.GateDispatcher, Reason: "no gateway runs for this home", Command: "andon gateway start"}

func (a *app) ports(slug string) board.Ports {
	return board.Ports{
		Clock:     a.Clock,
		Settings:  func() board.Settings { return settings(*a.config.Load(), slug) },
		Situation: func() board.Situation { return a.situation(slug) },
		Work:      &work{workspaces: a.workspacesOf(slug), artifacts: a.artifacts},
		Called:    a.called,
		Usable:    workspace.Ground{Home: a.paths.Home, Private: []string{a.paths.Dir, filepath.Join(a.paths.Home, "kanban")}}.Usable,
	}
}

// settings are the configured rules of one board.
func settings(c config.Config, slug string) board.Settings {
	s := board.Settings{
		Retry:       policy.Retry{MaxAttempts: c.Dispatch.MaxAttempts, PauseAfter: c.Dispatch.PauseAfter, MaxCooldown: c.Dispatch.MaxCooldown, Initial: c.Dispatch.Backoff.Initial, Max: c.Dispatch.Backoff.Max},
		Lease:       c.Dispatch.Lease,
		BoardCap:    c.Boards[slug].MaxParallel,
		MaxChildren: c.Dispatch.MaxChildren,
		TenantCap:   map[string]int{}, Lanes: map[string]board.Lane{}, Planner: plannerOf(c),
		Home: policy.Limits(c.Budget), Board: policy.Limits(c.Boards[slug].Budget),
		Accounts: map[string]policy.Limits{}, Tenants: map[string]policy.Limits{},
	}
	for name, a := range c.Accounts {
		s.Accounts[name] = policy.Limits(a.Budget)
	}
	for name, t := range c.Boards[slug].Tenants {
		if t.MaxParallel > 0 {
			s.TenantCap[name] = t.MaxParallel
		}
		s.Tenants[name] = policy.Limits(t.Budget)
	}
	for name, l := range c.Lanes {
		s.Lanes[name] = board.Lane{
			Description: l.Description, External: l.External(), Account: l.Account, MaxParallel: l.MaxParallel, MaxRuntime: l.RunTimeout, Workspace: l.Workspace,
			Budget: policy.Limits(l.Budget), Cost: l.Cost, Metered: l.Meters(), Unpriced: l.Unpriced(),
			Verify: l.Verify, Reviewer: l.Review.By, MaxRounds: l.Review.MaxRounds,
		}
	}
	s.Sinks = slices.Sorted(maps.Keys(c.Notify.Sinks))
	s.Target = func(sink, target string) error {
		to := c.Notify.Sinks[sink]
		if to.Type == config.SinkFile {
			return file.CheckTarget(to.Path, target)
		}
		return to.CheckTarget(target)
	}
	return s
}

func (a *app) workspacesOf(slug string) *workspace.Manager {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.workspaces[slug] == nil {
		a.workspaces[slug] = workspace.New(filepath.Join(a.home.Dir(slug), "workspaces")).Beside(workspace.Walled(a.paths.Walled))
	}
	return a.workspaces[slug]
}

// handler is the API over this app.
func (a *app) handler(identify func(*http.Request) (kanban.Actor, error), control httpapi.Control, metrics http.Handler) http.Handler {
	var test func(context.Context, []string, string) ([]client.LaneTest, error)
	reserve := a.reserve
	var pages http.Handler
	if control != nil {
		pages = webui.Handler()
		test = a.testLanes // else this is not the environment that workers get
		reserve = nil      // the dispatcher's
	}
	return httpapi.New(httpapi.Options{
		TestLanes: test, Reserve: reserve,
		Boards: a.boards, Identify: identify, Control: control, Access: a.access, Guests: a.guests, Chats: chats{a}, Pages: pages, Metrics: metrics, Home: a.paths.Home, Version: a.Version, Log: a.Log, Clock: a.Clock,
		Config: configuration{a},
		Lanes:  a.lanes, Accounts: a.accounts, OpenLog: a.openLog, LastLine: a.lastLine, OpenArtifact: a.artifacts.Open, KeepArtifact: a.artifacts.Take, TestSink: a.testSink, Aside: a.paths.Dir, GC: a.gc, Checkup: a.checkup, Repair: a.repair,
		Backups: a.shelf, MCP: mcpserver.Handler(a.agent),
		Place: func(slug string) func(kanban.Task) (string, string) {
			return func(t kanban.Task) (string, string) { return a.workspacesOf(slug).Where(workspace.SpecOf(t)) }
		},
		Prepare: func(ctx context.Context, slug string, c board.Claimed) error {
			_, err := a.workspacesOf(slug).Prepare(ctx, workspace.SpecOf(c.Task))
			return err
		},
	})
}

// agent is how a caller of /mcp is served.
func (a *app) agent(r *http.Request) mcpserver.Options {
	c := httpapi.CallerOf(r)
	o := mcpserver.For(c.Actor, c.Lease, c.Client, c.Board)
	o.Version = a.Version
	return o
}

func (a *app) lanes() []client.Lane {
	c := a.config.Load()
	var lanes []client.Lane
	for name, l := range c.Lanes {
		lanes = append(lanes, client.Lane{
			Name: name, Description: l.Description, Known: true, Preset: l.Preset, Command: l.Command, DoneWhen: string(l.DoneWhen),
			Account: l.Account, MaxParallel: l.MaxParallel, Walls: wallsOf(l),
		})
	}
	return lanes
}

func (a *app) accounts() []client.Account {
	c := a.config.Load()
	var all []client.Account
	for _, name := range slices.Sorted(maps.Keys(c.Accounts)) {
		w := client.Account{Name: name, MaxParallel: c.Accounts[name].MaxParallel}
		for _, lane := range slices.Sorted(maps.Keys(c.Lanes)) {
			if c.Lanes[lane].Account == name {
				w.Lanes = append(w.Lanes, lane)
			}
		}
		all = append(all, w)
	}
	return all
}

func (a *app) Close() error {
	if a.home == nil {
		return nil
	}
	return a.home.Close()
}

// Direct serves the API in this process, without a gateway. Close what it
// returns.
func Direct(_ context.Context, o Options) (http.Handler, io.Closer, error) {
	p, err := config.PathsOf(o.Home, os.Getenv)
	if err != nil {
		return nil, nil, err
	}
	c, err := config.Load(p.Config)
	if err != nil {
		return nil, nil, err
	}
	a, err := newApp(o, p, c, true)
	if err != nil {
		return nil, nil, err
	}
	return a.handler(alone, nil, nil), a, nil
}

// alone is who asks a handler in this process: its user.
func alone(*http.Request) (kanban.Actor, error) {
	return kanban.Actor{Kind: kanban.Human, Name: userName(os.Getuid())}, nil
}

// userName is a system user's login name.
func userName(uid int) string {
	if u, err := user.LookupId(itoa(uid)); err == nil {
		return u.Username
	}
	return "uid " + itoa(uid)
}
