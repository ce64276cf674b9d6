package neighbours

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/internal/store/sqlite/guard"
)

// The stand-in for the reference system's processes, which take their own locks
// away. What keeps their commits is that somebody else holds on to the WAL.

func TestG01_G02_TheReferenceLosesNothingBesideAGateway(t *testing.T) {
	h := newHome(t)
	g := h.serve(t)
	w := newWatch(h)
	w.held(g.Process.Pid)
	h.reference(t, true, 2, func(ctx context.Context) { h.createAndComplete(ctx, t) })
	for _, found := range w.end() {
		t.Errorf("G03: %s", found)
	}
	g.end(syscall.SIGTERM)
	h.wantSound(t)
}

func TestG01_G02_TheReferenceLosesNothingWhileGuarded(t *testing.T) {
	h := newHome(t)
	h.guarded(t)
	h.reference(t, true, 2, nil)
	h.wantSound(t)
}

// A gateway that is killed and started again, as often as the storm allows.
func TestG01_G02_AGatewayRestartedUnderTheReferenceLosesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		guarded bool
		daemon  bool
		others  int
	}{
		"one process":      {others: 1},
		"a daemon":         {daemon: true},
		"several, guarded": {guarded: true, daemon: true, others: 2},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			if c.guarded {
				h.guarded(t)
			}
			h.reference(t, c.daemon, c.others, func(ctx context.Context) { h.restart(ctx, t) })
			h.wantSound(t)
		})
	}
}

// The limit: among themselves these processes lose commits, whatever Andon does,
// as long as neither gateway nor guard is there.
func TestG02_WithoutGatewayOrGuardTheReferenceLosesCommits(t *testing.T) {
	if !*control {
		t.Skip("a control: make neighbours runs it")
	}
	for range storms {
		h := newHome(t)
		h.tolerant = true
		h.reference(t, true, 2, nil)
		v := h.ledger.judge(h.db())
		t.Log(v)
		if v.acknowledged > 0 && !v.ok() {
			return
		}
	}
	t.Fatal("nothing was lost in any storm: is this still how the reference writes?")
}

func (h *home) guarded(t *testing.T) {
	t.Helper()
	g, err := guard.Hold(t.Context(), h.db())
	must(t, err)
	t.Cleanup(func() { must(t, g.Release()) })
}

// reference lets processes of the reference write for as long as a storm lasts,
// and work beside them.
func (h *home) reference(t *testing.T, daemon bool, others int, work func(context.Context)) {
	t.Helper()
	ctx, cancel := h.ledger.lasting(t.Context())
	defer cancel()
	script, err := filepath.Abs(filepath.Join("testdata", "reference.py"))
	must(t, err)
	_, err = os.Stat(script) // a cached result is only as fresh as what the test has seen
	must(t, err)
	var working sync.WaitGroup
	start := func(args ...string) {
		cmd := exec.Command("python3", append([]string{script, h.db()}, args...)...)
		working.Go(func() { h.follow(ctx, t, nil, cmd) })
	}
	if daemon {
		start("daemon")
	}
	for range others {
		start()
	}
	if work != nil {
		working.Go(func() { work(ctx) })
	}
	working.Wait()
}

// restart serves the home, writes a little, and kills the gateway, again and
// again.
func (h *home) restart(ctx context.Context, t *testing.T) {
	kills := 0
	for ctx.Err() == nil {
		g := h.launch(t)
		for !h.answers() && ctx.Err() == nil {
			select {
			case <-g.ended:
				t.Errorf("the gateway ended: %s", g.stderr)
				return
			default:
			}
		}
		if id, err := h.command("add", "before the kill", "-q").Output(); err == nil {
			h.ledger.note(string(id[:len(id)-1]), "")
		}
		g.end(syscall.SIGKILL)
		kills++
	}
	if kills == 0 {
		t.Error("no gateway was killed")
	}
	t.Logf("%d gateways killed", kills)
}
