package walls

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andon-dev/andon/internal/kanban"
)

// What is written where, on a folder that looks like a cgroup.
func TestLimitsAreWrittenAsTheKernelReadsThem(t *testing.T) {
	base := t.TempDir()
	own := filepath.Join(base, GatewayGroup)
	write := func(name, text string) {
		t.Helper()
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(base, "cgroup.controllers"), "cpu memory pids\n")
	write(filepath.Join(base, "cgroup.subtree_control"), "")
	for _, file := range []string{"memory.max", "memory.oom.group", "pids.max", "cpu.max"} {
		write(filepath.Join(base, "run", file), "")
	}
	g, err := groupsAt(own)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := g.Make("run", Limits{Memory: 2 << 30, PIDs: 512, CPUs: 1.5})
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"memory.max": "2147483648", "memory.oom.group": "1", "pids.max": "512", "cpu.max": "150000 100000"} {
		if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, want %q (%v)", file, got, want, err)
		}
	}
	write(filepath.Join(base, "cgroup.controllers"), "pids\n")
	if g, err = groupsAt(own); err != nil {
		t.Fatal(err)
	}
	refused(t, g.Check(Limits{Memory: 1 << 30}), "has no memory controller")
	if err := g.Check(Limits{PIDs: 5}); err != nil {
		t.Error(err)
	}
	_, err = groupsAt(base)
	refused(t, err, "not in one named "+GatewayGroup)
}

func refused(t *testing.T, err error, words string) {
	t.Helper()
	e, ok := errors.AsType[*kanban.Error](err)
	if !ok || !strings.Contains(e.Message, words) || e.Way == "" {
		t.Errorf("got %v, want ...%s..., with a hint", err, words)
	}
}
