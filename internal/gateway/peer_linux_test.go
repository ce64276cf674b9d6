package gateway

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// A caller is refused for good only if it is gone. When the gateway has no
// descriptor left to look at it, that is no fault of the caller's.
func TestG15_WhoCannotBeLookedAtMayTryAgain(t *testing.T) {
	for _, c := range []struct {
		err  error
		want kanban.Code
	}{
		{fmt.Errorf("process 7: %w", worker.ErrGone), kanban.Unauthorized},
		{fmt.Errorf("open /proc/7/stat: %w", syscall.EMFILE), kanban.Unavailable},
	} {
		if got := kanban.CodeOf(unknownPeer(c.err)); got != c.want {
			t.Errorf("%v: %s, want %s", c.err, got, c.want)
		}
	}
}
