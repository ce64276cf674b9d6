package workspace

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// origin is what a new tree is made from.
type origin struct {
	base  string // the commit that the task's branch started from
	tip   string // of the branch; "" if there is none yet
	first string // where Andon found the branch once, or made it
	start string // the commit that the tree is on at first
	work  string // a snapshot whose files lie over it; "" = none
}

// origin also remembers what the marker of a tree that is gone knows.
func (m *Manager) origin(ctx context.Context, repo git, spec Spec) (origin, error) {
	from, err := repo.origin(ctx, spec)
	if err != nil {
		return from, err
	}
	from.first = from.tip
	if from.tip == "" {
		from.first = from.base
	}
	mk, exists, err := m.load(spec.Task)
	if exists && mk.Branch == spec.Branch && mk.Start != "" && mk.Base != "" {
		from.base, from.first = mk.Base, mk.Start
	}
	return from, err
}

// origin finds it: the branch as it is, what an earlier attempt left on it, else
// the base, which may have to be merged first.
func (g git) origin(ctx context.Context, spec Spec) (from origin, err error) {
	if from.tip, err = g.commit(ctx, "refs/heads/"+spec.Branch); err != nil {
		return from, err
	}
	left, err := g.left(ctx, spec, from.tip)
	if err != nil {
		return from, err
	}
	from.start, from.work = left.start, left.work
	if from.start == "" {
		from.start = from.tip
	}
	if from.start == "" {
		from.base, err = g.merged(ctx, spec)
		from.start = from.base
		return from, err
	}
	if len(spec.Merge) == 1 {
		from.base, err = g.merged(ctx, spec) // of one that is the branch itself
	} else {
		from.base, err = g.base(ctx, spec)
	}
	if err != nil {
		return from, err
	}
	if shared, err := g.line(ctx, "merge-base", from.base, from.start); err == nil {
		from.base = shared
	}
	return from, nil
}

// left is what the snapshot of an earlier attempt adds to a branch at tip:
// nothing if the branch has moved on since.
func (g git) left(ctx context.Context, spec Spec, tip string) (origin, error) {
	none := origin{}
	if spec.Snapshot == "" || spec.Fresh {
		return none, nil
	}
	shot, err := g.commit(ctx, spec.Snapshot)
	if err != nil || shot == "" {
		return none, err
	}
	was := origin{start: shot}
	subject, err := g.line(ctx, "log", "-1", "--format=%s", shot)
	if err != nil {
		return none, err
	}
	if strings.HasPrefix(subject, "Andon: work of task "+spec.Task+" ") {
		if was.start, err = g.commit(ctx, shot+"^"); err != nil || was.start == "" {
			return none, err
		}
		was.work = shot
	}
	switch {
	case tip == "", tip == was.start:
		return was, nil
	case spec.Kind != Clone: // a clone has commits that its source has not seen
		return none, nil
	}
	forward, err := g.isAncestor(ctx, tip, was.start)
	if err != nil || !forward {
		return none, err
	}
	return was, nil
}

// lay puts the files of a snapshot into a new tree, as changes that are not
// committed.
func (g git) lay(ctx context.Context, work string) error {
	if work == "" {
		return nil
	}
	if _, err := g.line(ctx, "read-tree", "--reset", "-u", work); err != nil {
		return err
	}
	_, err := g.line(ctx, "reset", "--quiet", "--mixed")
	return err
}

// startOver removes what earlier attempts left, once it is kept, and puts the
// branch back. What it returns begins where the first attempt did.
func (m *Manager) startOver(ctx context.Context, spec Spec) (Spec, error) {
	mk, exists, err := m.load(spec.Task)
	if err != nil || !exists || mk.Kind != spec.Kind || mk.Base == "" {
		return spec, err
	}
	repo := git{dir: mk.Repo}
	if mk.look() == present && mk.Ready {
		if _, err := m.Snapshot(ctx, mk.Path, mk.Task, 0, 0); err != nil {
			return spec, err
		}
	}
	tip, err := repo.commit(ctx, "refs/heads/"+mk.Branch)
	if err != nil {
		return spec, err
	}
	if mk.Start != "" && tip != "" && tip != mk.Start {
		if mk.Kind == Clone {
			if err := repo.checkedOut(ctx, mk.Task, mk.Branch); err != nil {
				return spec, err
			}
		}
		if _, err := repo.line(ctx, "update-ref", "--no-deref", "-m", "andon: task "+mk.Task+" starts over", "refs/heads/"+mk.Branch, mk.Start, tip); err != nil {
			return spec, err
		}
	}
	spec.Base, spec.Merge = mk.Base, nil
	return spec, m.wipe(ctx, mk)
}

// MergeError says that branches do not merge by themselves.
type MergeError struct {
	Branches []string // two of them, or more if the first ones had to be merged before
	Files    []string // in conflict; empty if git could not even try
	Why      string   // then what it said
}

func (e *MergeError) Error() string {
	if len(e.Files) == 0 {
		return fmt.Sprintf("git cannot merge %s: %s", strings.Join(e.Branches, " and "), e.Why)
	}
	return fmt.Sprintf("%s conflict in %s", strings.Join(e.Branches, " and "), strings.Join(e.Files, ", "))
}

// merged is the commit that a new branch starts from: the base, or a merge of
// the branches that spec names. It is made beside every work tree, so no hook
// runs, and what is cut short leaves nothing behind.
func (g git) merged(ctx context.Context, spec Spec) (string, error) {
	var heads, names []string
	for _, name := range spec.Merge {
		id, err := g.commit(ctx, "refs/heads/"+name)
		if err != nil {
			return "", err
		}
		if id != "" && !slices.Contains(heads, id) {
			heads, names = append(heads, id), append(names, name)
		}
	}
	if len(heads) == 0 {
		return g.base(ctx, spec)
	}
	own, err := g.run(ctx, "", append([]string{"merge-base", "--independent"}, heads...)...)
	if err != nil {
		return "", err
	}
	var all, done []string
	for i, id := range heads { // in the order of spec
		if slices.Contains(strings.Fields(own), id) {
			all = append(all, id)
			done = append(done, names[i])
		}
	}
	commit := all[0]
	for i, next := range all[1:] {
		if commit, err = g.merge(ctx, spec.Task, commit, next, done[:i+2]); err != nil {
			return "", err
		}
	}
	return commit, nil
}

// merge returns a commit that joins two; names are the branches that it joins.
func (g git) merge(ctx context.Context, task, ours, theirs string, names []string) (string, error) {
	out, _, err := g.once(ctx, "", "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs)
	fields := strings.Split(out, "\x00")
	if err != nil {
		failed, ran := errors.AsType[*gitError](err)
		switch {
		case !ran:
			return "", err
		case exitStatus(err) != 1:
			return "", &MergeError{Branches: names, Why: firstLine(failed.said)}
		}
		files := slices.DeleteFunc(fields[1:], func(f string) bool { return f == "" })
		slices.Sort(files)
		return "", &MergeError{Branches: names, Files: slices.Compact(files)}
	}
	made := git{dir: g.dir, env: append(slices.Clone(g.env), andonItself...), copies: g.copies}
	message := fmt.Sprintf("Merge %s for task %s\n", strings.Join(names, " and "), task)
	id, err := made.run(ctx, message, "commit-tree", "-F", "-", "-p", ours, "-p", theirs, fields[0])
	if err == nil && strings.TrimSpace(id) == "" {
		err = kanban.Errorf(kanban.Internal, "git made no commit of a merge")
	}
	return strings.TrimSpace(id), err
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}
