package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/client"
	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// Restore puts a copy in the place of a board. The home's lock keeps gateways
// away meanwhile, and all commands with them.
func (s *shelf) Restore(ctx context.Context, a kanban.Actor, r client.RestoreRequest) (out store.Restored, ended int, err error) {
	r.Backup = s.path(r.Backup)
	l, err := takeLock(s.paths, s.Version)
	if err != nil {
		return out, 0, err
	}
	defer l.release()
	if other := referenceGateway(s.paths.Home); other != "" {
		return out, 0, kanban.Errorf(kanban.Conflict, "nothing is put in the place of a board: %s", other).Hint("stop it, then restore again")
	}
	if r.New != "" && r.Board != "" {
		return out, 0, kanban.Errorf(kanban.Invalid, "a restore is either into a board or as a new one").Hint("leave --board or --new away")
	}
	o := store.RestoreOptions{
		Board: r.Board + r.New, New: r.New != "", Force: r.Force, DryRun: r.DryRun, Take: s.take,
		Hold: store.Hold{Kind: store.Pulled, Reason: "a copy of a board, which may do the same work", By: a.Name, Since: s.Clock()},
	}
	if err := s.nobodyWorks(ctx, r, &o); err != nil {
		return out, 0, err
	}
	o.Ready = func(restored store.Store, moved bool) (err error) {
		ended, err = s.endRuns(ctx, board.New(o.Board, restored, s.ports(o.Board)), moved)
		return err
	}
	out, err = s.store.RestoreBackup(ctx, r.Backup, o)
	return out, ended, err
}

// nobodyWorks names the board and refuses while processes of its runs live: the
// copy may not know them, and would hand their tasks out again.
func (s *shelf) nobodyWorks(ctx context.Context, r client.RestoreRequest, o *store.RestoreOptions) (err error) {
	if o.Board == "" {
		b, err := s.store.CheckBackup(ctx, r.Backup)
		if err != nil {
			return err
		}
		o.Board = b.Board
	}
	if o.Board == "" {
		return nil // it does not say; that is refused with the rest
	}
	if o.Board, err = kanban.Slug(o.Board); err != nil || o.New {
		return err
	}
	alive, err := s.alive(o.Board)
	if err != nil || len(alive) == 0 {
		return err
	}
	return kanban.Errorf(kanban.Conflict, "workers of board %s live: %s", o.Board, strings.Join(alive, ", ")).
		Hint("andon gateway start; andon pull --board %s --stop; andon gateway stop; or, if the board cannot be opened, end these processes", o.Board)
}

// alive lists the runs of a board with living processes.
func (s *shelf) alive(slug string) (runs []string, err error) {
	entries, err := os.ReadDir(s.paths.Runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		of, number, _ := strings.Cut(e.Name(), ".")
		if _, err := strconv.ParseInt(number, 10, 64); err != nil || of != slug {
			continue
		}
		dir := filepath.Join(s.paths.Runs, e.Name())
		locked, err := worker.Locked(dir)
		if err != nil {
			return nil, err
		}
		started, _ := worker.ReadStarted(dir) // without it the pid is not known
		if locked {
			runs = append(runs, fmt.Sprintf("run %s (pid %d)", number, started.Worker.PID))
			continue
		}
		if _, err := worker.ReadExit(dir); err == nil {
			continue // its supervisor saw the whole tree end
		}
		left, err := worker.Orphans(dir)
		if err != nil {
			return nil, err
		}
		for _, p := range left {
			runs = append(runs, fmt.Sprintf("run %s (pid %d)", number, p.PID))
		}
	}
	return runs, nil
}

func (s *shelf) take(ctx context.Context, dir string) error {
	return workspace.NewArtifacts(dir).GiveAll(ctx, s.artifacts)
}

// endRuns ends what was running when the copy was made, at no cost: those
// workers are gone, and their tokens count no more. What they left in their
// workspaces is kept by the next gateway; that of a board which goes on
// elsewhere is not for its copy to touch.
func (s *shelf) endRuns(ctx context.Context, b *board.Board, moved bool) (ended int, err error) {
	runs, err := b.LiveRuns(ctx)
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		if r.Open() {
			ended++
			if _, err := b.Fail(ctx, r.ID, board.Ending{Outcome: kanban.Reclaimed, Error: "the board was restored from a backup"}); err != nil {
				return ended, err
			}
		}
		if moved {
			if err := b.Settle(ctx, r.ID, ""); err != nil {
				return ended, err
			}
		}
	}
	return ended, nil
}
