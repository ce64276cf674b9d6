package gateway

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
)

const (
	startLimit = 30 * time.Second      // for a gateway to answer: it may have much to adopt
	between    = 20 * time.Millisecond // two questions
	logName    = "gateway.log"
)

func newStart(f *cmdutil.Factory, run func(context.Context, *Options) error) *cobra.Command {
	return simple(f, run, start, &cobra.Command{
		Use:   "start",
		Short: "Start the gateway in the background",
		Long:  "Start the gateway in the background, and return when it answers. It logs to andon/" + logName + " in the home.",
	})
}

func start(ctx context.Context, o *Options) error {
	said, err := Start(ctx, o.Factory)
	if err != nil {
		return err
	}
	return o.Printer().Said(said, itoa(said.PID), "Gateway started, pid %d (log %s)", said.PID, said.Log)
}

// Started is a gateway that answers.
type Started struct {
	PID  int    `json:"pid"`
	Home string `json:"home"`
	Log  string `json:"log"`
}

// Start starts a gateway in the background, and returns when it answers.
//
// Errors: conflict if one runs; what is wrong with home or configuration.
func Start(ctx context.Context, f *cmdutil.Factory) (said Started, err error) {
	o := &Options{Factory: f}
	if err := o.outside(); err != nil {
		return said, err
	}
	paths, err := o.Paths()
	if err != nil {
		return said, err
	}
	if pid, held, err := o.Gateway.Owner(paths.Home); err != nil {
		return said, err
	} else if held && !deaf(ctx, paths) {
		return said, running(paths.Home, pid)
	}
	if _, err := config.LoadServed(paths.Config); err != nil {
		return said, kanban.Errorf(kanban.Invalid, "%w", err).Hint("andon config check  tells everything that is wrong")
	}
	cmd, err := spawn(paths)
	if err != nil {
		return said, err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // why it ended stands in its log
		close(ended)
	}()
	if err := o.awaitAnswer(ctx, paths, ended); err != nil {
		return said, err
	}
	// Of several that start at once one wins, and its answer reaches all.
	if pid, held, err := o.Gateway.Owner(paths.Home); err == nil && held && pid != cmd.Process.Pid {
		return said, running(paths.Home, pid)
	}
	return Started{cmd.Process.Pid, paths.Home, filepath.Join(paths.Dir, logName)}, nil
}

// deaf reports whether nobody listens at the gateway's socket, or hangs up: who
// holds the home was killed just now, or is starting. The lock tells which.
func deaf(ctx context.Context, paths config.Paths) bool {
	c, err := client.Dial("unix:"+paths.Socket, client.Options{})
	if err == nil {
		_, err = c.Health(ctx)
	}
	return errors.Is(err, client.ErrNoGateway) || errors.Is(err, client.ErrLost)
}

func running(home string, pid int) error {
	return kanban.Errorf(kanban.Conflict, "a gateway runs for %s already, pid %d", home, pid).
		Hint("andon gateway status  tells more, andon gateway stop  ends it")
}

// spawn starts this very program as the gateway, in a session of its own.
func spawn(paths config.Paths) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(paths.Dir, 0o700); err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "cannot make the home: %w", err).Hint("choose another with --home or ANDON_HOME")
	}
	log, err := os.OpenFile(filepath.Join(paths.Dir, logName), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, kanban.Errorf(kanban.Unavailable, "cannot write the gateway's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(exe, "--home", paths.Home, "gateway", "run")
	cmd.Dir = paths.Home
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = detached()
	if err := cmd.Start(); err != nil {
		return nil, kanban.Errorf(kanban.Internal, "cannot start the gateway: %w", err)
	}
	return cmd, nil
}

// awaitAnswer returns when the gateway's socket answers.
func (o *Options) awaitAnswer(ctx context.Context, paths config.Paths, ended <-chan struct{}) error {
	c, err := client.Dial("unix:"+paths.Socket, client.Options{})
	if err != nil {
		return err
	}
	limit, soon := time.After(startLimit), time.After(cmdutil.Soon)
	tick := time.NewTicker(between)
	defer tick.Stop()
	for {
		_, err := c.Health(ctx)
		if err == nil || !errors.Is(err, client.ErrNoGateway) && !errors.Is(err, client.ErrLost) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ended:
			if pid, held, err := o.Gateway.Owner(paths.Home); err == nil && held {
				return running(paths.Home, pid)
			}
			return kanban.Errorf(kanban.Unavailable, "the gateway ended at once: %s", lastLine(filepath.Join(paths.Dir, logName))).
				Hint("andon gateway run  shows more")
		case <-limit:
			return kanban.Errorf(kanban.Unavailable, "the gateway was started but does not answer").
				Hint("see %s", filepath.Join(paths.Dir, logName))
		case <-soon:
			o.Progress("waiting for the gateway to answer")
		case <-tick.C:
		}
	}
}

// lastLine is the last line of a log that says what was wrong.
func lastLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > 4096 {
		_, _ = f.Seek(-4096, io.SeekEnd) // from the beginning will do, too
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if what, ok := strings.CutPrefix(lines[i], "error: "); ok {
			return what
		}
	}
	return lines[len(lines)-1]
}
