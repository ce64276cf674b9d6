//go:build linux

package chaos

import (
	"math/rand/v2"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Pauses between strikes, on average, and the longest that a fault lasts.
const (
	betweenKills  = 400 * time.Millisecond
	betweenFaults = 1500 * time.Millisecond
	longestFault  = 1500 * time.Millisecond
)

// TestG01_G02_G03_G07_G10_G11_G12_G13_G14_G20_G21_G23_Chaos breaks a home in all
// ways that the tables know, for a while, and then looks for what was lost.
func TestG01_G02_G03_G07_G10_G11_G12_G13_G14_G20_G21_G23_Chaos(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	if ownNamespace(t) {
		return
	}
	t.Logf("seed %d, duration %s", *seed, *duration)
	h := newHome(t)
	if !h.startGateway() {
		t.FailNow()
	}
	h.subscribe()
	h.underAttack()

	h.setClock(farthest) // what was told to wait waits for a time: the last leap is forward
	h.compare()
	h.awaitQuiet()
	h.checkDescriptors()
	h.checkLedgers()
	h.checkRows()
	h.checkLanes()
	h.checkVerified()
	h.checkNotices()
	for way := range followers {
		h.checkFollower(way)
	}
	h.stopGateway()
	h.checkProcesses()
	t.Log("\n" + h.summary())
}

// underAttack lets clients and workers work while everything is broken.
func (h *home) underAttack() {
	stop := make(chan struct{})
	var work, trouble sync.WaitGroup
	work.Go(func() { h.load(stop) })
	for way := range followers {
		work.Go(func() { h.keep(way, way, h.followedPath(way), stop) })
	}
	trouble.Go(func() { h.watch(stop) })
	var strikes sync.WaitGroup
	strikes.Go(func() { h.play(schedule(*seed, 1, killed, betweenKills, 1, *duration), betweenKills/2, h.kill) })
	strikes.Go(func() {
		h.play(schedule(*seed, 2, faulty, betweenFaults, longestFault, *duration), betweenFaults/2, h.fault)
	})
	strikes.Wait()
	close(stop)
	for _, p := range h.processes() {
		p.signal(unix.SIGCONT) // none is stopped any more
	}
	if h.Failed() {
		h.giveUp()
	}
	work.Wait()
	trouble.Wait()
}

func (h *home) followedPath(way string) string { return filepath.Join(h.notes, "followed-"+way) }
