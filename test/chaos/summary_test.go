//go:build linux

package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// tally counts what was done and seen, for the closing table.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (t *tally) add(what string, n int) {
	t.mu.Lock()
	t.counts[what] += n
	t.mu.Unlock()
}

func (t *tally) most(what string, n int) {
	t.mu.Lock()
	t.counts[what] = max(t.counts[what], n)
	t.mu.Unlock()
}

// summary is the closing table. What the verdicts count was reported as an
// error each.
func (h *home) summary() string {
	var b strings.Builder
	for _, verdict := range []string{"lost", "doubled", "refused", "orphaned", "corrupt"} {
		h.tally.add("verdict "+verdict, 0)
	}
	h.tally.mu.Lock()
	defer h.tally.mu.Unlock()
	all := 0
	fmt.Fprintf(&b, "seed %d, %s\n", *seed, *duration)
	fmt.Fprintf(&b, "\nacknowledged\n")
	for _, kind := range slices.Sorted(maps.Keys(h.comparison.total)) {
		row(&b, kind, h.comparison.total[kind])
		all += h.comparison.total[kind]
	}
	row(&b, "in all", all)
	for _, group := range []string{"kill", "fault", "seen", "verdict"} {
		fmt.Fprintf(&b, "\n%s\n", group)
		sum := 0
		for _, what := range slices.Sorted(maps.Keys(h.tally.counts)) {
			if name, ok := strings.CutPrefix(what, group+" "); ok {
				row(&b, name, h.tally.counts[what])
				sum += h.tally.counts[what]
			}
		}
		if group == "kill" || group == "fault" {
			row(&b, "in all", sum)
		}
	}
	if h.noMounts != "" {
		fmt.Fprintf(&b, "\nnot possible here: disk full, read-only: %s\n", h.noMounts)
	}
	return b.String()
}

func row(b *strings.Builder, what string, n int) { fmt.Fprintf(b, "  %-34s %8d\n", what, n) }

// condemn reports what is wrong and counts it.
func (h *home) condemn(verdict string, what ...string) {
	h.tally.add("verdict "+verdict, len(what))
	for _, w := range what[:min(len(what), 20)] {
		h.Errorf("%s: %s", verdict, w)
	}
}
