package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// copied stages changes of a tree that its worker may still be changing, from
// copies: git looks what a path is, and then opens it, and in between it could
// become a link to a file that is not the worker's.
func (g git) copied(ctx context.Context, c *changes) (refused []string, err error) {
	dir, err := os.MkdirTemp(g.copies, "tree-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	from, err := os.OpenRoot(g.dir)
	if err != nil {
		return nil, err
	}
	defer from.Close()
	to, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer to.Close()
	carrier := carrier{from: from, to: to, left: mostCarried}
	var paths []string
	var links strings.Builder
	for _, f := range c.files {
		link, err := carrier.entry(ctx, f.path)
		_, untaken := errors.AsType[*untakenError](err)
		switch {
		case errors.Is(err, errFull):
			return nil, tooMuch(g.dir)
		case untaken && !lacks(err) && !errors.Is(err, fs.ErrNotExist):
			refused = append(refused, f.path)
		case err != nil && !untaken:
			return nil, err
		case link != "":
			links.WriteString("160000 " + link + "\t" + f.path + "\x00")
		default: // what is gone by now is staged as gone
			paths = append(paths, f.path)
		}
	}
	tree := g.over(dir)
	if links.Len() > 0 {
		if _, err := tree.run(ctx, links.String(), "update-index", "-z", "--index-info"); err != nil {
			return nil, err
		}
	}
	slices.Sort(paths)
	return tree.stageFiles(ctx, paths, refused)
}

// over is the same repository and index with another tree.
func (g git) over(dir string) git {
	g.env = append(g.env[:len(g.env):len(g.env)], "GIT_WORK_TREE="+dir)
	g.dir = dir
	return g
}

// entry copies a file, or a link as such. Of a repository inside it returns the
// commit that it is at.
func (c *carrier) entry(ctx context.Context, name string) (commit string, err error) {
	info, err := c.from.Lstat(name)
	if err != nil {
		return "", &untakenError{name, err}
	}
	if info.IsDir() {
		return c.inside(name)
	}
	if err := c.to.MkdirAll(path.Dir(name), 0o700); err != nil {
		return "", err
	}
	if info.Mode()&fs.ModeSymlink == 0 {
		return "", c.file(ctx, name, name)
	}
	target, err := c.from.Readlink(name)
	if err != nil {
		return "", &untakenError{name, err}
	}
	return "", c.to.Symlink(target, name)
}

// inside is the commit of a repository inside, which has its git directory
// there or, as a submodule, elsewhere below from.
func (c *carrier) inside(name string) (string, error) {
	private := path.Join(name, ".git")
	if info, err := c.from.Lstat(private); err == nil && info.Mode().IsRegular() {
		text, err := readText(c.from, private)
		if err != nil {
			return "", err
		}
		at := strings.TrimSpace(strings.TrimPrefix(text, "gitdir:"))
		if !filepath.IsAbs(at) {
			at = filepath.Join(c.from.Name(), name, at)
		}
		if private, err = filepath.Rel(c.from.Name(), at); err != nil {
			return "", &untakenError{name, err}
		}
	}
	root, err := c.from.OpenRoot(private + "/.")
	if err != nil {
		return "", &untakenError{name, err}
	}
	defer root.Close()
	_, id, err := headOf(root)
	if err == nil && id == "" {
		err = &untakenError{name, errors.New("it has no commit")}
	}
	return id, err
}
