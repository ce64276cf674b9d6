//go:build linux

package chaos

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fault does what a strike says, for as long as it says, and undoes it.
func (h *home) fault(s strike) {
	if h.noMounts != "" && (s.What == "disk full" || s.What == "read-only") {
		return // the closing table tells
	}
	done := false
	switch s.What {
	case "clock forward", "clock back":
		done = h.leap(s)
	case "descriptors":
		done = h.fewDescriptors(s)
	case "sink away":
		h.hook.away.Store(true)
		wait(s.Hold)
		h.hook.away.Store(false)
		done = true
	case "disk full":
		done = h.fillDisk(s)
	case "read-only":
		done = h.readOnly(s)
	default:
		done = h.stop(s)
	}
	if done {
		h.tally.add("fault "+s.What, 1)
	}
}

// stop stops a process for a while: it lives, and does nothing.
func (h *home) stop(s strike) bool {
	p, ok := h.victim(s)
	if !ok || !p.signal(unix.SIGSTOP) {
		return false
	}
	wait(s.Hold)
	p.signal(unix.SIGCONT) // it may have been killed
	return true
}

// farthest is how far the clock leaps from the true time. Operation ids are kept
// for a day, so retries are not forgotten.
const farthest = 6 * time.Hour

// leap sets the clock forward or back; it stays there until the next one.
func (h *home) leap(s strike) bool {
	by := time.Duration(s.Dice % uint64(farthest))
	now := time.Duration(atomic.LoadInt64(h.clock))
	if s.What == "clock back" {
		by = -by
	}
	h.setClock(min(max(now+by, -farthest), farthest))
	return true
}

func (h *home) setClock(ahead time.Duration) { atomic.StoreInt64(h.clock, int64(ahead)) }

// newClock makes the file that the clocks of our processes look at.
func (h *home) newClock(path string) *int64 {
	h.write(path, string(binary.NativeEndian.AppendUint64(nil, 0)))
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		h.Fatal(err)
	}
	defer f.Close()
	page, err := unix.Mmap(int(f.Fd()), 0, 8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		h.Fatal(err)
	}
	return (*int64)(unsafe.Pointer(&page[0]))
}

// fewDescriptors leaves the gateway a few more descriptors than it has.
func (h *home) fewDescriptors(s strike) bool {
	pid := h.gatewayPID()
	var before unix.Rlimit
	if unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &before) != nil {
		return false
	}
	few := before
	few.Cur = uint64(len(descriptors(pid))) + s.Dice%4
	if unix.Prlimit(pid, unix.RLIMIT_NOFILE, &few, nil) != nil {
		return false
	}
	wait(s.Hold)
	_ = unix.Prlimit(pid, unix.RLIMIT_NOFILE, &before, nil) // gone, if it was killed
	return true
}

// fillDisk leaves no room on the home's disk but for a page or two, so that some
// writes fail half-way: the disk shrinks to what is on it.
func (h *home) fillDisk(s strike) bool {
	for limit := time.Now().Add(5 * time.Second); ; {
		var at unix.Statfs_t
		if err := unix.Statfs(h.dir, &at); err != nil {
			h.Error(err)
			return false
		}
		used := (at.Blocks - at.Bfree + s.Dice%4) * uint64(at.Bsize)
		err := h.remount(0, fmt.Sprintf("size=%d", used))
		if err == nil {
			break
		}
		if time.Now().After(limit) { // others were quicker to take the room
			h.Errorf("the disk does not shrink: %v", err)
			return false
		}
	}
	wait(s.Hold)
	if err := h.remount(0, diskSize); err != nil {
		h.Error(err)
	}
	return true
}

// readOnly ends everything, as a dying machine does, and lets a gateway and the
// clients meet a disk that cannot be written. The kernel makes no file system
// read-only that somebody writes to; hence the end.
func (h *home) readOnly(s strike) bool {
	h.turn.Lock()
	defer h.turn.Unlock()
	h.endGateway()
	for limit := time.Now().Add(5 * time.Second); ; {
		for _, p := range h.processes() {
			if !p.is(h.notes) { // the actors open nothing there
				p.signal(unix.SIGKILL)
			}
		}
		err := h.remount(unix.MS_RDONLY, diskSize)
		if err == nil {
			break
		}
		if time.Now().After(limit) {
			h.Errorf("the disk does not become read-only: %v", err)
			break
		}
		wait(5 * time.Millisecond)
	}
	h.meetReadOnly()
	wait(s.Hold)
	if err := h.remount(0, diskSize); err != nil {
		h.Fatal(err)
	}
	h.compare()
	h.startGateway()
	return true
}

// meetReadOnly expects a gateway to say in words that it cannot work there.
func (h *home) meetReadOnly() {
	out, err := h.command("gateway", "run").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "read-only") && !strings.Contains(string(out), "cannot be") {
		h.Errorf("a gateway on a read-only disk: %v: %s", err, out)
	}
}
