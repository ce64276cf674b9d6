package gateway

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
)

// step is one change of a repair.
type step struct {
	what string
	do   func() error
}

// steps are what a repair does about the facts.
func (a *app) steps(ctx context.Context, name string, f doctor.Facts) (steps []step) {
	switch name {
	case doctor.Permissions:
		for _, m := range f.Home.Open {
			private := fs.FileMode(m.Mode) &^ 0o077
			steps = append(steps, step{fmt.Sprintf("chmod %04o %s", private, m.Path), func() error { return os.Chmod(m.Path, private) }})
		}
	case doctor.TemporaryFiles:
		for _, path := range f.Temporary {
			steps = append(steps, step{"remove " + path, func() error { return a.removeTemporary(path) }})
		}
	case doctor.State:
		if f.Home.State != "" {
			what := "set what is left of state.db aside and begin a new one, with the whole home held"
			steps = append(steps, step{what, func() error { return a.renewState(ctx) }})
		}
	case doctor.StrayHolds:
		for _, slug := range f.Holds {
			steps = append(steps, step{"remove the hold of board " + slug, func() error { return a.home.RemoveStrayHold(ctx, slug) }})
		}
	case doctor.RunFolders:
		for _, dir := range f.Runs.Strays {
			steps = append(steps, step{"remove " + dir, func() error { return removeStray(dir) }})
		}
	case doctor.Orphans:
		for _, o := range f.Runs.Orphans {
			what := fmt.Sprintf("end pid %v of %s", o.PIDs, filepath.Base(o.Folder))
			steps = append(steps, step{what, func() error { return worker.KillTree(ctx, o.Folder, a.config.Load().Dispatch.StopGrace) }})
		}
	}
	return steps
}

// removeStray removes a run's folder in which nobody works meanwhile.
func removeStray(dir string) error {
	if alive, err := worker.Locked(dir); alive || err != nil {
		return errors.Join(err, errors.New("a supervisor works in "+dir))
	}
	return os.RemoveAll(dir)
}

// renewState has all who use the file know of the new one. Only humans repair.
func (a *app) renewState(ctx context.Context) error {
	if err := a.home.RenewState(ctx); err != nil {
		return err
	}
	return a.boards.Reopen(ctx, kanban.Actor{Kind: kanban.Human, Name: userName(os.Getuid())}, "")
}

// removeTemporary takes the folder of a board that was never made along.
func (a *app) removeTemporary(path string) error {
	err := os.RemoveAll(path)
	if dir := filepath.Dir(path); filepath.Dir(dir) == filepath.Join(a.paths.Home, "kanban", "boards") {
		_ = os.Remove(dir) // unless something else is in it
	}
	return err
}

// unfinished is how long ago nobody may have written to a temporary file before
// it counts as left by a crash.
const unfinished = 24 * time.Hour

// temporary lists files of ours that a crash left.
func (a *app) temporary() (found []string) {
	boards := filepath.Join(a.paths.Home, "kanban", "boards", "*")
	for _, pattern := range []string{
		filepath.Join(a.paths.Dir, "import-*"),
		filepath.Join(a.paths.Dir, "selfcheck-*"),
		filepath.Join(a.paths.Dir, ownerFile+".*"),
		filepath.Join(a.paths.Dir, "*.new-*"),
		filepath.Join(a.paths.Dir, ".*.new-*"),
		filepath.Join(a.paths.Dir, "rescued", "*", "*.new"),
		filepath.Join(a.paths.Artifacts, "tmp", "*"),
		filepath.Join(a.paths.Dir, "backups", ".*.new-*"),
		filepath.Join(a.paths.Dir, "backups", ".andon-backup-*"),
		filepath.Join(a.paths.Home, "kanban", "current.new-*"),
		filepath.Join(a.paths.Home, ".kanban.new-*"), filepath.Join(boards, ".kanban.new-*"),
		filepath.Join(a.paths.Home, "*.json.new-*"), filepath.Join(boards, "*.json.new-*"),
		filepath.Join(a.paths.Home, ".andon-restore-*"), filepath.Join(boards, ".andon-restore-*"),
		filepath.Join(os.TempDir(), "andon-snapshot-*"),
	} {
		paths, _ := filepath.Glob(pattern) // the patterns are well formed
		for _, path := range paths {
			info, err := os.Lstat(path)
			if err == nil && !decided(path) && ownerOf(info) == os.Getuid() && a.Clock().Sub(info.ModTime()) > unfinished {
				found = append(found, path)
			}
		}
	}
	return found
}

// decided reports whether a restore beside a path is yet to be finished, with
// what stands there.
func decided(path string) bool {
	_, err := os.Lstat(filepath.Join(filepath.Dir(path), "kanban.db.andon-restore.json"))
	return err == nil
}
