package workspace

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/andon-dev/andon/internal/kanban"
)

// Range is two states of one repository.
type Range struct {
	Dir  string // a work tree, or the repository itself
	Task string // whose tree it is
	From string // a commit, by any name
	To   string // the same; "" = the files in Dir as they are now
}

// Patch is how two states of a repository differ, as git says it.
type Patch struct {
	Text []byte
	Cut  bool // it was longer; what is there ends with a whole line
}

// Diff compares two states and changes neither files, index nor repository. With
// stat, it counts lines instead of showing them. limit bounds the text, in bytes.
//
// Errors: conflict if the repository or one of the states is gone.
func (m *Manager) Diff(ctx context.Context, r Range, stat bool, limit int) (Patch, error) {
	if _, err := os.Stat(r.Dir); err != nil {
		return Patch{}, kanban.Errorf(kanban.Conflict, "%s, which the work is in, is gone", r.Dir).Hint("bring the repository back to where it was")
	}
	if r.To != "" {
		g, err := m.repository(r.Dir, r.Task)
		if err != nil {
			return Patch{}, err
		}
		from, err := g.known(ctx, r.From)
		if err != nil {
			return Patch{}, err
		}
		to, err := g.known(ctx, r.To)
		if err != nil {
			return Patch{}, err
		}
		return g.compare(ctx, from, to, stat, limit)
	}
	g, _, done, err := m.openTree(ctx, r.Dir, r.Task)
	if err != nil {
		return Patch{}, err
	}
	if g.dir == "" {
		return Patch{}, brokenTree(r.Dir)
	}
	defer done()
	from, err := g.known(ctx, r.From)
	if err != nil {
		return Patch{}, err
	}
	temp, err := os.MkdirTemp("", "andon-diff-")
	if err != nil {
		return Patch{}, err
	}
	defer os.RemoveAll(temp)
	to, err := g.present(ctx, temp)
	if err != nil {
		return Patch{}, err
	}
	return g.compare(ctx, from, to, stat, limit)
}

// Head returns the tip of a branch of the repository at dir, which may be a
// task's tree.
//
// Errors: conflict if the repository or the branch is gone.
func (m *Manager) Head(ctx context.Context, dir, task, branch string) (string, error) {
	if _, err := os.Stat(dir); err != nil {
		return "", kanban.Errorf(kanban.Conflict, "%s, which the work is in, is gone", dir).Hint("bring the repository back to where it was")
	}
	g, err := m.repository(dir, task)
	if err != nil {
		return "", err
	}
	return g.known(ctx, "refs/heads/"+branch)
}

// repository is the one at dir; of a tree that is looked at from aside, its source.
func (m *Manager) repository(dir, task string) (git, error) {
	mk, exists, err := m.load(task)
	if exists && mk.apart() && mk.Path == filepath.Clean(dir) {
		dir = mk.Repo
	}
	if err == nil {
		err = m.walled.refuse(dir)
	}
	return git{dir: dir}, err
}

// known resolves a commit that has to be there.
func (g git) known(ctx context.Context, name string) (string, error) {
	id, err := g.commit(ctx, name)
	if err == nil && id == "" {
		err = kanban.Errorf(kanban.Conflict, "%s is no longer in the repository %s", name, g.dir).
			Hint("git reflog may still know it")
	}
	return id, err
}

// present writes the files as they are now into a tree. It and what it holds
// live in temp, so that the repository does not grow by being looked at.
func (g *git) present(ctx context.Context, temp string) (string, error) {
	objects, err := g.line(ctx, "rev-parse", "--path-format=absolute", "--git-path", "objects")
	if err != nil {
		return "", err
	}
	index, own := filepath.Join(temp, "index"), filepath.Join(temp, "objects")
	if err := errors.Join(os.Mkdir(own, 0o700), g.copyIndex(ctx, index)); err != nil {
		return "", err
	}
	quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(objects) + `"`
	g.env = append(g.env[:len(g.env):len(g.env)], "GIT_INDEX_FILE="+index, "GIT_OBJECT_DIRECTORY="+own, "GIT_ALTERNATE_OBJECT_DIRECTORIES="+quoted)
	found, err := g.scan(ctx)
	if err != nil {
		return "", err
	}
	if _, err := g.stage(ctx, found); err != nil {
		return "", err
	}
	return g.line(ctx, "write-tree")
}

// compare runs no program that a repository names for showing its files.
func (g git) compare(ctx context.Context, from, to string, stat bool, limit int) (Patch, error) {
	args := []string{"diff", "--no-color", "--no-ext-diff", "--no-textconv", "--submodule=short"}
	if stat {
		args = append(args, "--stat=100", "--summary")
	}
	out := &bounded{left: limit}
	_, err := g.pipe(ctx, nil, out, append(args, from, to)...)
	text := out.text.Bytes()
	if out.cut {
		text, err = text[:bytes.LastIndexByte(text, '\n')+1], nil
	}
	if ctx.Err() != nil {
		return Patch{}, context.Cause(ctx)
	}
	return Patch{Text: text, Cut: out.cut}, err
}

// bounded takes what fits and then refuses, which ends the writer.
type bounded struct {
	text bytes.Buffer
	left int
	cut  bool
}

var errFull = errors.New("over the limit")

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	b.text.Write(p[:n])
	if n < len(p) {
		b.cut = true
		return n, errFull
	}
	return n, nil
}
