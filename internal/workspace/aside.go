package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// aside looks at a clone or a work tree from outside of it: with the source's
// git directory, configuration and objects, and a HEAD and an index of its own.
// A worker can write what it likes into the git directory of its clone, a filter
// that is run at the next look included; nothing that it wrote there is run, or
// followed out of the workspace.
type aside struct {
	git
	mk      marker
	private *os.Root // the git directory of this tree alone
	head    string   // the commit that it is at; "" if there is none
	index   string
}

// apart reports whether a workspace is looked at from aside only: a clone, and
// a work tree that a walled worker had, who was to stay within.
func (mk marker) apart() bool {
	return mk.Ready && (mk.Kind == Clone || mk.Kind == Worktree && mk.Walled)
}

// distrust notes that a walled worker gets the workspace of a task.
func (m *Manager) distrust(task string) error {
	mk, exists, err := m.load(task)
	if err != nil || !exists || mk.Walled {
		return err
	}
	mk.Walled = true
	return m.save(mk)
}

// aside opens the workspace of a marker. Close it.
//
// Errors: conflict if its git directory is not what Andon made, or leads out of
// the workspace.
func (mk marker) aside(ctx context.Context) (_ *aside, err error) {
	private, err := mk.private()
	if err != nil {
		return nil, err
	}
	a := &aside{mk: mk, private: private, git: git{dir: mk.Path, apart: true}}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if mk.Kind == Clone {
		if err = mk.contained(private); err == nil {
			err = a.fetch(ctx)
		}
	} else {
		a.head, err = a.readHead(ctx)
	}
	if err != nil {
		return nil, err
	}
	temp, err := os.MkdirTemp("", "andon-aside-")
	if err != nil {
		return nil, err
	}
	a.env = []string{"GIT_DIR=" + temp, "GIT_WORK_TREE=" + mk.Path}
	a.index = filepath.Join(temp, "index")
	at := a.head
	if at == "" {
		at = "ref: refs/heads/andon-none"
	}
	return a, errors.Join(
		os.WriteFile(filepath.Join(temp, "HEAD"), []byte(at+"\n"), 0o600),
		os.WriteFile(filepath.Join(temp, "commondir"), []byte(mk.Repo+"\n"), 0o600),
		a.takeIndex(temp),
	)
}

func (a *aside) close() {
	a.private.Close()
	if a.index != "" {
		os.RemoveAll(filepath.Dir(a.index))
	}
}

// private opens the git directory of this tree alone, for which no link may
// stand.
func (mk marker) private() (*os.Root, error) {
	if mk.Kind == Worktree {
		if mk.look() != present {
			return nil, brokenTree(mk.Path)
		}
		dir, err := git{dir: mk.Repo}.privateOf(mk.Path)
		if err != nil {
			return nil, err
		}
		return os.OpenRoot(dir)
	}
	if mk.look() != present {
		return nil, brokenClone(mk, "it is gone or replaced")
	}
	top, err := os.OpenRoot(mk.Path)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	if info, err := top.Lstat(".git"); err != nil || !info.IsDir() {
		return nil, brokenClone(mk, "its .git was removed or replaced")
	}
	return top.OpenRoot(".git")
}

func brokenClone(mk marker, why string) error {
	return kanban.Errorf(kanban.Conflict, "%s is no longer the clone that Andon made: %s", mk.Path, why).
		Hint("what was handed in is kept on %s; save what you need, move the folder away, and the next attempt gets a new clone", mk.Branch)
}

// borrowedObjects are folders of files that git takes by their content alone.
var borrowedObjects = regexp.MustCompile(`^objects/([0-9a-f]{2}|pack)$`)

// contained refuses a git directory that borrows from another repository than
// the source: its content would be handed in as the worker's.
func (mk marker) contained(private *os.Root) error {
	text, err := private.ReadFile(alternates)
	if err != nil || string(text) != mk.borrowed() {
		return brokenClone(mk, "its objects/info/alternates was changed")
	}
	if _, err := private.Lstat("commondir"); err == nil {
		return brokenClone(mk, "it has a commondir")
	}
	return fs.WalkDir(private.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Type()&fs.ModeSymlink != 0:
			return brokenClone(mk, "its .git/"+path+" is a link")
		case entry.IsDir() && borrowedObjects.MatchString(path):
			return fs.SkipDir
		}
		return nil
	})
}

// readHead reads where a work tree is, which is a ref or a commit of the
// repository that it is of.
func (a *aside) readHead(ctx context.Context) (string, error) {
	text, err := a.private.ReadFile("HEAD")
	if err != nil {
		return "", err
	}
	at := strings.TrimSpace(string(text))
	if ref, ok := strings.CutPrefix(at, "ref: "); ok {
		at = ref
	}
	return git{dir: a.mk.Repo}.commit(ctx, at)
}

// fetch brings the commits of the clone into its source, where nothing but a
// ref of Andon's names them yet.
func (a *aside) fetch(ctx context.Context) error {
	at, err := git{dir: a.mk.Path}.commit(ctx, "HEAD") // reads the worker's settings and runs nothing of them
	if err != nil || at == "" {
		return err
	}
	source := git{dir: a.mk.Repo}
	if _, err := source.run(ctx, "", "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--", a.mk.Path, "+HEAD:"+a.mk.ref(fetched)); err != nil {
		return err
	}
	a.head, err = source.commit(ctx, a.mk.ref(fetched))
	return err
}

// takeIndex copies the index with its parts; the times are kept, by which git
// knows what may have changed since.
func (a *aside) takeIndex(to string) error {
	names, err := fs.Glob(a.private.FS(), "sharedindex.*")
	if err != nil {
		return err
	}
	for _, name := range append(names, "index") {
		if err := a.copyOut(name, filepath.Join(to, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (a *aside) copyOut(name, to string) error {
	from, err := openRegular(a.private, name)
	if err != nil {
		return err
	}
	defer from.Close()
	return copyWithTime(from, to)
}

// settled refuses a clone in which a commit would end something else, or that
// is on another branch than the task's.
func (a *aside) settled() error {
	for _, u := range unfinished {
		if _, err := a.private.Lstat(u.name); err == nil {
			return inProgress(u.operation, a.mk.Path)
		}
	}
	text, err := a.private.ReadFile("HEAD")
	if err != nil {
		return err
	}
	at, onBranch := strings.CutPrefix(strings.TrimSpace(string(text)), "ref: refs/heads/")
	if !onBranch {
		at = "no branch"
	}
	if at == a.mk.Branch {
		return nil
	}
	return elsewhere(a.mk.Path, at, a.mk.Branch)
}

// bring gives the tree the commit that was made aside: its index, and a clone
// its branch, too.
func (a *aside) bring(rev string) error {
	index, err := os.ReadFile(a.index)
	if err != nil {
		return err
	}
	if a.mk.Kind == Worktree {
		return a.replace("index", index)
	}
	branch := filepath.Join("refs", "heads", filepath.FromSlash(a.mk.Branch))
	if err := a.private.MkdirAll(filepath.Dir(branch), 0o755); err != nil {
		return err
	}
	return errors.Join(a.replace(branch, []byte(rev+"\n")), a.replace("index", index))
}

func (a *aside) replace(name string, content []byte) error {
	temp := name + ".andon"
	if err := a.private.WriteFile(temp, content, 0o644); err != nil {
		return err
	}
	return a.private.Rename(temp, name)
}

// breakLock removes the lock on the index of a git that was killed.
func (mk marker) breakLock(private *os.Root) error {
	if _, err := private.Lstat("index.lock"); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if pid, known := lockHolder(mk.Path); pid != 0 || !known {
		return atWork(mk.Path, pid)
	}
	return private.Remove("index.lock")
}
