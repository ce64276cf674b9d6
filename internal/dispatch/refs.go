package dispatch

import (
	"context"
	"errors"
	"io/fs"

	"github.com/andon-dev/andon/internal/kanban"
)

// refsFile holds the refs of the repository as they were when the run began.
const refsFile = "refs"

const maxRefs = 16 << 20 // bytes of it

// noteRefs is for a work tree, which shares its refs with everybody.
func (r *run) noteRefs(ctx context.Context) error {
	refs, err := r.d.Host.Workspaces(r.key.board).Refs(ctx, r.row.Workspace, r.row.Task)
	if err != nil || refs == "" || len(refs) > maxRefs {
		return err
	}
	return r.folder.Write(refsFile, []byte(refs))
}

// flagRefs says which refs were moved that were not the run's to move. It keeps
// nobody from anything: that somebody looks is all that can be done about it.
func (r *run) flagRefs(ctx context.Context) {
	before, err := r.folder.Read(refsFile, maxRefs)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	var moved []string
	if err == nil {
		moved, err = r.d.Host.Workspaces(r.key.board).Moved(ctx, r.row.Workspace, r.row.Task, string(before))
	}
	if err == nil && len(moved) > 0 {
		err = r.board.RefsMoved(ctx, r.row.ID, moved)
	}
	if err != nil && kanban.CodeOf(err) != kanban.NotFound {
		r.log().Warn("whether a run moved refs cannot be told", "error", err)
	}
}
