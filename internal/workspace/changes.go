package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// changes is how a work tree differs from its index and HEAD. Ignored files are
// no part of it. Paths are relative to the tree, bytes as the system has them.
type changes struct {
	files      []change // to be read from the tree
	gone       []string // tracked, and no longer there
	staged     []change // in the index already, differing from HEAD
	foreign    []string // submodules and repositories inside the tree: only their owner can keep their content
	unreadable []string
}

type change struct {
	path string
	size int64
}

func (c *changes) none() bool {
	return len(c.files)+len(c.gone)+len(c.staged)+len(c.unreadable) == 0
}

// scan asks git what has changed. A submodule that git itself cannot read is no
// reason to lose the rest.
func (g git) scan(ctx context.Context) (*changes, error) {
	status := []string{"status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all"}
	inside := "--ignore-submodules=none"
	if g.copies != "" {
		inside = "--ignore-submodules=dirty"
		// What is staged stands in objects that only the worker's repository has;
		// the files are taken as they are.
		if _, err := g.line(ctx, "reset", "--quiet", "--mixed"); err != nil {
			return nil, err
		}
	}
	out, said, err := g.once(ctx, "", append(status, inside)...)
	found := &changes{}
	if err != nil && ctx.Err() == nil {
		if found.foreign, err = g.submodules(ctx); err != nil {
			return nil, err
		}
		out, said, err = g.once(ctx, "", append(status, "--ignore-submodules=all")...)
	}
	if err != nil {
		return nil, err
	}
	top, err := os.OpenRoot(g.dir)
	if err != nil {
		return nil, err
	}
	defer top.Close()
	for record := range strings.SplitSeq(out, "\x00") {
		found.add(top, record)
	}
	for _, match := range unopened.FindAllStringSubmatch(said, -1) {
		found.unreadable = append(found.unreadable, match[1])
	}
	if g.copies != "" { // git may have been led out of the tree for a moment, and no name from there gets in
		elsewhere := func(path string) bool { return leadsOut(top, path) }
		found.foreign = slices.DeleteFunc(found.foreign, elsewhere)
		found.unreadable = slices.DeleteFunc(found.unreadable, elsewhere)
	}
	return found, nil
}

// unopened is git's only word about folders that it passed over.
var unopened = regexp.MustCompile(`(?m)^warning: could not open directory '(.*)': `)

// add takes one record of git status:
//
//	1 XY sub mH mI mW hH hI path           changed; X in the index, Y in the tree
//	u XY sub m1 m2 m3 mW h1 h2 h3 path     unmerged
//	? path                                 untracked; with a / at the end, a repository
func (c *changes) add(top *os.Root, record string) {
	switch {
	case strings.HasPrefix(record, "? ") && strings.HasSuffix(record, "/"):
		c.foreign = append(c.foreign, record[2:])
	case strings.HasPrefix(record, "? "):
		c.read(top, record[2:])
	case strings.HasPrefix(record, "1 "):
		f := strings.SplitN(record, " ", 9)
		state, sub, path := f[1], f[2], f[8]
		switch {
		case sub[0] == 'S':
			c.foreign = append(c.foreign, path)
			if sub[1] == 'C' {
				c.files = append(c.files, change{path: path}) // its commit can be named at least
			}
		case state[1] == 'D':
			c.gone = append(c.gone, path)
		case state[1] == '.':
			size := int64(0)
			if info, err := top.Lstat(path); err == nil {
				size = info.Size()
			}
			c.staged = append(c.staged, change{path, size})
		default:
			c.read(top, path)
		}
	case strings.HasPrefix(record, "u "):
		c.read(top, strings.SplitN(record, " ", 11)[10])
	}
}

// read files path under what can be done with it.
func (c *changes) read(top *os.Root, path string) {
	info, err := top.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && info.IsDir():
		c.gone = append(c.gone, path)
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		c.files = append(c.files, change{path, info.Size()})
	case err == nil && info.Mode().IsRegular() && readable(top, path):
		c.files = append(c.files, change{path, info.Size()})
	default:
		c.unreadable = append(c.unreadable, path)
	}
}

func readable(top *os.Root, path string) bool {
	f, err := openRegular(top, path)
	if err != nil {
		return false
	}
	f.Close()
	return true
}

// leadsOut reports whether nothing of that name is to be found below top.
func leadsOut(top *os.Root, path string) bool {
	_, err := top.Lstat(path)
	return err != nil && !errors.Is(err, fs.ErrPermission)
}

// submodules lists what the index records as such.
func (g git) submodules(ctx context.Context) ([]string, error) {
	out, err := g.run(ctx, "", "ls-files", "-z", "--stage")
	if err != nil {
		return nil, err
	}
	var paths []string
	for entry := range strings.SplitSeq(out, "\x00") {
		if attrs, path, _ := strings.Cut(entry, "\t"); strings.HasPrefix(attrs, "160000 ") {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// unpublished lists the repositories that the index names and that hold commits
// of no remote. Those may be nowhere else, however clean git finds them.
func (g git) unpublished(ctx context.Context) ([]string, error) {
	paths, err := g.submodules(ctx)
	if err != nil {
		return nil, err
	}
	var own []string
	for _, path := range paths {
		inside := git{dir: filepath.Join(g.dir, path)}
		if !isTreeRoot(inside.dir) {
			continue
		}
		if g.copies != "" {
			own = append(own, path)
			continue
		}
		first, err := inside.line(ctx, "rev-list", "--max-count=1", "--exclude=refs/tags/*", "--all", "--not", "--remotes")
		if ctx.Err() != nil {
			return nil, err
		}
		if err != nil || first != "" {
			own = append(own, path)
		}
	}
	return own, nil
}

// stage writes the changes into the index and returns the files that git could
// not take, by whatever filter or rule of its own.
func (g git) stage(ctx context.Context, c *changes) (refused []string, err error) {
	if len(c.gone) > 0 {
		if _, err := g.run(ctx, list(c.gone), "update-index", "--force-remove", "-z", "--stdin"); err != nil {
			return nil, err
		}
	}
	if g.copies != "" {
		return g.copied(ctx, c)
	}
	paths := make([]string, 0, len(c.files))
	for _, f := range c.files {
		paths = append(paths, f.path)
	}
	slices.Sort(paths)
	return g.stageFiles(ctx, paths, nil)
}

// maxRefused is where refusals stop being about single files.
const maxRefused = 32

// stageFiles halves a list that git refuses until the culprits stand alone.
func (g git) stageFiles(ctx context.Context, paths, refused []string) ([]string, error) {
	if len(paths) == 0 {
		return refused, nil
	}
	_, err := g.run(ctx, list(paths), "update-index", "--add", "--remove", "--replace", "-z", "--stdin")
	var failed *gitError
	if err == nil || !errors.As(err, &failed) || isLocked(err) {
		return refused, err
	}
	if len(paths) == 1 {
		if refused = append(refused, paths[0]); len(refused) > maxRefused {
			return refused, err
		}
		return refused, nil
	}
	half := len(paths) / 2
	if refused, err = g.stageFiles(ctx, paths[:half], refused); err != nil {
		return refused, err
	}
	return g.stageFiles(ctx, paths[half:], refused)
}

func list(paths []string) string { return strings.Join(paths, "\x00") + "\x00" }
