package worker

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// When memory runs out, the kernel takes a worker and not its supervisor, nor the
// gateway, whose score the supervisor has.
func TestWorkersDieBeforeTheGateway(t *testing.T) {
	score := func(pid string) int {
		t.Helper()
		text, err := os.ReadFile(filepath.Join("/proc", pid, "oom_score_adj"))
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	r := newRun(t, `sleep 60 & echo $$ >$TELL; echo $! >$TELL; wait`)
	r.order.Before = [][]string{{"sh", "-c", `cp /proc/self/oom_score_adj hook`}}
	r.start()
	worker, child := r.hearPID(), r.hearPID()
	wait(t, r.Started(), "the record of the worker") // after which the supervisor has its own score again
	ours := score("self")
	want := min(ours+500, 1000)
	if got := []int{score(pidText(worker)), score(pidText(child))}; got[0] != want || got[1] != want {
		t.Errorf("the worker and its child have %v, want %d", got, want)
	}
	if got := score(pidText(r.sup)); got != ours {
		t.Errorf("the supervisor has %d, want %d", got, ours)
	}
	hook, err := os.ReadFile(filepath.Join(r.order.Dir, "hook"))
	if err != nil || strings.TrimSpace(string(hook)) != strconv.Itoa(want) {
		t.Errorf("a hook has %s, want %d (%v)", hook, want, err)
	}
}
