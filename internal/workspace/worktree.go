package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/andon-dev/andon/internal/kanban"
)

// worktree finds or adds the work tree of a task.
func (m *Manager) worktree(ctx context.Context, spec Spec) (Place, error) {
	spec, common, err := m.resolve(ctx, spec)
	if err != nil {
		return Place{}, err
	}
	unlock, err := lock(ctx, common)
	if err != nil {
		return Place{}, err
	}
	defer unlock()
	repo := git{dir: spec.Repo}
	trees, err := repo.trees(ctx)
	if err != nil {
		return Place{}, err
	}
	mk, owned, err := m.owned(spec.Task)
	switch {
	case err != nil:
		return Place{}, err
	case owned && mk.Ready && !spec.Fresh:
		return mk.reuse(ctx, spec, common, trees)
	case spec.Fresh:
		if spec, err = m.startOver(ctx, spec); err != nil {
			return Place{}, err
		}
		if trees, err = repo.trees(ctx); err != nil {
			return Place{}, err
		}
	case owned:
		// A crash interrupted git here; no worker ever saw this tree.
		if err := m.wipe(ctx, mk); err != nil {
			return Place{}, err
		}
		if trees, err = repo.trees(ctx); err != nil {
			return Place{}, err
		}
	}
	if _, err := os.Lstat(spec.Path); err == nil {
		return adopt(spec, trees)
	}
	if err := repo.release(ctx, spec, trees); err != nil {
		return Place{}, err
	}
	return m.add(ctx, spec, common)
}

// resolve fills in what spec leaves open and returns the repository's common
// git directory. A path that is itself the root of a main work tree names the
// source: one tree for all tasks would have them overwrite each other.
func (m *Manager) resolve(ctx context.Context, spec Spec) (Spec, string, error) {
	if spec.Path != "" && isTreeRoot(spec.Path) {
		at := git{dir: spec.Path}
		private, err := at.privateDir(ctx)
		if err != nil {
			return spec, "", notRepository(spec.Path, spec.Task, err)
		}
		common, err := at.commonDir(ctx)
		if err != nil {
			return spec, "", notRepository(spec.Path, spec.Task, err)
		}
		if isMain := private == common; isMain || spec.Repo == "" {
			if spec.Repo == "" {
				spec.Repo = spec.Path
			}
			if isMain {
				spec.Path = ""
			}
		}
	}
	spec, common, err := m.source(ctx, spec)
	if err != nil {
		return spec, "", err
	}
	if spec.Path == "" {
		spec.Path = m.defaultPath(spec.Task)
	}
	spec.Path = filepath.Clean(spec.Path)
	return spec, common, nil
}

// source checks repository and branch of a spec, and returns the repository's
// common git directory.
func (m *Manager) source(ctx context.Context, spec Spec) (Spec, string, error) {
	if !filepath.IsAbs(spec.Repo) {
		return spec, "", kanban.Errorf(kanban.Invalid, "the %s of task %s has no source repository", spec.Kind, spec.Task).
			Hint("name the full path of a git repository: andon edit %s --repo PATH", spec.Task)
	}
	common, err := git{dir: spec.Repo}.commonDir(ctx)
	if err != nil {
		return spec, "", notRepository(spec.Repo, spec.Task, err)
	}
	if err := m.walled.refuse(spec.Repo, common); err != nil {
		return spec, "", err
	}
	if spec.Branch == "" {
		spec.Branch = defaultBranch(spec.Task)
	}
	if _, err := (git{dir: spec.Repo}).line(ctx, "check-ref-format", "refs/heads/"+spec.Branch); err != nil || spec.Branch[0] == '-' {
		return spec, "", kanban.Errorf(kanban.Invalid, "%q cannot be the name of a branch", spec.Branch)
	}
	return spec, common, ownBranch(common, spec.Branch)
}

// reuse gives the tree of an earlier attempt to the next one, as it is, but for
// the index lock of a git that was killed with that attempt.
func (mk marker) reuse(ctx context.Context, spec Spec, common string, trees []tree) (Place, error) {
	if err := mk.stands(Worktree, spec.Path); err != nil {
		return Place{}, err
	}
	if err := mk.same(spec, common); err != nil {
		return Place{}, err
	}
	known := slices.ContainsFunc(trees, func(t tree) bool { return t.path == canonical(mk.Path) })
	if !known {
		return Place{}, kanban.Errorf(kanban.Conflict, "%s is no longer a work tree of %s", mk.Path, mk.Repo).
			Hint("save what you need from it and move it away; the branch %s is kept", mk.Branch)
	}
	at := git{dir: mk.Path}
	if mk.Walled {
		private, err := mk.private()
		if err != nil {
			return Place{}, err
		}
		defer private.Close()
		return Place{Path: mk.Path, Branch: mk.Branch, Base: mk.Base}, mk.breakLock(private)
	}
	private, err := at.privateDir(ctx)
	if err != nil {
		return Place{}, err
	}
	locked := filepath.Join(private, "index.lock")
	if seen, err := os.Lstat(locked); err == nil {
		if err := at.breakLock(locked, seen); err != nil {
			return Place{}, err
		}
	}
	return Place{Path: mk.Path, Branch: mk.Branch, Base: mk.Base}, nil
}

// same refuses another source than the one the workspace was made from.
func (mk marker) same(spec Spec, common string) error {
	if mk.Branch == spec.Branch && mk.Repo == common {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "%s is a %s of %s on branch %s", mk.Path, mk.Kind, mk.Repo, mk.Branch).
		Hint("keep repository and branch as they were, or remove that workspace first (andon gc)")
}

// adopt uses a tree that somebody else made: for this very branch, or in a
// folder named after this task, as workers of the reference system do.
func adopt(spec Spec, trees []tree) (Place, error) {
	named := filepath.Base(spec.Path) == spec.Task && spec.Branch == defaultBranch(spec.Task)
	for _, t := range trees {
		if t.path == canonical(spec.Path) && (t.branch == spec.Branch || named) {
			return Place{Path: spec.Path, Branch: t.branch}, nil
		}
	}
	return Place{}, occupied(spec.Path)
}

func defaultBranch(task string) string { return "andon/" + task }

// release drops the repository's records of folders that are gone, as far as
// they keep this path or branch.
func (g git) release(ctx context.Context, spec Spec, trees []tree) error {
	for i, t := range trees {
		if t.path != canonical(spec.Path) && t.branch != spec.Branch {
			continue
		}
		if _, err := os.Lstat(t.path); err == nil {
			free := "git -C " + t.path + " switch --detach"
			if i > 0 { // git lists the main work tree first
				free = "andon gc after retention, or git -C " + g.dir + " worktree remove " + t.path
			}
			return kanban.Errorf(kanban.Conflict, "branch %s is checked out at %s", spec.Branch, t.path).
				Hint("give the task another branch: andon edit %s --branch NAME; or free this one: %s", spec.Task, free)
		}
		if err := g.forget(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// forget removes the record of a tree whose folder is gone.
func (g git) forget(ctx context.Context, t tree) error {
	if t.lockedByUser() {
		return kanban.Errorf(kanban.Conflict, "the work tree %s is locked: %s", t.path, t.reason).
			Hint("git -C %s worktree unlock %s", g.dir, t.path)
	}
	_, err := g.run(ctx, "", "worktree", "remove", "--force", "--force", "--", t.path)
	return err
}

// lockedByUser is false for the lock that git itself holds while it fills a
// new tree.
func (t tree) lockedByUser() bool { return t.locked && t.reason != "initializing" }

// add makes the tree, from its branch if that exists, else with a new branch.
func (m *Manager) add(ctx context.Context, spec Spec, common string) (Place, error) {
	repo := git{dir: spec.Repo}
	from, err := m.origin(ctx, repo, spec)
	if err != nil {
		return Place{}, err
	}
	args := []string{"worktree", "add", "--quiet", "-b", spec.Branch, "--", spec.Path, from.start}
	if from.tip != "" {
		args = []string{"worktree", "add", "--quiet", "--", spec.Path, spec.Branch}
	}
	mk, err := m.make(marker{
		Task: spec.Task, Kind: Worktree, Path: spec.Path, Repo: common, Branch: spec.Branch, Base: from.base, Start: from.first,
	})
	if err != nil {
		return Place{}, err
	}
	if err := m.fill(ctx, repo, mk, args, from.work); err != nil {
		if from.tip == "" { // only if it still points to where this call put it
			rest, cancel := afterwards(ctx)
			defer cancel()
			_, unmade := repo.line(rest, "update-ref", "--no-deref", "-d", "refs/heads/"+spec.Branch, from.start)
			err = errors.Join(err, unmade)
		}
		return Place{}, err
	}
	return Place{Path: mk.Path, Branch: mk.Branch, Base: mk.Base, Created: true}, nil
}

// fill has git check out the tree, with the work of a snapshot over it, and
// takes everything back if it cannot.
func (m *Manager) fill(ctx context.Context, repo git, mk marker, add []string, work string) error {
	_, err := repo.line(ctx, add...)
	if err == nil {
		err = mk.sign(ctx)
	}
	if err == nil {
		err = git{dir: mk.Path}.lay(ctx, work)
	}
	if err == nil {
		mk.Ready = true
		err = m.save(mk)
	}
	if err == nil {
		return nil
	}
	rest, cancel := afterwards(ctx)
	defer cancel()
	return errors.Join(err, m.wipe(rest, mk))
}

// signature is the file in a work tree's private git directory that names the
// task whose marker to look for.
const signature = "andon-task"

func (mk marker) sign(ctx context.Context) error {
	private, err := git{dir: mk.Path}.privateDir(ctx)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(private, signature), []byte(mk.Task+"\n"), 0o600)
}

// signed returns the marker of the work tree at path if Andon made that tree.
func (m *Manager) signed(private, path string) (marker, bool, error) {
	raw, err := os.ReadFile(filepath.Join(private, signature))
	if errors.Is(err, fs.ErrNotExist) {
		return marker{}, false, nil
	}
	if err != nil {
		return marker{}, false, err
	}
	task := strings.TrimSpace(string(raw))
	if checkTask(task) != nil {
		return marker{}, false, nil
	}
	mk, owned, err := m.owned(task)
	return mk, owned && mk.Kind == Worktree && mk.Path == filepath.Clean(path), err
}

// isTree says whether path is the root of a work tree.
//
// Error: conflict if Andon made one there for this task and it is no longer so.
func (m *Manager) isTree(ctx context.Context, path, task string) (bool, error) {
	mk, exists, err := m.load(task)
	if err != nil {
		return false, err
	}
	made := exists && mk.Kind == Worktree && mk.Ready && mk.Path == filepath.Clean(path)
	switch is := isTreeRoot(path); {
	case !made:
		return is, nil
	case !is:
		return false, brokenTree(path)
	}
	common, err := git{dir: path}.commonDir(ctx)
	if _, ran := errors.AsType[*gitError](err); ran {
		return false, brokenTree(path)
	}
	if err != nil {
		return false, err
	}
	has, err := os.Stat(common)
	if err != nil {
		return false, err
	}
	if want, err := os.Stat(mk.Repo); err != nil || !os.SameFile(has, want) {
		return false, brokenTree(path)
	}
	return true, nil
}

// brokenTree says what became of a work tree that git does not know any more.
func brokenTree(path string) error {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return kanban.Errorf(kanban.Conflict, "the work tree %s is gone, and what was not committed with it", path).
			Hint("its branch is kept; the next attempt gets a new tree")
	}
	return kanban.Errorf(kanban.Conflict, "%s is no longer the root of a git work tree: its .git was removed or replaced", path).
		Hint("its branch is kept; save what you need and move the folder away, then the next attempt gets a new tree")
}

// base is the commit that a new branch starts from.
func (g git) base(ctx context.Context, spec Spec) (string, error) {
	name := spec.Base
	if name == "" {
		name = "HEAD"
	}
	id, err := g.commit(ctx, name)
	switch {
	case err != nil:
		return "", err
	case id != "":
		return id, nil
	case spec.Base == "":
		return "", kanban.Errorf(kanban.Conflict, "the repository %s has no commit to start from", spec.Repo).
			Hint("git -C %s commit --allow-empty -m 'First commit'", spec.Repo)
	}
	return "", kanban.Errorf(kanban.NotFound, "the repository %s has no commit %q", spec.Repo, spec.Base).
		Hint("name a branch, a tag or a commit of that repository")
}

func notRepository(path, task string, err error) error {
	var failed *gitError
	if errors.As(err, &failed) || errors.Is(err, fs.ErrNotExist) {
		return kanban.Errorf(kanban.Invalid, "%s is not in a usable git repository: %w", path, err).
			Hint("name another one: andon edit %s --repo PATH; or git init there; or use a workspace of kind dir", task)
	}
	return err
}

// afterwards is for the clean-up that a cancelled caller still owes.
func afterwards(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
}
