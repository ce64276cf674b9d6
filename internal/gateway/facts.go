package gateway

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/andon-dev/andon/internal/config"
	"github.com/andon-dev/andon/internal/doctor"
	"github.com/andon-dev/andon/internal/jsonfile"
	"github.com/andon-dev/andon/internal/worker"
	"github.com/andon-dev/andon/internal/workspace"
)

// facts gathers what a checkup judges. Nothing is changed but what opening a
// board in this process may do to it, as with any other command.
func (a *app) facts(ctx context.Context, asker string) (f doctor.Facts, err error) {
	f.Now = a.Clock()
	f.Home = a.homeFacts()
	f.Config = configFacts(a.paths)
	if f.Home.Missing {
		return f, nil
	}
	f.Gateway = a.keeper()
	f.Gateway.Asker, f.Gateway.Other = asker, ""
	if other := referenceGateway(a.paths.Home); other != "" {
		f.Gateway.Other = other
	}
	f.Disk = diskFacts(a.paths.Home, a.config.Load().Dispatch.MinFree)
	f.Lanes = laneFacts(a.paths, a.config.Load())
	f.Sinks = sinkFacts(a.config.Load())
	f.Temporary = a.temporary()
	f.Rescued, _ = filepath.Glob(filepath.Join(a.paths.Dir, "rescued", "*", "*[!.new]")) // well formed
	f.Rescued = slices.DeleteFunc(f.Rescued, func(dir string) bool { return strings.HasSuffix(dir, ".new") })
	if _, err := a.guests.Guests(); err != nil {
		f.Guests = err.Error()
	}
	f.Unheard, _ = filepath.Glob(filepath.Join(a.heard(), "*"+jsonfile.Aside))
	if a.home == nil {
		return f, nil
	}
	aloof := f.Gateway.Held && !f.Gateway.Answers
	if !aloof {
		a.holdFacts(ctx, &f)
	}
	copies, err := a.shelf.List(ctx, "")
	f.Copies = copyFacts(a.config.Load().Backup.To, err)
	f.Boards, f.Runs, err = a.boardFacts(ctx, aloof, copies)
	return f, err
}

// copyFacts tells whether the folder for backups can be used. unlisted is why
// what there is could not be listed.
func copyFacts(to string, unlisted error) doctor.Copies {
	c := doctor.Copies{To: to}
	if unlisted == nil && to != "" {
		unlisted = writable(to)
	}
	if unlisted != nil {
		c.Problem = unlisted.Error()
	}
	return c
}

// writable tells why a folder cannot be written; it may still have to be made in
// the one above it.
func writable(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return errors.New(dir + " is not a folder")
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "write into", Path: dir, Err: err}
	}
	return nil
}

func (a *app) homeFacts() doctor.Home {
	h := doctor.Home{Path: a.paths.Home}
	info, err := os.Stat(h.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		h.Missing = true
		return h
	case err != nil:
		h.Problem, h.Way = err.Error(), "check the folders on the way"
		return h
	case !info.IsDir():
		h.Problem, h.Way = h.Path+" is not a folder", "choose another home with --home or ANDON_HOME"
		return h
	}
	if a.unusable != nil {
		h.Problem, h.Way = a.unusable.Error(), way(a.unusable)
	}
	if uid := ownerOf(info); uid != os.Getuid() {
		h.Owner = userName(uid)
	}
	for _, path := range []string{a.paths.Dir, a.paths.Socket} {
		if info, err := os.Lstat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			h.Open = append(h.Open, doctor.Mode{Path: path, Mode: uint32(info.Mode().Perm())})
		}
	}
	return h
}

// ownerOf is the uid that a file belongs to.
func ownerOf(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return os.Getuid()
}

// configFacts looks at the file, whatever is in force.
func configFacts(p config.Paths) doctor.Config {
	c := doctor.Config{Path: p.Config}
	if _, err := config.LoadServed(p.Config); err != nil {
		c.Problem, c.Way = err.Error(), way(err)
	}
	return c
}

func diskFacts(home string, minFree int64) doctor.Disk {
	d := doctor.Disk{MinFree: minFree, Memory: inMemory(home)}
	var err error
	if d.Free, err = workspace.Free(home); err != nil {
		d.Problem = err.Error()
	}
	return d
}

// laneFacts looks for each lane's command where its workers would.
func laneFacts(p config.Paths, c *config.Config) (all []doctor.Lane) {
	for name, l := range c.Lanes {
		lane := doctor.Lane{Name: name, Command: programOf(l)}
		for _, v := range l.PassEnv {
			if _, set := os.LookupEnv(v); !set {
				lane.Unset = append(lane.Unset, v)
			}
		}
		if lane.Command != "" && !strings.Contains(lane.Command, "{{") {
			lane.Problem = startable(lane.Command, config.Environ(l, os.Environ()))
		}
		if w := wallsOf(l); lane.Problem == "" {
			lane.Problem = w.Problem
		}
		all = append(all, lane)
	}
	slices.SortFunc(all, func(a, b doctor.Lane) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// startable says why a command cannot be started, "" if it can. A path that is
// not absolute leads into the workspace, which is not there yet.
func startable(command string, env []string) string {
	path, err := worker.LookPath(command, env)
	if err != nil {
		return err.Error()
	}
	if !filepath.IsAbs(path) {
		return ""
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err.Error()
	case !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		return path + " is not executable"
	}
	return ""
}

// sinkFacts are the sinks whose secrets cannot be read, or by others too.
func sinkFacts(c *config.Config) (all []doctor.Sink) {
	for name, s := range c.Notify.Sinks {
		for _, problem := range s.Secrets() {
			all = append(all, doctor.Sink{Name: name, Problem: problem})
		}
	}
	for name, first := range secondEars(c.Notify.Sinks) {
		all = append(all, doctor.Sink{Name: name, Problem: listensAs(first)})
	}
	slices.SortFunc(all, func(a, b doctor.Sink) int { return strings.Compare(a.Name, b.Name) })
	return all
}
