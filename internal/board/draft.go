package board

import (
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
)

// draft checks what can be checked without the board.
func (b *Board) draft(a kanban.Actor, n NewTask) (t kanban.Task, err error) {
	t = kanban.Task{
		Priority: n.Priority, MaxRuntime: n.MaxRuntime, MaxAttempts: n.MaxAttempts, OnRetry: n.OnRetry,
		CreatedAt: b.now(), UpdatedAt: b.now(), Origin: a.Task, Budget: n.Budget,
	}
	if n.NotBefore.After(b.now()) {
		t.NotBefore = n.NotBefore
	}
	if n.CreatedBy == "" || a.Kind == kanban.Worker {
		n.CreatedBy = a.Name
	}
	if t.Title, err = line("the title", n.Title, maxTitle); err == nil && t.Title == "" {
		err = kanban.Errorf(kanban.Invalid, "the title is empty").Hint(`andon add "what is to be done"`)
	}
	if n.Workspace.Kind == "" && n.Workspace.Repo != "" {
		n.Workspace.Kind = b.workspaceOf(n.Assignee)
	}
	for _, check := range []func() error{
		func() (err error) { t.Body, err = text("the body", n.Body, maxBody); return },
		func() (err error) { t.Tenant, err = line("the tenant", n.Tenant, maxName); return },
		func() (err error) { t.Labels, err = kanban.Labels(n.Labels); return },
		func() (err error) { t.CreatedBy, err = line("the creator's name", n.CreatedBy, maxName); return },
		func() (err error) { t.IdempotencyKey, err = line("the idempotency key", n.Key, maxName); return },
		func() (err error) { t.Model, err = line("the model", n.Model, maxName); return },
		func() (err error) { t.SessionID, err = line("the session", n.SessionID, maxName); return },
		func() (err error) { t.Assignee, err = laneName(n.Assignee); return },
		func() (err error) { t.Workspace, err = cleanWorkspace(n.Workspace); return },
		func() (err error) { t.Skills, err = cleanSkills(n.Skills); return },
		func() error { return checkLimits(t, len(n.Parents)) },
		func() error { return b.ownBudget(a, t) },
		func() error { return checkStart(a, n) },
		func() error { return checkFrom(t.OnRetry, t.Workspace.Kind) },
		func() error { return b.judges(a, n, &t) },
	} {
		if err == nil {
			err = check()
		}
	}
	return t, err
}

// workspaceOf is the kind of workspace in which a lane works on a repository.
func (b *Board) workspaceOf(lane string) string {
	if slug, err := laneName(lane); err == nil {
		if kind := b.settings().Lanes[slug].Workspace; kind != "" {
			return kind
		}
	}
	return kanban.Worktree
}

func checkLimits(t kanban.Task, parents int) error {
	switch {
	case t.MaxRuntime < 0:
		return kanban.Errorf(kanban.Invalid, "the longest run time is negative").Hint("for example 30m; 0 = the lane's")
	case t.MaxAttempts < 0:
		return kanban.Errorf(kanban.Invalid, "the number of attempts is negative").Hint("1 or more; 0 = the configured number")
	case parents > maxParents:
		return kanban.Errorf(kanban.Invalid, "%d parents are more than %d", parents, maxParents).Hint("join them through a task in between")
	}
	return nil
}

// checkStart refuses ways to start that exclude one another.
func checkStart(a kanban.Actor, n NewTask) error {
	if a.Kind == kanban.Worker && n.Held {
		return kanban.Errorf(kanban.Unauthorized, "a worker may not make a held task").Hint("create it in triage instead")
	}
	if (n.Held || n.Triage) && !n.NotBefore.IsZero() {
		return kanban.Errorf(kanban.Invalid, "a task that waits for a human cannot wait for a time too").
			Hint("hold it now; andon schedule ID --until TIME  parks it later")
	}
	return nil
}

// laneName is empty or a slug; "none", "-" and "null" mean nobody.
func laneName(name string) (string, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "none", "-", "null":
		return "", nil
	}
	return kanban.Slug(name)
}

func cleanWorkspace(w kanban.Workspace) (kanban.Workspace, error) {
	if w.Kind == "" {
		w.Kind = kanban.Scratch
	}
	if !slices.Contains([]string{kanban.Scratch, kanban.Dir, kanban.Worktree, kanban.Clone}, w.Kind) {
		return w, kanban.Errorf(kanban.Invalid, "unknown kind of workspace %s", kanban.Quote(w.Kind)).Hint("scratch, dir:/absolute/path, worktree or clone")
	}
	for _, path := range []string{w.Path, w.Repo} {
		if _, err := line("a path of the workspace", path, maxReason); err != nil {
			return w, err
		}
		if path != "" && !filepath.IsAbs(path) {
			return w, kanban.Errorf(kanban.Invalid, "the path %s is not absolute", kanban.Quote(path)).Hint("start it with /")
		}
	}
	switch {
	case w.Kind == kanban.Scratch && w.Path != "":
		return w, kanban.Errorf(kanban.Invalid, "a scratch workspace has no path of its own").Hint("use dir:%s", w.Path)
	case w.Kind == kanban.Clone && w.Path != "" && w.Repo == "":
		return w, kanban.Errorf(kanban.Invalid, "a clone has no path of its own").Hint("name its source: --workspace clone --repo %s", w.Path)
	case !w.OfGit() && (w.Branch != "" || w.Repo != ""):
		return w, kanban.Errorf(kanban.Invalid, "a branch or repository needs a worktree or a clone").Hint("add --workspace worktree or --workspace clone")
	case len(w.Branch) > maxName || strings.HasPrefix(w.Branch, "-") || strings.ContainsAny(w.Branch, " ~^:?*[\\") ||
		strings.Contains(w.Branch, "..") || strings.ContainsFunc(w.Branch, unicode.IsControl):
		return w, kanban.Errorf(kanban.Invalid, "%s cannot be a branch", kanban.Quote(w.Branch)).Hint("for example fix/login")
	}
	return w, nil
}

func cleanSkills(skills []string) ([]string, error) {
	if skills == nil {
		return nil, nil
	}
	out := []string{}
	for _, s := range skills {
		s = strings.TrimSpace(s)
		if strings.Contains(s, ",") {
			return nil, kanban.Errorf(kanban.Invalid, "the skill %s holds a comma", kanban.Quote(s)).Hint("repeat --skill")
		}
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}
