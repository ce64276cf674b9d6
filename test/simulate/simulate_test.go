package simulate

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	nights = flag.Int("nights", 60, "how many to play")
	seed   = flag.Uint64("seed", 0, "of the first night; each following one has the next")
	part   = flag.Bool("part", false, "this process plays its nights alone")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *part {
		runtime.GOMAXPROCS(1) // only one goroutine ever has something to do
		debug.SetGCPercent(400)
	}
	os.Exit(m.Run())
}

// TestG01_G10_G11_G12_G13_G14_G15_G16_G17_G18_G23_Nights plays nights, each
// processor its share of them.
func TestG01_G10_G11_G12_G13_G14_G15_G16_G17_G18_G23_Nights(t *testing.T) {
	if *part {
		for i := range *nights {
			playWell(t, *seed+uint64(i))
		}
		return
	}
	begun := time.Now()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var parts sync.WaitGroup
	for i, shares := 0, min(runtime.NumCPU(), *nights); i < shares; i++ {
		from, to := *nights*i/shares, *nights*(i+1)/shares
		parts.Go(func() {
			args := []string{
				"-test.run=^" + t.Name() + "$", "-test.timeout=0", "-part",
				fmt.Sprintf("-nights=%d", to-from), fmt.Sprintf("-seed=%d", *seed+uint64(from)),
			}
			if out, err := exec.CommandContext(t.Context(), self, args...).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	parts.Wait()
	t.Logf("%d nights from seed %d in %s", *nights, *seed, time.Since(begun).Round(time.Millisecond))
}

// playWell prints the log of a bad night: its end, or all of it if it is the
// only one.
func playWell(t *testing.T, seed uint64) {
	t.Helper()
	broken, log := play(t, seed)
	if broken == "" {
		return
	}
	lines := log.lines
	if *nights > 1 {
		lines = lines[max(0, len(lines)-60):]
	}
	t.Fatalf("night %d broke %s\n%s\n\nmake simulate NIGHTS=1 SEED=%d  plays it again, with its whole log", seed, broken, strings.Join(lines, "\n"), seed)
}

// TestSameSeedSameNight: a seed is one order of everything.
func TestSameSeedSameNight(t *testing.T) {
	for s := range uint64(10) {
		_, first := play(t, s)
		_, second := play(t, s)
		if first.sum == second.sum {
			continue
		}
		for i := range min(len(first.lines), len(second.lines)) {
			if first.lines[i] != second.lines[i] {
				t.Fatalf("seed %d plays twice alike up to line %d:\n%s\nthen\n%s", s, i, first.lines[i], second.lines[i])
			}
		}
		t.Fatalf("seed %d does not play twice alike", s)
	}
}
