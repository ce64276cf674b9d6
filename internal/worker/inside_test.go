//go:build linux

package worker

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestG15_PeerOfARunIsThatRun(t *testing.T) {
	t.Parallel()
	r := newRun(t, `
		env -i setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- 3>&- &' >$TELL
		read line <$GO
		env -i setsid sh -c 'sh -c "echo \$\$; exec sleep 1000 >&-" <&- 2>&- &' >$TELL
		sleep 1000`)
	gate := newFifo(t)
	r.order.Env = append(r.order.Env, "GO="+gate)
	r.start()
	cleared := r.hearPID()
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	marked := r.hearPID()
	root := filepath.Dir(r.dir)
	known := func(id Identity) (string, bool) { return r.dir, id == r.sup }
	unknown := func(Identity) (string, bool) { return "", false }

	if dir, ok, err := RunDirOf(cleared.PID, root, known); dir != r.dir || !ok || err != nil {
		t.Errorf("by ancestry: %q, %v, %v", dir, ok, err)
	}
	if dir, ok, err := RunDirOf(os.Getpid(), root, known); ok || err != nil {
		t.Errorf("an outsider: %q, %v, %v", dir, ok, err)
	}
	r.killSupervisor()
	if dir, ok, err := RunDirOf(marked.PID, root, unknown); dir != r.dir || !ok || err != nil {
		t.Errorf("by its mark: %q, %v, %v", dir, ok, err)
	}
	if dir, ok, err := RunDirOf(marked.PID, t.TempDir(), unknown); ok || err != nil {
		t.Errorf("in another home: %q, %v, %v", dir, ok, err)
	}
	if err := signalOne(cleared, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
}

func TestG15_ForgedMarkDoesNotHideTheRealRun(t *testing.T) {
	t.Parallel()
	r := newRun(t, `ANDON_CONTEXT=$OTHER/context.md; export ANDON_CONTEXT; mkdir -p $OTHER; sh -c 'echo $$ >$TELL; exec sleep 1000' 3>>$OTHER/tree`)
	root := filepath.Dir(r.dir)
	r.order.Env = append(r.order.Env, "OTHER="+filepath.Join(root, "r_2"))
	r.start()
	forger := r.hearPID()
	dir, ok, err := RunDirOf(forger.PID, root, func(id Identity) (string, bool) { return r.dir, id == r.sup })
	if dir != r.dir || !ok || err != nil {
		t.Errorf("got %q, %v, %v", dir, ok, err)
	}
}

func TestG15_PeerThatEndedIsNobody(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	_, ok, err := RunDirOf(cmd.Process.Pid, t.TempDir(), func(Identity) (string, bool) { return "", false })
	if ok || !errors.Is(err, ErrGone) {
		t.Errorf("got %v, %v", ok, err)
	}
}

func TestG15_CommandKnowsThatItIsInsideARun(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, script := range map[string]string{
		"as it is":      `SELF inside ANSWER`,
		"cleared":       `env -i setsid SELF inside ANSWER`,
		"without marks": `env -i setsid SELF inside ANSWER 3>&-`,
		"daemonised":    `env -i setsid sh -c '(SELF inside ANSWER; echo >DONE) <&- 3>&- &'; read line <DONE`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			answer := filepath.Join(t.TempDir(), "answer")
			r := newRun(t, strings.NewReplacer("SELF", self, "ANSWER", answer, "DONE", newFifo(t)).Replace(script))
			r.start().end()
			got, err := os.ReadFile(answer)
			if want := "true " + r.dir + "\n"; err != nil || string(got) != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
	if dir, ok := InsideRun(); ok {
		t.Errorf("the test itself is inside %q", dir)
	}
}

func TestG15_OrphanKnowsThatItIsInsideARun(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	answer, gate := filepath.Join(t.TempDir(), "answer"), newFifo(t)
	r := newRun(t, strings.NewReplacer("SELF", self, "ANSWER", answer, "GATE", gate).Replace(
		`echo $$ >$TELL; read line <GATE; env -i SELF inside ANSWER; echo done >$TELL; sleep 1000`)).start()
	r.hear()
	r.killSupervisor()
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	r.hear()
	if got, err := os.ReadFile(answer); err != nil || string(got) != "true "+r.dir+"\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := KillTree(context.Background(), r.dir, 0); err != nil {
		t.Error(err)
	}
}
