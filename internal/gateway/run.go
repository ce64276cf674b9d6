package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/thejerf/suture/v4"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/chat"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
	"github.com/andon-dev/andon/internal/planner"
	"github.com/andon-dev/andon/internal/worker"
)

// gateway is one running daemon.
type gateway struct {
	*app
	dispatcher *dispatch.Dispatcher
	notifier   *notify.Pump
	chats      *chat.Chat
	planner    *planner.Planner
	pool       *worker.Pool
	feeds      *dispatch.Feeds
	door       *door
	meters     *meters
	api        http.Handler // for the socket and the door
	listener   net.Listener // opened for the first attempt of the part "api"
	stop       context.CancelFunc
	since      time.Time
	ended      <-chan struct{}
	draining   atomic.Bool
	reloading  sync.Mutex
	configErr  atomic.Pointer[string]
}

// spares is how many supervisors wait for the next runs.
const spares = 2

// Run is the gateway of a home, until ctx ends or it is told to stop. Workers
// keep running.
//
// Errors: conflict if another one runs; what is wrong with home or config.
func Run(ctx context.Context, o Options) error {
	p, err := config.PathsOf(o.Home, os.Getenv)
	if err != nil {
		return err
	}
	c, err := config.LoadServed(p.Config)
	if err != nil {
		return err
	}
	l, err := takeLock(p, o.Version)
	if err != nil {
		return err
	}
	defer l.release()
	a, err := newApp(o, p, c, false)
	if err != nil {
		return err
	}
	defer a.Close()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g := &gateway{app: a, stop: cancel, ended: ctx.Done(), since: time.Now()}
	if err := g.serve(ctx); ctx.Err() == nil || !errors.Is(err, context.Canceled) {
		return err
	}
	return nil // it was told to, also if it had only just begun
}

// serve starts the parts and waits for the end.
func (g *gateway) serve(ctx context.Context) (err error) {
	if err := g.compose(); err != nil {
		return err
	}
	defer g.pool.Close()
	defer g.feeds.Close()
	defer g.dispatcher.Close()
	if err := g.dispatcher.Adopt(ctx); err != nil {
		return err
	}
	if g.listener, err = g.listen(); err != nil {
		return err
	}
	parts := suture.New("andon", suture.Spec{
		EventHook:      func(e suture.Event) { g.Log.Error("a part of the gateway ended", "event", e.String()) },
		FailureBackoff: time.Second, Timeout: 10 * time.Second,
	})
	parts.Add(&part{"api", g.serveAPI})
	parts.Add(&part{"door", g.door.run})
	parts.Add(&part{"dispatcher", g.dispatcher.Run})
	parts.Add(&part{"notifier", g.notifier.Run})
	parts.Add(&part{"chats", g.chats.Run})
	parts.Add(&part{"planner", g.planner.Run})
	parts.Add(&part{"sentinel", func(ctx context.Context) error { g.home.Sentinel(ctx); return ctx.Err() }})
	parts.Add(&part{"config", g.watchConfig})
	parts.Add(&part{"tender", g.tender})
	parts.Add(&part{"backups", g.shelf.run})
	g.Log.Info("gateway started", "home", g.paths.Home, "pid", os.Getpid(), "version", g.Version)
	tellSystemd("READY=1")
	err = parts.Serve(ctx)
	tellSystemd("STOPPING=1")
	g.Log.Info("gateway stopped; workers keep running")
	return err
}

// part is a named service of the supervisor tree.
type part struct {
	name string
	run  func(context.Context) error
}

func (p *part) Serve(ctx context.Context) error { return p.run(ctx) }
func (p *part) String() string                  { return p.name }

func (g *gateway) compose() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if err := g.installBinary(self); err != nil {
		return err
	}
	for _, dir := range []string{g.paths.Runs, g.paths.Spares} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	g.pool = worker.NewPool(worker.PoolOptions{Command: []string{self, "supervise"}, Dir: g.paths.Spares, Size: spares, Log: g.Log})
	if g.feeds, err = dispatch.NewFeeds(); err != nil {
		g.Log.Error("the output of agents is only read at the end of their runs", "error", err)
	}
	g.dispatcher = dispatch.New(dispatch.Options{
		Boards: g.boards, Config: func() config.Config { return *g.config.Load() }, Paths: g.paths,
		Host:     dispatch.Machine{Pool: g.pool, Paths: g.paths, Kept: g.workspacesOf, Feeds: g.feeds},
		Database: g.home.Database, Refused: func() string { return referenceGateway(g.paths.Home) },
		Clock: g.Clock, Log: g.Log,
	})
	g.situation, g.reload = g.dispatcher.Situation, g.reloadFor
	g.keeper = func() doctor.Gateway {
		k := doctor.Gateway{Held: true, Answers: true, PID: os.Getpid(), Version: g.Version}
		if s := g.dispatcher.Situation(""); s.Closed != nil {
			k.Idle = s.Closed.Reason
		}
		return k
	}
	g.door = newDoor(g)
	g.chats = g.talk()
	g.chatting = g.connected
	g.meters = newMeters(g)
	g.api = g.handler(g.identify, g, g.meters.handler)
	g.boards.OnChange(g.Nudge)
	g.planner = planner.New(planner.Options{Boards: g.openBoards, Settings: g.planning, Clock: g.Clock, Log: g.Log})
	g.notifier = notify.New(notify.Options{
		Boards: g.openBoards, Sinks: g.sinks, Digest: g.digest, Link: g.link, Files: g.files, Found: g.found, Clock: g.Clock, Log: g.Log,
	})
	return nil
}

// installBinary makes a folder that holds this program under its own name and
// nothing else: it is first on the PATH of workers.
func (g *gateway) installBinary(self string) error {
	dir := filepath.Join(g.paths.Dir, "bin")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	link := filepath.Join(dir, "andon")
	tmp := link + ".new"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(self, tmp); err != nil {
		return err
	}
	return os.Rename(tmp, link)
}

// openBoards lists the boards that can be read; those that cannot are told by
// the dispatcher.
func (g *gateway) openBoards(ctx context.Context) ([]*board.Board, error) {
	infos, err := g.boards.List(ctx, false)
	if err != nil {
		return nil, err
	}
	var out []*board.Board
	for _, info := range infos {
		if b, err := g.boards.Board(ctx, info.Slug); err == nil {
			out = append(out, b)
		}
	}
	return out, nil
}

// listen opens the socket. The home's lock is held, so a socket that is there
// is a dead gateway's. Its folder is the owner's only; who else got in before
// the mode is set is refused as another user.
func (g *gateway) listen() (net.Listener, error) {
	if err := os.Remove(g.paths.Socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", g.paths.Socket)
	if err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "the socket cannot be opened: %w", err).Hint("check %s", filepath.Dir(g.paths.Socket))
	}
	if err := errors.Join(os.Chmod(g.paths.Socket, 0o600), g.openGate()); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// openGate gives the socket a further name in a folder of its own: a walled
// worker is shown that folder, and finds the socket of the next gateway there, too.
func (g *gateway) openGate() error {
	if err := os.MkdirAll(g.paths.Gate, 0o700); err != nil {
		return err
	}
	name := filepath.Join(g.paths.Gate, filepath.Base(g.paths.Socket))
	if err := os.Remove(name + ".new"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Link(g.paths.Socket, name+".new"); err != nil {
		g.Log.Warn("walled workers cannot reach this gateway", "error", err)
		return nil
	}
	return os.Rename(name+".new", name)
}

// serveAPI answers until ctx ends. What it listens on ends with it, so a later
// attempt listens anew.
func (g *gateway) serveAPI(ctx context.Context) (err error) {
	l := g.listener
	if g.listener = nil; l == nil {
		if l, err = g.listen(); err != nil {
			return err
		}
	}
	server := &http.Server{
		Handler: g.api, ConnContext: withPeer, ReadHeaderTimeout: 10 * time.Second,
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	shutdown(server)
	return suture.ErrDoNotRestart
}

// watchConfig reloads on SIGHUP and when the file changes.
func (g *gateway) watchConfig(ctx context.Context) error {
	hup := make(chan os.Signal, 1)
	signal.Notify(hup, syscall.SIGHUP)
	defer signal.Stop(hup)
	changed, closeWatch, err := watchFile(g.paths.Config)
	if err != nil {
		return err
	}
	defer func() { _ = closeWatch() }()
	reload := func() {
		if err := g.Reload(); err != nil {
			g.Log.Error("andon.yaml is not in force: the last good one is", "error", err)
		}
	}
	if c, err := config.Load(g.paths.Config); err != nil || !reflect.DeepEqual(c, *g.config.Load()) {
		reload() // it was written before it was watched
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-hup:
		case <-changed:
			written(ctx, changed)
		}
		reload()
	}
}

// Reload puts andon.yaml in force, or keeps the last good one and says why.
func (g *gateway) Reload() error { return g.reload("") }

func (g *gateway) reloadFor(by string) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if err := g.load(by); err != nil {
		text := err.Error()
		g.configErr.Store(&text)
		return err
	}
	g.configErr.Store(nil)
	g.door.look()
	g.Nudge()
	g.Log.Info("andon.yaml reloaded", "version", g.config.Load().Version)
	return nil
}
