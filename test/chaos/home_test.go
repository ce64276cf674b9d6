//go:build linux

package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
)

// The lanes. Workers of all but crash hold a lock of their task as long as any
// process of theirs lives: a second worker beside it would be seen.
const (
	busy   = "busy"   // reports by the command line
	crash  = "crash"  // fails at once, always
	flood  = "flood"  // says too much
	daemon = "daemon" // leaves processes that hide
	proven = "proven" // is verified before it counts
)

const check = "check" // no lane: what verifies that of proven

const (
	crashAttempts = 3
	logSize       = 64 << 10
)

const config = `
dispatch: {max_parallel: 6, max_attempts: 100, stop_grace: 200ms, backoff: {initial: 10ms, max: 50ms}, min_free: 0, pause_after: 0}
retention: {log_size: 64KiB}
notify:
  sinks:
    hook: {type: webhook, url: "%[2]s"}
    paper: {type: file, path: "%[1]s/paper"}
lanes:
  busy: {done_when: reported, command: [sh, "%[1]s/busy.sh"]}
  crash: {done_when: exit, command: [sh, "%[1]s/crash.sh"]}
  flood: {done_when: exit, command: [sh, "%[1]s/flood.sh"]}
  daemon: {done_when: exit, command: [sh, "%[1]s/daemon.sh"]}
  proven: {done_when: exit, command: [sh, "%[1]s/proven.sh"], verify: [[sh, -c, "sleep 0.1"], [sh, "%[1]s/check.sh"]]}
`

// alone notes a start, and a second worker of the same task.
const alone = `
echo "$ANDON_TASK $ANDON_RUN_ID" >>"$CHAOS_NOTES/starts"
exec 9>"$CHAOS_NOTES/one.$ANDON_TASK"
flock -n 9 || echo "$ANDON_TASK run $ANDON_RUN_ID" >>"$CHAOS_NOTES/twice"
`

var scripts = map[string]string{
	busy: alone + `
andon heartbeat --note working >/dev/null
(setsid sh -c "sleep 0.2" &)
sleep 0.05
andon complete --summary "by run $ANDON_RUN_ID" >/dev/null
`,
	crash: `
echo "$ANDON_TASK $ANDON_RUN_ID" >>"$CHAOS_NOTES/starts"
exit 3
`,
	flood: alone + `
yes "a line that nobody asked for" | head -c 1000000
`,
	daemon: alone + `
setsid sh -c 'sleep 30 & exit' &
setsid env -i sh -c '(setsid sleep 30 &) ; exit' &
(trap "" TERM HUP; sleep 30) &
sleep 0.05
`,
	proven: alone + "sleep 0.05\n",
	check: `
exec 9>"$CHAOS_NOTES/one.$ANDON_TASK"
flock -n 9 || echo "$ANDON_TASK verified beside a worker" >>"$CHAOS_NOTES/twice"
sleep 0.1
echo "$ANDON_RUN_ID" >>"$CHAOS_NOTES/checked"
`,
}

// home is a home under attack.
type home struct {
	*testing.T
	tally    tally
	dir      string // the home
	notes    string // beside it, on a disk that never fills up: ledgers and what workers note
	andon    string // built with its clock in our hands
	clock    *int64 // see internal/cli/clock_chaos.go
	database string
	hook     *hook
	noMounts string // why there is no disk of its own, "" if there is

	comparison comparison
	api        *client.Client

	turn    sync.Mutex // of whoever kills or starts the gateway
	running sync.Mutex // guards what follows
	gateway *gateway
	clients map[string]*exec.Cmd // by name: actors and commands in flight
	over    bool
}

// gateway is one life of it.
type gateway struct {
	cmd  *exec.Cmd
	gone chan struct{}
	kill bool // we did it
}

func newHome(t *testing.T) *home {
	t.Helper()
	base := t.TempDir()
	h := &home{
		T: t, tally: tally{counts: map[string]int{}}, clients: map[string]*exec.Cmd{},
		dir: filepath.Join(base, "home"), notes: filepath.Join(base, "notes"), andon: filepath.Join(base, "andon"),
	}
	h.database = filepath.Join(h.dir, "kanban.db")
	h.comparison = comparison{database: h.sql, there: map[string]int{}, kinds: map[string]string{}, cursor: map[string]int64{}}
	var err error
	if h.api, err = client.Dial("unix:"+h.socket(), client.Options{Timeout: 2 * time.Second}); err != nil {
		t.Fatal(err)
	}
	h.build()
	h.mkdir(h.dir, h.notes)
	h.noMounts = h.mountDisk()
	h.mkdir(filepath.Join(h.dir, "andon"))
	h.clock = h.newClock(filepath.Join(base, "clock"))
	h.hook = newHook(t)
	for lane, text := range scripts {
		h.write(filepath.Join(h.dir, lane+".sh"), "CHAOS_NOTES="+h.notes+"\n"+text)
	}
	h.write(filepath.Join(h.dir, "andon", "andon.yaml"), fmt.Sprintf(config, h.dir, h.hook.url))
	t.Cleanup(h.clear)
	return h
}

func (h *home) build() {
	cmd := exec.Command("go", "build", "-tags", "chaos", "-ldflags=-s -w", "-o", h.andon, "github.com/andon-dev/andon/cmd/andon")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		h.Fatalf("%v\n%s", err, out)
	}
}

func (h *home) mkdir(dirs ...string) {
	for _, dir := range dirs {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			h.Fatal(err)
		}
	}
}

func (h *home) write(path, text string) {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		h.Fatal(err)
	}
}

func (h *home) socket() string { return filepath.Join(h.dir, "andon", "andon.sock") }

// command is the andon under test on this home.
func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.andon, args...)
	cmd.Env = append(os.Environ(), "ANDON_HOME="+h.dir, "ANDON_CHAOS_CLOCK="+filepath.Join(filepath.Dir(h.dir), "clock"))
	return cmd
}

// startWithin is how long a gateway may take until it answers, with what a full
// disk and the like keep from it.
const startWithin = time.Minute

// startGateway starts the gateway, again and again if it ends, until it answers.
func (h *home) startGateway() bool {
	limit := time.Now().Add(startWithin)
	for time.Now().Before(limit) {
		g, err := h.launch()
		if err != nil {
			h.Error(err)
			return false
		}
		if h.answers(g, limit) {
			h.running.Lock()
			h.gateway = g
			h.running.Unlock()
			return true
		}
		h.tally.add("gateway starts refused", 1)
		wait(50 * time.Millisecond)
	}
	h.Errorf("the gateway does not answer: %s", h.gatewayLog())
	return false
}

func (h *home) launch() (*gateway, error) {
	log, err := os.OpenFile(filepath.Join(h.notes, "gateway.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	g := &gateway{cmd: h.command("gateway", "run"), gone: make(chan struct{})}
	g.cmd.Stdout, g.cmd.Stderr = log, log
	if err := g.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		err := g.cmd.Wait()
		close(g.gone)
		h.running.Lock()
		defer h.running.Unlock()
		if h.gateway == g && !g.kill && !h.over {
			h.Errorf("the gateway ended by itself: %v: %s", err, h.gatewayLog())
		}
	}()
	return g, nil
}

// answers waits until a gateway that was launched answers, or is gone.
func (h *home) answers(g *gateway, limit time.Time) bool {
	for time.Now().Before(limit) {
		if _, err := h.api.Health(context.Background()); err == nil {
			return true
		}
		select {
		case <-g.gone:
			return false
		case <-time.After(5 * time.Millisecond): // a start has no event that we could wait for
		}
	}
	_ = g.cmd.Process.Kill()
	<-g.gone
	return false
}

// endGateway kills the gateway; turn is held.
func (h *home) endGateway() {
	h.running.Lock()
	g := h.gateway
	g.kill = true
	h.running.Unlock()
	_ = g.cmd.Process.Kill()
	<-g.gone
}

func (h *home) gatewayPID() int {
	h.running.Lock()
	defer h.running.Unlock()
	return h.gateway.cmd.Process.Pid
}

// gatewayLog is the end of what gateways said.
func (h *home) gatewayLog() string {
	text, _ := os.ReadFile(filepath.Join(h.notes, "gateway.log"))
	return string(text[max(0, len(text)-2000):])
}

// sqlite asks Debian's sqlite3, a neighbour like any other.
func (h *home) sqlite(query string) (string, error) {
	out, err := exec.Command("sqlite3", "-cmd", ".timeout 5000", h.database, query).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", query, err, out)
	}
	return strings.TrimSpace(string(out)), nil
}

// patient is how long a question waits for a disk that is full: even a reader
// needs a page of it.
const patient = 2 * longestFault

func (h *home) sql(query string) string {
	for limit := time.Now().Add(patient); ; wait(50 * time.Millisecond) {
		out, err := h.sqlite(query)
		if err == nil {
			return out
		}
		if time.Now().After(limit) {
			h.Error(err)
			return out
		}
	}
}
