package worker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/walls"
)

// Orphans lists the living processes of a run whose supervisor is gone: those
// that hold the descriptor of runDir/tree, carry runDir/context.md in their
// environment or are the recorded worker, and all that descend from them. It
// fails if the caller is one of them.
func Orphans(runDir string) ([]Identity, error) {
	t, err := snapshot()
	if err != nil {
		return nil, err
	}
	return t.orphans(runDir)
}

func (t table) orphans(runDir string) ([]Identity, error) {
	found, err := t.ofRun(runDir)
	if err != nil {
		return nil, err
	}
	for _, p := range found {
		if p.pid == os.Getpid() {
			return nil, fmt.Errorf("this process belongs to the run in %s itself", runDir)
		}
	}
	return identities(found)
}

func identities(found []process) (list []Identity, err error) {
	for _, p := range found {
		id, err := p.identity()
		if err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, nil
}

// awaitDying returns when those that were dying have ended, or after a second:
// one of them may be of the run, hold its files, and show no mark any more.
func (t table) awaitDying(ctx context.Context) error {
	var found []process
	for _, p := range t {
		if p.dying && !p.ended {
			found = append(found, p)
		}
	}
	dying, err := identities(found)
	if err != nil {
		return err
	}
	return end(ctx, dying, 0, time.Second)
}

// ofRun returns what carries a mark of the run, and what descends from it.
func (t table) ofRun(runDir string) ([]process, error) {
	dir, err := filepath.EvalSymlinks(runDir)
	if errors.Is(err, fs.ErrNotExist) {
		dir, err = runDir, nil // who still holds its files shows them by this name
	}
	if err != nil {
		return nil, err
	}
	started, err := ReadStarted(runDir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	grouped, err := inGroup(runDir)
	if err != nil {
		return nil, err
	}
	var found []process
	var pids []int
	for _, p := range t {
		if p.ended {
			continue
		}
		id, err := p.identity()
		if err != nil {
			return nil, err
		}
		carried, err := marks(p.pid)
		if err != nil {
			return nil, err
		}
		if id == started.Worker || t.inSession(p, started.Worker) || slices.Contains(grouped, p.pid) || slices.ContainsFunc(carried, isAny(dir, runDir)) {
			found, pids = append(found, p), append(pids, p.pid)
		}
	}
	return append(found, t.below(0, pids...)...), nil
}

// inGroup lists what is in the cgroup of a run, which nothing in it can leave.
func inGroup(runDir string) ([]int, error) {
	text, err := os.ReadFile(filepath.Join(runDir, groupFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return walls.InGroup(string(text))
}

func isAny(names ...string) func(string) bool {
	return func(s string) bool { return slices.Contains(names, s) }
}

// marks returns the run folders that a process carries a mark of: by an open
// descriptor of the tree file, then by its environment. Whoever has the file
// open for reading just looks at it, as a backup does.
func marks(pid int) ([]string, error) {
	if isInit(pid) {
		return nil, nil // it has many descriptors, and every process below it would pay for reading them
	}
	var dirs []string
	files, err := openFiles(pid)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if filepath.Base(file.path) == treeFile && file.writeOnly() {
			dirs = append(dirs, filepath.Dir(file.path))
		}
	}
	env, err := environ(pid)
	if err != nil {
		return nil, err
	}
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, ContextVar+"="); ok && filepath.Base(path) == contextFile {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	return dirs, nil
}

// initialPIDNS is the inode of the machine's own pid namespace
// (PROC_PID_INIT_INO of Linux); elsewhere there is one namespace, numbered 0.
const initialPIDNS = 0xEFFFFFFC

// isInit reports whether pid is the machine's first process, which is in no
// run. The first process of a container may be.
func isInit(pid int) bool {
	_, ns, err := here()
	return pid == 1 && err == nil && (ns == initialPIDNS || ns == 0)
}

// KillTree ends what a killed supervisor left behind: TERM, after grace KILL,
// and again until two looks in a row find nothing, for a process that starts
// another program shows no environment for a moment. Nil is the proof that the
// run's tree is gone, and leaves a mark that saves later looks; an error names
// what is left or what hid it. Each look waits for what is dying.
func KillTree(ctx context.Context, runDir string, grace time.Duration) error {
	alive, err := Locked(runDir)
	if err != nil {
		return err
	}
	if alive {
		return fmt.Errorf("the supervisor of the run in %s lives: stop it instead", runDir)
	}
	last := time.Now().Add(grace)
	for clean := 0; clean < 2; {
		t, err := snapshot()
		if err != nil {
			return err
		}
		left, err := t.orphans(runDir)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			if err := t.awaitDying(ctx); err != nil {
				return err
			}
			clean++
			continue
		}
		clean = 0
		if ctx.Err() != nil {
			return fmt.Errorf("processes of the run in %s are left: %v: %w", runDir, left, ctx.Err())
		}
		sig, wait := syscall.SIGTERM, time.Until(last)
		if wait <= 0 {
			sig, wait = syscall.SIGKILL, time.Second // then look for what they forked
		}
		if err := end(ctx, left, sig, wait); err != nil {
			return err
		}
	}
	_ = os.WriteFile(filepath.Join(runDir, goneFile), nil, 0o600) // without it, who asks looks for himself
	return nil
}

// Gone reports whether KillTree has proved the tree of a run gone. Nothing can
// start in it again. False only says that nobody has looked.
func Gone(runDir string) bool {
	_, err := os.Lstat(filepath.Join(runDir, goneFile))
	return err == nil
}

// end signals processes and returns when all have ended or the time is up.
func end(ctx context.Context, list []Identity, sig syscall.Signal, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	var open []*Process
	defer func() {
		for _, p := range open {
			_ = p.Close()
		}
	}()
	for _, id := range list {
		p, err := Open(id)
		if errors.Is(err, ErrGone) {
			continue
		}
		if err != nil {
			return err
		}
		open = append(open, p)
		if err := p.Signal(sig); err != nil && !errors.Is(err, ErrGone) {
			return err
		}
	}
	for _, p := range open {
		select {
		case <-p.Done():
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

// signalAll sends sig to each of these very processes that still lives.
func signalAll(list []process, sig syscall.Signal) error {
	var errs []error
	for _, p := range list {
		id, err := p.identity()
		if err == nil {
			err = signalOne(id, sig)
		}
		if err != nil && !errors.Is(err, ErrGone) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func signalOne(id Identity, sig syscall.Signal) error {
	p, err := Open(id)
	if err != nil {
		return err
	}
	return errors.Join(p.Signal(sig), p.Close())
}

// names lists programs for people: "node, sleep (2)".
func names(list []process) string {
	count := map[string]int{}
	for _, p := range list {
		count[p.name]++
	}
	var words []string
	for name, n := range count {
		if n > 1 {
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		words = append(words, name)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
