package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// start is what a run begins with. The lane is as it was at the claim, whatever
// a reload does to it.
type start struct {
	claim board.Claimed
	lane  config.Lane
	spare Spare
}

// prepare makes folder, workspace, context file and order.
func (r *run) prepare(ctx context.Context, s start) (worker.Order, error) {
	if err := r.folder.Make(); err != nil {
		return worker.Order{}, err
	}
	if err := r.noteHook(ctx); err != nil {
		return worker.Order{}, err
	}
	place, err := r.place(ctx, s)
	if err != nil {
		return worker.Order{}, fmt.Errorf("workspace: %w", err)
	}
	r.row.Base = place.Base
	if err := r.noteRefs(ctx); err != nil {
		return worker.Order{}, fmt.Errorf("workspace: %w", err)
	}
	if place.Created && !r.terms.AfterCreate {
		r.terms.AfterCreate = true
		if err := r.terms.save(r.folder); err != nil {
			return worker.Order{}, err
		}
	}
	text, err := r.board.Context(ctx, s.claim.Task.ID)
	if err != nil {
		return worker.Order{}, err
	}
	if err := r.folder.Write(contextFile, []byte(text)); err != nil {
		return worker.Order{}, err
	}
	o, err := r.order(ctx, s, place, text)
	if err != nil {
		return o, err
	}
	return o, r.confine(ctx, s.lane, s.claim.Task, r.dir, &o)
}

// noteHook writes the terms, with whether after_create is due: the workspace is
// not there yet, or an earlier run was to run the hook and its worker never
// started. Noted before the workspace is made, it is not forgotten by a gateway
// that ends in between.
func (r *run) noteHook(ctx context.Context) error {
	_, err := os.Lstat(r.row.Workspace)
	r.terms.AfterCreate = errors.Is(err, fs.ErrNotExist)
	if !r.terms.AfterCreate {
		if r.terms.AfterCreate, err = r.owesHook(ctx); err != nil {
			return err
		}
	}
	return r.terms.save(r.folder)
}

func (r *run) owesHook(ctx context.Context) (bool, error) {
	runs, err := r.board.Runs(ctx, r.row.Task)
	if err != nil {
		return false, err
	}
	for _, earlier := range slices.Backward(runs) {
		if earlier.ID == r.row.ID || earlier.Workspace != r.row.Workspace {
			continue
		}
		if earlier.Started {
			return false, nil
		}
		t, err := loadTerms(r.d.Host.Folder(r.d.runDir(runKey{r.key.board, earlier.ID})))
		if err == nil {
			return t.AfterCreate && t.Supervisor == earlier.Supervisor, nil
		}
	}
	return false, nil
}

// place makes the workspace, or finds the one of an earlier attempt. A child
// starts from the branch of its parent, or from those of its parents merged; of
// parents whose branches are gone, from where the repository is.
func (r *run) place(ctx context.Context, s start) (workspace.Place, error) {
	t := s.claim.Task
	spec := workspace.SpecOf(t)
	spec.Walled = r.terms.walled()
	from, err := r.board.StartsFrom(ctx, t, r.row.ID, s.lane.OnRetry)
	if err != nil {
		return workspace.Place{}, err
	}
	r.fresh = from.Fresh
	spec.Snapshot, spec.Fresh = from.Snapshot, from.Fresh
	if t.Reviews != "" {
		spec.Base = t.Revision // what was handed in, and nothing that came after
	} else if spec.Merge, err = r.parentBranches(ctx, t); err != nil {
		return workspace.Place{}, err
	}
	return r.d.Host.Workspaces(r.key.board).Prepare(ctx, spec)
}

// parentBranches are those of the parents that worked in the same repository, so
// that a child builds on their work.
func (r *run) parentBranches(ctx context.Context, t kanban.Task) ([]string, error) {
	if !t.Workspace.OfGit() || t.Workspace.Repo == "" {
		return nil, nil
	}
	d, err := r.board.Show(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, l := range d.Parents {
		p, err := r.board.Task(ctx, l.Parent)
		if err != nil {
			return nil, err
		}
		w := p.Workspace
		same := w.OfGit() && w.Repo != "" && filepath.Clean(w.Repo) == filepath.Clean(t.Workspace.Repo)
		if same && w.Branch != "" && p.Satisfies() && !l.Waived {
			found = append(found, w.Branch)
		}
	}
	return found, nil
}

// unmerged leaves a task to a human whose parents' branches do not merge. That is
// no attempt of its worker's.
func (r *run) unmerged(t kanban.Task, conflict *workspace.MergeError) word {
	repo, branch := t.Workspace.Repo, r.row.Branch
	reason := fmt.Sprintf("%v. Either merge them on a branch %s of %s and unblock the task, or take one: git -C %s branch %s %s; or "+
		"leave all but the first away: andon promote %s --force", conflict, branch, repo, repo, branch, conflict.Branches[0], t.ID)
	return func(ctx context.Context) error {
		_, err := r.board.Block(ctx, kanban.System, r.lease(), kanban.MergeConflict, reason, kanban.Handoff{})
		return err
	}
}

// leave leaves a task to a human whose place to work is not what it was. That is
// no attempt of its worker's.
func (r *run) leave(reason string) word {
	return func(ctx context.Context) error {
		_, err := r.board.Block(ctx, kanban.System, r.lease(), kanban.Operator, reason, kanban.Handoff{})
		return err
	}
}

const hookTimeout = time.Minute

// order is what the supervisor is told to do.
func (r *run) order(ctx context.Context, s start, place workspace.Place, text string) (worker.Order, error) {
	cfg, t := r.d.Config(), s.claim.Task
	fields := config.Fields{
		TaskID: t.ID, RunID: r.row.ID, Board: r.key.board, Workspace: place.Path, Title: t.Title,
		Branch: place.Branch, Tenant: t.Tenant, Prompt: r.prompt(t),
	}
	argv, err := s.lane.Argv(fields)
	o := worker.Order{
		RunDir: r.dir, Argv: argv, Dir: place.Path, Env: r.environ(s, place), Timeout: r.row.MaxRuntime,
		StopGrace: cfg.Dispatch.StopGrace, LogLimit: cfg.Retention.LogSize, HookTimeout: hookTimeout,
	}
	hooks := s.lane.Hooks
	if r.terms.AfterCreate {
		o.Before = add(o.Before, hooks.AfterCreate)
	}
	o.Before = add(o.Before, hooks.BeforeRun)
	o.After = add(o.After, hooks.AfterRun)
	if s.lane.Hermes() && err == nil {
		return r.hermes(s, fields, o)
	}
	if p, ok := s.lane.Agent(); ok && err == nil {
		return r.agentOrder(ctx, s, p, fields, o, text)
	}
	return o, err
}

func add(hooks [][]string, argv []string) [][]string {
	if len(argv) == 0 {
		return hooks
	}
	return append(hooks, argv)
}

func (r *run) prompt(t kanban.Task) string {
	return fmt.Sprintf("Work on task %s: %s\n\nRead the file named by ANDON_CONTEXT first (%s). When you are done, run `andon complete --summary TEXT`; "+
		"if you need a human, run `andon block REASON`.", t.ID, t.Title, filepath.Join(r.dir, contextFile))
}
