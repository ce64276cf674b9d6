//go:build linux

package chaos

import (
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// play does one strike after another at its time, and no sooner than pause after
// the end of the last one: between them there is work to be broken. It ends when
// the time is over.
func (h *home) play(strikes []strike, pause time.Duration, do func(strike)) {
	began := time.Now()
	for _, s := range strikes {
		wait(max(s.At-time.Since(began), pause))
		if h.Failed() || time.Since(began) > *duration {
			return
		}
		do(s)
	}
}

// kill ends one process. After the gateway's death the ledgers are compared,
// and another one is started.
func (h *home) kill(s strike) {
	if s.What == "kill gateway" {
		h.turn.Lock()
		defer h.turn.Unlock()
		began := time.Now()
		h.endGateway()
		h.tally.add(s.What, 1)
		h.compare()
		h.startGateway()
		h.tally.add("seen milliseconds without a gateway", int(time.Since(began).Milliseconds()))
		return
	}
	if p, ok := h.victim(s); ok && p.signal(unix.SIGKILL) {
		h.tally.add(s.What, 1)
	}
}

func (h *home) compare() {
	r, err := h.comparison.compare()
	if err != nil {
		h.Error(err)
	}
	h.tally.add("seen comparisons of ledgers", 1)
	h.condemn("lost", r.lost...)
	h.condemn("doubled", r.doubled...)
	h.condemn("refused", r.refused...)
}

// victim is the process that a strike's dice choose among those of its kind.
func (h *home) victim(s strike) (process, bool) {
	_, kind, _ := strings.Cut(s.What, " ")
	var found []process
	switch kind {
	case "gateway":
		p, ok := readProcess(h.gatewayPID())
		return p, ok
	case "client", "command":
		found = h.clientProcesses(kind)
	default:
		for _, p := range h.processes() {
			if kind == "supervisor" && p.is(" supervise") || kind == "worker" && p.run != "" && !p.is(" supervise") {
				found = append(found, p)
			}
		}
	}
	if len(found) == 0 {
		return process{}, false
	}
	slices.SortFunc(found, func(a, b process) int { return a.pid - b.pid })
	return found[s.Dice%uint64(len(found))], true
}

// clientProcesses are the commands in flight, or the long-lived actors.
func (h *home) clientProcesses(kind string) (found []process) {
	h.running.Lock()
	defer h.running.Unlock()
	for _, name := range slices.Sorted(maps.Keys(h.clients)) {
		if strings.HasPrefix(name, "cli") != (kind == "command") {
			continue
		}
		if p, ok := readProcess(h.clients[name].Process.Pid); ok {
			found = append(found, p)
		}
	}
	return found
}
