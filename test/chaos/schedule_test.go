//go:build linux

package chaos

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// strike is one thing that is done to the home.
type strike struct {
	At   time.Duration // after the beginning
	What string        // a key of the table of kills or of faults
	Hold time.Duration // until it is undone
	Dice uint64        // chooses the victim, or how much
}

// weights say how often a thing happens beside others of its table.
type weights []struct {
	what  string
	share int
}

var (
	killed = weights{{"kill gateway", 2}, {"kill supervisor", 5}, {"kill worker", 5}, {"kill command", 4}, {"kill client", 3}}
	faulty = weights{
		{"stop gateway", 2},
		{"stop supervisor", 3},
		{"stop worker", 3},
		{"stop client", 3},
		{"clock forward", 2},
		{"clock back", 2},
		{"descriptors", 2},
		{"sink away", 2},
		{"disk full", 2},
		{"read-only", 1},
	}
)

// schedule draws strikes between pause/2 and 3*pause/2 apart, each of the table
// in its turn. It depends on nothing but its arguments, so a seed replays it.
func schedule(seed, stream uint64, from weights, pause, longest, length time.Duration) (out []strike) {
	dice := rand.New(rand.NewPCG(seed, stream))
	var all, bag []string
	for _, w := range from {
		all = append(all, slices.Repeat([]string{w.what}, w.share)...)
	}
	for at := time.Duration(0); ; {
		at += pause/2 + time.Duration(dice.Int64N(int64(pause)))
		if at >= length {
			return out
		}
		if len(bag) == 0 {
			bag = slices.Clone(all)
			dice.Shuffle(len(bag), func(i, j int) { bag[i], bag[j] = bag[j], bag[i] })
		}
		out = append(out, strike{at, bag[0], time.Duration(dice.Int64N(int64(longest))), dice.Uint64()})
		bag = bag[1:]
	}
}

// TestScheduleIsReplayed: a seed stands for one schedule, and a longer run
// begins like a shorter one.
func TestScheduleIsReplayed(t *testing.T) {
	draw := func(seed uint64, length time.Duration) []strike {
		return schedule(seed, 1, faulty, time.Second, time.Second, length)
	}
	short, long := draw(7, time.Minute), draw(7, time.Hour)
	if len(short) < 30 || !slices.Equal(short, long[:len(short)]) {
		t.Errorf("%d strikes in a minute, which an hour does not begin with", len(short))
	}
	if slices.Equal(short, draw(8, time.Minute)) {
		t.Error("another seed draws the same")
	}
}
