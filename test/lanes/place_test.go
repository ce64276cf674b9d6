//go:build lanes

package lanes

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/standin"
)

var (
	folder = flag.String("programs", "", "the folder that the npm packages are installed into")
	only   = flag.String("only", "", "presets to drive, with commas between; empty = all")
	record = flag.Bool("record", false, "rewrite the recordings of internal/worker/preset")
)

const patience = 4 * time.Minute // before a test that hangs says where

var built struct {
	once sync.Once
	dir  string
	err  error
}

// andonBinary builds the program under test, once.
func andonBinary(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "andon-lanes-"); built.err == nil {
			var out []byte
			out, built.err = exec.Command("go", "build", "-o", built.dir, "../../cmd/andon").CombinedOutput()
			if built.err != nil {
				built.err = fmt.Errorf("%w: %s", built.err, out)
			}
		}
	})
	if built.err != nil {
		t.Fatal(built.err)
	}
	return filepath.Join(built.dir, "andon")
}

func TestMain(m *testing.M) {
	flag.Parse()
	if *record {
		now := time.Now().UTC().Format(time.RFC3339)
		if err := os.WriteFile(filepath.Join(recordings, "recorded.txt"), []byte(now+"\n"), 0o600); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// place is a home with a gateway and one lane, whose agent asks a loopback model.
type place struct {
	t         *testing.T
	p         program
	bin, home string
	agent     string // the agent's own home
	model     *model
}

// model is the script that is played now; it can be changed between runs.
type model struct {
	mu       sync.Mutex
	script   standin.Script
	requests []standin.Request
}

func (m *model) answer(r standin.Request) standin.Turn {
	m.mu.Lock()
	m.requests = append(m.requests, r)
	script := m.script
	m.mu.Unlock()
	return script(r)
}

func (m *model) play(s standin.Script) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.script, m.requests = s, nil
}

func (m *model) seen() []standin.Request {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// open starts a gateway with a lane for a program. env comes over the program's
// own, args after.
func open(t *testing.T, p program, env map[string]string, args ...string) *place {
	t.Helper()
	program := filepath.Join(*folder, "node_modules", ".bin", p.bin)
	if *folder == "" {
		t.Fatal("run it with make lanes-real")
	}
	if _, err := os.Stat(program); err != nil {
		t.Skipf("%s is not installed: %v", p.bin, err)
	}
	x := &place{t: t, p: p, bin: andonBinary(t), home: private(t), agent: private(t), model: &model{}}
	server := httptest.NewServer(p.serve(x.model.answer))
	t.Cleanup(server.Close)
	if p.prepare != nil {
		p.prepare(t, x.agent)
	}
	all := p.env(server.URL, x.agent)
	all["HOME"], all["TZ"] = x.agent, "UTC"
	maps.Copy(all, env)
	maps.DeleteFunc(all, func(_, v string) bool { return v == "" })
	if p.args != nil {
		args = append(p.args(server.URL), args...)
	}
	lane := map[string]any{"preset": p.preset, "command": []string{program}, "env": all, "account": "acme"}
	if len(args) > 0 {
		lane["args"] = args
	}
	config, err := json.Marshal(map[string]any{
		"dispatch": map[string]any{"min_free": 0, "stop_grace": "1s", "backoff": map[string]any{"initial": "100ms", "max": "1s"}},
		"accounts": map[string]any{"acme": map[string]any{}},
		"lanes":    map[string]any{"agent": lane},
	})
	if err != nil {
		t.Fatal(err)
	}
	mkdir(t, filepath.Join(x.home, "andon"))
	write(t, filepath.Join(x.home, "andon", "andon.yaml"), string(config)) // JSON is YAML
	x.andon("config", "check")
	x.gateway()
	return x
}

// private makes a folder that nobody else may write above: some programs refuse
// what stands below /tmp.
func private(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	mkdir(t, cache)
	dir, err := os.MkdirTemp(cache, "andon-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func (x *place) gateway() {
	gateway := x.command("gateway", "run")
	var log bytes.Buffer
	gateway.Stderr = &log
	if err := gateway.Start(); err != nil {
		x.t.Fatal(err)
	}
	x.t.Cleanup(func() {
		_, _ = x.command("pull", "--all", "--stop").CombinedOutput()
		_ = gateway.Process.Signal(syscall.SIGTERM)
		_ = gateway.Wait()
		if x.t.Failed() {
			x.t.Logf("gateway:\n%s", log.String())
		}
	})
	x.await("the gateway", func() bool { return x.command("gateway", "status").Run() == nil })
}

func (x *place) command(args ...string) *exec.Cmd {
	cmd := exec.Command(x.bin, append([]string{"--home", x.home}, args...)...)
	cmd.Env = append(os.Environ(), "XDG_RUNTIME_DIR="+x.agent)
	return cmd
}

func (x *place) andon(args ...string) string {
	x.t.Helper()
	cmd := x.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		x.t.Fatalf("andon %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out))
}

func (x *place) add() string {
	x.t.Helper()
	return x.andon("add", "Make a file", "--assignee", "agent", "-q")
}

func (x *place) task(id string) client.Task {
	x.t.Helper()
	var shown struct {
		client.Task
	}
	decode(x.t, x.andon("show", id, "-o", "json"), &shown)
	return shown.Task
}

func (x *place) runs(id string) []client.Run {
	x.t.Helper()
	var list struct {
		Items []client.Run `json:"items"`
	}
	decode(x.t, x.andon("runs", id, "-o", "json"), &list)
	return list.Items
}

func (x *place) holds() []client.Hold {
	x.t.Helper()
	var status struct {
		Holds []client.Hold `json:"holds"`
	}
	decode(x.t, x.andon("gateway", "status", "-o", "json"), &status)
	return status.Holds
}

// ended waits for the end of the n-th run.
func (x *place) ended(id string, n int) client.Run {
	x.t.Helper()
	x.await(fmt.Sprintf("the end of run %d", n), func() bool {
		runs := x.runs(id)
		return len(runs) >= n && runs[n-1].EndedAt != nil && !runs[n-1].Live
	})
	return x.runs(id)[n-1]
}

// await looks again and again: the programs are not ours, and tell nobody.
func (x *place) await(what string, holds func() bool) {
	x.t.Helper()
	ctx, cancel := context.WithTimeout(x.t.Context(), patience)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			x.t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

func decode(t *testing.T, raw string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(raw), into); err != nil {
		t.Fatalf("%v in %s", err, raw)
	}
}

// killSupervisor is kill -9 of what owns the run, whose process tree dies with
// it.
func (x *place) killSupervisor(run client.Run) {
	x.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", run.WorkerPID))
	if err != nil {
		x.t.Fatal(err)
	}
	parent := regexp.MustCompile(`(?m)^PPid:\s+(\d+)$`).FindSubmatch(status)
	pid, err := strconv.Atoi(string(parent[1]))
	if err != nil || pid < 2 {
		x.t.Fatalf("no supervisor of %d: %v", run.WorkerPID, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		x.t.Fatal(err)
	}
}

const recordings = "../../internal/worker/preset/testdata"

// keep records the stream of a run, without the paths of this machine.
func (x *place) keep(name string, run client.Run) {
	x.t.Helper()
	if !*record {
		return
	}
	raw := x.andon("logs", run.Task, "--attempt", strconv.Itoa(run.Attempt), "--raw")
	dashed := func(path string) string { return strings.NewReplacer("/", "-", ".", "-").Replace(path) }
	raw = strings.NewReplacer(
		run.Workspace, "/work", dashed(run.Workspace), "-work", x.agent, "/home/agent", x.home, "/home/andon",
	).Replace(raw)
	raw = regexp.MustCompile(`/[^\s"']*/node_modules/`).ReplaceAllString(raw, "/usr/lib/node_modules/")
	raw = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(raw, "127.0.0.1:8080")
	short, _, _ := strings.Cut(x.p.preset, "-")
	write(x.t, filepath.Join(recordings, short+"-"+name+".jsonl"), raw+"\n")
}
