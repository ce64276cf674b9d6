//go:build linux

package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sentinelEvery is the pause between two looks at /proc.
const sentinelEvery = 250 * time.Millisecond

// mostDescriptors bounds those of a gateway, at any moment of the load here.
const mostDescriptors = 300

// watch looks again and again until stop. What is wrong in two looks in a row
// is wrong: descriptors come and go while we look.
func (h *home) watch(stop <-chan struct{}) {
	var before []string
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(sentinelEvery):
		}
		now := h.look()
		for _, what := range now {
			if slices.Contains(before, what) {
				h.Errorf("G03: %s", what)
			}
		}
		before = now
		h.checkOrphans()
		h.checkLogs()
		h.tally.add("seen looks at /proc", 1)
	}
}

// look lists what is wrong with descriptors and locks.
func (h *home) look() (wrong []string) {
	gateway := h.gatewayPID()
	for _, p := range h.processes() {
		fds := descriptors(p.pid)
		for fd, target := range fds {
			path, gone := strings.CutSuffix(target, " (deleted)")
			if path = strings.TrimSuffix(strings.TrimSuffix(path, "-wal"), "-shm"); !strings.HasSuffix(path, ".db") {
				continue
			}
			if gone && !p.is("sqlite3") {
				wrong = append(wrong, fmt.Sprintf("process %d holds %s: %s", p.pid, target, p.cmdline))
			}
			if p.pid == gateway && target == h.database && !h.locked(gateway, fd) {
				wrong = append(wrong, fmt.Sprintf("gateway %d holds no lock on its descriptor %s of the board", gateway, fd))
			}
		}
		if p.pid == gateway {
			h.tally.most("seen most descriptors of a gateway", len(fds))
			if len(fds) > mostDescriptors {
				wrong = append(wrong, fmt.Sprintf("gateway %d has too many descriptors", gateway))
			}
		}
	}
	return wrong
}

// locked reports whether a descriptor carries SQLite's SHARED lock, of the kind
// that a close beside it cannot cancel.
//
//	lock:	1: OFDLCK  ADVISORY  READ  -1 08:01:1234 1073741826 1073742335
func (h *home) locked(pid int, fd string) bool {
	info, err := os.ReadFile(procPath(pid, "fdinfo", fd))
	if err != nil {
		return true // closed meanwhile
	}
	for line := range strings.Lines(string(info)) {
		f := strings.Fields(line)
		if len(f) == 9 && f[0] == "lock:" && f[2] == "OFDLCK" && f[7] == "1073741826" && f[8] == "1073742335" {
			return true
		}
	}
	return false
}

// checkOrphans expects nothing to live of a run that was recorded as gone.
func (h *home) checkOrphans() {
	var found []process
	for _, p := range h.processes() {
		if p.run != "" && p.state != "Z" {
			found = append(found, p)
		}
	}
	for _, p := range found {
		gone, err := h.sqlite("select 1 from task_runs where andon_live = 0 and id = " + p.run)
		if err != nil || gone == "" {
			continue // the disk may be full; then the next look tells
		}
		if now, ok := readProcess(p.pid); ok && now.start == p.start && now.state != "Z" {
			h.condemn("orphaned", fmt.Sprintf("process %d of run %s, which is over: %s", p.pid, p.run, p.cmdline))
		}
	}
}

// checkLogs expects logs to stay within log_size.
func (h *home) checkLogs() {
	logs, _ := filepath.Glob(filepath.Join(h.dir, "andon", "runs", "*", "*", "log*"))
	sizes := map[string]int64{}
	for _, path := range logs {
		if info, err := os.Stat(path); err == nil {
			sizes[filepath.Dir(path)] += info.Size()
		}
	}
	for dir, size := range sizes {
		h.tally.most("seen most bytes of a log", int(size))
		if size > logSize {
			h.Errorf("the log in %s has %d bytes", dir, size)
		}
	}
}

// zombies lists ended children that the gateway did not ask for.
func (h *home) zombies() (found []string) {
	gateway := h.gatewayPID()
	for _, pid := range pids() {
		if p, ok := readProcess(pid); ok && p.parent == gateway && p.state == "Z" {
			found = append(found, strconv.Itoa(pid))
		}
	}
	return found
}
