package mcpserver

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	patience = 5 * time.Second // with a gateway that restarts
	pause    = 200 * time.Millisecond
)

// steady makes a call outlast a restart of the gateway: while it is away the
// call is made again, under one operation id, so that a change is made once.
func steady[T any](ctx context.Context, call func(context.Context) (T, error)) (T, error) {
	ctx = client.WithOperation(ctx, rand.Text())
	limit := time.After(patience)
	for {
		out, err := call(ctx)
		if err == nil || !away(err) || ctx.Err() != nil {
			return out, err
		}
		select {
		case <-ctx.Done():
			return out, context.Cause(ctx)
		case <-limit:
			return out, err
		case <-time.After(pause):
		}
	}
}

// away reports whether nobody answered, as opposed to a refusal.
func away(err error) bool {
	var refused *client.Error
	if errors.As(err, &refused) {
		return refused.Code == string(kanban.Unavailable)
	}
	return errors.Is(err, client.ErrNoGateway) || errors.Is(err, client.ErrLost)
}
