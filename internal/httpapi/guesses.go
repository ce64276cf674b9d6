package httpapi

import (
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// An address may show so many credentials that nobody knows, and so many more
// each second; and so many login links beside them. Then it is told to wait.
// Somebody else's right token or session counts all the same, since an address is
// many programs and people; a link has to wait.
const (
	guessBurst     = 20
	guessSecond    = 0.2
	guessAddresses = 1000 // that are remembered
)

// guesses counts credentials, or codes of links, that nobody knew.
type guesses struct {
	now func() time.Time

	mu   sync.Mutex
	from map[string]*flow
}

// left refuses an address that has guessed too often.
func (g *guesses) left(r *http.Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	one := g.from[g.key(r)]
	if one == nil {
		return nil
	}
	if one.fill(g.now(), guessBurst, guessSecond); one.left < 1 {
		return kanban.Errorf(kanban.Exhausted, "too many credentials that nobody knows came from here").
			Hint("wait a minute, and look at what is shown").After(one.wait(guessSecond))
	}
	return nil
}

// judge passes an error on, but that of one wrong guess too many.
func (g *guesses) judge(r *http.Request, err error) error {
	if kanban.CodeOf(err) == kanban.Unauthorized {
		if limit := g.left(r); limit != nil {
			return limit
		}
	}
	return g.count(r, err)
}

// count passes an error on, and remembers one that was a wrong guess.
func (g *guesses) count(r *http.Request, err error) error {
	if kanban.CodeOf(err) != kanban.Unauthorized {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.now()
	if len(g.from) >= guessAddresses {
		g.forget(now)
	}
	from := g.key(r)
	one := g.from[from]
	if one == nil {
		one = &flow{left: guessBurst, at: now}
		g.from[from] = one
	}
	one.fill(now, guessBurst, guessSecond)
	one.left = max(one.left-1, 0)
	return err
}

// forget drops those that have all their guesses again.
func (g *guesses) forget(now time.Time) {
	for from, one := range g.from {
		if one.fill(now, guessBurst, guessSecond); one.left >= guessBurst {
			delete(g.from, from)
		}
	}
}

// key is where a request comes from: an address, of IPv6 the network that one
// customer gets. All of the unix socket is one place, and so are all new ones
// when there are very many.
func (g *guesses) key(r *http.Request) string {
	from := r.RemoteAddr
	if at, err := netip.ParseAddrPort(from); err == nil {
		ip := at.Addr().Unmap().WithZone("")
		from = ip.String()
		if network, err := ip.Prefix(64); err == nil && ip.Is6() {
			from = network.String()
		}
	}
	if g.from[from] == nil && len(g.from) >= guessAddresses {
		return ""
	}
	return from
}
