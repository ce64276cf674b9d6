package browser

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	_ "github.com/andon-dev/andon/internal/cli" // what is run is built apart: without this a change would find a cached result
)

var (
	binary   string          // the folder that holds the andon under test
	chromium context.Context // the one browser; every page has a profile of its own in it
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "andon-browser-")
	if err == nil {
		defer os.RemoveAll(dir)
		binary, err = build(dir)
	}
	if err == nil {
		var stop context.CancelFunc
		chromium, stop, err = launch(filepath.Join(dir, "profile"))
		defer stop()
	}
	// The port that dashboards are opened on would go from a gateway that is killed
	// to another test's.
	if l, taken := net.Listen("tcp", "127.0.0.1:8420"); taken == nil {
		defer l.Close()
	}
	if err == nil {
		err = flag.Set("test.parallel", "4") // pages wait more than they work; -parallel overrides it
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func build(dir string) (string, error) {
	cmd := exec.Command("go", "build", "-ldflags=-s -w", "-o", dir, "github.com/andon-dev/andon/cmd/andon")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return dir, nil
}

func launch(profile string) (context.Context, context.CancelFunc, error) {
	nothing := func() {}
	program, err := firstOf("chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, nothing, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(profile))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	alive, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeAll := chromedp.NewContext(alive)
	if err := chromedp.Do(ctx); err != nil {
		end()
		return nil, nothing, fmt.Errorf("%s does not start: %w", program, err)
	}
	return ctx, func() { closeAll(); end() }, nil
}

func firstOf(programs ...string) (string, error) {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("there is no browser, none of %v: scripts/deps.sh installs one", programs)
}
