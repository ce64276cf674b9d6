//go:build linux

package worker

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A worker, a child of it, and what left its session, environment, output and
// parents behind.
const family = `
	trap '' TERM
	echo $$ >$TELL
	sleep 1000 & echo $! >$TELL
	env -i setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- &' >$TELL
	while :; do sleep 1000; done`

func TestG12_KilledSupervisorsTreeIsFoundAndEnded(t *testing.T) {
	t.Parallel()
	r := newRun(t, family).start()
	all := []Identity{r.hearPID(), r.hearPID(), r.hearPID()}
	r.killSupervisor()

	if locked, err := Locked(r.dir); err != nil || locked {
		t.Errorf("locked %v, %v although the supervisor was killed", locked, err)
	}
	if _, err := ReadExit(r.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("an exit that nobody saw: %v", err)
	}
	found, err := Orphans(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range all {
		if !slices.Contains(found, id) {
			t.Errorf("%v is not among %v", id, found)
		}
	}
	if Gone(r.dir) {
		t.Error("gone before anybody looked")
	}
	if err := KillTree(context.Background(), r.dir, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if !Gone(r.dir) {
		t.Error("every later start would look for it again")
	}
	for _, id := range all {
		if id.Alive() {
			t.Errorf("%v lives", id)
		}
	}
	if left, err := Orphans(r.dir); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// Each mark finds what the others do not.
func TestG12_Marks(t *testing.T) {
	t.Parallel()
	for name, daemon := range map[string]string{
		"tree descriptor":    `env -i setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- &' >$TELL`,
		"environment":        `setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- 3>&- &' >$TELL`,
		"descent":            `setsid sh -c 'sh -c "env -i sh -c \"echo \\\$\\\$; exec sleep 1000 >&-\" 3>&- <&- 2>&-; :" &' >$TELL`,
		"identity of worker": `exec env -i sh -c 'echo $$; exec sleep 1000 >&-' <&- 2>&- 3>&- >$TELL`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRun(t, daemon+"; sleep 1000").start()
			id := r.hearPID()
			wait(t, r.Started(), "the record of the worker")
			r.killSupervisor()
			if found, err := Orphans(r.dir); err != nil || !slices.Contains(found, id) {
				t.Fatalf("%v is not among %v, %v", id, found, err)
			}
			if err := KillTree(context.Background(), r.dir, 0); err != nil {
				t.Fatal(err)
			}
			if id.Alive() {
				t.Error("it lives")
			}
		})
	}
}

func TestG12_KillTreeLeavesALivingSupervisorAlone(t *testing.T) {
	t.Parallel()
	r := newRun(t, `echo $$ >$TELL; sleep 1000`).start()
	worker := r.hearPID()
	err := KillTree(context.Background(), r.dir, 0)
	if err == nil || !strings.Contains(err.Error(), "lives") {
		t.Errorf("got %v", err)
	}
	if !worker.Alive() {
		t.Error("the worker was killed")
	}
}

func TestKillTreeGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	r := newRun(t, family).start()
	r.hear()
	r.killSupervisor()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := KillTree(ctx, r.dir, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Someone who reads the run's folder, such as a backup, is not of the run.
func TestG12_ReadersOfTheTreeFileAreNotOrphans(t *testing.T) {
	t.Parallel()
	r := newRun(t, "true").start()
	r.end()
	f, err := os.Open(filepath.Join(r.dir, treeFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if found, err := Orphans(r.dir); err != nil || len(found) > 0 {
		t.Errorf("found %v, %v", found, err)
	}
	w, err := os.OpenFile(filepath.Join(r.dir, treeFile), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if found, err := Orphans(r.dir); err == nil {
		t.Errorf("the caller would have killed itself: %v", found)
	}
}

func TestKillTreeOfARunWithoutAFolder(t *testing.T) {
	t.Parallel()
	if err := KillTree(context.Background(), filepath.Join(t.TempDir(), "runs", "never"), 0); err != nil {
		t.Error(err)
	}
}
