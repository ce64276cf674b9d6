package chat

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/guests"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/notify"
)

const (
	firstPause   = time.Second
	longestPause = time.Minute
	steady       = time.Minute     // a connection that held so long begins with the first pause again
	lookEvery    = 5 * time.Second // for another configuration
	hopeAfter    = 10 * time.Minute
)

// Options are what chats work with. All but Clock and Log are required.
type Options struct {
	// Connections are those wanted now, by the name of their sink; asked at the
	// start and at each Nudge.
	Connections func() map[string]Connection
	Book        *guests.Book
	Dir         string // of what was heard and is not done
	Command     Runner
	// API is asked as an actor. What is done under a key a second time is
	// answered as the first time.
	API func(a kanban.Actor, key string) *client.Client
	// Posted finds what a message of a sink is about.
	Posted func(ctx context.Context, sink, ref string) (p Post, known bool, err error)
	Clock  func() time.Time // nil = the system's
	Log    *slog.Logger     // nil = none
}

// Post is a message about a task, and the place that asked for it: a sink's own
// chat has no name there, and a thread is not always that of the message.
type Post struct {
	Board, Task    string
	Target, Thread string
}

// Connection is how a platform is reached.
type Connection struct {
	Version string // another one is another connection
	Open    func() (Platform, error)
}

// State is how a connection stands.
type State struct {
	Since   time.Time // it is so
	Trouble string    // "" = it receives, or is about to
}

// Chat serves all chats of a home.
type Chat struct {
	Options
	changed chan struct{}

	mu     sync.Mutex
	states map[string]State
}

// New returns what Run sets going.
func New(o Options) *Chat {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Chat{Options: o, changed: make(chan struct{}, 1), states: map[string]State{}}
}

// Nudge makes Run look again at the connections that are wanted.
func (c *Chat) Nudge() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// States tells how each connection stands.
func (c *Chat) States() map[string]State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.states)
}

// running is a connection with its loop.
type running struct {
	version string
	stop    context.CancelFunc
	ended   chan struct{}
}

// Run serves until ctx ends, and returns when everything of it has. One Run at a
// time.
func (c *Chat) Run(ctx context.Context) error {
	now := map[string]running{}
	for {
		wanted := c.Connections()
		for name, r := range now {
			if w, still := wanted[name]; !still || w.Version != r.version || ctx.Err() != nil {
				r.stop()
				<-r.ended
				delete(now, name)
				c.forget(name)
			}
		}
		for name, w := range wanted {
			if _, there := now[name]; !there && ctx.Err() == nil {
				now[name] = c.start(ctx, name, w)
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
		case <-c.changed:
		}
	}
}

func (c *Chat) start(ctx context.Context, name string, w Connection) running {
	ctx, stop := context.WithCancel(ctx)
	r := running{w.Version, stop, make(chan struct{})}
	go func() {
		defer close(r.ended)
		c.keep(ctx, name, w)
	}()
	return r
}

// keep holds a connection: after a loss it comes back, later each time that it
// is lost again soon. One that is hopeless waits until it is another one.
func (c *Chat) keep(ctx context.Context, name string, w Connection) {
	d := c.desk(name)
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		begun := c.Clock()
		c.note(name, "")
		err := d.serve(ctx, w)
		if ctx.Err() != nil {
			return
		}
		c.note(name, err.Error())
		if IsHopeless(err) {
			d.log.Error("this chat needs another configuration", "error", err)
			c.lookAgain(ctx)
			continue
		}
		if c.Clock().Sub(begun) >= steady {
			pause = firstPause
		}
		wait := max(pause, notBefore(err))
		d.log.Warn("the chat was lost, and is looked for again", "error", err, "in", wait)
		again := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-again.C:
		}
		again.Stop()
	}
}

// notBefore is how long the platform wants to be left alone.
func notBefore(err error) time.Duration {
	var f *notify.Failure
	if errors.As(err, &f) {
		return f.After
	}
	return 0
}

// lookAgain has Run look whether a connection is another one by now, as when its
// token's file holds a new token; Run ends ctx then. It returns when it is time to
// try the same again all the same: a platform may have been wrong.
func (c *Chat) lookAgain(ctx context.Context) {
	again := time.NewTicker(lookEvery)
	defer again.Stop()
	for range hopeAfter / lookEvery {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			c.Nudge()
		}
	}
}

func (c *Chat) note(name, trouble string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, known := c.states[name]; known && was.Trouble == trouble {
		return
	}
	c.states[name] = State{c.Clock(), trouble}
}

func (c *Chat) forget(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.states, name)
}
