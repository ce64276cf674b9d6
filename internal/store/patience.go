package store

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience bounds how long each Update under a context waits for its turn,
// whatever the context itself allows to several of them. Who serves many boards
// does not wait for one that another program holds.
func WithPatience(ctx context.Context, wait time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, wait)
}

// Turn is the context in which an adapter waits for a turn. Call done when it is
// over. An update that had none is unavailable, by context.DeadlineExceeded.
func Turn(ctx context.Context) (turn context.Context, done context.CancelFunc) {
	if wait, bounded := ctx.Value(patienceKey{}).(time.Duration); bounded {
		return context.WithTimeout(ctx, wait)
	}
	return ctx, func() {}
}
