package gateway

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"

	"github.com/andon-dev/andon/internal/kanban"
)

type callerKey struct{}

// caller finds the run whose process tree holds the other end of a TCP
// connection. ok is false for everybody else.
type caller struct {
	find func() (run kanban.Actor, ok bool, err error)
	once sync.Once
	run  kanban.Actor
	ok   bool
	err  error
}

// withCaller remembers how to find the other end of a connection. It is looked
// for once, should it ask for something.
func (g *gateway) withCaller(ctx context.Context, c net.Conn) context.Context {
	find := func() (kanban.Actor, bool, error) { return g.runBehind(ctx, c.RemoteAddr(), c.LocalAddr()) }
	return context.WithValue(ctx, callerKey{}, &caller{find: find})
}

// identifyByTCP says who calls from this machine: a run is that run, whatever it
// shows. Everybody else has to show something.
func (g *gateway) identifyByTCP(r *http.Request) (kanban.Actor, error) {
	c, known := r.Context().Value(callerKey{}).(*caller)
	if !known {
		return kanban.Actor{}, nil
	}
	c.once.Do(func() { c.run, c.ok, c.err = c.find() })
	if c.err != nil || !c.ok {
		return kanban.Actor{}, c.err
	}
	return c.run, nil
}

// runBehind looks through the processes of this machine for those that hold a
// connection. One whose descriptors are closed to us may be the one; if it is a
// run's, it is taken for it.
func (g *gateway) runBehind(ctx context.Context, theirs, ours net.Addr) (a kanban.Actor, ok bool, err error) {
	from, err := netip.ParseAddrPort(theirs.String())
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return a, false, nil
	}
	to, err := netip.ParseAddrPort(ours.String())
	if err != nil {
		return a, false, err
	}
	holders, closed, err := holdersOf(unmapped(from), unmapped(to))
	if err != nil {
		return a, false, unknownPeer(err)
	}
	for _, pid := range holders {
		if a, ok, err = g.dispatcher.RunOf(ctx, pid); err != nil || ok {
			return a, ok, err
		}
	}
	if len(holders) > 0 {
		return a, false, nil
	}
	for _, pid := range closed {
		if a, ok, err = g.dispatcher.RunOf(ctx, pid); err == nil && ok {
			return a, true, nil
		}
	}
	return kanban.Actor{}, false, nil
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}
