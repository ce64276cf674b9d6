package gateway

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/andon-dev/andon/internal/board"
	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/store"
	"github.com/andon-dev/andon/internal/store/sqlite"
	"github.com/andon-dev/andon/internal/worker"
)

// boardFacts looks into every board, or with aloof only at what can be seen from
// outside.
func (a *app) boardFacts(ctx context.Context, aloof bool, copies []store.Backup) (all []doctor.Board, runs doctor.Runs, err error) {
	infos, err := a.boards.List(ctx, false)
	if err != nil {
		return nil, runs, err
	}
	open := map[string]*board.Board{}
	troubles := a.shelf.troubles()
	for _, info := range infos {
		f := doctor.Board{Slug: info.Slug}
		if f.Holders, err = a.holders(info.Slug); err != nil {
			return nil, runs, err
		}
		b := a.look(ctx, info, aloof, &f)
		if b == nil && f.Unopened+f.Problem == "" {
			continue // there is no such file yet
		}
		if b != nil {
			open[info.Slug] = b
			a.lookInto(ctx, b, &f)
		}
		noteCopies(copies, &f)
		f.Unmade = troubles[info.Slug]
		all = append(all, f)
	}
	if !aloof {
		runs, err = a.runFacts(ctx, open)
	}
	return all, runs, err
}

// look opens a board, unless that would make one, or begin with one that Andon
// has not touched yet.
func (a *app) look(ctx context.Context, info store.BoardInfo, aloof bool, f *doctor.Board) *board.Board {
	_, noFile := os.Lstat(a.home.Database(info.Slug))
	_, noAndon := os.Lstat(a.paths.Dir)
	switch {
	case noFile != nil && info.ID == "":
		return nil
	case aloof:
		f.Unopened = "a gateway holds the home and does not answer"
		return nil
	case noAndon != nil:
		f.Unopened = "Andon has not been here yet"
		return nil
	}
	b, err := a.boards.Board(ctx, info.Slug)
	if err != nil {
		f.Problem, f.Way = err.Error(), way(err)
		return nil
	}
	return b
}

// lookInto examines an open board. What cannot be read is its problem.
func (a *app) lookInto(ctx context.Context, b *board.Board, f *doctor.Board) {
	if err := b.Store().Latched(); err != nil {
		f.Problem, f.Way = err.Error(), way(err)
		return
	}
	err := a.contents(ctx, b, f)
	if err != nil {
		f.Problem, f.Way = err.Error(), way(err)
	}
}

func (a *app) contents(ctx context.Context, b *board.Board, f *doctor.Board) (err error) {
	if checker, ok := b.Store().(store.Checker); ok {
		if f.Broken, err = checker.Check(true); err != nil {
			return err
		}
	}
	parked, err := b.Deliveries(ctx, store.Parked, maxParked)
	if err != nil {
		return err
	}
	f.Parked = len(parked)
	last, err := b.Events(ctx, store.EventQuery{Last: true, Limit: 1})
	if err != nil {
		return err
	}
	for _, e := range last {
		f.LastEvent = e.At
	}
	f.Stale, err = a.sweepWorkspaces(ctx, b, a.config.Load(), true)
	return err
}

// maxParked bounds how many messages are counted.
const maxParked = 10000

// noteCopies notes a board's newest sound backup, and its newest of all if that
// is not. all are those of every board, newest first.
func noteCopies(all []store.Backup, f *doctor.Board) {
	newest := true
	for _, k := range all {
		if k.Board != f.Slug {
			continue
		}
		if newest && k.Problem != "" {
			f.Unsound = k.ID
		}
		newest = false
		if k.Problem == "" && !k.Verified.IsZero() {
			f.Backup = k.At
			return
		}
	}
}

// holders are the processes that have a board's files open, this one left out.
func (a *app) holders(slug string) (all []doctor.Holder, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	found, err := a.home.Holders(slug)
	for _, h := range found {
		if h.PID != os.Getpid() {
			all = append(all, doctor.Holder{Name: h.Name, PID: h.PID, Ours: ours(h, self)})
		}
	}
	return all, err
}

// ours goes by the name of the program: after an upgrade the file is another.
func ours(h sqlite.Holder, self string) bool { return filepath.Base(h.Program) == filepath.Base(self) }

// runFacts holds the folders and processes of runs against their rows.
func (a *app) runFacts(ctx context.Context, open map[string]*board.Board) (f doctor.Runs, err error) {
	known, err := a.boards.List(ctx, true)
	if err != nil {
		return f, err
	}
	dirs, _ := filepath.Glob(filepath.Join(a.paths.Runs, "*.*")) // well formed
	for _, dir := range dirs {
		slug, number, _ := strings.Cut(filepath.Base(dir), ".")
		id, err := strconv.ParseInt(number, 10, 64)
		isKnown := slices.ContainsFunc(known, func(i store.BoardInfo) bool { return i.Slug == slug })
		if err != nil || isKnown && open[slug] == nil {
			continue
		}
		var r kanban.Run
		over := true
		if b := open[slug]; b != nil {
			r, err = b.Run(ctx, id)
			if over = kanban.CodeOf(err) == kanban.NotFound; err != nil && !over {
				return f, err
			}
		}
		if err := judgeRun(&f, dir, r, over); err != nil {
			return f, err
		}
	}
	return f, nil
}

// judgeRun notes what does not fit between a run's folder and its row; stray is
// a folder without one. A living supervisor sees to its run itself. To look
// through all processes is left out where the row says that they are gone.
func judgeRun(f *doctor.Runs, dir string, r kanban.Run, stray bool) error {
	if alive, err := worker.Locked(dir); alive || err != nil {
		return err
	}
	switch {
	case !stray && r.Open():
		if r.Supervisor.PID != 0 {
			f.Dead = append(f.Dead, filepath.Base(dir))
		}
		return nil
	case !stray && !r.Live:
		return nil
	}
	left, err := worker.Orphans(dir)
	switch {
	case err != nil:
		return err
	case len(left) > 0:
		o := doctor.Orphan{Folder: dir}
		for _, id := range left {
			o.PIDs = append(o.PIDs, id.PID)
		}
		f.Orphans = append(f.Orphans, o)
	case stray:
		f.Strays = append(f.Strays, dir)
	}
	return nil
}
