package simulate

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/policy"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/memory"
)

// night is one home from dusk until all that can end has ended.
type night struct {
	stage
	seed     uint64
	odds     odds
	calm     bool // nothing goes wrong any more, and workers work
	over     bool // everybody leaves the stage
	verdict  string
	config   config.Config
	slugs    []string
	home     *memory.Boards
	machine  *machine
	direct   *board.Boards // as commands use it while there is no gateway
	gateway  *gateway
	gateways int
	people   sync.WaitGroup
	leaving  []chan struct{}

	ahead   atomic.Int64 // of the clock, in nanoseconds
	untold  time.Time    // when something changed last that the dispatcher is not told of
	latched map[string]error

	surface   sync.Mutex // of what both the stage and those between two gates touch
	listeners []*listener
	changed   map[string]string // board -> who changed it, in the last step
	stirred   bool              // something that explain may tell of has changed since all rested

	startedRuns []string
	acked       []string
	deleted     map[string]bool
	terminals   int
	owned       map[string]own // by who holds, or held, the lease of a run
	eye         eye
}

// own is the run that somebody may write for, until it ends.
type own struct {
	task string
	run  int64
}

// gateway is one life of the gateway.
type gateway struct {
	n          *night
	dead       atomic.Bool
	serves     bool // it has adopted what lives
	boards     *board.Boards
	dispatcher *dispatch.Dispatcher
	cancel     context.CancelFunc
	ended      sync.WaitGroup
}

func (g *gateway) gone() bool { return g != nil && g.dead.Load() }

const (
	dusk = 25 * time.Minute // of trouble
	dawn = 12 * time.Hour   // until all must have ended
)

// play plays one night and returns what was broken, "" if nothing.
func play(t *testing.T, seed uint64) (broken string, log *record) {
	synctest.Test(t, func(t *testing.T) {
		n := newNight(seed)
		n.run()
		broken, log = strings.TrimPrefix(n.verdict, unbroken), &n.log
	})
	return broken, log
}

func newNight(seed uint64) *night {
	n := &night{
		seed: seed, machine: newMachine(), latched: map[string]error{}, changed: map[string]string{}, deleted: map[string]bool{}, owned: map[string]own{},
	}
	n.rng, n.arrived, n.log.since = rand.New(rand.NewPCG(seed, 20)), make(chan struct{}, 1), time.Now()
	n.odds = n.draw()
	n.config, n.slugs = n.settings()
	n.home = memory.NewBoards("/nowhere", n.clock)
	for _, slug := range n.slugs[1:] {
		if err := n.home.Create(context.Background(), store.BoardInfo{Slug: slug}); err != nil {
			panic(err)
		}
	}
	n.direct = board.NewBoards(n.newDoor(nil), n.ports(nil))
	n.eye = newEye(n)
	return n
}

// settings are a home's: small caps, so that they are felt. No two durations are
// alike, so timers do not meet.
func (n *night) settings() (config.Config, []string) {
	c := config.Defaults()
	c.Dispatch.MaxParallel, c.Dispatch.MaxAttempts = 1+n.rng.IntN(5), 1+n.rng.IntN(3)
	c.Dispatch.Lease = n.between(14*time.Minute, 15*time.Minute)
	c.Dispatch.Backoff = config.Backoff{Initial: n.between(time.Second, 10*time.Second), Max: n.between(time.Minute, 5*time.Minute)}
	c.Dispatch.StopGrace, c.Dispatch.MinFree = n.between(5*time.Second, 20*time.Second), 1<<30
	c.Accounts = map[string]config.Account{"shared": {MaxParallel: n.rng.IntN(3)}}
	slugs := []string{"default"}
	c.Boards = map[string]config.Board{"default": {MaxParallel: n.rng.IntN(4), Tenants: map[string]config.Tenant{"acme": {MaxParallel: 1 + n.rng.IntN(2)}}}}
	if n.chance(0.5) {
		slugs = append(slugs, "side")
		c.Boards["side"] = config.Board{MaxParallel: n.rng.IntN(3)}
	}
	c.Lanes = map[string]config.Lane{}
	for _, name := range []string{"exit", "report", "agent", "costly"} {
		l := config.Lane{
			Name: name, Command: []string{"work"}, DoneWhen: config.DoneOnReported, OnSilentExit: config.SilentBlocks,
			MaxParallel: n.rng.IntN(4), RunTimeout: n.between(15*time.Minute, 25*time.Minute).Truncate(time.Millisecond),
		}
		if n.chance(0.5) {
			l.StallTimeout = n.between(5*time.Minute, 12*time.Minute)
		}
		switch name {
		case "exit":
			l.DoneWhen = config.DoneOnExit
			l.Verify, l.VerifyTimeout = [][]string{{"lint"}, {"test"}}[:n.rng.IntN(3)], n.between(4*time.Minute, 10*time.Minute)
		case "agent":
			l.OnSilentExit, l.Account = config.SilentReviews, "shared"
			l.Verify = [][]string{{"test"}}[:n.rng.IntN(2)]
		case "costly":
			l.Account = "shared"
		}
		c.Lanes[name] = l
	}
	if n.chance(0.4) { // no worker here tells what it uses: lanes declare it
		c.Budget.Day.Cost = (3 + int64(n.rng.IntN(20))) * kanban.Dollar
		for name, l := range c.Lanes {
			l.Cost = kanban.Dollar
			c.Lanes[name] = l
		}
	}
	return c, slugs
}

func (n *night) clock() time.Time { return time.Now().Add(time.Duration(n.ahead.Load())) }

func (n *night) ports(g *gateway) func(slug string) board.Ports {
	return func(slug string) board.Ports {
		rules := n.rules(slug)
		return board.Ports{
			Clock: n.clock, Random: dice{n.rng}, Work: nothingKept{},
			Settings: func() board.Settings {
				now := rules
				now.Home = policy.Limits(n.config.Budget)
				return now
			},
			Situation: func() board.Situation {
				if g == nil || g.gone() || g.dispatcher == nil {
					return board.Situation{Closed: &kanban.Gate{Kind: kanban.GateDispatcher, Reason: "no gateway runs"}}
				}
				return g.dispatcher.Situation(slug)
			},
		}
	}
}

func (n *night) rules(slug string) board.Settings {
	c := n.config
	s := board.Settings{
		Retry: policy.Retry{MaxAttempts: c.Dispatch.MaxAttempts, Initial: c.Dispatch.Backoff.Initial, Max: c.Dispatch.Backoff.Max},
		Lease: c.Dispatch.Lease, BoardCap: c.Boards[slug].MaxParallel, TenantCap: map[string]int{}, Lanes: map[string]board.Lane{},
	}
	for name, t := range c.Boards[slug].Tenants {
		s.TenantCap[name] = t.MaxParallel
	}
	for name, l := range c.Lanes {
		s.Lanes[name] = board.Lane{Account: l.Account, MaxParallel: l.MaxParallel, MaxRuntime: l.RunTimeout, Cost: l.Cost, Verify: l.Verify}
	}
	return s
}

// dice is the night's randomness for the product.
type dice struct{ rng *rand.Rand }

func (d dice) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d.rng.Uint32())
	}
	return len(p), nil
}

// nothingKept is for runs that declare no artifacts and work outside of git.
type nothingKept struct{}

func (nothingKept) Diff(context.Context, kanban.Task, kanban.Run, string, string, bool, int) ([]byte, bool, error) {
	return nil, false, nil
}

func (nothingKept) Head(context.Context, kanban.Task, kanban.Run) (string, error) { return "", nil }

func (nothingKept) Commit(context.Context, kanban.Task, kanban.Run, string) (string, error) {
	return "", nil
}

func (nothingKept) Keep(context.Context, kanban.Run, []string) ([]kanban.Artifact, error) {
	return nil, nil
}

func (n *night) startGateway() {
	if n.gateway != nil && !n.gateway.gone() {
		return
	}
	n.gateways++
	g := &gateway{n: n}
	n.gateway = g
	d := n.newDoor(g)
	g.boards = board.NewBoards(d, n.ports(g))
	log := slog.New(slog.NewTextHandler(writer{n, g}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	g.dispatcher = dispatch.New(dispatch.Options{
		Boards: g.boards, Config: func() config.Config { return n.config },
		Paths: config.Paths{Home: "/nowhere", Dir: "/nowhere/andon", Runs: "/nowhere/andon/runs", Socket: "/nowhere/andon.sock"},
		Host:  &host{n, g}, Database: func(string) string { return "" }, Refused: func() string { return "" }, Clock: n.clock, Log: log,
	})
	g.boards.OnChange(g.dispatcher.Nudge)
	ctx, cancel := context.WithCancel(named(context.Background(), "loop"))
	g.cancel = cancel
	g.ended.Go(func() {
		if err := g.dispatcher.Adopt(ctx); err != nil {
			if !g.gone() {
				n.after(n.between(time.Second, 10*time.Second), "the gateway is started anew", func() {
					if !g.gone() {
						n.killGateway()
					}
				})
			}
			return
		}
		g.serves = true
		_ = g.dispatcher.Run(ctx)
	})
}

// kill leaves nothing of it but what stands in store and folders.
func (g *gateway) kill() {
	g.dead.Store(true)
	g.cancel()
	own := func(who string) bool { return who == "loop" || who == "nudge" || strings.HasPrefix(who, "run ") }
	g.n.refuse(g, own)
	g.ended.Wait()
	g.dispatcher.Close()
}

// writer shows the gateway's log with the night's.
type writer struct {
	n *night
	g *gateway
}

func (w writer) Write(p []byte) (int, error) {
	if !w.g.gone() {
		w.n.surface.Lock()
		defer w.n.surface.Unlock()
		w.n.log.note("%s", strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// run plays the night.
func (n *night) run() {
	n.startGateway()
	n.enter((&person{n, "ann"}).live)
	n.enter((&person{n, "bob"}).live)
	n.enter((&person{n, "planner"}).plan)
	n.trouble()
	n.after(dusk, "the morning", n.morning)
	for n.verdict == "" && !n.over {
		acted := false
		for n.step() {
			acted = true
			if n.eye.look(); n.verdict != "" {
				break
			}
		}
		if n.verdict == "" {
			if n.eye.rest(acted); n.calm && n.ended() {
				n.over = true
			} else if time.Since(n.log.since) > dusk+dawn {
				n.broken("G18", "this has not ended:\n%s", n.eye.unended())
			} else {
				n.pass()
			}
		}
	}
	if n.verdict == "" {
		n.eye.last()
	}
	n.leave()
}

// morning ends all trouble.
func (n *night) morning() {
	n.calm, n.odds = true, odds{}
	n.machine.full.Store(false)
	n.config.Budget = config.Budget{} // what the night had is no matter any more
	clear(n.latched)
	n.untold, n.stirred = time.Now(), true
	n.startGateway()
	n.enter((&person{n, "morning"}).tidy)
}

// enter lets somebody come in on a turn of their own.
func (n *night) enter(live func()) {
	n.after(0, "somebody comes in", func() { n.people.Go(live) })
}

// leave lets everybody go.
func (n *night) leave() {
	n.over = true
	if !n.gateway.gone() {
		n.gateway.kill()
	}
	for _, s := range n.machine.all {
		s.alive = false
		for _, p := range s.living() {
			p.alive = false
		}
	}
	n.verdictFrozen()
	for synctest.Wait(); len(n.waiting) > 0; synctest.Wait() {
		n.waiting[0].host = killed
		n.letGo(0)
	}
	for len(n.leaving) > 0 {
		close(n.leaving[0])
		n.leaving = n.leaving[1:]
		synctest.Wait()
	}
	n.people.Wait()
}

var killed = func() *gateway { g := &gateway{}; g.dead.Store(true); return g }()

// sleep returns when the stage says so, and not at all once the night is over.
func (n *night) sleep(who string, d time.Duration) {
	if n.over {
		runtime.Goexit()
	}
	woken := make(chan struct{})
	n.leaving = append(n.leaving, woken)
	n.after(d, who+" goes on", func() {
		if i := slices.Index(n.leaving, woken); i >= 0 {
			n.leaving = slices.Delete(n.leaving, i, i+1)
			close(woken)
		}
	})
	<-woken
	if n.over {
		runtime.Goexit()
	}
}

// verdictFrozen keeps what everybody does on the way out from being judged.
func (n *night) verdictFrozen() {
	if n.verdict == "" {
		n.verdict = unbroken
	}
}

const unbroken = "-"

// broken notes the first rule that was broken.
func (n *night) broken(rule, format string, args ...any) {
	if n.verdict == "" {
		n.verdict = rule + ": " + fmt.Sprintf(format, args...)
		n.log.note("BROKEN %s", n.verdict)
	}
}

// judgeError: nobody is ever told of an internal error. It returns when the
// stage lets the answer through.
func (n *night) judgeError(who string, err error) {
	_ = n.gate(&caller{who: who, what: "is answered"})
	if n.over {
		runtime.Goexit()
	}
	if err == nil {
		return
	}
	n.log.note("%s is told: %v", who, err)
	if code := kanban.CodeOf(err); code == kanban.Internal || code == "" {
		n.broken("API", "%s is told of an internal error: %v", who, err)
	}
}

func (n *night) board() string { return n.slugs[n.rng.IntN(len(n.slugs))] }

func (n *night) lane() string {
	return []string{"exit", "exit", "report", "report", "agent", "costly", "exlt"}[n.rng.IntN(7)]
}

func (n *night) crowded() bool { return n.calm || len(n.acked) > 24 }

func (n *night) acknowledge(slug, id string) {
	if key := slug + "/" + id; !slices.Contains(n.acked, key) {
		n.acked = append(n.acked, key)
	}
}

// read looks at a board without anybody noticing.
func (n *night) read(slug string, fn func(store.Reader) error) {
	s, err := n.home.Open(context.Background(), slug)
	if err == nil {
		err = s.View(context.Background(), fn)
	}
	if err != nil {
		panic(err)
	}
}

// tasks are a board's, in an order that the seed can count on.
func (n *night) tasks(slug string) (all []kanban.Task) {
	n.read(slug, func(r store.Reader) error {
		ids, err := r.TaskIDs("", 0)
		for _, id := range ids {
			t, err := r.Task(id)
			if err != nil {
				return err
			}
			all = append(all, t)
		}
		return err
	})
	return all
}

func (n *night) anyTask(slug string) (id string) {
	n.read(slug, func(r store.Reader) error {
		ids, err := r.TaskIDs("", 0)
		if len(ids) > 0 {
			id = ids[n.rng.IntN(len(ids))]
		}
		return err
	})
	return id
}

func (n *night) holds() []store.Hold {
	holds, err := n.home.Holds(context.Background())
	if err != nil {
		panic(err)
	}
	return holds
}

// ended reports whether everything that can end has ended.
func (n *night) ended() bool {
	for _, slug := range n.slugs {
		for _, t := range n.eye.before[slug] {
			if t.Status != kanban.Done && t.Status != kanban.Archived || t.LiveRun != 0 {
				return false
			}
		}
	}
	return true
}
