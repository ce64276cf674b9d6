package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// git runs commands of the installed git in one directory.
type git struct {
	dir string
	env []string // added to the clean environment

	// A worker may be changing the tree: the files that git takes in are copied
	// into this folder first, and the repositories inside are left alone, since
	// their settings are the worker's. "" if the tree can be trusted.
	copies string
}

// fixed settings: nothing that a user configured may run a program of theirs,
// ask a question, or go on in the background after Andon's command has ended.
// Filters stay, or the content of files would be wrong.
var fixed = []string{
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.safecrlf=false",
	"-c", "commit.gpgSign=false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "submodule.recurse=false",
	"--no-pager", "--literal-pathspecs",
}

// lockWait is how long a lock of somebody else's git is waited for.
const lockWait = 2 * time.Second

// run returns what git printed. A lock that another git holds is tried again
// for lockWait.
func (g git) run(ctx context.Context, stdin string, args ...string) (string, error) {
	patience := time.NewTimer(lockWait)
	defer patience.Stop()
	for pause := 20 * time.Millisecond; ; pause *= 2 {
		out, _, err := g.once(ctx, stdin, args...)
		if !isLocked(err) {
			return out, err
		}
		// Git has no way to wait for a lock, nor to tell of its end.
		retry := time.NewTimer(pause)
		select {
		case <-retry.C:
		case <-patience.C:
			retry.Stop()
			return out, err
		case <-ctx.Done():
			retry.Stop()
			return out, context.Cause(ctx)
		}
	}
}

// once also returns what git said on the side. One that failed may have printed
// something, too.
func (g git) once(ctx context.Context, stdin string, args ...string) (out, said string, err error) {
	var stdout bytes.Buffer
	said, err = g.pipe(ctx, strings.NewReader(stdin), &stdout, args...)
	if _, failed := errors.AsType[*gitError](err); err != nil && !failed {
		return "", said, err
	}
	return stdout.String(), said, err
}

// pipe runs git between a reader and a writer.
func (g git) pipe(ctx context.Context, stdin io.Reader, stdout io.Writer, args ...string) (said string, err error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "git", append(fixed[:len(fixed):len(fixed)], args...)...)
	cmd.Dir, cmd.Env = g.dir, append(cleanEnv(), g.env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, &stderr
	err = finish(cmd, syscall.SIGTERM) // on which git removes its locks
	said = strings.TrimSpace(strings.ToValidUTF8(stderr.String(), "?"))
	switch {
	case err == nil:
		return said, nil
	case ctx.Err() != nil:
		return said, context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return said, kanban.Errorf(kanban.Unavailable, "git is not installed").
			Hint("install git, version 2.36 or later, or use workspaces of kind scratch or dir")
	}
	return said, &gitError{command: args[0], dir: g.dir, said: said, err: err}
}

// line is run for commands that answer in one line.
func (g git) line(ctx context.Context, args ...string) (string, error) {
	out, err := g.run(ctx, "", args...)
	return strings.TrimSuffix(out, "\n"), err
}

// commit resolves a commit-ish; "" if there is none of that name.
func (g git) commit(ctx context.Context, name string) (string, error) {
	id, err := g.line(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if exitStatus(err) == 1 {
		return "", nil
	}
	return id, err
}

// cleanEnv is the gateway's environment without what would lead git to another
// repository, to a program, or to a question.
func cleanEnv() []string {
	var env []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch {
		case name == "GIT_CONFIG_GLOBAL" || name == "GIT_CONFIG_SYSTEM" || name == "GIT_CONFIG_NOSYSTEM":
		case strings.HasPrefix(name, "GIT_") || strings.HasPrefix(name, "LC_") || name == "LANGUAGE":
			continue
		}
		env = append(env, v)
	}
	return append(env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true", "SSH_ASKPASS_REQUIRE=never",
		"GIT_EDITOR=true", "GIT_OPTIONAL_LOCKS=0")
}

// gitError is a git that ran and failed.
type gitError struct {
	command, dir, said string
	err                error
}

func (e *gitError) Error() string {
	said := e.said
	if said == "" {
		said = e.err.Error()
	}
	return fmt.Sprintf("git %s in %s: %s", e.command, e.dir, said)
}

func (e *gitError) Unwrap() error { return e.err }

func exitStatus(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	return 0
}

// isLocked also knows the moments in which git reads a work tree's record that
// another git is still writing: before it leads to the repository, and while its
// HEAD is the null id.
func isLocked(err error) bool {
	var failed *gitError
	return errors.As(err, &failed) && (strings.Contains(failed.said, ".lock': File exists") ||
		strings.Contains(failed.said, "/commondir: ") || strings.Contains(failed.said, "bad object worktrees/"))
}

// commonDir is the git directory that all work trees of a repository share.
func (g git) commonDir(ctx context.Context) (string, error) {
	return g.line(ctx, "rev-parse", "--path-format=absolute", "--git-common-dir")
}

// privateDir is the git directory of this work tree alone.
func (g git) privateDir(ctx context.Context) (string, error) {
	return g.line(ctx, "rev-parse", "--absolute-git-dir")
}

// tree is one work tree that a repository knows.
type tree struct {
	path   string
	branch string // without refs/heads/; empty if detached or bare
	locked bool
	reason string // of the lock
}

func (g git) trees(ctx context.Context) ([]tree, error) {
	out, err := g.run(ctx, "", "worktree", "list", "--porcelain", "-z")
	if err != nil {
		return nil, err
	}
	var all []tree
	for field := range strings.SplitSeq(out, "\x00") {
		key, value, _ := strings.Cut(field, " ")
		switch key {
		case "worktree":
			all = append(all, tree{path: value})
		case "branch":
			all[len(all)-1].branch = strings.TrimPrefix(value, "refs/heads/")
		case "locked":
			all[len(all)-1].locked, all[len(all)-1].reason = true, value
		}
	}
	return all, nil
}

// isTreeRoot says whether path has a .git of its own; git itself would go on
// looking in the folders above.
func isTreeRoot(path string) bool {
	_, err := os.Lstat(filepath.Join(path, ".git"))
	return err == nil
}

// canonical is path as git prints it: without links above its last element,
// which need not exist.
func canonical(path string) string {
	parent, err := filepath.EvalSymlinks(filepath.Dir(path))
	if err != nil {
		return filepath.Clean(path)
	}
	return filepath.Join(parent, filepath.Base(path))
}
