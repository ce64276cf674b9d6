package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// lanes are the workers that the scenarios use, each a few words of shell.
const lanes = `
dispatch: {max_attempts: 1, stop_grace: 200ms, backoff: {initial: 10ms, max: 50ms}, min_free: 0, pause_after: 0}
lanes:
  ours: {preset: external, description: people take these themselves}
  quick: {description: is done at once, command: [sh, -c, 'echo all good']}
  slow: {description: takes its time, max_parallel: 2, command: [sh, -c, 'echo compiling 12 files; exec sleep 600']}
  asks: {description: asks first, done_when: reported, command: [sh, -c, 'grep -q emerald "$ANDON_CONTEXT" && andon complete --summary painted || andon block "Which colour should it have?"']}
  careful: {description: wants to be looked at, done_when: reported, command: [sh, -c, 'andon review --summary "the parser is rewritten"']}
  broken: {description: always fails, command: [sh, -c, 'echo cannot find the compiler; exit 3']}
`

// home is a home of its own with a gateway that runs.
type home struct {
	*testing.T
	dir string
}

// newHome makes a home. Tests share nothing but the browser, so from here on
// they run beside each other.
func newHome(t *testing.T, config string) *home {
	t.Helper()
	t.Parallel()
	dir, err := os.MkdirTemp("", "andon-") // short, for a socket stands in it
	if err != nil {
		t.Fatal(err)
	}
	h := &home{t, dir}
	t.Cleanup(h.clearAway)
	h.configure(config)
	h.remember(newPort(t))
	h.start()
	return h
}

// ports are outside of what a system gives away by itself.
var ports atomic.Int64

// newPort is a port that no other home gets: a page whose gateway was killed must not
// find another one behind its address.
func newPort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 20_000 + (os.Getpid()*100+int(ports.Add(1)))%10_000
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = l.Close()
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// remember makes a port the one that the home's dashboard was opened on before.
func (h *home) remember(port int) {
	h.Helper()
	state := fmt.Sprintf(`{"listen": "127.0.0.1:%d"}`, port)
	if err := os.WriteFile(filepath.Join(h.dir, "home", "andon", "access.json"), []byte(state), 0o600); err != nil {
		h.Fatal(err)
	}
}

func (h *home) configure(config string) {
	h.Helper()
	path := filepath.Join(h.dir, "home", "andon", "andon.yaml")
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		h.Fatal(err)
	}
}

func (h *home) start() { h.Helper(); h.andon("gateway", "start") }

// kill ends the gateway as a loss of power would.
func (h *home) kill() {
	h.Helper()
	var status struct{ PID int }
	h.ask(&status, "gateway", "status")
	if err := syscall.Kill(status.PID, syscall.SIGKILL); err != nil {
		h.Fatal(err)
	}
}

// andon runs the command line, which must succeed, and returns what it prints.
func (h *home) andon(args ...string) string { h.Helper(); return h.andonReads("", args...) }

func (h *home) andonReads(stdin string, args ...string) string {
	h.Helper()
	cmd := exec.Command(filepath.Join(binary, "andon"), args...)
	cmd.Env, cmd.Dir, cmd.Stdin = h.environ(), h.dir, strings.NewReader(stdin)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		h.Fatalf("andon %s: %v\n%s%s", strings.Join(args, " "), err, out, errs.String())
	}
	return strings.TrimSpace(string(out))
}

// ask reads what a command answers in JSON.
func (h *home) ask(into any, args ...string) {
	h.Helper()
	if err := json.Unmarshal([]byte(h.andon(append(args, "-o", "json")...)), into); err != nil {
		h.Fatal(err)
	}
}

// add puts a task on the board and returns its id.
func (h *home) add(title string, flags ...string) string {
	h.Helper()
	return h.andon(append([]string{"add", title, "-q"}, flags...)...)
}

// reaches waits until a task has a status.
func (h *home) reaches(id, status string) {
	h.Helper()
	h.andon("wait", id, "--for", status, "--timeout", "60s")
}

func (h *home) status(id string) string {
	h.Helper()
	var task struct{ Status string }
	h.ask(&task, "show", id)
	return task.Status
}

func (h *home) environ() []string {
	env := []string{
		"ANDON_HOME=" + filepath.Join(h.dir, "home"), "HOME=" + h.dir, "TZ=UTC", "USER=ann", "LANG=C.UTF-8",
		"PATH=" + binary + string(os.PathListSeparator) + os.Getenv("PATH"),
	}
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env = append(env, "GIT_"+who+"_NAME=Ann", "GIT_"+who+"_EMAIL=ann@localhost")
	}
	return env
}

// clearAway ends all that was started in the home, the gateway too, and removes it.
func (h *home) clearAway() {
	if said, err := os.ReadFile(filepath.Join(h.dir, "home", "andon", "gateway.log")); h.Failed() && err == nil {
		h.Logf("the gateway said last:\n%s", said[max(0, len(said)-4000):])
	}
	for range 500 {
		left := processesOf(h.dir)
		if len(left) == 0 {
			break
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(10 * time.Millisecond) // nobody tells when a process of somebody else is gone
	}
	if left := processesOf(h.dir); len(left) > 0 {
		h.Errorf("processes %v of %s live on", left, h.dir)
	}
	if err := os.RemoveAll(h.dir); err != nil {
		h.Error(err)
	}
}

// processesOf lists the processes that work in a home.
func processesOf(dir string) []int {
	entries, _ := os.ReadDir("/proc")
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		if bytes.Contains(environ, []byte(dir+"/")) || bytes.Contains(cmdline, []byte(dir+"/")) {
			found = append(found, pid)
		}
	}
	return found
}

// write puts a file into the folder that the workers take for HOME.
func (h *home) write(name, text string) {
	h.Helper()
	if err := os.WriteFile(filepath.Join(h.dir, name), []byte(text), 0o600); err != nil {
		h.Fatal(err)
	}
}
