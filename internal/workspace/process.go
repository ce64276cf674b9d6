package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// finish runs cmd in a process group of its own, which gets the signal as a
// whole when the context of cmd ends.
func finish(cmd *exec.Cmd, stop syscall.Signal) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := syscall.Kill(-cmd.Process.Pid, stop); err != syscall.ESRCH {
			return err
		}
		return os.ErrProcessDone
	}
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if errors.Is(err, exec.ErrWaitDelay) {
		return nil // it succeeded and left a child behind that holds its output
	}
	return err
}

// RunHook runs a lane's command beside a run, in dir, with exactly env. It
// returns when the command ends; after timeout its process group is killed. An
// error carries the end of the output.
func RunHook(ctx context.Context, argv []string, dir string, env []string, timeout time.Duration) error {
	if len(argv) == 0 {
		return kanban.Errorf(kanban.Invalid, "a hook has no command").
			Hint("give it as a list: [program, argument, ...]")
	}
	deadline, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var out tail
	cmd := exec.CommandContext(deadline, argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &out, &out
	err := finish(cmd, syscall.SIGKILL)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case deadline.Err() != nil:
		err = fmt.Errorf("killed after %s", timeout)
	}
	return kanban.Errorf(kanban.Unavailable, "hook %q: %w%s", argv[0], err, out.lastWords()).
		Hint("the hook ran in %s; mend it, or remove it from the lane", dir)
}

// tail keeps the end of what is written to it.
type tail struct{ end []byte }

const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.end = append(t.end, p...)
	if extra := len(t.end) - tailSize; extra > 0 {
		t.end = append(t.end[:0], t.end[extra:]...)
	}
	return len(p), nil
}

func (t *tail) lastWords() string {
	text := strings.TrimSpace(strings.ToValidUTF8(string(t.end), "?"))
	if text == "" {
		return ""
	}
	return ": " + text
}
