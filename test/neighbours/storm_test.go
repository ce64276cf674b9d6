package neighbours

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/andon-dev/andon/client"
)

// A board that a gateway holds, with every neighbour around it, and then with
// one more inside the gateway's own process.
func TestG01_G02_G03_NeighboursOfAGatewayLoseNothing(t *testing.T) {
	for name, hostile := range map[string]bool{"beside": false, "inside": true} {
		t.Run(name, func(t *testing.T) {
			h := newHome(t)
			if hostile {
				h.andon = self(t)
				t.Setenv(probing, h.db())
			}
			g := h.serve(t)
			storm(t, h, func(ctx context.Context, w *watch) {
				w.held(g.Process.Pid)
				h.createAndComplete(ctx, t)
			})
			g.end(syscall.SIGTERM)
			h.wantSound(t)
		})
	}
}

// Without a gateway several programs open the board themselves, some for long,
// some for one command.
func TestG01_G02_G03_NeighboursOfDirectAccessLoseNothing(t *testing.T) {
	h := newHome(t)
	t.Setenv(probing, h.db())
	storm(t, h, func(ctx context.Context, w *watch) {
		var writing sync.WaitGroup
		for range 2 {
			writing.Go(func() {
				h.follow(ctx, t, w, exec.Command(self(t), "hold", h.dir))
			})
		}
		writing.Go(func() {
			for ctx.Err() == nil {
				h.ledger.note(h.must(t, "add", "by one command", "-q"), "")
			}
		})
		writing.Wait()
	})
	h.wantSound(t)
}

// storms are how often a control may try: it is a matter of chance, too.
const storms = 10

// The same storm around the same file, held with locks of the other kind. If it
// loses nothing, the storm is no test.
func TestG02_TheControlLosesCommits(t *testing.T) {
	if !*control {
		t.Skip("make neighbours runs it: its SQLite takes about a minute to compile")
	}
	program := filepath.Join(scratch, "control")
	must(t, build(program, "control", "."))
	for range storms {
		h := newHome(t)
		h.tolerant = true
		n := h.disturb(t.TempDir())
		ctx, cancel := h.ledger.lasting(t.Context())
		h.follow(ctx, t, nil, exec.Command(program, h.db(), "probe"))
		cancel()
		n.end()
		v := h.ledger.judge(h.db())
		t.Log(v)
		if v.acknowledged > 0 && !v.ok() {
			return
		}
	}
	t.Fatal("POSIX locks lost nothing in any storm: the neighbours do no harm, so they prove nothing")
}

// storm lets the neighbours and work, which acknowledges into the ledger, run
// side by side.
func storm(t *testing.T, h *home, work func(context.Context, *watch)) {
	t.Helper()
	n := h.disturb(t.TempDir())
	w := newWatch(h)
	ctx, cancel := h.ledger.lasting(t.Context(), n.begun)
	defer cancel()
	work(ctx, w)
	for _, said := range n.end() {
		t.Errorf("a neighbour was harmed: %s", said)
	}
	for _, found := range w.end() {
		t.Errorf("G03: %s", found)
	}
	for _, kind := range []string{"select", "insert", "backup", "copy", "mode"} {
		if n.rounds[kind] == 0 {
			t.Errorf("the neighbour %q did nothing", kind)
		}
	}
	t.Logf("%d acknowledged, %d looks at /proc, neighbours %v", h.ledger.len(), w.looks, n.rounds)
}

func (h *home) wantSound(t *testing.T) {
	t.Helper()
	if v := h.ledger.judge(h.db()); v.acknowledged == 0 || !v.ok() {
		t.Errorf("G01, G02: %s", v)
	}
}

// createAndComplete is four people at work through the gateway.
func (h *home) createAndComplete(ctx context.Context, t *testing.T) {
	var working sync.WaitGroup
	for range 4 {
		working.Go(func() {
			c := h.client()
			for ctx.Err() == nil {
				task, err := c.CreateTask(context.Background(), "default", client.TaskCreate{Title: "through the gateway"})
				if err != nil {
					t.Error(err)
					return
				}
				h.ledger.note(task.ID, "")
				if _, err = c.Complete(context.Background(), "default", task.ID, client.Handoff{Summary: "by hand"}); err != nil {
					t.Error(err)
					return
				}
				h.ledger.note(task.ID, "done")
			}
		})
	}
	working.Wait()
}

// follow runs a program that says the ids it was acknowledged, until ctx ends.
func (h *home) follow(ctx context.Context, t *testing.T, w *watch, cmd *exec.Cmd) {
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Error(err)
		return
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return
	}
	go func() {
		<-ctx.Done()
		if w != nil {
			w.released(cmd.Process.Pid)
		}
		input.Close()
	}()
	lines := bufio.NewScanner(output)
	for n := 0; lines.Scan(); n++ {
		h.ledger.note(lines.Text(), "")
		if n == 0 && w != nil {
			w.held(cmd.Process.Pid)
		}
	}
	if err := cmd.Wait(); !h.tolerant && (err != nil || said.Len() > 0) {
		t.Errorf("%v: %v: %.500s", cmd.Args, err, said.String())
	}
}

// self is this binary, which is andon with a hostile part.
func self(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	must(t, err)
	return path
}
