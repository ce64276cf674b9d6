package gateway

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

const (
	connections = 1000 // over TCP at once
	ofOne       = 500  // of one credential, or one person's sessions
	turnedAway  = 100  // that are told so at once when all places are taken
)

// crowd are the connections over TCP. When all places are taken, who has been
// there longest without a credential makes room; when nobody is, a new one is
// told to come again.
type crowd struct {
	log          *slog.Logger
	places, each int

	mu     sync.Mutex
	guests map[net.Conn]*guest
	told   time.Time // when the log was told last
}

// guest is a connection.
type guest struct {
	came time.Time
	name string // of whose credential it has shown; "" = none
	late bool   // it found no place
}

type guestKey struct{}

func newCrowd(log *slog.Logger, places, each int) *crowd {
	return &crowd{log: log, places: places, each: each, guests: map[net.Conn]*guest{}}
}

// enter gives a new connection a place, and remembers it in its context.
func (c *crowd) enter(ctx context.Context, conn net.Conn) context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := &guest{came: time.Now()}
	if len(c.guests) >= c.places {
		stranger := c.stranger()
		if g.late = stranger == nil; !g.late {
			delete(c.guests, stranger)
			go stranger.Close() // with TLS it says goodbye, which may take a while
		}
		if g.came.Sub(c.told) > time.Minute {
			c.told = g.came
			c.log.Warn("all connections over TCP are taken: who shows no credential makes room", "connections", c.places, "turned_away", g.late)
		}
	}
	c.guests[conn] = g
	return context.WithValue(ctx, guestKey{}, g)
}

// stranger is who has been there longest without a credential; nil if nobody is.
func (c *crowd) stranger() (found net.Conn) {
	for conn, g := range c.guests {
		if g.name == "" && !g.late && (found == nil || g.came.Before(c.guests[found].came)) {
			found = conn
		}
	}
	return found
}

// left follows the state of connections.
func (c *crowd) left(conn net.Conn, state http.ConnState) {
	if state != http.StateClosed && state != http.StateHijacked {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.guests, conn)
}

// admit is asked for each request, and once more when it is known whose it is.
//
// Errors: unavailable if there is no place; exhausted if that one has too many.
func (c *crowd) admit(ctx context.Context, name string) error {
	g, _ := ctx.Value(guestKey{}).(*guest)
	if g == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.late {
		return kanban.Errorf(kanban.Unavailable, "all %d connections over TCP are in use", c.places).
			Hint("close some, or revoke a token that has many; the unix socket still works").After(10 * time.Second)
	}
	if name == "" || g.name == name {
		return nil
	}
	n := 0
	for _, other := range c.guests {
		if other.name == name {
			n++
		}
	}
	if n >= c.each {
		return kanban.Errorf(kanban.Exhausted, "%s has %d connections already", name, n).Hint("close some; one stream of a board tells all that happens there").After(10 * time.Second)
	}
	g.name = name
	return nil
}
