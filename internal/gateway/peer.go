package gateway

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

type peerKey struct{}

// peer is the process at the other end of the socket, as the kernel names it.
type peer struct {
	process worker.Identity
	uid     int
	err     error
}

// withPeer asks the kernel once per connection, when whoever connected still has
// its number.
func withPeer(ctx context.Context, c net.Conn) context.Context {
	unixConn, ok := c.(*net.UnixConn)
	if !ok {
		return ctx
	}
	var p peer
	var pid int
	if pid, p.uid, p.err = credentials(unixConn); p.err == nil {
		p.process, p.err = worker.Identify(pid)
	}
	if p.err != nil && !errors.Is(p.err, worker.ErrGone) {
		_ = c.Close() // for want of descriptors, perhaps: a new connection may be looked at
	}
	return context.WithValue(ctx, peerKey{}, p)
}

// identify says who calls: the run whose process tree the caller is in,
// whatever its environment says; else the user of the calling process.
func (g *gateway) identify(r *http.Request) (kanban.Actor, error) {
	p, ok := r.Context().Value(peerKey{}).(peer)
	if !ok {
		return g.identifyByTCP(r)
	}
	if p.err != nil {
		return kanban.Actor{}, unknownPeer(p.err)
	}
	if p.uid != os.Getuid() && p.uid != 0 {
		return kanban.Actor{}, kanban.Errorf(kanban.Unauthorized, "user %s does not own this home", userName(p.uid)).
			Hint("ask %s", userName(os.Getuid()))
	}
	a, isRun, err := g.dispatcher.RunOf(r.Context(), p.process.PID)
	if err != nil || isRun {
		return a, err
	}
	// Somebody else may have its number by now.
	now, err := worker.Identify(p.process.PID)
	if err == nil && now != p.process {
		err = worker.ErrGone
	}
	if err != nil {
		return kanban.Actor{}, unknownPeer(err)
	}
	return kanban.Actor{Kind: kanban.Human, Name: userName(p.uid)}, nil
}

// unknownPeer tells a caller that is gone from one that could not be looked at,
// which may try again.
func unknownPeer(err error) error {
	if !errors.Is(err, worker.ErrGone) {
		return kanban.Errorf(kanban.Unavailable, "the calling process cannot be looked at: %w", err).Hint("nothing was changed; try again")
	}
	return kanban.Errorf(kanban.Unauthorized, "the calling process cannot be identified: %w", err).Hint("call again and wait for the answer")
}
