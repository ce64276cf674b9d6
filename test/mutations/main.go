// Command mutations breaks one rule of Andon after the other in a scratch copy
// of the tree, and shows the test that notices. A check that cannot fail proves
// nothing; this is the check of the checks.
//
//	go run ./test/mutations                 all of them
//	go run ./test/mutations stale-token     these
//
// The exit status is 1 if a breach goes unnoticed.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "mutations:", err)
		os.Exit(1)
	}
}

var errUnnoticed = errors.New("unnoticed")

func run(ctx context.Context, names []string) error {
	chosen := mutations
	if len(names) > 0 {
		chosen = slices.DeleteFunc(slices.Clone(mutations), func(m mutation) bool { return !slices.Contains(names, m.name) })
		if len(chosen) != len(names) {
			return fmt.Errorf("some of %v are not known; test/mutations has them", names)
		}
	}
	crew, err := newCrew(ctx, min(runtime.NumCPU(), len(chosen)))
	if err != nil {
		return err
	}
	defer crew.remove()
	if err := crew.each(firsts(chosen), func(tree *scratch, m mutation) error { return tree.baseline(ctx, m) }); err != nil {
		return err
	}
	fmt.Printf("%-22s %-4s %-9s %s\n", "breach", "of", "", "noticed by")
	var mu sync.Mutex
	var survived []string
	err = crew.each(chosen, func(tree *scratch, m mutation) error {
		start := time.Now()
		failing, err := tree.try(ctx, m)
		if err != nil {
			failing = []string{"no test: " + err.Error()}
		} else if len(failing) == 0 {
			failing = []string{"NOTHING"}
			err = errUnnoticed
		}
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			survived = append(survived, m.name)
		}
		fmt.Printf("%-22s %-4s %7.1fs  %s\n", m.name, m.breaks, time.Since(start).Seconds(), strings.Join(failing, ", "))
		return ctx.Err()
	})
	if len(survived) > 0 {
		return fmt.Errorf("%d of %d were not shown to be noticed: %s", len(survived), len(chosen), strings.Join(survived, ", "))
	}
	if err == nil {
		fmt.Printf("%d breaches, all noticed\n", len(chosen))
	}
	return err
}

// firsts are mutations of which each is the first that some tests have to notice,
// by package.
func firsts(all []mutation) (some []mutation) {
	seen := map[string]bool{}
	for _, m := range all {
		if !seen[m.pkg+m.tests] {
			some = append(some, m)
		}
		seen[m.pkg+m.tests] = true
	}
	slices.SortStableFunc(some, func(a, b mutation) int { return cmp.Compare(a.pkg, b.pkg) })
	return some
}

// crew are copies of the tree that are worked on beside each other.
type crew []*scratch

func newCrew(ctx context.Context, n int) (c crew, err error) {
	for range n {
		tree, err := newScratch(ctx)
		if err != nil {
			c.remove()
			return nil, err
		}
		c = append(c, tree)
	}
	return c, nil
}

func (c crew) remove() {
	for _, tree := range c {
		os.RemoveAll(tree.dir)
	}
}

// each does something for all mutations. The first error ends it.
func (c crew) each(all []mutation, do func(*scratch, mutation) error) error {
	next := make(chan mutation, len(all))
	for _, m := range all {
		next <- m
	}
	close(next)
	failed := make(chan error, len(c))
	for _, tree := range c {
		go func() {
			for m := range next {
				if err := do(tree, m); err != nil {
					for range next { // nobody goes on
					}
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	var err error
	for range c {
		err = cmp.Or(err, <-failed)
	}
	return err
}

// scratch is a copy of the tree that may be broken.
type scratch struct {
	dir   string
	whole string // the package whose tests stand there unbroken
}

// newScratch copies what git knows or would add, as it stands now.
func newScratch(ctx context.Context) (*scratch, error) {
	list, err := exec.CommandContext(ctx, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w: run it in the root of the repository", err)
	}
	dir, err := os.MkdirTemp("", "andon-mutations-")
	if err != nil {
		return nil, err
	}
	s := &scratch{dir: dir}
	for path := range strings.SplitSeq(strings.TrimRight(string(list), "\x00"), "\x00") {
		if err := s.copy(path); err != nil {
			return nil, errors.Join(err, os.RemoveAll(dir))
		}
	}
	return s, nil
}

func (s *scratch) copy(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return nil // deleted and not yet committed, or a link
	}
	if err != nil {
		return err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	to := filepath.Join(s.dir, path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.WriteFile(to, content, info.Mode().Perm())
}

// baseline proves that tests hold as long as nothing is broken.
func (s *scratch) baseline(ctx context.Context, m mutation) error {
	binary := filepath.Join(s.dir, "whole.test")
	if s.whole != m.pkg {
		if out, err := s.build(ctx, m.pkg, binary); err != nil {
			return fmt.Errorf("without any breach, %s does not build: %w\n%s", m.pkg, err, out)
		}
		s.whole = m.pkg
	}
	out, err := s.test(ctx, m, binary)
	if err != nil {
		return fmt.Errorf("without any breach, %s in %s fails: %w\n%s", m.tests, m.pkg, err, out)
	}
	if !strings.Contains(out, "--- PASS") {
		return fmt.Errorf("%s: there is no test %s in %s", m.name, m.tests, m.pkg)
	}
	return nil
}

// failure is the line of a test or of a script.
var failure = regexp.MustCompile(`(?m)^ *--- FAIL: (Test[GS]\d+_[^/\s]*|TestScript/\S+) `)

// try breaks one rule, returns the tests that fail, and mends it again.
func (s *scratch) try(ctx context.Context, m mutation) (failing []string, err error) {
	undo, err := m.apply(ctx, s.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, undo()) }()
	binary := filepath.Join(s.dir, "broken.test")
	if out, err := s.build(ctx, m.pkg, binary); err != nil {
		return nil, fmt.Errorf("the broken tree must build, so that a test and not the compiler notices: %w\n%s", err, out)
	}
	out, err := s.test(ctx, m, binary)
	if err == nil {
		return nil, nil
	}
	for _, f := range failure.FindAllStringSubmatch(out, -1) {
		failing = append(failing, f[1])
	}
	if len(failing) == 0 && strings.Contains(out, "panic: ") {
		failing = []string{m.tests + " (a panic)"}
	}
	if len(failing) == 0 {
		return nil, fmt.Errorf("go test: %w\n%s", err, out)
	}
	return failing, nil
}

// build makes the tests of a package, without what only a debugger reads and
// without the tree's path, so that the copies share what is compiled.
func (s *scratch) build(ctx context.Context, pkg, binary string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-trimpath", "-vet=off", "-ldflags=-s -w", "-o", binary, pkg)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// test runs a built test where go test would.
func (s *scratch) test(ctx context.Context, m mutation, binary string) (string, error) {
	cmd := exec.CommandContext(ctx, binary, "-test.v", "-test.failfast", "-test.timeout=4m", "-test.run", m.tests)
	cmd.Dir = filepath.Join(s.dir, m.pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
