package neighbours

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// watch samples /proc for processes that hold the board: no descriptor of theirs
// is of a deleted file, and each has the lock that SQLite believes it has.
type watch struct {
	h     *home
	stop  chan struct{}
	ended chan struct{}
	looks int

	mu    sync.Mutex
	pids  map[int]bool
	found map[string]bool
}

func newWatch(h *home) *watch {
	w := &watch{h: h, stop: make(chan struct{}), ended: make(chan struct{}), pids: map[int]bool{}, found: map[string]bool{}}
	go func() {
		defer close(w.ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-w.stop:
				return
			case <-tick.C:
				w.look()
			}
		}
	}()
	return w
}

func (w *watch) held(pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pids[pid] = true
}

func (w *watch) released(pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pids, pid)
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for pid := range w.pids {
		w.looks++
		locked := false
		for fd, link := range descriptorsOf(pid) {
			if strings.HasPrefix(link, w.h.db()) && strings.HasSuffix(link, " (deleted)") {
				w.found[fmt.Sprintf("process %d holds %s", pid, link)] = true
			}
			locked = locked || link == w.h.db() && holdsShared(pid, fd)
		}
		if !locked {
			w.found[fmt.Sprintf("process %d has no lock on the board that it holds", pid)] = true
		}
	}
}

func (w *watch) end() (found []string) {
	close(w.stop)
	<-w.ended
	for what := range w.found {
		found = append(found, what)
	}
	return found
}

func descriptorsOf(pid int) map[string]string {
	dir := filepath.Join("/proc", strconv.Itoa(pid), "fd")
	entries, _ := os.ReadDir(dir)
	links := map[string]string{}
	for _, e := range entries {
		if link, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			links[e.Name()] = link
		}
	}
	return links
}

// holdsShared reports whether a descriptor has SQLite's SHARED lock.
func holdsShared(pid int, fd string) bool {
	info, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "fdinfo", fd))
	for line := range strings.Lines(string(info)) {
		f := strings.Fields(line)
		if len(f) > 8 && f[0] == "lock:" && f[4] == "READ" && f[7] == "1073741826" && f[8] == "1073742335" {
			return true
		}
	}
	return false
}
