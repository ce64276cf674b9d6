package neighbours

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/andon-dev/andon/client"
)

var (
	duration = flag.Duration("duration", time.Second, "how long each storm lasts")
	control  = flag.Bool("control", false, "also run the controls, which have to lose commits; one takes about a minute to compile")
)

// andon is the program under test, built once.
var andon = sync.OnceValues(func() (string, error) {
	path := filepath.Join(scratch, "andon")
	return path, build(path, ".", "github.com/andon-dev/andon/cmd/andon")
})

// scratch is a folder for what is built, removed at the end.
var scratch string

// TestMain is also where this binary begins when a test starts it again as a
// process to attack: see inside_test.go.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && !strings.HasPrefix(os.Args[1], "-") {
		os.Exit(inside())
	}
	dir, err := os.MkdirTemp("", "andon-neighbours-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	if err := flag.Set("test.parallel", "4"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	status := m.Run()
	_ = os.RemoveAll(scratch)
	os.Exit(status)
}

func build(to, dir string, args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-ldflags=-s -w", "-o", to}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// home is a home with one board, default.
type home struct {
	dir      string
	andon    string // the program that command starts
	tolerant bool   // of programs that say they failed
	ledger   *ledger
}

func newHome(t *testing.T) *home {
	t.Helper()
	for _, tool := range []string{"sqlite3", "python3"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%v: make deps installs it", err)
		}
	}
	program, err := andon()
	must(t, err)
	h := &home{dir: filepath.Join(t.TempDir(), "home"), andon: program, ledger: newLedger()}
	h.must(t, "init")
	t.Cleanup(h.clear)
	return h
}

func (h *home) db() string { return filepath.Join(h.dir, "kanban.db") }

func (h *home) files() []string { return []string{h.db(), h.db() + "-wal", h.db() + "-shm"} }

func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.andon, args...)
	cmd.Env = append(os.Environ(), "ANDON_HOME="+h.dir)
	return cmd
}

// must runs a command that has to succeed, and returns what it says.
func (h *home) must(t *testing.T, args ...string) string {
	t.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err != nil {
		t.Fatalf("andon %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// daemon is a running gateway.
type daemon struct {
	*exec.Cmd
	stderr *bytes.Buffer // to be read after ended
	ended  chan struct{}
}

func (h *home) launch(t *testing.T) *daemon {
	t.Helper()
	g := &daemon{Cmd: h.command("gateway", "run"), stderr: &bytes.Buffer{}, ended: make(chan struct{})}
	g.Stderr = g.stderr
	must(t, g.Start())
	go func() {
		_ = g.Wait() // the tests look at ProcessState
		close(g.ended)
	}()
	return g
}

// serve starts a gateway and returns when it answers.
func (h *home) serve(t *testing.T) *daemon {
	t.Helper()
	g := h.launch(t)
	until(t, "the gateway answers", func() bool {
		select {
		case <-g.ended:
			t.Fatalf("the gateway ended: %s", g.stderr)
		default:
		}
		return h.answers()
	})
	return g
}

func (h *home) answers() bool {
	_, err := h.client().Health(context.Background())
	return err == nil
}

func (h *home) client() *client.Client {
	c, err := client.Dial("unix:"+filepath.Join(h.dir, "andon", "andon.sock"), client.Options{Timeout: 20 * time.Second})
	if err != nil {
		panic(err) // the address is ours
	}
	return c
}

func (g *daemon) end(sig syscall.Signal) {
	_ = g.Process.Signal(sig) // it may have ended
	<-g.ended
}

// sqlite3 runs a query in a process of its own, which may be the last to close.
func (h *home) sqlite3(t *testing.T, query string) string {
	t.Helper()
	out, err := exec.Command("sqlite3", "-cmd", ".timeout 10000", h.db(), query).CombinedOutput()
	if err != nil {
		t.Fatalf("sqlite3: %v: %s", err, out)
	}
	return strings.TrimSpace(string(out))
}

// clear kills what was started for this home.
func (h *home) clear() {
	for range 200 {
		left := h.processes()
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(10 * time.Millisecond) // nobody tells when a process of somebody else is gone
	}
}

func (h *home) processes() (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		cmdline, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if bytes.Contains(environ, []byte(h.dir)) || bytes.Contains(cmdline, []byte(h.dir)) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// until waits for something that sends no event.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for limit := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatalf("in vain: %s", what)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
