package gateway

import (
	"context"
	"strconv"

	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/workspace"
)

// work keeps what runs leave: board's port over workspace.
type work struct {
	workspaces *workspace.Manager
	artifacts  *workspace.Artifacts
}

// maxArtifacts bounds the artifacts of one run, in bytes.
const maxArtifacts = 1 << 30

func (w *work) Commit(ctx context.Context, t kanban.Task, r kanban.Run, message string) (string, error) {
	if !t.Workspace.OfGit() || r.Workspace == "" {
		return "", nil
	}
	rev, _, err := w.workspaces.Commit(ctx, workspace.Place{Path: r.Workspace, Task: t.ID, Branch: r.Branch, Base: r.Base}, message)
	return rev, err
}

func (w *work) Keep(ctx context.Context, r kanban.Run, paths []string) ([]kanban.Artifact, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	if err := w.workspaces.Straight(r.Workspace); err != nil {
		return nil, err
	}
	kept, err := w.artifacts.Keep(ctx, r.Workspace, paths, maxArtifacts)
	if err != nil {
		return nil, err
	}
	out := make([]kanban.Artifact, len(kept))
	for i, k := range kept {
		out[i] = kanban.Artifact{Path: k.Path, SHA256: k.SHA256, Size: k.Size, Type: k.Type}
	}
	return out, nil
}

// Head implements board.Work.
func (w *work) Head(ctx context.Context, t kanban.Task, r kanban.Run) (string, error) {
	if !t.Workspace.OfGit() || r.Branch == "" {
		return "", nil
	}
	dir := t.Workspace.Repo
	if t.Workspace.Kind == kanban.Worktree && dir == "" {
		dir = r.Workspace
	}
	return w.workspaces.Head(ctx, dir, t.ID, r.Branch)
}

// Diff looks into the repository, which outlives the tree, unless it is about
// files in the tree itself.
func (w *work) Diff(ctx context.Context, t kanban.Task, r kanban.Run, from, to string, stat bool, limit int) ([]byte, bool, error) {
	dir := t.Workspace.Repo
	if to == "" || dir == "" {
		dir = r.Workspace
	}
	p, err := w.workspaces.Diff(ctx, workspace.Range{Dir: dir, Task: t.ID, From: from, To: to}, stat, limit)
	return p.Text, p.Cut, err
}

func itoa(n int) string { return strconv.Itoa(n) }
