package cli

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/andon-dev/andon/internal/cli/cmdutil"
	"github.com/andon-dev/andon/internal/cli/exit"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/walls"
	"github.com/andon-dev/andon/internal/worker"
)

// Version is set by the linker for releases.
var Version string

// Main runs the command that the process was started with, and returns its exit
// status.
func Main() int {
	// A supervisor handles signals itself and has no use for commands.
	if len(os.Args) > 1 && os.Args[1] == "supervise" {
		return worker.Supervise()
	}
	if len(os.Args) > 1 && os.Args[1] == "confine" {
		return walls.Confine(os.Args[2:])
	}
	if len(os.Args) > 1 && os.Args[1] == "rescue" {
		return sqlite.Rescue(os.Stdin)
	}
	ctx, stop := interruptible()
	defer stop()
	return Run(ctx, newFactory(), os.Args[1:])
}

// Run runs one command line and returns its exit status. Results and errors are
// printed where f says.
func Run(ctx context.Context, f *cmdutil.Factory, args []string) int {
	root := NewRoot(f)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if closing := f.Close(); err == nil {
		err = closing
	}
	f.Complain(err)
	return exit.Of(err)
}

// interruptible returns a context that the first Ctrl-C or SIGTERM ends; the
// second ends the process.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals)
		cancel(exit.ErrInterrupted)
	}()
	return ctx, func() { cancel(nil) }
}

func newFactory() *cmdutil.Factory {
	version := versionOf()
	return &cmdutil.Factory{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr,
		Getenv: os.Getenv, Now: now, Version: version,
		Terminal: terminal(),
		Inside: func() bool {
			_, inside := worker.InsideRun()
			return inside
		},
		Gateway: gatewayOf(version),
	}
}

func terminal() cmdutil.Terminal {
	t := cmdutil.Terminal{In: isTerminal(os.Stdin), Out: isTerminal(os.Stdout), Err: isTerminal(os.Stderr)}
	if t.Out {
		t.Width, _, _ = term.GetSize(int(os.Stdout.Fd())) // 0 = not known
		t.Color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	}
	t.Unicode = utf8Locale(os.Getenv)
	return t
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// utf8Locale goes by the first variable that is set, as the C library does.
func utf8Locale(getenv func(string) string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToLower(getenv(name)); v != "" {
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// versionOf is what the linker set, else the module's version or commit.
func versionOf() string {
	if Version != "" {
		return Version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	return strings.Trim(info.Main.Version, "()")
}
