package workspace

import (
	"context"
	"errors"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// handIn commits what is in a workspace that is looked at from aside, and moves
// the task's branch in the source to it. It returns the branch's tip and whether it made that commit.
func (m *Manager) handIn(ctx context.Context, mk marker, message string) (rev string, changed bool, err error) {
	a, err := m.aside(ctx, mk)
	if err != nil {
		return "", false, err
	}
	defer a.close()
	if err := errors.Join(a.settled(), ownBranch(mk.Repo, mk.Branch)); err != nil {
		return "", false, err
	}
	if err := mk.breakLock(a.private); err != nil {
		return "", false, err
	}
	if rev, changed, err = a.commitAll(ctx, message); err != nil {
		return "", false, err
	}
	if mk.Kind == Worktree {
		_, err = git{dir: mk.Repo}.line(ctx, "update-ref", "--no-deref", "-m", "andon: committed for task "+mk.Task, "refs/heads/"+mk.Branch, rev, a.head) // as its HEAD says, it is on that
	} else {
		err = m.publish(ctx, mk, rev)
	}
	if err != nil {
		return "", false, err
	}
	if changed {
		err = a.bring(rev)
	}
	return rev, changed, err
}

func (a *aside) commitAll(ctx context.Context, message string) (rev string, changed bool, err error) {
	found, err := a.scan(ctx)
	if err != nil || found.none() {
		return a.head, false, err
	}
	refused, err := a.stage(ctx, found)
	if err != nil {
		return "", false, err
	}
	if bad := append(found.unreadable, refused...); len(bad) > 0 {
		return "", false, untakeable(a.dir, bad)
	}
	if clean, err := a.indexIsHead(ctx); err != nil || clean {
		return a.head, false, err
	}
	who, err := a.identity(ctx)
	if err != nil {
		return "", false, err
	}
	g := a.over(a.copies) // an empty tree: a commit looks at the files once more, and needs none
	g.env = append(g.env, who...)
	rev, err = g.commitStaged(ctx, message)
	return rev, true, err
}

// publish moves the task's branch in the source: forward, or anywhere if Andon
// made it and nobody else has moved it since. One that is checked out stays.
func (m *Manager) publish(ctx context.Context, mk marker, rev string) error {
	unlock, err := lock(ctx, mk.Repo)
	if err != nil {
		return err
	}
	defer unlock()
	if err := ownBranch(mk.Repo, mk.Branch); err != nil {
		return err
	}
	repo := git{dir: mk.Repo}
	tip, err := repo.commit(ctx, "refs/heads/"+mk.Branch)
	switch {
	case err != nil:
		return err
	case rev == "":
		return kanban.Errorf(kanban.Conflict, "%s has no commit", mk.Path).Hint("commit something there, or declare artifacts instead")
	case tip == rev:
		mk.Tip = rev
		return m.save(mk)
	}
	if err := repo.checkedOut(ctx, mk.Task, mk.Branch); err != nil {
		return err
	}
	was := tip
	if tip == "" {
		was = strings.Repeat("0", len(rev)) // it must not be there
	} else if forward, err := repo.isAncestor(ctx, tip, rev); err != nil {
		return err
	} else if !forward && (!mk.Own || tip != mk.Tip) {
		return kanban.Errorf(kanban.Conflict, "branch %s of %s holds commits that the task's clone has not: it is at %.12s", mk.Branch, mk.Repo, tip).
			Hint("join them: git -C %s pull --no-rebase %s %s", mk.Path, mk.Repo, mk.Branch)
	}
	if _, err := repo.line(ctx, "update-ref", "--no-deref", "-m", "andon: handed in by task "+mk.Task, "refs/heads/"+mk.Branch, rev, was); err != nil {
		return err
	}
	mk.Tip = rev
	return m.save(mk)
}

func (g git) isAncestor(ctx context.Context, a, b string) (bool, error) {
	_, err := g.line(ctx, "merge-base", "--is-ancestor", a, b)
	if exitStatus(err) == 1 {
		return false, nil
	}
	return err == nil, err
}
