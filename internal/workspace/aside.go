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
// A worker can write what it likes into its workspace, also while it is looked
// at. So git opens nothing of its git directory, and takes in no file of its
// tree: it gets copies, for which nothing was followed out of the workspace.
type aside struct {
	git
	mk      marker
	private *os.Root // the git directory of this tree alone
	temp    string   // Andon's own
	carrier carrier  // from private to temp
	ref     string   // that HEAD names; "" if it names none
	head    string   // the commit that it is at; "" if there is none
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
// Errors: conflict if its git directory is not what Andon made, or lacks objects.
func (m *Manager) aside(ctx context.Context, mk marker) (_ *aside, err error) {
	if err := m.walled.refuse(mk.Repo); err != nil {
		return nil, err
	}
	private, err := mk.private()
	if err != nil {
		return nil, err
	}
	a := &aside{mk: mk, private: private}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.temp, err = os.MkdirTemp(m.markers(), mk.Task+asides); err != nil {
		return nil, err
	}
	to, err := os.OpenRoot(a.temp)
	if err != nil {
		return nil, err
	}
	a.carrier = carrier{from: private, to: to, left: mostCarried}
	if err := a.open(ctx); err != nil {
		return nil, err
	}
	a.git = git{dir: mk.Path, env: []string{"GIT_DIR=" + a.temp, "GIT_WORK_TREE=" + mk.Path}, copies: filepath.Join(a.temp, "copies")}
	a.env = append(a.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=core.splitIndex", "GIT_CONFIG_VALUE_0=false") // what is brought back is one file
	at := a.head
	if at == "" {
		at = "ref: refs/heads/andon-none"
	}
	return a, errors.Join(
		os.Mkdir(a.copies, 0o700),
		os.WriteFile(filepath.Join(a.temp, "HEAD"), []byte(at+"\n"), 0o600),
		os.WriteFile(filepath.Join(a.temp, "commondir"), []byte(mk.Repo+"\n"), 0o600),
	)
}

// asides stands in the names of private folders, after the task.
const asides = ".aside-"

// sweepAsides removes what looks that were cut off have left of a task.
func (m *Manager) sweepAsides(task string) error {
	left, err := fs.Glob(os.DirFS(m.markers()), task+asides+"*")
	for _, name := range left {
		err = errors.Join(err, os.RemoveAll(filepath.Join(m.markers(), name)))
	}
	return err
}

// open takes out of the git directory what there is to know.
func (a *aside) open(ctx context.Context) (err error) {
	if a.mk.Kind == Worktree {
		err = a.readHead(ctx)
	} else if a.ref, a.head, err = headOf(a.private); err == nil {
		err = a.fetch(ctx)
	}
	if err == nil {
		err = a.takeIndex(ctx)
	}
	untaken, is := errors.AsType[*untakenError](err)
	switch {
	case errors.Is(err, errFull):
		return tooMuch(a.mk.Path)
	case is && !lacks(err) && a.mk.Kind == Clone:
		return brokenClone(a.mk, "its .git/"+untaken.Error())
	}
	return err
}

func (a *aside) close() {
	a.private.Close()
	if a.carrier.to != nil {
		a.carrier.to.Close()
	}
	if a.temp != "" {
		os.RemoveAll(a.temp)
	}
}

// private opens the git directory of this tree alone.
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
	private, err := top.OpenRoot(".git/.") // a pipe in its place would hold up without the dot
	if err != nil && !lacks(err) {
		return nil, brokenClone(mk, "its .git was removed or replaced")
	}
	return private, err
}

func brokenClone(mk marker, why string) error {
	return kanban.Errorf(kanban.Conflict, "%s is no longer the clone that Andon made: %s", mk.Path, why).
		Hint("what was handed in is kept on %s; save what you need, move the folder away, and the next attempt gets a new clone", mk.Branch)
}

// readHead reads where a work tree is, which is a ref or a commit of the
// repository that it is of.
func (a *aside) readHead(ctx context.Context) error {
	at, err := readText(a.private, "HEAD")
	if err != nil {
		return err
	}
	if ref, ok := strings.CutPrefix(at, "ref: "); ok {
		a.ref, at = ref, ref
	}
	a.head, err = git{dir: a.mk.Repo}.commit(ctx, at)
	return err
}

// fetch brings the commits of the clone into its source, where nothing but a
// ref of Andon's names them yet. They come by way of a repository of Andon's,
// which has copies of the clone's objects, and borrows from the source only.
func (a *aside) fetch(ctx context.Context) error {
	if a.head == "" {
		return nil
	}
	source := git{dir: a.mk.Repo}
	known, err := source.line(ctx, "for-each-ref", "--count=1", "--points-at="+a.head, "refs/heads", "refs/andon")
	if err != nil {
		return err
	}
	if known != "" { // and all that it needs with it
		_, err := source.line(ctx, "update-ref", a.mk.ref(fetched), a.head)
		return err
	}
	between := git{dir: filepath.Join(a.temp, "between")}
	format := "sha1"
	if len(a.head) == 64 {
		format = "sha256"
	}
	if err := os.Mkdir(between.dir, 0o700); err != nil {
		return err
	}
	if _, err := between.line(ctx, "-c", "init.defaultRefFormat=files", "init", "--quiet", "--bare", "--template=", "--object-format="+format); err != nil {
		return err
	}
	if err := errors.Join(
		os.WriteFile(filepath.Join(between.dir, "HEAD"), []byte(a.head+"\n"), 0o600),
		os.WriteFile(filepath.Join(between.dir, alternates), []byte(a.mk.borrowed()), 0o600),
		copyIfThere(filepath.Join(a.mk.Repo, "shallow"), filepath.Join(between.dir, "shallow")),
		a.carrier.objects(ctx, "between/objects"),
	); err != nil {
		return err
	}
	_, err = source.run(ctx, "", "-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
		"--no-recurse-submodules", "--", between.dir, "+HEAD:"+a.mk.ref(fetched))
	if failed, ran := errors.AsType[*gitError](err); ran {
		return kanban.Errorf(kanban.Conflict, "the commit %.12s of %s cannot be taken over: %s", a.head, a.mk.Path, firstLine(failed.said)).
			Hint("if git was at work there, try again; if not, git -C %s fsck  tells what is missing", a.mk.Path)
	}
	if err != nil {
		return err
	}
	a.head, err = source.commit(ctx, a.mk.ref(fetched))
	return err
}

// takeIndex copies the index with its parts; the times are kept, by which git
// knows what may have changed since.
func (a *aside) takeIndex(ctx context.Context) error {
	names, err := a.carrier.names(".", indexFile)
	for _, name := range names {
		if err := a.carrier.file(ctx, name, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

var indexFile = regexp.MustCompile(`^(index|sharedindex\.[0-9a-f]+)$`)

// settled refuses a clone in which a commit would end something else, or that
// is on another branch than the task's.
func (a *aside) settled() error {
	for _, u := range unfinished {
		if _, err := a.private.Lstat(u.name); err == nil {
			return inProgress(u.operation, a.mk.Path)
		}
	}
	at, onBranch := strings.CutPrefix(a.ref, "refs/heads/")
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
	index, err := os.ReadFile(filepath.Join(a.temp, "index"))
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
	if err := a.private.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := a.private.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644) // no pipe of the worker's
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
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
