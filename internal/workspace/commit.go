package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Commit puts everything in the work tree of a completed task, ignored files
// excepted, on the task's branch; of a clone, the source's branch is
// moved there, too. It returns the branch's tip and whether it
// made it. A tree that Andon did not make is left as it is. Repositories inside
// the tree are left out.
//
// Errors: conflict if the tree or its .git is gone, if it is on another branch, in the middle of a merge
// or rebase, locked by a running git, or has files that cannot be read.
func (m *Manager) Commit(ctx context.Context, place Place, message string) (rev string, changed bool, err error) {
	mk, exists, err := m.load(place.Task)
	if err != nil {
		return "", false, err
	}
	if exists && mk.apart() && mk.Path == filepath.Clean(place.Path) {
		return m.handIn(ctx, mk, message)
	}
	g := git{dir: place.Path}
	if !isTreeRoot(place.Path) {
		return "", false, brokenTree(place.Path)
	}
	if exists && mk.Repo != "" {
		if err := m.walled.refuse(place.Path, mk.Repo); err != nil {
			return "", false, err
		}
	}
	private, err := g.privateDir(ctx)
	if _, ran := errors.AsType[*gitError](err); ran {
		return "", false, brokenTree(place.Path)
	}
	if err != nil {
		return "", false, err
	}
	head, err := g.commit(ctx, "HEAD")
	if err != nil {
		return "", false, err
	}
	if _, ours, err := m.signed(private, place.Path); err != nil || !ours {
		if err == nil && place.Base != "" && private == filepath.Join(canonical(place.Path), ".git") {
			err = brokenTree(place.Path) // a repository of its own stands where Andon made a work tree
		}
		return head, false, err
	}
	if err := g.settled(ctx, private, place.Branch); err != nil {
		return "", false, err
	}
	found, err := g.scan(ctx)
	if err != nil || found.none() {
		return head, false, err
	}
	if err := g.stageAll(ctx, private, found); err != nil {
		return "", false, err
	}
	if clean, err := g.indexIsHead(ctx); err != nil || clean {
		return head, false, err
	}
	if g.env, err = g.identity(ctx); err != nil {
		return "", false, err
	}
	rev, err = g.commitStaged(ctx, message)
	return rev, true, err
}

// commitStaged commits the index and returns the commit.
func (g git) commitStaged(ctx context.Context, message string) (string, error) {
	if _, err := g.run(ctx, message, "commit", "--quiet", "--no-verify", "--cleanup=whitespace", "--allow-empty-message", "-F", "-"); err != nil {
		return "", err
	}
	return g.commit(ctx, "HEAD")
}

// unfinished are the files and folders in a private git directory that tell of
// an operation in progress.
var unfinished = []struct{ name, operation string }{
	{"MERGE_HEAD", "merge"},
	{"rebase-merge", "rebase"},
	{"rebase-apply", "rebase"},
	{"CHERRY_PICK_HEAD", "cherry-pick"},
	{"REVERT_HEAD", "revert"},
	{"BISECT_LOG", "bisect"},
}

// settled refuses a tree in which a commit would end something else, or land
// elsewhere than on branch.
func (g git) settled(ctx context.Context, private, branch string) error {
	for _, u := range unfinished {
		if _, err := os.Lstat(filepath.Join(private, u.name)); err == nil {
			return inProgress(u.operation, g.dir)
		}
	}
	at, err := g.line(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if exitStatus(err) == 1 {
		at, err = "no branch", nil
	}
	if err != nil || at == branch {
		return err
	}
	return elsewhere(g.dir, at, branch)
}

func inProgress(operation, dir string) error {
	return kanban.Errorf(kanban.Conflict, "a %s is in progress in %s", operation, dir).Hint("finish or abort it: git -C %s status", dir)
}

func elsewhere(dir, at, branch string) error {
	return kanban.Errorf(kanban.Conflict, "%s is on %s, not on the task's branch %s", dir, at, branch).
		Hint("bring the work there: git -C %s switch %s", dir, branch)
}

// stageAll is all or nothing for what belongs to this repository.
func (g git) stageAll(ctx context.Context, private string, found *changes) error {
	locked := filepath.Join(private, "index.lock")
	before, _ := os.Lstat(locked)
	refused, err := g.stage(ctx, found)
	if isLocked(err) {
		if err := g.breakLock(locked, before); err != nil {
			return err
		}
		refused, err = g.stage(ctx, found)
	}
	if err != nil {
		return err
	}
	if bad := append(found.unreadable, refused...); len(bad) > 0 {
		return untakeable(g.dir, bad)
	}
	return nil
}

func untakeable(dir string, files []string) error {
	return kanban.Errorf(kanban.Conflict, "git cannot take these files of %s: %q", dir, files).
		Hint("make them readable, ignore them or remove them")
}

func atWork(dir string, pid int) error {
	return kanban.Errorf(kanban.Conflict, "git is at work in %s (process %d)", dir, pid).Hint("wait for it to end")
}

// breakLock removes an index lock whose git was killed: the very one seen
// before, with no git at work in the tree.
func (g git) breakLock(locked string, seen fs.FileInfo) error {
	pid, known := lockHolder(g.dir)
	now, err := os.Lstat(locked)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case pid != 0:
		return atWork(g.dir, pid)
	case err != nil || !known || !os.SameFile(seen, now) || !seen.ModTime().Equal(now.ModTime()):
		return kanban.Errorf(kanban.Conflict, "git seems to be at work in %s", g.dir).
			Hint("if no git runs there, remove %s", locked)
	}
	return os.Remove(locked)
}

func (g git) indexIsHead(ctx context.Context) (bool, error) {
	_, err := g.run(ctx, "", "diff", "--cached", "--quiet", "--ignore-submodules=dirty")
	if exitStatus(err) == 1 {
		return false, nil
	}
	return err == nil, err
}

// identity fills in what the user has not configured. Git's own guess from the
// name of the machine is not used.
func (g git) identity(ctx context.Context) ([]string, error) {
	var env []string
	for _, part := range []struct{ key, variable, value string }{
		{"user.name", "NAME", "Andon"},
		{"user.email", "EMAIL", "andon@localhost"},
	} {
		configured, err := g.line(ctx, "config", "--get", part.key)
		if err != nil && exitStatus(err) != 1 {
			return nil, err
		}
		if strings.TrimSpace(configured) == "" {
			env = append(env, "GIT_AUTHOR_"+part.variable+"="+part.value, "GIT_COMMITTER_"+part.variable+"="+part.value)
		}
	}
	return env, nil
}
