package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/dispatch"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// Answers to operation ids are kept so long; delivered messages as well.
const operationsKept = 24 * time.Hour

// gc applies retention to one board: rows, workspaces that Andon made for tasks
// that have ended, logs of runs that have settled, and artifacts nobody refers
// to.
func (a *app) gc(ctx context.Context, b *board.Board, dryRun bool) (report client.GCReport, err error) {
	c := a.config.Load()
	report.DryRun = dryRun
	var wsErr, logErr error
	report.Workspaces, wsErr = a.sweepWorkspaces(ctx, b, c, dryRun)
	report.Logs, logErr = a.sweepRuns(ctx, b, c.Retention.Logs, dryRun)
	if err = errors.Join(wsErr, logErr); dryRun {
		return report, err
	}
	pruned, pruneErr := b.Prune(ctx, board.Retention{Events: c.Retention.Events, Operations: operationsKept, Deliveries: operationsKept})
	report.Events = pruned.Events
	swept, sweepErr := a.sweepArtifacts(ctx)
	report.Artifacts = swept
	return report, errors.Join(err, pruneErr, sweepErr)
}

// sweepArtifacts removes what no run refers to. An archived board cannot be
// asked and may be restored: as long as there is one, everything stays.
func (a *app) sweepArtifacts(ctx context.Context) (int, error) {
	all, err := a.boards.List(ctx, true)
	if err != nil || slices.ContainsFunc(all, func(i store.BoardInfo) bool { return i.Archived }) {
		return 0, err
	}
	return a.artifacts.Sweep(ctx, func(sha string) (bool, error) { return a.kept(ctx, sha) }, a.Clock().Add(-operationsKept))
}

// kept reports whether a run of any board refers to an artifact.
func (a *app) kept(ctx context.Context, sha string) (bool, error) {
	infos, err := a.boards.List(ctx, false)
	if err != nil {
		return true, err
	}
	for _, info := range infos {
		b, err := a.boards.Board(ctx, info.Slug)
		if err != nil {
			return true, err // a board that cannot be read may refer to it
		}
		if kept, err := b.ArtifactKept(ctx, sha); err != nil || kept {
			return true, err
		}
	}
	return false, nil
}

func (a *app) sweepWorkspaces(ctx context.Context, b *board.Board, c *config.Config, dryRun bool) (n int, err error) {
	m := a.workspacesOf(b.Slug())
	owned, err := m.Owned()
	if err != nil {
		return 0, err
	}
	var errs []error
	for _, o := range owned {
		t, err := b.Task(ctx, o.Task)
		gone := kanban.CodeOf(err) == kanban.NotFound
		if err != nil && !gone {
			return n, err
		}
		ended := gone || t.Status == kanban.Done || t.Status == kanban.Archived
		if !ended || t.LiveRun != 0 || a.Clock().Sub(latest(o.MadeAt, t.UpdatedAt)) < c.Retention.Scratch {
			continue
		}
		err = nil
		if !dryRun {
			err = a.removeWorkspace(ctx, m, o, b.Slug(), c.Lanes[t.Assignee])
		}
		if errs = append(errs, err); err == nil {
			n++
		}
	}
	return n, errors.Join(errs...)
}

// removeWorkspace keeps what is there now, for people work there, too, and then
// removes it. What cannot be kept in full stays. A hook that fails may not have
// saved what it is there to save.
func (a *app) removeWorkspace(ctx context.Context, m *workspace.Manager, o workspace.Owned, slug string, lane config.Lane) error {
	place := workspace.Place{Path: o.Path}
	if _, err := os.Lstat(o.Path); errors.Is(err, fs.ErrNotExist) {
		return m.Remove(ctx, o.Task, place) // only its records are left
	}
	if len(lane.Hooks.BeforeRemove) > 0 {
		env := append(config.Environ(lane, os.Environ()), "ANDON_TASK="+o.Task, "ANDON_BOARD="+slug, "ANDON_WORKSPACE="+o.Path)
		if rules, err := dispatch.Proxied(lane, env); err == nil && rules != nil {
			env = dispatch.WithProxy(env, *rules) // which nobody serves here: the hook has no network
		}
		argv, err := a.walledHook(ctx, lane, lane.Hooks.BeforeRemove, o.Path, env)
		if err == nil {
			err = workspace.RunHook(ctx, argv, o.Path, env, time.Minute)
		}
		if err != nil {
			return fmt.Errorf("workspace of %s stays, since before_remove failed: %w", o.Task, err)
		}
	}
	if o.Kind == workspace.Worktree || o.Kind == workspace.Clone {
		shot, err := m.Snapshot(ctx, o.Path, o.Task, lastLook, 0)
		if err != nil {
			return fmt.Errorf("workspace of %s stays, since it cannot be kept: %w", o.Task, err)
		}
		if len(shot.Skipped) > 0 {
			return kanban.Errorf(kanban.Conflict, "workspace of %s stays, since its snapshot leaves out %s", o.Task, strings.Join(shot.Skipped, ", ")).
				Hint("save or remove what you find there, in %s; the next gc looks again", o.Path)
		}
	}
	return m.Remove(ctx, o.Task, place)
}

// walledHook puts the walls of its lane around a hook: what it runs may be a
// worker's.
func (a *app) walledHook(ctx context.Context, lane config.Lane, argv []string, dir string, env []string) ([]string, error) {
	plan, err := dispatch.Confine(ctx, a.paths, lane, dir)
	if err != nil || plan == nil {
		return argv, err
	}
	path, err := worker.LookPath(argv[0], env)
	if err != nil {
		return nil, err
	}
	return plan.Wrap(append([]string{path}, argv[1:]...), 0)
}

// lastLook is the number of the snapshot before the removal, which is of no run.
const lastLook = 0

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sweepRuns removes the folders of runs that ended long ago, and of those whose
// board is gone.
func (a *app) sweepRuns(ctx context.Context, b *board.Board, keep time.Duration, dryRun bool) (n int, err error) {
	entries, err := os.ReadDir(a.paths.Runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	all, err := a.boards.List(ctx, true)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		slug, number, _ := strings.Cut(strings.TrimSuffix(e.Name(), dispatch.VerifySuffix), ".")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		var ended time.Time
		over := !slices.ContainsFunc(all, func(i store.BoardInfo) bool { return i.Slug == slug })
		if slug == b.Slug() {
			if ended, over, err = runEnded(ctx, b, id); err != nil {
				return n, err
			}
		}
		info, err := e.Info()
		if err != nil || !over || a.Clock().Sub(latest(info.ModTime(), ended)) < keep {
			continue
		}
		dir := filepath.Join(a.paths.Runs, e.Name())
		if alive, err := worker.Locked(dir); alive || err != nil {
			continue
		}
		n++
		if !dryRun {
			if err := os.RemoveAll(dir); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// runEnded tells when a run ended, zero if it is not known any more. over is
// false as long as it may still be watched.
func runEnded(ctx context.Context, b *board.Board, id int64) (at time.Time, over bool, err error) {
	r, err := b.Run(ctx, id)
	if kanban.CodeOf(err) == kanban.NotFound {
		return at, true, nil
	}
	return r.EndedAt, err == nil && !r.Live && !r.Open(), err
}
