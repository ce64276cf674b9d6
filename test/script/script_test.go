package script

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/andon-dev/andon/internal/walls"

	_ "github.com/andon-dev/andon/internal/cli" // what is run is built apart: without this a change would find a cached result
)

// binary is the folder that holds the andon under test.
var binary string

func TestMain(m *testing.M) { os.Exit(build(m)) }

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "andon-script-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir, "github.com/andon-dev/andon/cmd/andon")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	binary = dir
	agent := filepath.Join(dir, "agents", "claude")
	if out, err := exec.Command("go", "build", "-o", agent, "./agent").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	for _, name := range []string{"agents/codex", "mcpagent"} {
		if err := os.Symlink(agent, filepath.Join(dir, name)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	if err := flag.Set("test.parallel", "6"); err != nil { // scripts wait more than they work; -parallel overrides it
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 ".",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Condition:           condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"andon":    andon,
			"status":   status,
			"field":    field,
			"webhook":  startWebhook,
			"telegram": startTelegram,
			"slack":    playSlack,
			"model":    startModel,
			"fixture":  fixture,
			"gone":     gone,
			"release":  release,

			"browser":     browser,
			"guess":       guess,
			"follow":      follow,
			"port":        port,
			"certificate": certificate,
			"witness":     witness,
			"titled":      titled,
		},
	})
}

// condition knows walls:MODE, whether this machine can put up such walls, and
// systemd, whether it can run one.
func condition(cond string) (bool, error) {
	if cond == "systemd" {
		return ownSystemd(), nil
	}
	mode, ok := strings.CutPrefix(cond, "walls:")
	if !ok {
		return false, fmt.Errorf("unknown condition %q", cond)
	}
	_, err := walls.Choose(context.Background(), walls.Mode(mode), walls.NetworkOff)
	return err == nil, nil
}

// setup gives each script a home, a HOME and a git identity of its own, and
// sees to it that nothing of it lives on.
func setup(env *testscript.Env) error {
	home := filepath.Join(env.WorkDir, "home")
	env.Setenv("ANDON_HOME", home)
	env.Setenv("HOME", env.WorkDir)
	env.Setenv("AGENTS", filepath.Join(binary, "agents")) // stand-ins for agent programs; not on PATH
	env.Setenv("PATH", binary+string(os.PathListSeparator)+os.Getenv("PATH"))
	env.Setenv("TZ", "UTC")
	for _, who := range []string{"AUTHOR", "COMMITTER"} {
		env.Setenv("GIT_"+who+"_NAME", "Tester")
		env.Setenv("GIT_"+who+"_EMAIL", "tester@localhost")
	}
	env.Setenv("GIT_CONFIG_GLOBAL", "/dev/null")
	env.Defer(func() {
		if err := clearAway(env.WorkDir); err != nil {
			env.T().Log(err)
		}
	})
	return nil
}

// clearAway kills what a script started and did not end: the gateway first, so
// that it starts nothing new.
func clearAway(dir string) error {
	for range 200 {
		left := processesOf(dir)
		if len(left) == 0 {
			return nil
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(10 * time.Millisecond) // nobody tells when a process of somebody else is gone
	}
	return fmt.Errorf("processes of %s live on", dir)
}

// processesOf lists processes whose environment or command line names a folder,
// and not one whose name only begins the same: another script runs there.
func processesOf(dir string) []int {
	entries, _ := os.ReadDir("/proc")
	named := regexp.MustCompile(regexp.QuoteMeta(dir) + `([^\w-]|$)`)
	var found []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if named.Match(environ) || named.Match(cmdline) {
			found = append(found, pid)
		}
	}
	return found
}

// andon runs the binary: `andon ARGS` must succeed, `! andon ARGS` must not.
func andon(ts *testscript.TestScript, neg bool, args []string) {
	err := ts.Exec("andon", args...)
	if (err != nil) != neg {
		ts.Fatalf("andon %s: %v", strings.Join(args, " "), err)
	}
}

// status asserts an exit status: `status 4 andon approve t_x`.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// field takes a value out of the last JSON on stdout into a variable: `field ID
// .id`, `field PID .runs.0.worker_pid`.
func field(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: field VARIABLE .path")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for _, key := range strings.Split(strings.TrimPrefix(args[1], "."), ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[key]
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(at) {
				ts.Fatalf("no %s in a list of %d", key, len(at))
			}
			v = at[i]
		default:
			ts.Fatalf("no %s in %v", key, v)
		}
	}
	if v == nil {
		ts.Fatalf("there is no %s", args[1])
	}
	if n, ok := v.(float64); ok {
		v = strconv.FormatFloat(n, 'f', -1, 64)
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// webhook starts a receiver on loopback that appends each body and its headers
// to a file: `webhook URL received [STATUS...]`; it answers with the statuses
// in turn, the last one for ever.
func startWebhook(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: webhook VARIABLE FILE [STATUS...]")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	answers := args[2:]
	path := ts.MkAbs(args[1])
	turn := make(chan int, 1)
	turn <- 0
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := <-turn
		defer func() { turn <- n + 1 }()
		code := http.StatusOK
		if len(answers) > 0 {
			code, _ = strconv.Atoi(answers[min(n, len(answers)-1)])
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err == nil {
			fmt.Fprintf(f, "%d %s %s\n%s\n", code, r.Header.Get("Idempotency-Key"), r.Header.Get("Andon-Signature"), body.String())
			f.Close()
		}
		w.WriteHeader(code)
	})}
	go func() { _ = server.Serve(l) }()
	ts.Defer(func() { _ = server.Shutdown(context.Background()) })
	ts.Setenv(args[0], "http://"+l.Addr().String())
}

// fixture unpacks a home that the reference system wrote: `fixture NAME DIR`.
func fixture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fixture NAME DIR")
	}
	from, err := filepath.Abs(filepath.Join(origin, "..", "..", "internal", "store", "sqlite", "testdata", args[0]))
	ts.Check(err)
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(from)))
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.Chmod(path, 0o755)
		}
		return os.Chmod(path, 0o644)
	}))
}

// origin is the folder of this test.
var origin = func() string { dir, _ := os.Getwd(); return dir }()

// gone asserts that no process whose environment or command names a text lives
// on; it waits up to 15 seconds for it: `gone sleep 4242`.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: gone TEXT")
	}
	text := []byte(strings.ReplaceAll(strings.Join(args, " "), " ", "\x00"))
	for range 1500 {
		alive := false
		entries, _ := os.ReadDir("/proc")
		for _, e := range entries {
			if _, err := strconv.Atoi(e.Name()); err != nil {
				continue
			}
			cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
			alive = alive || bytes.Contains(cmdline, text)
		}
		if !alive {
			return
		}
		time.Sleep(10 * time.Millisecond) // nobody tells when a process of somebody else is gone
	}
	ts.Fatalf("a process %q lives on", strings.Join(args, " "))
}
