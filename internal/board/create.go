package board

import (
	"context"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
)

// NewTask is what a caller says of a task to be made.
type NewTask struct {
	Title       string
	Body        string
	Assignee    string
	Parents     []string // ids, each with its condition if it has one: t_1f3a9c20:any
	Priority    int
	Tenant      string
	Workspace   kanban.Workspace
	Registered  string // the board's own repository, which a worker may name; "" = none
	Key         string // idempotency among open tasks
	Triage      bool
	Held        bool // starts blocked, for a human to release
	NotBefore   time.Time
	MaxRuntime  time.Duration
	MaxAttempts int
	Skills      []string
	Model       string
	SessionID   string
	OnRetry     string // Continue, Fresh, or "" = the lane's
	CreatedBy   string // "" = the actor
	Budget      kanban.Budget
	Verify      [][]string // argv each; nil = the lane's, empty = explicitly none
	Reviewer    string     // a lane, kanban.ReviewedByHuman, or "" = the lane's
	MaxRounds   int        // of changes requested; 0 = the lane's
}

// Created is the answer to Create.
type Created struct {
	Task    kanban.Task
	Created bool     // false: an open task had the key already
	Warning []string // for example an unknown lane
}

// Create puts a task on the board. It is ready, or todo while a parent is
// unsatisfied. With a key that an open task has, that task is the answer and
// nothing changes.
//
// Errors: invalid for what cannot be stored, unknown parents included; stale
// for a worker whose run has ended; unauthorized for one that names what it may
// not see; exhausted once its run has created Settings.MaxChildren.
func (b *Board) Create(ctx context.Context, a kanban.Actor, n NewTask) (Created, error) {
	t, err := b.draft(a, n)
	if err != nil {
		return Created{}, err
	}
	return mutate(ctx, b, "create", t.Title, func(tx store.Tx) (Created, error) { return b.create(tx, a, t, n) })
}

// create puts a draft on the board, or finds the open task that has its key.
func (b *Board) create(tx store.Tx, a kanban.Actor, t kanban.Task, n NewTask) (Created, error) {
	if err := b.working(tx, a); err != nil {
		return Created{}, err
	}
	if t.IdempotencyKey != "" {
		if id, err := tx.TaskByKey(t.IdempotencyKey); err != nil {
			return Created{}, err
		} else if id != "" {
			return b.existing(tx, a, id, t)
		}
	}
	made, err := b.insert(tx, a, t, n)
	return Created{Task: made, Created: true, Warning: b.laneWarning(made.Assignee)}, err
}

// existing is the answer to whoever names the key of an open task that he may
// see.
func (b *Board) existing(tx store.Tx, a kanban.Actor, id string, want kanban.Task) (Created, error) {
	old, err := tx.Task(id)
	if err != nil {
		return Created{}, err
	}
	if b.mayRead(tx, a, old) != nil {
		return Created{}, kanban.Errorf(kanban.Conflict, "the key %q belongs to another task", want.IdempotencyKey).Hint("choose another idempotency key")
	}
	return Created{Task: old, Warning: b.differences(old, want)}, nil
}

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

// judges sets what decides about the work. What a worker names is added to what
// its lane asks for: a child is no way around a verification.
func (b *Board) judges(a kanban.Actor, n NewTask, t *kanban.Task) (err error) {
	if t.Verify, err = cleanVerify(n.Verify); err != nil {
		return err
	}
	if t.Reviewer, err = reviewerName(n.Reviewer); err != nil {
		return err
	}
	if t.MaxRounds = n.MaxRounds; t.MaxRounds < 0 {
		return kanban.Errorf(kanban.Invalid, "the number of rounds is negative").Hint("1 or more; 0 = the lane's")
	}
	if a.Kind != kanban.Worker {
		return nil
	}
	lane := b.settings().Lanes[t.Assignee]
	if t.Verify != nil {
		t.Verify = slices.Concat(lane.Verify, t.Verify)
	}
	if t.Reviewer != "" && lane.Reviewer != "" && t.Reviewer != lane.Reviewer ||
		t.MaxRounds > 0 && lane.Reviewer != "" {
		return kanban.Errorf(kanban.Unauthorized, "a worker may not change how work of the lane %s is verified and reviewed", t.Assignee).
			Hint("leave it out, or ask a human")
	}
	return nil
}

// reviewerName is empty, human or the name of a lane.
func reviewerName(name string) (string, error) {
	if name = strings.ToLower(strings.TrimSpace(name)); name == "" || name == kanban.ReviewedByHuman {
		return name, nil
	}
	return kanban.Slug(name)
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
		return w, kanban.Errorf(kanban.Invalid, "unknown kind of workspace %q", w.Kind).Hint("scratch, dir:/absolute/path, worktree or clone")
	}
	for _, path := range []string{w.Path, w.Repo} {
		if _, err := line("a path of the workspace", path, maxReason); err != nil {
			return w, err
		}
		if path != "" && !filepath.IsAbs(path) {
			return w, kanban.Errorf(kanban.Invalid, "the path %q is not absolute", path).Hint("start it with /")
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
		return w, kanban.Errorf(kanban.Invalid, "%q cannot be a branch", w.Branch).Hint("for example fix/login")
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
			return nil, kanban.Errorf(kanban.Invalid, "the skill %q holds a comma", s).Hint("repeat --skill")
		}
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

// insert writes a checked draft with its links and its event.
func (b *Board) insert(tx store.Tx, a kanban.Actor, t kanban.Task, n NewTask) (kanban.Task, error) {
	parents, err := b.knownParents(tx, n.Parents)
	if err != nil {
		return t, err
	}
	for _, p := range parents {
		if err := b.mayRead(tx, a, p.parent); err != nil {
			return t, err
		}
	}
	if err := b.mayCreate(tx, a, n, t.Workspace); err != nil {
		return t, err
	}
	t.Status = firstStatus(t, n, parents)
	if t.Status == kanban.Blocked {
		t.BlockKind, t.BlockReason, t.BlockedAt = kanban.Operator, "created on hold", t.CreatedAt
	}
	if t, err = b.insertUnique(tx, t); err != nil {
		return t, err
	}
	for _, e := range parents {
		e.Child = t.ID
		if err := tx.PutLink(e.Link); err != nil {
			return t, err
		}
	}
	if t.IdempotencyKey != "" {
		if err := tx.PutKey(t.IdempotencyKey, t.ID); err != nil {
			return t, err
		}
	}
	if err := b.recordCreation(tx, a, t, parents); err != nil {
		return t, err
	}
	return tx.Task(t.ID)
}

func (b *Board) recordCreation(tx store.Tx, a kanban.Actor, t kanban.Task, parents []openEdge) error {
	ids := make([]string, len(parents))
	for i, e := range parents {
		ids[i] = kanban.WithWhen(e.Parent, e.When)
	}
	payload := by(a, map[string]any{"assignee": t.Assignee, "status": string(t.Status), "parents": ids})
	if t.Tenant != "" {
		payload["tenant"] = t.Tenant
	}
	if t.Workspace.Branch != "" {
		payload["branch_name"] = t.Workspace.Branch
	}
	if err := b.record(tx, event(t, kanban.EvCreated, payload)); err != nil || t.Status != kanban.Blocked {
		return err
	}
	// The reference system reads from this event that the block is to hold.
	return b.record(tx, event(t, kanban.EvBlocked, by(a, map[string]any{"kind": string(t.BlockKind), "reason": t.BlockReason})))
}

func firstStatus(t kanban.Task, n NewTask, parents []openEdge) kanban.Status {
	switch {
	case n.Held:
		return kanban.Blocked
	case n.Triage:
		return kanban.Triage
	case !t.NotBefore.IsZero():
		return kanban.Scheduled
	}
	for _, e := range parents {
		if !e.Satisfied(e.parent) {
			return kanban.Todo
		}
	}
	return kanban.Ready
}

func (b *Board) knownParents(tx store.Tx, ids []string) ([]openEdge, error) {
	var parents []openEdge
	var unknown, seen []string
	for _, word := range ids {
		id, when, err := kanban.ParseParent(word)
		if err != nil {
			return nil, err
		}
		if id == "" || slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		p, err := living(tx, id)
		switch kanban.CodeOf(err) {
		case "":
			e := openEdge{kanban.Link{Parent: id, When: when}, p}
			if err := refusePointless(e); err != nil {
				return nil, err
			}
			parents = append(parents, e)
		case kanban.NotFound:
			unknown = append(unknown, id)
		default:
			return nil, err
		}
	}
	if len(unknown) > 0 {
		return nil, kanban.Errorf(kanban.Invalid, "unknown parents: %s", strings.Join(unknown, ", ")).
			Hint("andon list  shows the tasks of this board")
	}
	return parents, nil
}

// insertUnique chooses an id; one that is taken is rolled anew.
func (b *Board) insertUnique(tx store.Tx, t kanban.Task) (kanban.Task, error) {
	for range 8 {
		var random [4]byte
		if _, err := io.ReadFull(b.ports.Random, random[:]); err != nil {
			return t, err
		}
		t.ID = kanban.TaskID(random)
		if err := tx.InsertTask(t); kanban.CodeOf(err) != kanban.Conflict {
			return t, err
		}
	}
	return t, kanban.Errorf(kanban.Internal, "no free task id found")
}

// differences says in words what a reused task does not share with the request.
func (b *Board) differences(old, want kanban.Task) []string {
	var out []string
	if old.Title != want.Title {
		out = append(out, "the existing task has another title: "+old.Title)
	}
	if old.Assignee != want.Assignee {
		out = append(out, "the existing task has another assignee: "+old.Assignee)
	}
	return out
}

// laneWarning names the nearest lane when there is none of that name.
func (b *Board) laneWarning(lane string) []string {
	lanes := b.settings().Lanes
	if _, known := lanes[lane]; known || lane == "" {
		return nil
	}
	w := "there is no lane " + lane
	if near := kanban.Nearest(lane, slices.Sorted(maps.Keys(lanes))); near != "" {
		w += " (did you mean " + near + "?)"
	}
	return []string{w + "; the task waits until somebody claims it or the lane is added to andon.yaml"}
}
