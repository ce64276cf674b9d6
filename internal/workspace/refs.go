package workspace

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Refs lists the branches, tags and the stash of the repository that a work tree
// shares, for Moved to compare with later. It is empty for a workspace that
// shares none.
func (m *Manager) Refs(ctx context.Context, path, task string) (string, error) {
	mk, exists, err := m.load(task)
	if err != nil || !exists || mk.Kind != Worktree || mk.Path != filepath.Clean(path) {
		return "", err
	}
	return git{dir: mk.Repo}.refs(ctx)
}

func (g git) refs(ctx context.Context) (string, error) {
	return g.run(ctx, "", "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags", "refs/stash")
}

// Moved names the refs that were moved or removed since before, as "refs/heads/main
// 1234567..89abcde", and were neither the task's to move nor moved from another
// work tree or by Andon itself. Who moved them cannot be told for certain: it
// was at the time of the run, and no other place knows of it.
func (m *Manager) Moved(ctx context.Context, path, task, before string) ([]string, error) {
	after, err := m.Refs(ctx, path, task)
	if err != nil || after == "" || after == before {
		return nil, err
	}
	mk, _, err := m.load(task)
	if err != nil {
		return nil, err
	}
	repo := git{dir: mk.Repo}
	trees, err := repo.trees(ctx)
	if err != nil {
		return nil, err
	}
	var moved []string
	now := parseRefs(after)
	for _, line := range strings.Split(strings.TrimSpace(before), "\n") {
		ref, was, _ := strings.Cut(line, " ")
		is := now[ref]
		if is == was || ref == "refs/heads/"+mk.Branch || repo.explained(mk, ref, is, trees) {
			continue
		}
		to := "removed"
		if is != "" {
			to = short(is)
		}
		moved = append(moved, ref+" "+short(was)+".."+to)
	}
	return moved, nil
}

func parseRefs(text string) map[string]string {
	refs := map[string]string{}
	for line := range strings.Lines(text) {
		ref, id, _ := strings.Cut(strings.TrimSpace(line), " ")
		refs[ref] = id
	}
	return refs
}

func short(id string) string { return id[:min(len(id), 12)] }

// explained reports whether somebody else is known to have moved a ref: the work
// tree that is on it says so in its log, or the ref's own log names who stashed
// there, or Andon.
func (g git) explained(mk marker, ref, is string, trees []tree) bool {
	if is == "" {
		return false
	}
	last := lastEntry(filepath.Join(g.dir, "logs", filepath.FromSlash(ref)))
	if strings.Contains(last, "\tandon: ") {
		return true
	}
	if ref == "refs/stash" {
		return last != "" && !strings.Contains(last, " on "+mk.Branch+":") && !strings.Contains(last, "On "+mk.Branch+":")
	}
	return slices.ContainsFunc(trees, func(t tree) bool {
		return "refs/heads/"+t.branch == ref && t.path != canonical(mk.Path) && g.passed(t, is)
	})
}

// passed reports whether the log of a work tree's HEAD knows a commit. One that
// keeps no log may have been there.
func (g git) passed(t tree, commit string) bool {
	private, err := g.privateOf(t.path)
	if err != nil {
		private = g.dir // the main work tree's
	}
	log, err := os.ReadFile(filepath.Join(private, "logs", "HEAD"))
	return errors.Is(err, fs.ErrNotExist) || strings.Contains(string(log), " "+commit+" ")
}

// lastEntry is what a log of git's tells last.
func lastEntry(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	return lines[len(lines)-1]
}
