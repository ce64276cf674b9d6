package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
)

// bench is one run of the benchmarks.
type bench struct {
	quick bool
	dir   string // of homes and built programs, removed at the end
	andon string // the program that is measured
	note  string // the worker: it notes when it was started
}

// parts in the order in which they run: those that want a quiet machine first.
var parts = []struct {
	name string
	run  func(context.Context, *bench) ([]Figure, error)
}{
	{"idle", idle},
	{"start", start},
	{"cli", commandLine},
	{"mcp", agentTools},
	{"api", api},
	{"stream", stream},
	{"durable", durable},
	{"peers", peers},
	{"history", history},
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "bare" {
		exitWith(serveBare(os.Args[2]))
	}
	quick := flag.Bool("quick", false, "smaller sizes: about a minute")
	only := flag.String("only", "", "run these `parts` only, separated by commas")
	asJSON := flag.Bool("json", false, "print JSON instead of a table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exitWith(measure(ctx, *quick, *only, *asJSON))
}

func exitWith(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure runs the parts and prints the report.
func measure(ctx context.Context, quick bool, only string, asJSON bool) error {
	// Not below os.TempDir's own path on darwin, which is too long for a socket.
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{quick: quick, dir: dir, andon: filepath.Join(dir, "andon"), note: filepath.Join(dir, "note")}
	if err := build(ctx, b.andon, "github.com/andon-dev/andon/cmd/andon"); err != nil {
		return err
	}
	if err := build(ctx, b.note, "github.com/andon-dev/andon/bench/note"); err != nil {
		return err
	}
	r := newReport(quick)
	for _, p := range parts {
		if only != "" && !slices.Contains(strings.Split(only, ","), p.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s...\n", p.name)
		figures, err := p.run(ctx, b)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		r.Figures = append(r.Figures, figures...)
	}
	if asJSON {
		return r.json(os.Stdout)
	}
	return r.table(os.Stdout)
}

// build compiles a command of this module.
func build(ctx context.Context, to, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// pick returns the full or the quick size.
func pick[T any](b *bench, full, quick T) T {
	if b.quick {
		return quick
	}
	return full
}
