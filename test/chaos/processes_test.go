//go:build linux

package chaos

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// process is one that was started for this home, however deep.
type process struct {
	pid, parent int
	start       string // in ticks since boot: with the pid its identity
	state       string
	cmdline     string
	run         string // its ANDON_RUN_ID, or that of a parent; "" if none is known
}

func (p process) is(part string) bool { return strings.Contains(p.cmdline, part) }

// processes lists what carries the home in its environment, its command line or
// its descriptors, and what descends from that.
func (h *home) processes() []process {
	base := []byte(filepath.Dir(h.dir))
	all := map[int]process{}
	ours := map[int]bool{}
	for _, pid := range pids() {
		p, ok := readProcess(pid)
		if !ok || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(procPath(pid, "environ"))
		cmdline, _ := os.ReadFile(procPath(pid, "cmdline"))
		p.cmdline = strings.ReplaceAll(string(cmdline), "\x00", " ")
		for _, v := range bytes.Split(environ, []byte{0}) {
			if run, ok := bytes.CutPrefix(v, []byte("ANDON_RUN_ID=")); ok {
				p.run = string(run)
			}
		}
		all[pid] = p
		ours[pid] = bytes.Contains(environ, base) || bytes.Contains(cmdline, base) || holds(pid, string(base))
	}
	var out []process
	for pid, p := range all {
		if ours[pid] || ours[p.parent] {
			out = append(out, p)
		}
	}
	return out
}

func pids() []int {
	entries, _ := os.ReadDir("/proc")
	var out []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

func procPath(pid int, more ...string) string {
	return filepath.Join(append([]string{"/proc", strconv.Itoa(pid)}, more...)...)
}

func readProcess(pid int) (process, bool) {
	stat, err := os.ReadFile(procPath(pid, "stat"))
	if err != nil {
		return process{}, false
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	parent, _ := strconv.Atoi(f[1])
	return process{pid: pid, parent: parent, state: f[0], start: f[19]}, true
}

// holds reports whether a process has a file below dir open.
func holds(pid int, dir string) bool {
	for _, target := range descriptors(pid) {
		if strings.HasPrefix(target, dir) {
			return true
		}
	}
	return false
}

// descriptors lists what the descriptors of a process lead to.
func descriptors(pid int) map[string]string {
	dir := procPath(pid, "fd")
	entries, _ := os.ReadDir(dir)
	out := map[string]string{}
	for _, e := range entries {
		if target, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil {
			out[e.Name()] = target
		}
	}
	return out
}

// signal reaches this very process or none.
func (p process) signal(sig unix.Signal) bool {
	fd, err := unix.PidfdOpen(p.pid, 0)
	if err != nil {
		return false
	}
	defer unix.Close(fd)
	now, ok := readProcess(p.pid)
	return ok && now.start == p.start && unix.PidfdSendSignal(fd, sig, nil, 0) == nil
}

// clear ends everything at the end of the test.
func (h *home) clear() {
	h.running.Lock()
	h.over = true
	h.running.Unlock()
	for range 100 {
		left := h.processes()
		if len(left) == 0 {
			return
		}
		for _, p := range left {
			p.signal(unix.SIGKILL)
		}
		wait(10 * time.Millisecond)
	}
}
