package dispatch

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
)

// hermes makes the order one for a worker of the reference system, as its own
// dispatcher would. Such a worker writes the board's file itself; its supervisor
// guards the file as long as it lives.
func (r *run) hermes(s start, f config.Fields, o worker.Order) (worker.Order, error) {
	t := s.claim.Task
	args, err := s.lane.ExtraArgs(f)
	if err != nil {
		return o, err
	}
	env := map[string]string{}
	for _, kv := range o.Env {
		name, value, _ := strings.Cut(kv, "=")
		env[name] = value
	}
	ask := preset.HermesAsk{
		Command: o.Argv, Bin: os.Getenv("HERMES_BIN"), Args: args, Profile: r.row.Lane, Root: r.d.Paths.Home,
		Skills: t.Skills, Model: cmp.Or(t.Model, s.lane.Model), Task: t.ID,
	}
	if env["HERMES_HOME"] == "" {
		env["HERMES_HOME"] = preset.ProfileHome(ask.Root, ask.Profile)
		if _, err := os.Stat(env["HERMES_HOME"]); errors.Is(err, fs.ErrNotExist) {
			return o, kanban.Errorf(kanban.Invalid, "there is no profile %s in %s", ask.Profile, ask.Root).
				Hint("name the lane after a profile of that home, or set HERMES_HOME in env of lane %s", r.row.Lane)
		}
	}
	for _, pattern := range preset.KanbanSkillAt(env["HERMES_HOME"]) {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			ask.Kanban = true
		}
	}
	preset.RaiseTimeouts(env, r.row.MaxRuntime)
	o.Argv, o.Env = ask.Argv(), sortedEnv(env)
	o.Guard = r.d.Database(r.key.board)
	return o, r.showLog(t.ID)
}

// showLog has the log stand where the reference system looks for it. What it wrote
// there before is kept as an older one.
func (r *run) showLog(task string) error {
	dir := filepath.Join(r.d.Boards.Dir(r.key.board), "logs")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, task+".log")
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.Mode().IsRegular():
		err = os.Rename(path, path+".1")
	case info.Mode()&fs.ModeSymlink != 0:
		err = os.Remove(path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Symlink(filepath.Join(r.dir, worker.LogFile), path)
}
