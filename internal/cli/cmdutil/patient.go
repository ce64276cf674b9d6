package cmdutil

import (
	"context"
	"sync"
	"time"

	"github.com/andon-dev/andon/client"
)

// restart is how long a gateway may be away under a command that follows.
const restart = 15 * time.Second

// Patient lets a command that follows outlast a restart of the gateway. It says
// once that it waits.
func (f *Factory) Patient(ctx context.Context) context.Context {
	return client.WithPatience(ctx, restart, sync.OnceFunc(func() {
		f.Progress("the gateway is away; trying again for %d s", int(restart.Seconds()))
	}))
}
