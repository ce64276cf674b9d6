package dispatch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/kanban"
	"github.com/andon-dev/andon/internal/walls"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/worker/preset"
	"github.com/andon-dev/andon/internal/workspace"
)

// What a walled run has in its folder: its own /tmp and HOME, which go when it
// is settled, and the only place there that it can write to.
const (
	privateDir = "private"
	tempDir    = privateDir + "/tmp"
	homeDir    = privateDir + "/home"
	outDir     = "out"
)

// gateAt is where a run behind bubblewrap finds the gateway's socket: the
// folder is shown, since each gateway makes the socket anew.
const gateAt = "/run/andon"

// Confine plans the walls of a lane around work in dir; nil if it has none.
//
// Errors: unavailable if the walls cannot be had here; invalid if the lane lists
// what cannot be shown.
func Confine(ctx context.Context, p config.Paths, l config.Lane, dir string) (*walls.Plan, error) {
	s := l.Sandbox
	if !s.On() {
		return nil, nil
	}
	c, err := walls.Choose(ctx, walls.Mode(s.Mode), walls.Network(s.Network))
	if err != nil {
		return nil, refusal(err)
	}
	plan := &walls.Plan{
		Mode: c.Mode, Bwrap: c.Bwrap, Program: filepath.Join(p.Dir, "bin", "andon"), Network: walls.Network(s.Network), Dir: dir,
		Hide: walls.Path(p.Home), Places: map[string]walls.Place{},
	}
	if err := workIn(plan, p.Home); err != nil {
		return nil, err
	}
	if err := list(plan, p, s); err != nil {
		return nil, err
	}
	theirs, _ := preset.Named(l.Preset)
	for _, path := range slices.Concat(theirs.Reads, theirs.Writes) {
		if err := mayList(p, expand(path)); err != nil {
			return nil, err
		}
	}
	plan.Read = append(plan.Read, there(theirs.Reads)...)
	plan.Write = append(plan.Write, there(theirs.Writes)...)
	self, err := filepath.EvalSymlinks(plan.Program)
	if err != nil {
		return nil, err
	}
	if c.Mode == walls.Bwrap {
		plan.Shown = []walls.Shown{{From: self, At: plan.Program}, {From: p.Gate, At: gateAt}}
	} else {
		plan.Read = append(plan.Read, filepath.Dir(plan.Program), self)
	}
	return plan, nil
}

// workIn lets the plan's folder be written to. Above a home there may be links;
// no worker can have made those.
func workIn(plan *walls.Plan, home string) error {
	real := plan.Dir
	if walls.Within(plan.Dir, home) {
		if to, err := filepath.EvalSymlinks(home); err == nil {
			real = filepath.Join(to, strings.TrimPrefix(plan.Dir, home))
		}
	}
	place, err := walls.PlaceOf(real)
	if kanban.CodeOf(err) == kanban.Gated {
		return kanban.Errorf(kanban.Gated, "sandbox: %w; what that leads to was not meant to be shown", err).
			Hint("andon edit TASK --workspace dir:PATH, with the path that is meant, and andon unblock TASK")
	}
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	plan.Places[plan.Dir], plan.Places[real] = place, place
	if plan.Write = []string{plan.Dir}; real != plan.Dir {
		plan.Write = append(plan.Write, real)
	}
	return nil
}

// refusal is a wall that cannot be had. It is no passing want of the machine's,
// for which a run is put off: somebody has to do something about it.
func refusal(err error) error {
	e := kanban.Errorf(kanban.Invalid, "sandbox: %w", err)
	if cause, ok := errors.AsType[*kanban.Error](err); ok {
		e.Way = cause.Way
	}
	return e
}

// list adds what the lane lists. What is missing is an error: a wall with
// another hole than was meant, or none, is found out now and not by the worker.
func list(plan *walls.Plan, p config.Paths, s config.Sandbox) error {
	for _, of := range []struct {
		listed []string
		to     *[]string
	}{{s.Read, &plan.Read}, {s.Write, &plan.Write}} {
		for _, path := range of.listed {
			real, err := filepath.EvalSymlinks(expand(path))
			if errors.Is(err, fs.ErrNotExist) {
				return kanban.Errorf(kanban.Invalid, "sandbox: %s does not exist", path).Hint("make it, or take it off the lane's list in andon.yaml")
			}
			if err != nil {
				return fmt.Errorf("sandbox: %w", err)
			}
			if slices.ContainsFunc(walls.Path(p.Home), func(home string) bool { return walls.Within(real, home) }) {
				return kanban.Errorf(kanban.Invalid, "sandbox: %s lies in Andon's home, which no worker may see", path).
					Hint("take it off the lane's list in andon.yaml")
			}
			if err := mayList(p, expand(path)); err != nil {
				return err
			}
			place, err := walls.PlaceOf(real)
			if err != nil {
				return fmt.Errorf("sandbox: %w", err)
			}
			plan.Places[real] = place
			if *of.to = append(*of.to, real); real != expand(path) {
				*of.to = append(*of.to, expand(path))
				plan.Places[expand(path)] = place
			}
		}
	}
	return nil
}

// mayList refuses a listed path that leads through a link which a walled worker
// can have put there.
func mayList(p config.Paths, path string) error {
	dir, err := workspace.Walled(p.Walled).Links(path)
	if err != nil || dir == "" {
		return err
	}
	return kanban.Errorf(kanban.Invalid, "sandbox: %s leads through a link in %s, where a walled worker could put it", path, dir).
		Hint("list the path that is meant in andon.yaml")
}

// there are those of a preset's paths that exist.
func there(paths []string) (found []string) {
	for _, path := range paths {
		if _, err := os.Stat(expand(path)); err == nil {
			found = append(found, walls.Path(expand(path))...)
		}
	}
	return found
}

func expand(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		path = filepath.Join(os.Getenv("HOME"), rest)
	}
	return filepath.Clean(path)
}

// limitsOf are those of a lane.
func limitsOf(s config.Sandbox) walls.Limits {
	return walls.Limits{Memory: s.Memory, PIDs: s.PIDs, CPUs: s.CPUs}
}

// groupFile holds the cgroup of a run that has limits.
const groupFile = "cgroup"

// confine puts the walls and the limits of a run around an order to work in its
// workspace, for a supervisor of the folder dir: the run's own, or another with a
// context in it. unconfine takes away what was made for that.
//
// Errors: invalid if they cannot be had here; nothing may be started then.
func (r *run) confine(ctx context.Context, l config.Lane, t kanban.Task, dir string, o *worker.Order) error {
	l.Sandbox = r.terms.Sandbox // as it was at the claim
	if err := r.wallIn(ctx, l, t, dir, o); err != nil {
		return err
	}
	return r.limit(l, dir, o)
}

func (r *run) unconfine(dir string) {
	folder := r.d.Host.Folder(dir)
	if r.terms.walled() {
		if err := folder.Remove(privateDir); err != nil {
			r.log().Warn("what a run had for itself cannot be removed", "error", err)
		}
	}
	group, err := folder.Read(groupFile, 4<<10)
	if err == nil {
		err = walls.RemoveGroup(string(group))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		r.log().Warn("the cgroup of a run cannot be removed", "error", err)
	}
}

// limit puts the order into a cgroup of its own, if its lane has limits.
func (r *run) limit(l config.Lane, dir string, o *worker.Order) error {
	limits := limitsOf(l.Sandbox)
	if !limits.Any() {
		return nil
	}
	groups, err := walls.Delegated()
	if err == nil {
		o.Group, err = groups.Make("run-"+filepath.Base(dir), limits)
	}
	if err != nil {
		return refusal(err)
	}
	return r.d.Host.Folder(dir).Write(groupFile, []byte(o.Group))
}

// wallIn puts the walls of its lane around an order.
func (r *run) wallIn(ctx context.Context, l config.Lane, t kanban.Task, dir string, o *worker.Order) error {
	plan, err := Confine(ctx, r.d.Paths, l, o.Dir)
	if err != nil || plan == nil {
		return err
	}
	if err := r.mayWorkIn(ctx, t, plan); err != nil {
		return err
	}
	git, err := r.d.Host.Workspaces(r.key.board).Reach(ctx, o.Dir, t.ID, plan.Mode == walls.Bwrap)
	if err != nil {
		return err
	}
	if t.Workspace.OfGit() && len(git.Read) == 0 {
		return kanban.Errorf(kanban.Conflict, "sandbox: %s is a work tree that Andon did not make, around which it can build no walls", o.Dir).
			Hint("give the task a clone of its own: andon edit %s --workspace clone --repo PATH", t.ID)
	}
	for _, path := range git.Write {
		if plan.Places[path], err = walls.PlaceOf(path); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
	}
	plan.Read = append(plan.Read, git.Read...)
	plan.Write = append(plan.Write, git.Write...)
	plan.Keep = git.Keep
	if err := r.ownFiles(plan, dir, o); err != nil {
		return err
	}
	if err := plan.Check(); err != nil {
		return refusal(err)
	}
	rules, err := Proxied(l, o.Env)
	if err != nil {
		return err
	}
	if rules != nil {
		o.Proxy, o.Env = rules, WithProxy(o.Env, *rules)
	}
	o.Walls = plan
	return visible(plan, o)
}

// mayWorkIn refuses Andon's own folders, and notes what the worker may write to
// beside what Andon made for it. A folder there is a task's if it is the workspace
// of the one that made it.
func (r *run) mayWorkIn(ctx context.Context, t kanban.Task, plan *walls.Plan) error {
	inHome := func(path string) bool {
		return slices.ContainsFunc(plan.Hide, func(home string) bool { return walls.Within(path, home) })
	}
	if t.Workspace.Kind == kanban.Dir && inHome(plan.Dir) {
		from, err := r.board.Task(ctx, t.Origin)
		if err != nil && kanban.CodeOf(err) != kanban.NotFound {
			return err
		}
		if t.Origin == "" || from.Workspace.Path != plan.Dir {
			return kanban.Errorf(kanban.Gated, "sandbox: %s lies in Andon's home, which no worker may see", plan.Dir).
				Hint("andon edit %s --workspace dir:PATH, with a folder elsewhere, and andon unblock %s", t.ID, t.ID)
		}
	}
	return workspace.Walled(r.d.Paths.Walled).Add(slices.DeleteFunc(slices.Clone(plan.Write), inHome)...)
}

// ownFiles shows a run its context, and gives it places for its result and for
// what it makes only for now.
func (r *run) ownFiles(plan *walls.Plan, dir string, o *worker.Order) error {
	for _, name := range []string{tempDir, homeDir, outDir} {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			return err
		}
	}
	plan.Read = append(append(plan.Read, filepath.Join(dir, contextFile)), r.files...)
	plan.Write = append(plan.Write, filepath.Join(dir, outDir))
	temp, unset := filepath.Join(dir, tempDir), []string{"XDG_RUNTIME_DIR", "TMPDIR", "ANDON_RESULT"}
	set := []string{"ANDON_RESULT=" + filepath.Join(dir, outDir, resultFile)}
	if plan.Mode == walls.Bwrap {
		plan.Shown = append(plan.Shown, walls.Shown{From: temp, At: "/tmp", Write: true})
		if home := valueOf(o.Env, "HOME"); filepath.IsAbs(home) && home != "/" {
			plan.Shown = append(plan.Shown, walls.Shown{From: filepath.Join(dir, homeDir), At: filepath.Clean(home), Write: true})
		}
		temp, unset = "/tmp", append(unset, "ANDON_SERVER")
		set = append(set, "ANDON_SERVER=unix:"+filepath.Join(gateAt, filepath.Base(r.d.Paths.Socket)))
	} else {
		plan.Write = append(plan.Write, temp)
	}
	for _, s := range plan.Shown {
		if s.At == plan.Dir {
			return kanban.Errorf(kanban.Gated, "sandbox: a walled worker has a %s of its own, and cannot work in yours", s.At).
				Hint("name a folder below it")
		}
		delete(plan.Places, s.At)
	}
	o.Env = slices.DeleteFunc(o.Env, func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(unset, name)
	})
	o.Env = append(o.Env, append(set, "TMPDIR="+temp)...)
	return nil
}

func valueOf(env []string, name string) string {
	for _, kv := range env {
		if value, ok := strings.CutPrefix(kv, name+"="); ok {
			return value
		}
	}
	return ""
}

// visible refuses a program that the walls hide: what would be said of it
// behind them is only that it is not there.
func visible(plan *walls.Plan, o *worker.Order) error {
	path, err := worker.LookPath(o.Argv[0], o.Env)
	if err != nil || !filepath.IsAbs(path) {
		return nil // the supervisor says what is wrong with it, or it is in the workspace
	}
	for _, name := range walls.Path(path) {
		if plan.Reaches(name) {
			continue
		}
		return kanban.Errorf(kanban.Invalid, "sandbox: the lane's program %s is hidden from its own worker", name).
			Hint("show it: sandbox: {read: [%s]}, and whatever else it is made of", filepath.Dir(name))
	}
	return nil
}

// resultName is where in its folder a run leaves its result.
func (r *run) resultName() string {
	if r.terms.walled() {
		return outDir + "/" + resultFile
	}
	return resultFile
}
