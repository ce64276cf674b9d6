package neighbours

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Two gateways are started at once, forty times, in four homes: one serves, the
// other one ends and says who does, and the command line answers throughout.
func TestG02_G13_OfTwoGatewaysOneServes(t *testing.T) {
	for n := range 4 { // beside each other: the one that ends has waited a second for the lock
		t.Run(fmt.Sprint("home ", n), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			asked := h.askAllTheTime(t)
			for round := range 10 {
				h.race(t, round)
			}
			if n := asked(); n < 10 {
				t.Errorf("the command line answered only %d times", n)
			}
			h.wantSound(t)
		})
	}
}

// race starts two gateways, and ends the one that serves.
func (h *home) race(t *testing.T, round int) {
	t.Helper()
	a, b := h.launch(t), h.launch(t)
	winner, loser := a, b
	select {
	case <-a.ended:
		winner, loser = b, a
	case <-b.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("two gateways run for one home")
	}
	until(t, "the one that is left answers", h.answers)
	if code := loser.ProcessState.ExitCode(); code != 4 {
		t.Errorf("round %d: the other one ended with status %d: %s", round, code, loser.stderr)
	}
	if who := fmt.Sprintf("pid %d,", winner.Process.Pid); !strings.Contains(loser.stderr.String(), who) {
		t.Errorf("round %d: the other one does not say %q: %s", round, who, loser.stderr)
	}
	g, err := h.client().Gateway(t.Context())
	must(t, err)
	if g.PID != winner.Process.Pid {
		t.Errorf("round %d: pid %d answers, pid %d is left", round, g.PID, winner.Process.Pid)
	}
	h.ledger.note(h.must(t, "add", fmt.Sprint("round ", round), "-q"), "")
	winner.end([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM}[round%2])
}

// askAllTheTime runs commands until it is told to end, and then says how many
// were answered. A command whose gateway is killed under it may say so.
func (h *home) askAllTheTime(t *testing.T) (end func() (answered int)) {
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	n := 0
	asking.Go(func() {
		for ctx.Err() == nil {
			began := time.Now()
			cmd := h.command("list", "-o", "name")
			out, err := cmd.CombinedOutput()
			switch {
			case err == nil:
				n++
			case cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 7:
				t.Errorf("andon list: %v: %s", err, out)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("andon list took %s", took)
			}
		}
	})
	return func() int {
		cancel()
		asking.Wait()
		return n
	}
}
