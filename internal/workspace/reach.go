package workspace

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Reach is what git needs for work in a work tree or clone, beside the tree
// itself. All paths are absolute.
type Reach struct {
	Read  []string
	Write []string
	Keep  []string // within Write or the tree, but not to be written
}

// Reach tells what a walled worker has to reach for its git to work: the
// objects that a clone borrows; of a work tree's repository as little as a
// commit on the task's branch takes. keeps: its walls heed Keep.
func (m *Manager) Reach(ctx context.Context, path, task string, keeps bool) (Reach, error) {
	mk, exists, err := m.load(task)
	switch {
	case err != nil || !exists || mk.Path != filepath.Clean(path):
		return Reach{}, err
	case mk.Kind == Clone:
		return Reach{Read: objectsOf(mk.Repo, 0)}, nil
	case mk.Kind != Worktree:
		return Reach{}, nil
	}
	private, err := git{dir: mk.Repo}.privateOf(mk.Path)
	if err != nil {
		return Reach{}, err
	}
	objects := filepath.Join(mk.Repo, "objects")
	borrows := filepath.Join(objects, "info") // says of whom, which is no worker's to choose
	r := Reach{
		Read:  append([]string{mk.Repo}, objectsOf(mk.Repo, 0)...),
		Write: []string{private, objects},
		Keep:  []string{filepath.Join(mk.Path, ".git"), filepath.Join(private, "commondir"), filepath.Join(private, "gitdir"), borrows},
	}
	made := []string{borrows}
	if !keeps {
		made = []string{filepath.Join(objects, "pack")}
		for i := range 256 {
			made = append(made, filepath.Join(objects, fmt.Sprintf("%02x", i)))
		}
		r.Write, r.Keep = append([]string{private}, made...), nil
	}
	for _, dir := range made {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return Reach{}, err
		}
	}
	branch := filepath.Dir(filepath.Join("refs", "heads", filepath.FromSlash(mk.Branch)))
	for _, dir := range []string{branch, filepath.Join("logs", branch)} {
		dir = filepath.Join(mk.Repo, dir)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return Reach{}, err
		}
		r.Write = append(r.Write, dir)
	}
	return r, nil
}

// mostBorrowed is how far git itself follows who borrows objects of whom.
const mostBorrowed = 5

// objectsOf are the folders that a repository's objects are in.
func objectsOf(repo string, depth int) []string {
	dirs := []string{filepath.Join(repo, "objects")}
	text, err := os.ReadFile(filepath.Join(repo, alternates))
	if err != nil || depth >= mostBorrowed {
		return dirs
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if !filepath.IsAbs(line) {
			line = filepath.Join(repo, "objects", line)
		}
		dirs = append(dirs, objectsOf(filepath.Dir(filepath.Clean(line)), depth+1)...)
	}
	return dirs
}

// privateOf finds the git directory that a repository keeps for a work tree: by
// what stands there, and not by what the tree says of itself.
func (g git) privateOf(tree string) (string, error) {
	all, err := filepath.Glob(filepath.Join(g.dir, "worktrees", "*", "gitdir"))
	if err != nil {
		return "", err
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if at := filepath.Dir(strings.TrimSpace(string(text))); canonical(at) == canonical(tree) {
			return filepath.Dir(file), nil
		}
	}
	return "", brokenTree(tree)
}
