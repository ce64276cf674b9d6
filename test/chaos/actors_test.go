package chaos

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// client creates tasks, every other one for itself to complete, and notes what
// was acknowledged. A command that fails acknowledged nothing; only exit codes
// that say "not now" are accepted.
func (h *home) client(t *testing.T, who int, stop <-chan struct{}) {
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		args := []string{"add", fmt.Sprintf("client %d task %d", who, n), "-q"}
		if n%2 == 0 {
			args = append(args, "--assignee", "busy")
		}
		id, ok := h.acknowledged(t, args...)
		if !ok {
			continue
		}
		h.note(h.created, id)
		if n%2 == 1 {
			if _, ok := h.acknowledged(t, "complete", id, "--result", "by hand"); ok {
				h.note(h.completed, id)
			}
		}
	}
}

func (h *home) note(ledger map[string]bool, id string) {
	h.mu.Lock()
	ledger[id] = true
	h.mu.Unlock()
}

func (h *home) acknowledged(t *testing.T, args ...string) (string, bool) {
	cmd := h.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil {
		return strings.TrimSpace(string(out)), true
	}
	if code := cmd.ProcessState.ExitCode(); code != 7 {
		t.Errorf("andon %s: exit %d: %s", strings.Join(args, " "), code, stderr.String())
	}
	return "", false
}

// kill kills one process after another until stop, and starts the gateway again
// when it was its turn.
func (h *home) kill(t *testing.T, dice *rand.Rand, stop <-chan struct{}) {
	for {
		pause := time.NewTimer(time.Duration(50+dice.IntN(300)) * time.Millisecond)
		select {
		case <-stop:
			return
		case <-pause.C:
		}
		h.sample(t)
		switch what := dice.IntN(10); {
		case what < 2:
			h.strike("gateway", h.gateway.Process.Pid)
			_ = h.gateway.Wait()
			if !h.startGateway(t) {
				return
			}
		case what < 5:
			h.strikeOne(dice, "supervisor", func(p process) bool { return strings.Contains(p.cmdline, " supervise") })
		default:
			h.strikeOne(dice, "worker", func(p process) bool { return strings.Contains(p.cmdline, "work.sh") })
		}
	}
}

func (h *home) strikeOne(dice *rand.Rand, kind string, is func(process) bool) {
	var found []process
	for _, p := range h.processes() {
		if is(p) {
			found = append(found, p)
		}
	}
	if len(found) > 0 {
		h.strike(kind, found[dice.IntN(len(found))].pid)
	}
}

func (h *home) strike(kind string, pid int) {
	if syscall.Kill(pid, syscall.SIGKILL) == nil {
		h.kills[kind]++
	}
}

// startGateway starts the gateway and waits until it answers.
func (h *home) startGateway(t *testing.T) bool {
	log, err := os.OpenFile(filepath.Join(h.dir, "andon", "gateway.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Error(err)
		return false
	}
	defer log.Close()
	h.gateway = h.command("gateway", "run")
	h.gateway.Stdout, h.gateway.Stderr = log, log
	if err := h.gateway.Start(); err != nil {
		t.Error(err)
		return false
	}
	for range 500 {
		if h.command("gateway", "status").Run() == nil {
			return true
		}
		time.Sleep(10 * time.Millisecond) // another process's start has no event that we could wait for
	}
	t.Error("the gateway does not answer")
	return false
}

// sample looks at the gateway's descriptors: none may be of a deleted database
// file (G03), and their number stays bounded.
func (h *home) sample(t *testing.T) {
	dir := filepath.Join("/proc", strconv.Itoa(h.gateway.Process.Pid), "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	h.samples++
	for _, e := range entries {
		target, _ := os.Readlink(filepath.Join(dir, e.Name()))
		if strings.Contains(target, ".db") && strings.HasSuffix(target, "(deleted)") {
			t.Errorf("the gateway holds %s", target)
		}
	}
	if len(entries) > 500 {
		t.Errorf("the gateway holds %d descriptors", len(entries))
	}
}

type process struct {
	pid     int
	cmdline string
}

// processes lists everything that was started for this home.
func (h *home) processes() []process {
	entries, _ := os.ReadDir("/proc")
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if bytes.Contains(environ, []byte(h.dir)) || bytes.Contains(cmdline, []byte(h.dir)) {
			out = append(out, process{pid, strings.ReplaceAll(string(cmdline), "\x00", " ")})
		}
	}
	return out
}

func (h *home) clear() {
	for range 100 {
		left := h.processes()
		if len(left) == 0 {
			return
		}
		for _, p := range left {
			_ = syscall.Kill(p.pid, syscall.SIGKILL)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (h *home) sql(t *testing.T, query string) string {
	t.Helper()
	out, err := exec.Command("sqlite3", "-cmd", ".timeout 5000", filepath.Join(h.dir, "kanban.db"), query).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v: %s", query, err, out)
	}
	return strings.TrimSpace(string(out))
}
