package workspace

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// clone finds or makes the clone of a task: a repository with refs, stash,
// configuration and index of its own, and no hooks. It borrows the objects of
// its source, so that it costs no more than a work tree does, and never writes
// there: what was done in it comes to the source when it is handed in.
func (m *Manager) clone(ctx context.Context, spec Spec) (Place, error) {
	if spec.Path != "" {
		return Place{}, kanban.Errorf(kanban.Invalid, "a clone has no path of its own").
			Hint("name its source instead: andon edit %s --repo %s", spec.Task, spec.Path)
	}
	spec, common, err := m.source(ctx, spec)
	if err != nil {
		return Place{}, err
	}
	spec.Path = m.defaultPath(spec.Task)
	mk, owned, err := m.owned(spec.Task)
	switch {
	case err != nil:
		return Place{}, err
	case owned && mk.Ready && !spec.Fresh:
		return mk.reclone(spec, common)
	case spec.Fresh:
		if spec, err = m.startOver(ctx, spec); err != nil {
			return Place{}, err
		}
	case owned: // a crash interrupted git here; no worker ever saw it
		if err := m.wipe(ctx, mk); err != nil {
			return Place{}, err
		}
	}
	if _, err := os.Lstat(spec.Path); err == nil {
		return Place{}, occupied(spec.Path)
	}
	return m.addClone(ctx, spec, common)
}

// reclone gives the clone of an earlier attempt to the next one, as it is, but
// for the index lock of a git that was killed with that attempt.
func (mk marker) reclone(spec Spec, common string) (Place, error) {
	if err := mk.stands(Clone, spec.Path); err != nil {
		return Place{}, err
	}
	if err := mk.same(spec, common); err != nil {
		return Place{}, err
	}
	private, err := mk.private()
	if err != nil {
		return Place{}, err
	}
	defer private.Close()
	if err := mk.breakLock(private); err != nil {
		return Place{}, err
	}
	return Place{Path: mk.Path, Branch: mk.Branch, Base: mk.Base}, nil
}

func (m *Manager) addClone(ctx context.Context, spec Spec, common string) (Place, error) {
	repo := git{dir: common}
	from, err := m.origin(ctx, repo, spec)
	if err != nil {
		return Place{}, err
	}
	if err := repo.checkedOut(ctx, spec.Task, spec.Branch); err != nil {
		return Place{}, err
	}
	if err := repo.whole(ctx, spec); err != nil {
		return Place{}, err
	}
	mk, err := m.make(marker{
		Task: spec.Task, Kind: Clone, Path: spec.Path, Repo: common, Branch: spec.Branch, Base: from.base, Start: from.first,
		Tip: from.tip, Own: from.tip == "",
	})
	if err != nil {
		return Place{}, err
	}
	if err = mk.fillClone(ctx, repo, from.start); err == nil {
		err = git{dir: mk.Path}.lay(ctx, from.work)
	}
	if err == nil {
		mk.Ready = true
		err = m.save(mk)
	}
	if err != nil {
		rest, cancel := afterwards(ctx)
		defer cancel()
		return Place{}, errors.Join(err, m.wipe(rest, mk))
	}
	return Place{Path: mk.Path, Branch: mk.Branch, Base: mk.Base, Created: true}, nil
}

// checkedOut refuses a branch that some work tree of the repository is on.
func (g git) checkedOut(ctx context.Context, task, branch string) error {
	trees, err := g.trees(ctx)
	if err != nil {
		return err
	}
	for _, t := range trees {
		if _, err := os.Lstat(t.path); err == nil && t.branch == branch {
			return kanban.Errorf(kanban.Conflict, "branch %s is checked out at %s", branch, t.path).
				Hint("free it: git -C %s switch --detach; or give the task another branch: andon edit %s --branch NAME", t.path, task)
		}
	}
	return nil
}

// whole refuses a source that fetches its objects when they are asked for: who
// borrows them cannot.
func (g git) whole(ctx context.Context, spec Spec) error {
	partial, err := g.line(ctx, "config", "--get", "extensions.partialClone")
	if err != nil && exitStatus(err) != 1 {
		return err
	}
	if partial == "" {
		return nil
	}
	return kanban.Errorf(kanban.Conflict, "%s is a partial clone, of which no further clone can be made", spec.Repo).
		Hint("andon edit %s --workspace worktree --repo %s", spec.Task, spec.Repo)
}

// from pins in the source what a clone borrows, lest a gc there removes it;
// head is what the clone's HEAD was when Andon looked last.
func (mk marker) ref(name string) string { return "refs/andon/" + mk.Task + "/" + name }

const (
	pinned  = "from"
	fetched = "head"
)

// fillClone makes a repository of the directory of the marker, at start.
func (mk marker) fillClone(ctx context.Context, repo git, start string) error {
	if _, err := repo.line(ctx, "update-ref", mk.ref(pinned), start); err != nil {
		return err
	}
	format, err := repo.line(ctx, "rev-parse", "--show-object-format")
	if err != nil {
		return err
	}
	at := git{dir: mk.Path}
	if _, err := at.line(ctx, "-c", "init.defaultRefFormat=files", "init", "--quiet", "--template=",
		"--object-format="+format, "--initial-branch="+mk.Branch); err != nil {
		return err
	}
	settings, err := repo.settings(ctx, mk)
	if err != nil {
		return err
	}
	private := filepath.Join(mk.Path, ".git")
	if err := errors.Join(
		os.MkdirAll(filepath.Join(private, "objects", "info"), 0o755),
		os.WriteFile(filepath.Join(private, alternates), []byte(mk.borrowed()), 0o644),
		appendTo(filepath.Join(private, "config"), settings),
		copyIfThere(filepath.Join(mk.Repo, "shallow"), filepath.Join(private, "shallow")),
	); err != nil {
		return err
	}
	refs, err := repo.run(ctx, "", "for-each-ref", "--merged="+start, "--format=create %(refname) %(objectname)", "refs/tags")
	if err != nil {
		return err
	}
	refs += "create refs/heads/" + mk.Branch + " " + start + "\n"
	if _, err := at.run(ctx, refs, "update-ref", "--stdin"); err != nil {
		return err
	}
	_, err = at.line(ctx, "reset", "--quiet", "--hard")
	return err
}

const alternates = "objects/info/alternates"

func (mk marker) borrowed() string { return filepath.Join(mk.Repo, "objects") + "\n" }

// settings are what a clone takes over of its source's configuration: who
// commits there, and how files are checked out. Where it comes from is for
// orientation; nothing is pushed there, since Andon fetches.
func (g git) settings(ctx context.Context, mk marker) (string, error) {
	var text strings.Builder
	fmt.Fprintf(&text, "[core]\n\thooksPath = /dev/null\n[remote \"origin\"]\n\turl = %s\n\tpushurl = %s\n",
		quoted(mk.Repo), quoted("nowhere: Andon fetches the branch when the task is handed in"))
	for _, key := range []string{"user.name", "user.email", "core.autocrlf", "core.eol", "core.symlinks", "core.ignoreCase"} {
		value, err := g.line(ctx, "config", "--get", key)
		if err != nil && exitStatus(err) != 1 {
			return "", err
		}
		if value != "" {
			section, name, _ := strings.Cut(key, ".")
			fmt.Fprintf(&text, "[%s]\n\t%s = %s\n", section, name, quoted(value))
		}
	}
	return text.String(), nil
}

// quoted is a value as git's configuration has it.
func quoted(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(value) + `"`
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func copyIfThere(from, to string) error {
	content, err := os.ReadFile(from)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o644)
}

// unpin lets the source forget what a clone that is gone had borrowed.
func (mk marker) unpin(ctx context.Context) error {
	if _, err := os.Stat(mk.Repo); mk.Kind != Clone || errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, name := range []string{pinned, fetched} {
		if _, err := (git{dir: mk.Repo}).line(ctx, "update-ref", "-d", mk.ref(name)); err != nil {
			return err
		}
	}
	return nil
}
