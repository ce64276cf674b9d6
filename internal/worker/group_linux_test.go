package worker

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andon-dev/andon/internal/walls"
)

// testGroup is a real cgroup of version 2, which the test may use only if this
// process may make one.
func testGroup(t *testing.T, limits walls.Limits) string {
	t.Helper()
	mount := "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(mount, "cgroup.procs")); err != nil {
		mount = "/sys/fs/cgroup/unified" // beside version 1
	}
	base := filepath.Join(mount, "andon-test-"+strings.ToLower(filepath.Base(t.TempDir()))+pidText(self(t)))
	if err := os.Mkdir(base, 0o755); err != nil {
		t.Skipf("this process may make no cgroup: %v", err)
	}
	t.Cleanup(func() { remove(t, base) })
	have, err := os.ReadFile(filepath.Join(base, "cgroup.controllers"))
	if err != nil {
		t.Fatal(err)
	}
	for controller, wanted := range map[string]bool{"memory": limits.Memory > 0, "pids": limits.PIDs > 0} {
		if wanted && !strings.Contains(string(have), controller) {
			t.Skipf("the %s controller is not to be had in %s (it has %q)", controller, base, strings.TrimSpace(string(have)))
		}
	}
	dir := filepath.Join(base, "run")
	if limits.PIDs > 0 {
		write := func(name, text string) {
			if err := os.WriteFile(filepath.Join(base, name), []byte(text), 0); err != nil {
				t.Skip(err)
			}
		}
		write("cgroup.subtree_control", "+pids")
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { remove(t, dir) })
	return dir
}

func self(t *testing.T) Identity {
	t.Helper()
	id, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// remove waits for what is dying in a cgroup: it is in it until it is collected.
func remove(t *testing.T, dir string) {
	t.Helper()
	for limit := time.Now().Add(patience); ; {
		err := walls.RemoveGroup(dir)
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			return
		}
		if time.Now().After(limit) {
			t.Errorf("%v", err)
			return
		}
		_ = exec.Command("true").Run()
	}
}

// G12: what is in a run's cgroup is of the run, whatever else it hid, though its
// supervisor was killed and no wall is around it.
func TestG12_TheCgroupOfARunHidesNobody(t *testing.T) {
	group := testGroup(t, walls.Limits{})
	r := newRun(t, `
(exec env -i TELL=$TELL setsid sh -c 'exec 3>&-; cat /proc/self/cgroup >$TELL; echo $$ >$TELL; exec sleep 600' >/dev/null 2>&1 &)
exec sleep 600`)
	r.order.Group = group
	if err := os.WriteFile(filepath.Join(r.dir, groupFile), []byte(group), 0o600); err != nil {
		t.Fatal(err)
	}
	r.start()
	for line := r.hear(); ; line = r.hear() {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			if !strings.HasSuffix(group, path) {
				t.Errorf("it is in %s, want %s", path, group)
			}
			break
		}
	}
	hidden := r.hearPID()
	r.killSupervisor()
	if err := KillTree(t.Context(), r.dir, 0); err != nil {
		t.Fatal(err)
	}
	if hidden.Alive() {
		t.Error("it lives on")
	}
}

// What a limit is for, where the kernel keeps one.
func TestARunMakesNoMoreProcessesThanItMay(t *testing.T) {
	group := testGroup(t, walls.Limits{PIDs: 8})
	if err := os.WriteFile(filepath.Join(group, "pids.max"), []byte("8"), 0); err != nil {
		t.Fatal(err)
	}
	r := newRun(t, `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; echo all`)
	r.order.Group = group
	r.start()
	if exit := r.end(); strings.Contains(r.log(), "all") {
		t.Errorf("it ended with %+v: %s", exit, r.log())
	}
}
