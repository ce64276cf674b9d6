package gateway

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// Answers to operation ids are kept so long; delivered messages as well.
const operationsKept = 24 * time.Hour

// gc applies retention to one board: rows, workspaces that Andon made for tasks
// that have ended, logs of runs that have settled, and artifacts nobody refers
// to.
func (a *app) gc(ctx context.Context, b *board.Board, dryRun bool) (client.GCReport, error) {
	c := a.config.Load()
	report := client.GCReport{DryRun: dryRun}
	var err error
	if report.Workspaces, err = a.sweepWorkspaces(ctx, b, c, dryRun); err != nil {
		return report, err
	}
	if report.Logs, err = a.sweepRuns(ctx, b, c.Retention.Logs, dryRun); err != nil || dryRun {
		return report, err
	}
	pruned, err := b.Prune(ctx, board.Retention{Events: c.Retention.Events, Operations: operationsKept, Deliveries: operationsKept})
	if err != nil {
		return report, err
	}
	report.Events = pruned.Events
	report.Artifacts, err = a.artifacts.Sweep(ctx, func(sha string) (bool, error) { return a.kept(ctx, sha) }, time.Now().Add(-operationsKept))
	return report, err
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
	for _, o := range owned {
		t, err := b.Task(ctx, o.Task)
		gone := kanban.CodeOf(err) == kanban.NotFound
		if err != nil && !gone {
			return n, err
		}
		ended := gone || t.Status == kanban.Done || t.Status == kanban.Archived
		if !ended || t.LiveRun != 0 || time.Since(latest(o.MadeAt, t.UpdatedAt)) < c.Retention.Scratch {
			continue
		}
		n++
		if dryRun {
			continue
		}
		if err := a.removeWorkspace(ctx, m, o, c.Lanes[t.Assignee]); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (a *app) removeWorkspace(ctx context.Context, m *workspace.Manager, o workspace.Owned, lane config.Lane) error {
	if len(lane.Hooks.BeforeRemove) > 0 {
		if err := workspace.RunHook(ctx, lane.Hooks.BeforeRemove, o.Path, config.Environ(lane, os.Environ()), time.Minute); err != nil {
			a.Log.Warn("before_remove failed", "task", o.Task, "error", err)
		}
	}
	return m.Remove(ctx, o.Task, workspace.Place{Path: o.Path})
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// sweepRuns removes the folders of runs that ended long ago.
func (a *app) sweepRuns(ctx context.Context, b *board.Board, keep time.Duration, dryRun bool) (n int, err error) {
	entries, err := os.ReadDir(a.paths.Runs)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		slug, number, _ := strings.Cut(e.Name(), ".")
		id, err := strconv.ParseInt(number, 10, 64)
		if slug != b.Slug() || err != nil {
			continue
		}
		r, err := b.Run(ctx, id)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return n, err
		}
		info, statErr := e.Info()
		if statErr != nil || r.Live || err == nil && r.Open() || time.Since(latest(info.ModTime(), r.EndedAt)) < keep {
			continue
		}
		n++
		if !dryRun {
			if err := os.RemoveAll(filepath.Join(a.paths.Runs, e.Name())); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}
