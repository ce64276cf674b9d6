package chaos

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/andon-dev/andon/internal/cli" // what is run is built apart: without this a change would find a cached result
)

var (
	duration = flag.Duration("duration", 3*time.Second, "how long to kill")
	seed     = flag.Uint64("seed", 0, "of the order of kills; 0 = a new one")
)

// config has one lane whose workers hold a lock of their task as long as any
// process of theirs lives: a second worker beside it would be seen.
const config = `
dispatch: {max_parallel: 6, max_attempts: 100, stop_grace: 200ms, backoff: {initial: 10ms, max: 50ms}, min_free: 0}
lanes:
  busy: {done_when: reported, command: [sh, "%s"]}
`

const work = `
exec 9>"$ANDON_HOME/one/$ANDON_TASK"
flock -n 9 || echo "$ANDON_TASK run $ANDON_RUN_ID" >>"$ANDON_HOME/twice"
andon heartbeat --note working >/dev/null
(setsid sh -c "sleep 0.2" &)
sleep 0.05
andon complete --summary "by run $ANDON_RUN_ID" >/dev/null
`

// TestG01_G02_G03_G07_G10_G11_G12_G13_G14_Chaos runs a home under random
// SIGKILLs of workers, supervisors and the gateway.
func TestG01_G02_G03_G07_G10_G11_G12_G13_G14_Chaos(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("seed %d, duration %s", *seed, *duration)
	h := newHome(t)
	if !h.startGateway(t) {
		t.FailNow()
	}

	stop := make(chan struct{})
	var clients, killers sync.WaitGroup
	for i := range 8 {
		clients.Go(func() { h.client(t, i, stop) })
	}
	killers.Go(func() { h.kill(t, rand.New(rand.NewPCG(*seed, 1)), stop) })
	time.AfterFunc(*duration, func() { close(stop) })
	clients.Wait()
	killers.Wait()

	h.awaitQuiet(t)
	h.checkLedger(t)
	h.checkRows(t)
	h.stopGateway(t)
	h.checkProcesses(t)
	t.Logf("%d creates and %d completions acknowledged; killed %d workers, %d supervisors, %d gateways; %d descriptor samples",
		len(h.created), len(h.completed), h.kills["worker"], h.kills["supervisor"], h.kills["gateway"], h.samples)
}

// home is a home under attack.
type home struct {
	dir, andon string

	mu                 sync.Mutex
	created, completed map[string]bool // acknowledged
	kills              map[string]int
	samples            int
	gateway            *exec.Cmd
}

func newHome(t *testing.T) *home {
	t.Helper()
	h := &home{dir: filepath.Join(t.TempDir(), "home"), created: map[string]bool{}, completed: map[string]bool{}, kills: map[string]int{}}
	h.andon = filepath.Join(t.TempDir(), "andon")
	build := exec.Command("go", "build", "-o", h.andon, "github.com/andon-dev/andon/cmd/andon")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	script := filepath.Join(h.dir, "work.sh")
	for _, dir := range []string{"andon", "one"} {
		if err := os.MkdirAll(filepath.Join(h.dir, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range map[string]string{
		script: work,
		filepath.Join(h.dir, "andon", "andon.yaml"): fmt.Sprintf(config, script),
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(h.clear)
	return h
}

// command is the andon under test on this home.
func (h *home) command(args ...string) *exec.Cmd {
	cmd := exec.Command(h.andon, args...)
	cmd.Env = append(os.Environ(), "ANDON_HOME="+h.dir)
	return cmd
}
