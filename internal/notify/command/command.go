// Package command hands messages to a program: the JSON of a message on its
// standard input, one run per message.
//
//	exit status 0       delivered
//	75                  temporary: tried again later (EX_TEMPFAIL of sysexits.h)
//	any other, no such program   permanent
//	killed, too slow    temporary
package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/notify"
)

const (
	tempFail  = 75
	lastWords = 2 * time.Second // for output of what the program left behind
	maxStderr = 4 << 10         // bytes of standard error that are kept
	maxReason = 200             // bytes of it that are told
)

// Options of one sink.
type Options struct {
	Argv    []string // taken as it stands; no shell
	Env     []string // NAME=VALUE: all that the program gets
	Timeout time.Duration
}

// Sink runs one program. It is safe for concurrent use.
type Sink struct{ Options }

// New returns a sink; nothing is started yet.
func New(o Options) *Sink { return &Sink{o} }

// Send implements notify.Sink. When it returns, the program and all that it
// started in its process group have ended.
func (s *Sink) Send(ctx context.Context, m notify.Message) (notify.Receipt, error) {
	return notify.Receipt{}, s.run(ctx, m)
}

func (s *Sink) run(ctx context.Context, m notify.Message) error {
	message, err := json.Marshal(m)
	if err != nil {
		return notify.Permanent(fmt.Errorf("the message cannot be written as JSON: %w", err))
	}
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	name := filepath.Base(s.Argv[0])
	var stderr tail
	cmd := exec.CommandContext(ctx, s.Argv[0], s.Argv[1:]...)
	cmd.Env, cmd.Dir = s.Env, "/"
	cmd.Stdin, cmd.Stderr = bytes.NewReader(message), &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = lastWords
	if err := cmd.Start(); err != nil {
		return notify.Permanent(fmt.Errorf("%s cannot be started: %w", name, errors.Unwrap(err)))
	}
	err = cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left behind
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("%s took longer than %s", name, s.Timeout)
	case err == nil, errors.Is(err, exec.ErrWaitDelay):
		return nil
	case !errors.As(err, &exit) || !exit.Exited():
		return fmt.Errorf("%s was ended: %w", name, err)
	}
	failed := fmt.Errorf("%s ended with status %d%s", name, exit.ExitCode(), stderr.reason())
	if exit.ExitCode() == tempFail {
		return failed
	}
	return notify.Permanent(failed)
}

// tail keeps the end of what was written.
type tail struct{ kept []byte }

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-maxStderr):]
	return len(p), nil
}

// reason is the last line, to follow what happened.
func (t *tail) reason() string {
	lines := strings.Split(strings.TrimSpace(string(t.kept)), "\n")
	last := notify.Clean(lines[len(lines)-1])
	if last == "" {
		return ""
	}
	return ": " + strings.ToValidUTF8(last[:min(len(last), maxReason)], "")
}
